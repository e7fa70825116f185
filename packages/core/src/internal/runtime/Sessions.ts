/**
 * The sessions of one protocol: opened and closed as interfaces come and go, each restarted on its own schedule.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberMap from "effect/FiberMap"
import * as NetAddress from "effect/net/NetAddress"
import * as Pull from "effect/Pull"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type * as Announcement from "../../Announcement.ts"
import type * as Diagnostic from "../../Diagnostic.ts"
import * as DiscoveryError from "../../DiscoveryError.ts"
import * as Endpoint from "../../Endpoint.ts"
import type * as Limits from "../../Limits.ts"
import * as Network from "../../Network.ts"
import * as NetworkInterface from "../../NetworkInterface.ts"
import type * as PeerRegistry from "../../PeerRegistry.ts"
import type * as Protocol from "../../Protocol.ts"
import * as Seed from "../../Seed.ts"
import * as Session from "./Session.ts"
import * as Sockets from "./Sockets.ts"

/** What the sessions of a protocol work with. */
export interface Options {
  readonly protocol: Protocol.Protocol<unknown>
  readonly interfaces: NetworkInterface.Predicate
  readonly retry: Schedule.Schedule<unknown, DiscoveryError.DiscoveryError>
  readonly limits: Limits.Limits
  readonly seed: number
  readonly report: (report: Diagnostic.Report, count?: number) => void
}

interface Sessions {
  readonly options: Options
  readonly network: Network.Network["Service"]
  readonly queue: Queue.Queue<PeerRegistry.Input, DiscoveryError.DiscoveryError | Cause.Done>
  readonly fibers: FiberMap.FiberMap<string>
  /** The running sessions by interface, its index and the address that they send from. */
  readonly running: Map<string, Session.Session>
  readonly advertised: Map<number, Protocol.Advertise>
  readonly senders: Set<string>
  interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>
  /** Whether the first sessions have opened; until then a mistake in the configuration fails the source. */
  isOpen: boolean
  /** Why the source has failed for good. */
  failure: DiscoveryError.DiscoveryError | undefined
}

/** What `open` gives: what was heard, and the way to announce. */
export interface Opened {
  readonly inputs: Stream.Stream<PeerRegistry.Input, DiscoveryError.DiscoveryError>
  readonly advertise: (
    key: number,
    announcement: Announcement.Announcement
  ) => Effect.Effect<void, DiscoveryError.DiscoveryError>
  readonly withdraw: (key: number) => Effect.Effect<void>
}

/**
 * Opens a session for each selected interface and address family.
 *
 * Completes when those of the interfaces that are up now have opened their sockets or are to be retried. Fails when there is no such
 * interface, or when a port is taken or forbidden.
 */
export const open = Effect.fnUntraced(function*(options: Options) {
  const self: Sessions = {
    options,
    network: yield* Network.Network,
    queue: yield* Queue.bounded<PeerRegistry.Input, DiscoveryError.DiscoveryError | Cause.Done>(
      options.limits.receiveQueue
    ),
    fibers: yield* FiberMap.make<string>(),
    running: new Map(),
    advertised: new Map(),
    senders: new Set(),
    interfaces: [],
    isOpen: false,
    failure: undefined
  }
  const opened = yield* Deferred.make<void, DiscoveryError.DiscoveryError>()
  yield* self.network.interfaces.pipe(
    Stream.runForEach((interfaces) => follow(self, interfaces, opened)),
    // a network that has no list of interfaces at all
    Effect.andThen(Deferred.fail(opened, noUsableInterface(self, []))),
    Effect.catchDefect((defect) => Effect.andThen(dieOf(self, defect), Deferred.die(opened, defect))),
    Effect.forkScoped({ startImmediately: true })
  )
  yield* Deferred.await(opened)
  return handle(self)
})

const follow = (
  self: Sessions,
  interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>,
  opened: Opening
): Effect.Effect<unknown> => {
  if (self.failure !== undefined) return Effect.void
  if (self.isOpen) return reconcile(self, interfaces)
  return Effect.flatMap(Effect.exit(openFirst(self, interfaces)), (exit) => Deferred.done(opened, exit))
}

const handle = (self: Sessions): Opened => ({
  inputs: Stream.fromQueue(self.queue),
  advertise: (key, announcement) =>
    Effect.suspend(() => {
      if (self.failure !== undefined) return Effect.fail(self.failure)
      const input: Protocol.Advertise = { _tag: "Advertise", key, announcement }
      self.advertised.set(key, input)
      return dispatchAll(self, input)
    }),
  withdraw: (key) =>
    Effect.suspend(() => {
      self.advertised.delete(key)
      return Session.within(self.options.limits.goodbye, dispatchAll(self, { _tag: "Withdraw", key }))
    })
})

const dispatchAll = (self: Sessions, input: Protocol.Advertise | Protocol.Withdraw): Effect.Effect<void> =>
  Effect.forEach(self.running.values(), (session) => Session.dispatch(session, input), {
    concurrency: "unbounded",
    discard: true
  })

const openFirst = Effect.fnUntraced(
  function*(self: Sessions, interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>) {
    const openings = yield* reconcile(self, interfaces)
    if (openings.length === 0) return yield* noUsableInterface(self, interfaces)
    yield* Effect.forEach(openings, Deferred.await, { discard: true })
    self.isOpen = true
  }
)

const noUsableInterface = (self: Sessions, interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>) =>
  DiscoveryError.make(
    new DiscoveryError.NoUsableInterface({
      source: self.options.protocol.name,
      available: interfaces.map(({ name }) => name)
    })
  )

type Opening = Deferred.Deferred<void, DiscoveryError.DiscoveryError>

