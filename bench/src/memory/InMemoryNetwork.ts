/**
 * A network without a kernel: datagrams go straight into our sockets, so that what is measured above them is ours alone.
 */
import * as Network from "@effect-discovery/core/Network"
import type * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as IpInterface from "effect/net/IpInterface"
import * as NetAddress from "effect/net/NetAddress"
import * as DatagramSocket from "effect/socket/DatagramSocket"
import * as Stream from "effect/Stream"

/** The network as a layer, and the way to send on it. */
export interface InMemoryNetwork {
  readonly layer: Layer.Layer<Network.Network>
  /** Hands a datagram to the socket that listens on the port; where that came from does not have to exist. */
  readonly deliver: (payload: Uint8Array, host: string) => void
}

// what peers send from, unless they have no choice
const anyPort = 40_000

/** The one interface there is. */
export const loopback: NetworkInterface.NetworkInterface = {
  name: "memory",
  index: 1,
  isInternal: true,
  addresses: [IpInterface.fromStringUnsafe("127.0.0.1/8")]
}

/** A network with one interface, 127.0.0.1/8, on which one source listens. */
export const make = (listeningPort: number, port = anyPort): InMemoryNetwork => {
  let listener: DatagramSocket.BackingEvents | undefined
  let intercept: Network.Intercept | undefined
  const open: Network.Network["Service"]["open"] = (options) =>
    DatagramSocket.makeFromBackingSocket(
      (events) =>
        Effect.sync(() => {
          if (options.bind.port === listeningPort && isForAll(options.bind.address)) {
            listener = events
            intercept = options.intercept
          }
          return backing(options.bind.port)
        }),
      { receiveBuffer: options.receiveBuffer }
    )
  return {
    layer: Layer.succeed(Network.Network, {
      interfaces: Stream.concat(Stream.make([loopback]), Stream.never),
      open
    }),
    deliver: (payload, host) => {
      if (intercept?.(payload, host, port) !== true) listener!.onPacket(payload, host, port)
    }
  }
}

// other sockets on the port are for what is sent to one address
const isForAll = (address: NetAddress.IpAddress | undefined): boolean =>
  address === undefined || NetAddress.isMulticast(address)

const backing = (port: number): DatagramSocket.BackingSocket => ({
  address: { host: "127.0.0.1", port },
  send: (_payload, _destination, done) => done(),
  sendMany: (_payloads, _destinations, done) => done(),
  joinMulticast: () => Effect.succeed(() => Effect.void),
  close: () => {}
})
