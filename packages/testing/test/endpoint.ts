import { Network } from "@effect-discovery/core"
import type { SimulatedHost } from "@effect-discovery/testing"
import { Effect, type Scope } from "effect"
import { NetAddress } from "effect/net"
import type { DatagramSocket } from "effect/socket"

/** An open socket as tests use one. */
export interface Endpoint {
  readonly reader: DatagramSocket.Reader
  readonly port: number
  readonly send: (payload: string, to: string) => Effect.Effect<void, DatagramSocket.DatagramSocketError>
  readonly sendBytes: (payload: Uint8Array, to: string) => Effect.Effect<void, DatagramSocket.DatagramSocketError>
  /** What has arrived by now, as text, and forgets it. */
  readonly received: Effect.Effect<ReadonlyArray<string>>
  /** The addresses it came from. */
  readonly senders: Effect.Effect<ReadonlyArray<string>>
}

const text = new TextDecoder()

export const open = (
  host: SimulatedHost.SimulatedHost,
  options: Partial<Omit<Network.OpenOptions, "bind">> & {
    readonly address?: string
    readonly port?: number
    readonly join?: ReadonlyArray<string>
  } = {}
): Effect.Effect<Endpoint, DatagramSocket.DatagramSocketError, Scope.Scope> =>
  Effect.gen(function*() {
    const address = options.address === undefined ? undefined : NetAddress.ipFromStringUnsafe(options.address)
    const socket = yield* Network.Network.use((network) =>
      network.open({ family: "IPv4", ...options, bind: { address, port: options.port ?? 0 } })
    ).pipe(Effect.provide(host.layer))
    const reader = yield* socket.reader
    const writer = yield* socket.writer
    for (const group of options.join ?? []) yield* join(reader, group, group.includes(":") ? eth0 : host.address)
    const drain = Effect.map(Effect.timeoutOption(reader.pull, 0), (batch) => batch._tag === "Some" ? batch.value : [])
    const write = (payload: string | Uint8Array, to: string) => writer.write({ payload, address: destination(to) })
    return {
      reader,
      port: reader.address.port,
      send: write,
      sendBytes: write,
      received: Effect.orDie(Effect.map(drain, (batch) => batch.map((datagram) => text.decode(datagram.payload)))),
      senders: Effect.orDie(
        Effect.map(drain, (batch) => batch.map((datagram) => NetAddress.formatInet(datagram.address)))
      )
    }
  })

// `[fe80::1%2]:9` names the interface by its index
const destination = (to: string): NetAddress.InetAddress => {
  const zone = /%(\d+)/.exec(to)
  const address = NetAddress.inetAddressFromStringUnsafe(to.replace(/%\d+/, ""))
  return zone === null || address._tag === "InetAddressV4"
    ? address
    : NetAddress.inetAddressFromNativeUnsafe(`${NetAddress.formatIp(address.address)}%${zone[1]}`, address.port)
}

/** The index by which IPv6 knows the interface. */
export const eth0 = 2

export const join = (reader: DatagramSocket.Reader, group: string, local?: NetAddress.MulticastInterface) => {
  const address = NetAddress.ipFromStringUnsafe(group)
  if (!NetAddress.isMulticast(address)) throw new RangeError(`${group} is no group`)
  return reader.joinMulticast({ group: address, ...(local === undefined ? {} : { interface: local }) })
}

export const ip = (address: string): NetAddress.Ipv4Address =>
  NetAddress.ipFromStringUnsafe(address) as NetAddress.Ipv4Address

/** The code of the system, and the kind it is given. */
export const failure = <A, R>(
  self: Effect.Effect<A, DatagramSocket.DatagramSocketError, R>
): Effect.Effect<ReadonlyArray<string | undefined>, never, R> =>
  Effect.match(self, {
    onSuccess: (): ReadonlyArray<string | undefined> => [undefined, undefined],
    onFailure: ({ reason }) => [
      "cause" in reason ? (reason.cause as { readonly code?: string }).code : undefined,
      "kind" in reason ? reason.kind : undefined
    ]
  })
