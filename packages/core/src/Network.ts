/**
 * The network a discovery program runs on: its interfaces and its sockets. The one service that core asks for.
 *
 * `NodeNetwork.layer` is the real one, `SimulatedNetwork` gives one for each simulated host.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import type * as Stream from "effect/Stream"
import type * as NetworkInterface from "./NetworkInterface.ts"

/**
 * Looks at a datagram the moment it arrives; `true` when it is dealt with, so that no reader gets it.
 *
 * **Details**
 *
 * It is called once for each datagram, in the order of their arrival and before the datagram is queued. `host` is the source address as the
 * network writes it, as `hostOf` gives it. `isSameTurn` says that it comes right after one that was dealt with, in the same turn of the event
 * loop, so that it is as good as simultaneous; a network need not tell. It must neither throw nor keep or change the payload, of which there may
 * be nothing left once it was dealt with, and what it does must be short: it runs in the socket's own callback.
 *
 * @category models
 * @since 0.1.0
 */
export type Intercept = (payload: Uint8Array, host: string, port: number, isSameTurn?: boolean) => boolean

/**
 * How a socket is opened.
 *
 * @category models
 * @since 0.1.0
 */
export interface OpenOptions {
  /** The address family. */
  readonly family: NetAddress.IpFamily
  /**
   * Local address and port. Without an address all of them; a multicast group filters by it; port 0 is a free one. A link-local IPv6
   * address or group needs the index of its interface as `scopeId`.
   */
  readonly bind: {
    /** All of the host, if absent. */
    readonly address?: NetAddress.IpAddress | undefined
    /** 0 for a free one. */
    readonly port: number
    /** The index of the interface, for a link-local IPv6 address or group. */
    readonly scopeId?: number | undefined
  }
  /** Share the port with other sockets that also ask to. */
  readonly reuseAddress?: boolean | undefined
  /** Share the port with others that ask for the same, each sender's unicast going to one of them. */
  readonly reusePort?: boolean | undefined
  /** An IPv6 socket that hears IPv4 as well, with senders as `::ffff:a.b.c.d`. It takes the port from IPv4 sockets that do not share it. */
  readonly dualStack?: boolean | undefined
  /** The only address to hear from, and where datagrams without an address go. What it refuses to take is told to `onError`. */
  readonly connect?: { readonly address: NetAddress.IpAddress; readonly port: number } | undefined
  /** Told of errors that belong to no write, such as those of ICMP on a connected socket. */
  readonly onError?: ((error: DatagramSocket.DatagramSocketError) => void) | undefined
  /** Hop limit of what is sent to one address or broadcast, 1 to 255 (default: the system's, usually 64). */
  readonly ttl?: number | undefined
  /** Allow sending to broadcast addresses. */
  readonly broadcast?: boolean | undefined
  /** The interface that multicast leaves by, its hop limit, and whether this host hears it too (default: yes). */
  readonly multicast?: {
    readonly interface: NetAddress.MulticastInterface
    readonly ttl: number
    readonly loopback?: boolean | undefined
  } | undefined
  /** How many datagrams wait for a reader, and what happens to those beyond. */
  readonly receiveBuffer?: DatagramSocket.ReceiveBufferOptions | undefined
  /** Octets to ask of the system as receive buffer. */
  readonly kernelReceiveBuffer?: number | undefined
  /**
   * Shown every datagram before it is queued. It saves what resuming a reader costs; a network that does not know of it is as good, only
   * slower.
   */
  readonly intercept?: Intercept | undefined
}

/**
 * The network as a service.
 *
 * @category services
 * @since 0.1.0
 */
export class Network extends Context.Service<Network, {
  /** The interfaces that are up now, then every change. */
  readonly interfaces: Stream.Stream<ReadonlyArray<NetworkInterface.NetworkInterface>>
  /** A socket, opened and bound when its reader is acquired, and closed with the reader's scope. */
  readonly open: (options: OpenOptions) => Effect.Effect<DatagramSocket.DatagramSocket>
}>()("@effect-discovery/core/Network") {}

/**
 * The text of a datagram's source address, without parsing it: what state by source is keyed by.
 *
 * **Details**
 *
 * Datagrams of the platform's sockets carry the address as the system gave it; others are formatted. Parsing one costs more than all
 * else that is done for a known datagram.
 *
 * @category getters
 * @since 0.1.0
 */
export const hostOf = (datagram: DatagramSocket.Datagram): string => {
  const host = (datagram as { readonly host?: unknown }).host
  return typeof host === "string" ? host : NetAddress.formatHost(datagram.address)
}

/**
 * The port a datagram came from, without parsing its address.
 *
 * @category getters
 * @since 0.1.0
 */
export const portOf = (datagram: DatagramSocket.Datagram): number => {
  const port = (datagram as { readonly port?: unknown }).port
  return typeof port === "number" ? port : datagram.address.port
}
