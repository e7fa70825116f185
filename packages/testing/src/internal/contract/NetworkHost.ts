/**
 * A host of the contract out of its `Network` service.
 */
import type * as Network from "@effect-discovery/core/Network"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as IpInterface from "effect/net/IpInterface"
import * as NetAddress from "effect/net/NetAddress"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import * as Stream from "effect/Stream"
import * as ContractBed from "../../ContractBed.ts"
import * as Text from "./Text.ts"

/**
 * What a host of a bed is made of.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** What it is called. */
  readonly name: string
  /** Its network. */
  readonly network: Network.Network["Service"]
  /** Waits until what was sent has arrived. */
  readonly settle: Effect.Effect<void>
  /** Its interface on segment A. Default: none. */
  readonly a?: ContractBed.Attachment | undefined
  /** Its interface on segment B. Default: none. */
  readonly b?: ContractBed.Attachment | undefined
  /** What else can be done to it. Default: nothing. */
  readonly controls?:
    | Partial<Pick<ContractBed.ContractHost, "interface" | "defaultRoute" | "whilePaused">>
    | undefined
}

/** @internal */
export const fromNetwork = (options: Options): ContractBed.ContractHost => {
  const { a, b, name, network, settle } = options
  const listed = interfaces(network)
  const indexOf = (wanted: string) => Effect.map(listed, (all) => indexIn(all, wanted))
  return {
    name,
    a,
    b,
    network,
    interfaces: listed,
    indexOf,
    open: (asked) => Effect.flatMap(listed, (all) => open(network, asked, settle, (zone) => indexIn(all, zone))),
    interface: () => absent(name, "interfaces"),
    defaultRoute: () => Effect.sync(() => absent(name, "routes")),
    whilePaused: () => absent(name, "pause"),
    ...options.controls
  }
}

const absent = (host: string, capability: ContractBed.Capability): never => {
  throw new Error(`${host} lacks the capability "${capability}": a test that uses it has to say so in its needs`)
}

/** @internal What the service lists at present. */
export const interfaces = (
  network: Network.Network["Service"]
): Effect.Effect<ReadonlyArray<ContractBed.ListedInterface>> =>
  Effect.map(
    Stream.runHead(network.interfaces),
    (head) =>
      Option.getOrElse(head, () => []).map(({ addresses, index, isInternal, name }) => ({
        name,
        index,
        isInternal,
        addresses: addresses.map((address) => IpInterface.format(address))
      }))
  )

type IndexOf = (zone: string) => number

const indexIn = (all: ReadonlyArray<ContractBed.ListedInterface>, zone: string): number =>
  /^\d+$/.test(zone) ? Number(zone) : all.find((each) => each.name === zone)?.index ?? 0

const open = (
  network: Network.Network["Service"],
  options: ContractBed.OpenOptions,
  settle: Effect.Effect<void>,
  indexOf: IndexOf
): Effect.Effect<ContractBed.ContractSocket, ContractBed.SocketFailure, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Scope.fork(yield* Effect.scope)
    const errors: Array<ContractBed.SocketFailure> = []
    const arrived: Array<ContractBed.Packet> = []
    const tell = (error: DatagramSocket.DatagramSocketError) => void errors.push(failureOf(error))
    const socket = yield* network.open(toNetwork(options, indexOf, tell))
    const reader = yield* Scope.provide(socket.reader, scope).pipe(
      Effect.mapError(failureOf),
      Effect.tapError(() => Scope.close(scope, Exit.void))
    )
    const writer = yield* Scope.provide(socket.writer, scope)
    const take = Effect.map(reader.pull, (batch) => void arrived.push(...batch.map(packetOf)))
    yield* Effect.forkIn(Effect.catch(Effect.forever(take), (error) => Effect.sync(() => tell(error))), scope)
    const outgoing = (payload: ContractBed.Payload, to: string | undefined) => ({
      payload: Text.encode(payload),
      ...(to === undefined ? {} : { address: Text.endpoint(to, indexOf) })
    })
    return {
      address: NetAddress.formatHost(reader.address),
      port: reader.address.port,
      join: (group) => join(reader, group, indexOf),
      send: (payload, to) => Effect.mapError(Effect.suspend(() => writer.write(outgoing(payload, to))), failureOf),
      sendAll: (payloads, to) => {
        const [first, ...rest] = payloads.map((payload) => outgoing(payload, to))
        return first === undefined ? Effect.void : Effect.mapError(writer.writeAll([first, ...rest]), failureOf)
      },
      received: Effect.andThen(settle, Effect.sync(() => arrived.splice(0))),
      errors: Effect.andThen(settle, Effect.sync(() => errors.splice(0))),
      close: Scope.close(scope, Exit.void)
    }
  })

const toNetwork = (
  options: ContractBed.OpenOptions,
  indexOf: IndexOf,
  onError: (error: DatagramSocket.DatagramSocketError) => void
): Network.OpenOptions => {
  const { address, connect, multicast, port = 0, scope, ...rest } = options
  const peer = connect === undefined ? undefined : Text.endpoint(connect, indexOf)
  return {
    ...rest,
    bind: {
      address: address === undefined ? undefined : NetAddress.ipFromStringUnsafe(address),
      port,
      scopeId: scope === undefined ? undefined : indexOf(scope)
    },
    connect: peer === undefined ? undefined : { address: peer.address, port: peer.port },
    multicast: multicast === undefined ? undefined : { ...multicast, interface: egress(multicast.interface, indexOf) },
    onError
  }
}

// an index is named without looking at the list, so that one that is no interface's can be tried
const egress = (chosen: string, indexOf: IndexOf): NetAddress.MulticastInterface =>
  chosen === "" ? 0 : chosen.includes(".") ? ipv4(chosen) : indexOf(chosen)

const ipv4 = (text: string): NetAddress.Ipv4Address => NetAddress.ipFromStringUnsafe(text) as NetAddress.Ipv4Address

const join = (
  reader: DatagramSocket.Reader,
  { group, interface: chosen, source }: ContractBed.JoinOptions,
  indexOf: IndexOf
): Effect.Effect<{ readonly leave: Effect.Effect<void> }, ContractBed.SocketFailure> =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    yield* reader.joinMulticast({
      // some tests join what is no group
      group: NetAddress.ipFromStringUnsafe(group) as NetAddress.MulticastAddress,
      ...(chosen === undefined ? {} : { interface: egress(chosen, indexOf) }),
      ...(source === undefined ? {} : { source: NetAddress.ipFromStringUnsafe(source) })
    }).pipe(Scope.provide(scope), Effect.mapError(failureOf))
    return { leave: Scope.close(scope, Exit.void) }
  })

const packetOf = (datagram: DatagramSocket.Datagram): ContractBed.Packet => ({
  payload: Text.decode(datagram.payload),
  from: NetAddress.formatInet(datagram.address)
})

const failureOf = ({ reason }: DatagramSocket.DatagramSocketError): ContractBed.SocketFailure => {
  const cause = "cause" in reason ? reason.cause as { readonly code?: unknown; readonly message?: unknown } : {}
  return new ContractBed.SocketFailure({
    code: typeof cause.code === "string" ? cause.code : undefined,
    kind: "kind" in reason ? reason.kind : reason._tag,
    description: String(cause.message ?? reason._tag)
  })
}
