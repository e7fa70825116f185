/**
 * The sockets of a session, bound as the UDP semantics advise (§15): for each endpoint one on the shared port that filters, and one
 * on the interface's own address and a port of its own to send from.
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as Scope from "effect/Scope"
import * as DatagramSocket from "effect/socket/DatagramSocket"
import * as DiscoveryError from "../../DiscoveryError.ts"
import * as Endpoint from "../../Endpoint.ts"
import type * as Limits from "../../Limits.ts"
import type * as Network from "../../Network.ts"
import * as NetworkInterface from "../../NetworkInterface.ts"
import * as Shortcut from "./Shortcut.ts"

/** What the sockets of a session are opened with. */
export interface Options {
  readonly source: string
  readonly endpoints: readonly [Endpoint.Endpoint, ...Array<Endpoint.Endpoint>]
  /** The interface as it is now. */
  readonly networkInterface: () => NetworkInterface.NetworkInterface
  readonly network: Network.Network["Service"]
  readonly limits: Limits.Limits
}

/** A socket that hears what is sent to an endpoint; a member of its group, where it has one, until the scope closes. */
export const receiver = Effect.fnUntraced(
  function*(options: Options, endpoint: Endpoint.Endpoint, intercept?: Network.Intercept) {
    // the membership ends with the socket: to leave by an address that the interface has lost meanwhile would leave the host itself in the
    // group (rule 66)
    const afterwards = yield* Scope.fork(yield* Effect.scope)
    const networkInterface = options.networkInterface()
    yield* addressOn(networkInterface, endpoint)
    const socket = yield* options.network.open({
      family: Endpoint.family(endpoint),
      // bound to the group, it hears that group only (rule 50)
      bind: {
        address: endpoint._tag === "Multicast" ? endpoint.group : undefined,
        port: endpoint.port,
        scopeId: networkInterface.index
      },
      reuseAddress: true,
      kernelReceiveBuffer: options.limits.kernelReceiveBuffer,
      receiveBuffer: { capacity: options.limits.receiveQueue, strategy: "sliding" },
      intercept
    })
    const reader = yield* socket.reader
    if (endpoint._tag === "Multicast") {
      yield* Scope.provide(join(reader, endpoint.group, networkInterface), afterwards)
    }
    return reader
  },
  (effect, options, endpoint, _intercept) =>
    Effect.mapError(effect, (error) => failure(options, Endpoint.format(endpoint), error))
)

/** A socket to send from, and to read the replies. */
export interface Sender {
  readonly reader: DatagramSocket.Reader
  readonly writer: DatagramSocket.Writer
  readonly address: NetAddress.InetAddress
}

/** What a socket to send from is opened with. */
export interface SenderOptions extends Options {
  /** The address to send from. */
  readonly from: string
  readonly hearsReplies?: boolean
}

/** Opens a socket to send from. Where nothing is read from it, it keeps no more than one datagram. */
export const sender = Effect.fnUntraced(
  function*(options: SenderOptions) {
    const [endpoint] = options.endpoints
    const family = Endpoint.family(endpoint)
    const networkInterface = options.networkInterface()
    const address = yield* ownAddress(networkInterface, options.from)
    const socket = yield* options.network.open({
      family,
      bind: {
        address,
        port: 0,
        scopeId: networkInterface.index
      },
      broadcast: options.endpoints.some((endpoint) => endpoint._tag === "Broadcast"),
      multicast: endpoint._tag === "Multicast"
        ? { interface: memberOf(endpoint.group, networkInterface), ttl: endpoint.ttl, loopback: true }
        : undefined,
      receiveBuffer: { capacity: options.hearsReplies === true ? options.limits.receiveQueue : 1, strategy: "sliding" }
    })
    const reader = yield* socket.reader
    const writer = yield* socket.writer
    const sender: Sender = { reader, writer, address: reader.address }
    return sender
  },
  (effect, options) =>
    Effect.mapError(effect, (error) => failure(options, Endpoint.format(options.endpoints[0]), error))
)

/**
 * The address that a session on this interface sends from: what goes to a group of the link comes from an address of the link (rule 93).
 * There is none on the loopback interface, where no such group can be bound.
 */
export const sourceAddress = (
  { addresses, isInternal }: NetworkInterface.NetworkInterface,
  endpoint: Endpoint.Endpoint
): NetAddress.IpAddress | undefined => {
  const family = Endpoint.family(endpoint)
  const own = addresses.map(({ address }) => address).filter((address) => NetAddress.familyOf(address) === family)
  const isOnLink = endpoint._tag === "Multicast" && NetworkInterface.isLinkScoped(endpoint.group)
  const first = own.find((address) => NetAddress.isLinkLocal(address) === isOnLink)
  return first ?? (isOnLink && isInternal ? undefined : own[0])
}

// the interface may have lost its addresses since the session was made
const addressOn = (networkInterface: NetworkInterface.NetworkInterface, endpoint: Endpoint.Endpoint) => {
  const address = sourceAddress(networkInterface, endpoint)
  return address === undefined
    ? Effect.fail(refused(`the interface has no ${Endpoint.family(endpoint)} address any more`))
    : Effect.succeed(address)
}

// from another one than before, it would speak for the session that has taken its place
const ownAddress = ({ addresses }: NetworkInterface.NetworkInterface, from: string) => {
  const own = addresses.find(({ address }) => NetAddress.formatIp(address) === from)
  return own === undefined
    ? Effect.fail(refused(`the interface has no address ${from} any more`))
    : Effect.succeed(own.address)
}