/** Starts the sessions that are missing and ends those whose interface is gone; gives the openings of the new ones. */
const reconcile = Effect.fnUntraced(
  function*(self: Sessions, interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>) {
    const before = self.interfaces
    self.interfaces = interfaces
    const wanted = new Map(interfaces.filter(self.options.interfaces).flatMap((each) => sessionsOn(self, each)))
    const missing = Array.from(wanted).filter(([key]) => !self.running.has(key))
    const openings = yield* Effect.forEach(missing, ([key, options]) => start(self, key, options))
    // on an interface with a new address we announce from there before we say goodbye from the old one: nobody sees us gone
    yield* Effect.forEach(openings, (opening) => Effect.exit(Deferred.await(opening)), { discard: true })
    const taken = new Set(Array.from(wanted.values(), placeOf))
    for (const [key, session] of self.running) {
      if (wanted.has(key)) continue
      session.isReplaced = taken.has(placeOf(session.options))
      yield* end(self, key)
    }
    yield* Effect.forEach(before, ({ name }) => forget(self, name), { discard: true })
    return openings
  }
)

// what those who hear a session know it by
const placeOf = ({ from, networkInterface }: Session.Options): string => `${networkInterface().name} ${from}`

const end = (self: Sessions, key: string): Effect.Effect<void> =>
  Effect.suspend(() => {
    self.running.delete(key)
    return FiberMap.remove(self.fibers, key)
  })

// an interface that is there with other addresses is the same link: what was heard on it still holds
const forget = (self: Sessions, name: string): Effect.Effect<unknown> =>
  self.interfaces.some((each) => each.name === name)
    ? Effect.void
    : Queue.offer(self.queue, {
      _tag: "Closed",
      source: self.options.protocol.name,
      interface: name,
      reason: "InterfaceLost"
    })

const families: ReadonlyArray<NetAddress.IpFamily> = ["IPv4", "IPv6"]

const sessionsOn = (
  self: Sessions,
  networkInterface: NetworkInterface.NetworkInterface
): ReadonlyArray<readonly [key: string, options: Session.Options]> =>
  families.flatMap((family) => {
    const [first, ...rest] = self.options.protocol.endpoints.filter((endpoint) => Endpoint.family(endpoint) === family)
    if (first === undefined || NetworkInterface.addressOf(networkInterface, family) === undefined) return []
    const { limits, protocol, report, seed } = self.options
    const from = NetAddress.formatIp(Sockets.sourceAddress(networkInterface, first)!)
    const options: Session.Options = {
      source: protocol.name,
      protocol,
      endpoints: [first, ...rest],
      // as it is now: other addresses may come and go meanwhile
      networkInterface: () => self.interfaces.find(({ name }) => name === networkInterface.name) ?? networkInterface,
      from,
      interfaces: () => self.interfaces,
      network: self.network,
      limits,
      // one seed for all interfaces: an instance id that a protocol draws from it is the same on each
      seed: Seed.derive(seed, protocol.name),
      report,
      emit: (inputs) => Queue.offerAll(self.queue, inputs),
      senders: self.senders,
      advertised: self.advertised
    }
    // a session is bound to this address of this interface; no other change concerns it
    return [[`${networkInterface.name}#${networkInterface.index} ${from}`, options] as const]
  })

const start = Effect.fnUntraced(function*(self: Sessions, key: string, options: Session.Options) {
  const session = yield* Session.make(options)
  const opening: Opening = yield* Deferred.make<void, DiscoveryError.DiscoveryError>()
  self.running.set(key, session)
  const supervised = Effect.catchDefect(supervise(self, key, session, opening), (defect) => dieOf(self, defect))
  yield* FiberMap.run(self.fibers, key, supervised, { startImmediately: true })
  return opening
})

// a defect of our own ends the source: it must not pass unnoticed in a background fiber
const dieOf = (self: Sessions, defect: unknown) => Queue.failCause(self.queue, Cause.die(defect))

/** Serves a session and restarts it on the schedule, which starts anew after each time that the session worked. */
const supervise = Effect.fnUntraced(function*(self: Sessions, key: string, session: Session.Session, opening: Opening) {
  const { report, retry } = self.options
  const { networkInterface, source } = session.options
  let step = yield* Schedule.toStep(retry)
  while (true) {
    const error = yield* Effect.flip(Session.serve(session, Deferred.succeed(opening, undefined)))
    if (!self.isOpen && isConfiguration(error)) return yield* Deferred.fail(opening, error)
    yield* Deferred.succeed(opening, undefined)
    if (session.isHealthy) step = yield* Schedule.toStep(retry)
    const pause = yield* step(yield* Clock.currentTimeMillis, error).pipe(
      Effect.map(([, duration]) => duration),
      Pull.catchDone(() => Effect.succeed(undefined))
    )
    if (pause === undefined) return yield* giveUp(self, key, error)
    report({ _tag: "SessionRestarting", source, interface: networkInterface().name, message: error.message })
    yield* Effect.onInterrupt(Effect.sleep(pause), () => Session.farewell(session))
  }
})

// a source that has failed for good is silent on every interface, and says so to whoever wants to announce by it
const giveUp = Effect.fnUntraced(function*(self: Sessions, key: string, cause: DiscoveryError.DiscoveryError) {
  self.failure = DiscoveryError.make(new DiscoveryError.SourceFailed({ source: self.options.protocol.name, cause }))
  const others = Array.from(self.running.keys()).filter((other) => other !== key)
  self.running.delete(key)
  yield* Effect.forEach(others, (other) => end(self, other), { concurrency: "unbounded", discard: true })
  yield* Queue.fail(self.queue, self.failure)
})

const isConfiguration = ({ reason }: DiscoveryError.DiscoveryError): boolean =>
  reason._tag === "AddressInUse" || reason._tag === "PermissionDenied"
