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
  /** To the peer that the socket is connected to. */
  readonly say: (payload: string) => Effect.Effect<void, DatagramSocket.DatagramSocketError>
  readonly sendBytes: (payload: Uint8Array, to: string) => Effect.Effect<void, DatagramSocket.DatagramSocketError>
  /** What has arrived by now, as text, and forgets it. */
  readonly received: Effect.Effect<ReadonlyArray<string>>
  /** The addresses it came from. */
  readonly senders: Effect.Effect<ReadonlyArray<string>>
  /** The codes and kinds of the errors that belonged to no send. */
  readonly errors: Effect.Effect<ReadonlyArray<ReadonlyArray<string | undefined>>>
}

const text = new TextDecoder()

export const open = (
  host: SimulatedHost.SimulatedHost,
  options: Partial<Omit<Network.OpenOptions, "bind" | "connect">> & {
    readonly address?: string
    /** Index of the interface that the address belongs to. */
    readonly zone?: number
    readonly connect?: string
    readonly port?: number
    readonly join?: ReadonlyArray<string>
  } = {}
): Effect.Effect<Endpoint, DatagramSocket.DatagramSocketError, Scope.Scope> =>
  Effect.gen(function*() {
    const errors: Array<DatagramSocket.DatagramSocketError> = []
    const address = options.address === undefined ? undefined : NetAddress.ipFromStringUnsafe(options.address)
    const socket = yield* Network.Network.use((network) =>
      network.open({
        family: "IPv4",
        ...options,
        bind: { address, port: options.port ?? 0, scopeId: options.zone },
        connect: options.connect === undefined ? undefined : destination(options.connect),
        onError: (error) => void errors.push(error)
      })
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
      say: (payload) => writer.write({ payload }),
      sendBytes: write,
      errors: Effect.sync(() => errors.splice(0).map(describe)),
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

export const join = (
  reader: DatagramSocket.Reader,
  group: string,
  local?: NetAddress.MulticastInterface,
  source?: string
) => {
  const address = NetAddress.ipFromStringUnsafe(group)
  if (!NetAddress.isMulticast(address)) throw new RangeError(`${group} is no group`)
  return reader.joinMulticast({
    group: address,
    ...(local === undefined ? {} : { interface: local }),
    ...(source === undefined ? {} : { source: NetAddress.ipFromStringUnsafe(source) })
  })
}

export const ip = (address: string): NetAddress.Ipv4Address =>
  NetAddress.ipFromStringUnsafe(address) as NetAddress.Ipv4Address

/** The code of the system, and the kind it is given. */
export const failure = <A, R>(
  self: Effect.Effect<A, DatagramSocket.DatagramSocketError, R>
): Effect.Effect<ReadonlyArray<string | undefined>, never, R> =>
  Effect.match(self, { onSuccess: () => [undefined, undefined], onFailure: describe })

const describe = ({ reason }: DatagramSocket.DatagramSocketError): ReadonlyArray<string | undefined> => [
  "cause" in reason ? (reason.cause as { readonly code?: string }).code : undefined,
  "kind" in reason ? reason.kind : undefined
]