// IPv4 names an interface by one of its addresses, IPv6 by its index
const memberOf = (
  group: NetAddress.IpAddress,
  networkInterface: NetworkInterface.NetworkInterface
): NetAddress.MulticastInterface => {
  if (NetAddress.isIpv6Address(group)) return networkInterface.index
  return NetworkInterface.addressOf(networkInterface, "IPv4")!.address as NetAddress.Ipv4Address
}

const join = (
  reader: DatagramSocket.Reader,
  group: NetAddress.MulticastAddress,
  networkInterface: NetworkInterface.NetworkInterface
) => reader.joinMulticast({ group, interface: memberOf(group, networkInterface) })

/** The failure of a socket of which no more is known than this. */
export const refused = (message: string): DatagramSocket.DatagramSocketError =>
  new DatagramSocket.DatagramSocketError({
    reason: new DatagramSocket.DatagramSocketWriteError({ kind: "Unknown", cause: new Error(message) })
  })

/** A socket's failure as an error of discovery, with what to do about it. */
export const failure = (
  options: Pick<Options, "source" | "networkInterface">,
  endpoint: string,
  error: DatagramSocket.DatagramSocketError
): DiscoveryError.DiscoveryError => {
  const where = {
    source: options.source,
    endpoint,
    interface: options.networkInterface().name,
    cause: "cause" in error.reason ? error.reason.cause : error
  }
  const kind = "kind" in error.reason ? error.reason.kind : "Unknown"
  switch (kind) {
    case "AddressInUse":
      return DiscoveryError.make(new DiscoveryError.AddressInUse(where))
    case "PermissionDenied":
      return DiscoveryError.make(new DiscoveryError.PermissionDenied(where))
    default:
      return DiscoveryError.make(new DiscoveryError.EndpointUnavailable(where))
  }
}

/** How many datagrams are handed to the system at once: few enough that a slow link takes them all within the time that one has. */
export const mostAtOnce = 128

/** What is handed to the system together, in order. */
export const inBatches = <A>(all: ReadonlyArray<A>): ReadonlyArray<Arr.NonEmptyArray<A>> =>
  Arr.chunksOf(all, mostAtOnce)

type Write = Effect.Effect<void, DatagramSocket.DatagramSocketError>

/** A send that never calls back must not silence whoever sends: after `limit` milliseconds it has failed. */
export const inTime = (write: Write, limit: number): Write =>
  Effect.timeoutOrElse(write, { duration: limit, orElse: () => untaken(limit) })

/** How long a write may take. */
export interface Patience {
  readonly clock: () => number
  /** Milliseconds after which it has failed. */
  readonly limit: number
  /** Milliseconds after which it has failed when others cannot wait for it. */
  readonly least: number
  readonly isUrgent: () => boolean
}

/** One after the other, each in time. One timer does for all of them, and the first that takes too long is the last. */
export const eachInTime = (writes: ReadonlyArray<Write>, patience: Patience): Write =>
  Effect.suspend(() => {
    const { clock, isUrgent, least, limit } = patience
    let began = clock()
    const each = (write: Write) => {
      began = clock()
      return write
    }
    // to look twice costs less than to be woken by whoever cannot wait
    const tooLong: Effect.Effect<never, DatagramSocket.DatagramSocketError> = Effect.suspend(() => {
      const most = isUrgent() ? least : limit
      const left = Math.ceil(began + most - clock())
      return left > 0 ? Effect.andThen(Effect.sleep(Math.min(left, least)), tooLong) : untaken(most)
    })
    return Effect.raceFirst(Effect.forEach(writes, each, { discard: true }), tooLong)
  })

const untaken = (limit: number) => Effect.fail(refused(`the system has not taken a datagram in ${limit} ms`))

// Milliseconds from one batch dealt with to the next datagram, within which they are part of one burst.
const burst = 0.2

/**
 * Takes what is received, batch by batch, for ever. `take` is told the time, and gives what else is to be done, if anything.
 *
 * A waiting reader is resumed by the first datagram of a burst, with that one alone. To yield then lets the rest of the burst gather
 * into one batch; to yield at any other time would cost a turn of the event loop for nothing.
 *
 * The `shortcut` is that of the reader's socket, and opens again when a batch has been dealt with.
 */
export const forEachBatch = (
  reader: DatagramSocket.Reader,
  clock: () => number,
  take: (datagrams: ReadonlyArray<DatagramSocket.Datagram>, now: number) => Effect.Effect<unknown> | undefined,
  shortcut?: Shortcut.Shortcut
): Effect.Effect<never, DatagramSocket.DatagramSocketError> => {
  let doneAt = -Infinity
  let read = 0
  const taken = (
    datagrams: ReadonlyArray<DatagramSocket.Datagram>
  ): Effect.Effect<never, DatagramSocket.DatagramSocketError> => {
    const now = clock()
    const next = datagrams.length === 1 && now - doneAt < burst ? gathered : direct
    const rest = take(datagrams, now)
    read += datagrams.length
    if (rest === undefined) {
      settle()
      return next
    }
    return Effect.andThen(rest, Effect.andThen(settled, next))
  }
  const settle = () => {
    doneAt = clock()
    if (shortcut !== undefined) Shortcut.settle(shortcut, read, reader.dropped())
  }
  const settled = Effect.sync(settle)
  const direct = Effect.flatMap(reader.pull, taken)
  const gathered = Effect.andThen(Effect.yieldNow, direct)
  return direct
}
