/**
 * What a source has on each interface: opened and closed as interfaces come and go, each restarted on its own schedule.
 */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberMap from "effect/FiberMap"
import * as Pull from "effect/Pull"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Diagnostic from "../../Diagnostic.ts"
import * as DiscoveryError from "../../DiscoveryError.ts"
import type * as Network from "../../Network.ts"
import type * as NetworkInterface from "../../NetworkInterface.ts"

/** One thing that is served on an interface. */
export interface Place {
  /** What those who hear it know it by; another place of this name that begins as it ends takes over from it. */
  readonly name: string
  readonly interface: () => string
  /** Opens and serves until something fails; `onOpen` runs once all is open. Interrupted, it says goodbye. */
  readonly serve: (onOpen: Effect.Effect<unknown>) => Effect.Effect<never, DiscoveryError.DiscoveryError>
  /** Whether it worked since it was opened. */
  readonly isHealthy: () => boolean
  /** Told before it is ended for another place of its name, so that a goodbye would end what that one announces. */
  readonly replace: () => void
  /** Ends it when it was open, if it has not said goodbye itself. */
  readonly farewell: Effect.Effect<void>
}

/** What places are made and kept by. */
export interface Options<out P extends Place> {
  readonly source: string
  readonly network: Network.Network["Service"]
  readonly interfaces: NetworkInterface.Predicate
  readonly retry: Schedule.Schedule<unknown, DiscoveryError.DiscoveryError>
  /** Whether to go on with those that open when the port of others is taken or forbidden. */
  readonly isPartial?: boolean | undefined
  readonly report: (report: Diagnostic.Report, count?: number) => void
  /** The places to have on an interface, by a key that changes when a place is to be opened anew. */
  readonly placesOn: (
    networkInterface: NetworkInterface.NetworkInterface
  ) => ReadonlyArray<readonly [key: string, make: Effect.Effect<P>]>
  /** Told of every list of interfaces once its places are open, with the one before. */
  readonly onChange: (
    interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>,
    before: ReadonlyArray<NetworkInterface.NetworkInterface>
  ) => Effect.Effect<unknown>
  /** Told that all has failed for good. */
  readonly onFailure: (error: DiscoveryError.DiscoveryError) => Effect.Effect<unknown>
  /** Told of a defect of our own, which must not pass unnoticed in a background fiber. */
  readonly onDefect: (defect: unknown) => Effect.Effect<unknown>
}

/** The places that are served now. */
export interface Places<P extends Place> {
  readonly options: Options<P>
  readonly fibers: FiberMap.FiberMap<string>
  readonly running: Map<string, P>
  interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>
  /** Whether the first places have opened; until then a mistake in the configuration fails the source. */
  isOpen: boolean
  /** Why the source has failed for good. */
  failure: DiscoveryError.DiscoveryError | undefined
}

type Opening = Deferred.Deferred<void, DiscoveryError.DiscoveryError>

/** No places yet. */
export const make = <P extends Place>(options: Options<P>): Effect.Effect<Places<P>, never, Scope.Scope> =>
  Effect.map(FiberMap.make<string>(), (fibers) => ({
    options,
    fibers,
    running: new Map(),
    interfaces: [],
    isOpen: false,
    failure: undefined
  }))

/**
 * Opens the places of each selected interface, and follows the interfaces from then on.
 *
 * Completes when those of the interfaces that are up now have opened or are to be retried. Fails when there is no such interface, or
 * when a port is taken or forbidden, unless that leaves others and they are enough.
 */
export const open = Effect.fnUntraced(function*<P extends Place>(self: Places<P>) {
  const opened: Opening = yield* Deferred.make<void, DiscoveryError.DiscoveryError>()
  yield* self.options.network.interfaces.pipe(
    Stream.runForEach((interfaces) => follow(self, interfaces, opened)),
    // a network that has no list of interfaces at all
    Effect.andThen(Deferred.fail(opened, noUsableInterface(self, []))),
    Effect.catchDefect((defect) => Effect.andThen(self.options.onDefect(defect), Deferred.die(opened, defect))),
    Effect.forkScoped({ startImmediately: true })
  )
  yield* Deferred.await(opened)
})

const follow = <P extends Place>(
  self: Places<P>,
  interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>,
  opened: Opening
): Effect.Effect<unknown> => {
  if (self.failure !== undefined) return Effect.void
  if (self.isOpen) return reconcile(self, interfaces)
  return Effect.flatMap(Effect.exit(openFirst(self, interfaces)), (exit) => Deferred.done(opened, exit))
}

const openFirst = Effect.fnUntraced(
  function*<P extends Place>(self: Places<P>, interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>) {
    const openings = yield* reconcile(self, interfaces)
    if (openings.length === 0) return yield* noUsableInterface(self, interfaces)
    const failed = yield* Effect.filter(
      openings,
      ([, opening]) => Effect.map(Effect.exit(Deferred.await(opening)), Exit.isFailure)
    )
    if (!self.options.isPartial || failed.length === openings.length) {
      yield* Effect.forEach(failed, ([, opening]) => Deferred.await(opening), { discard: true })
    }
    self.isOpen = true
    // from now on they are retried like whatever fails later
    const wanted = new Map(interfaces.filter(self.options.interfaces).flatMap(self.options.placesOn))
    yield* Effect.forEach(failed, ([key]) => start(self, key, wanted.get(key)!), { discard: true })
  }
)

const noUsableInterface = <P extends Place>(
  self: Places<P>,
  interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>
) =>
  DiscoveryError.make(
    new DiscoveryError.NoUsableInterface({
      source: self.options.source,
      available: interfaces.map(({ name }) => name)
    })
  )

/** Starts the places that are missing and ends those whose interface is gone; gives the openings of the new ones. */
const reconcile = Effect.fnUntraced(
  function*<P extends Place>(self: Places<P>, interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>) {
    const before = self.interfaces
    self.interfaces = interfaces
    const wanted = new Map(interfaces.filter(self.options.interfaces).flatMap(self.options.placesOn))
    const missing = Array.from(wanted).filter(([key]) => !self.running.has(key))
    const openings = yield* Effect.forEach(missing, ([key, make]) => start(self, key, make))
    // on an interface with a new address we announce from there before we say goodbye from the old one: nobody sees us gone
    yield* Effect.forEach(openings, ([, opening]) => Effect.exit(Deferred.await(opening)), { discard: true })
    // one that was there before is on another link of the same address
    const taken = new Set(openings.map(([key]) => self.running.get(key)?.name))
    for (const [key, place] of Array.from(self.running)) {
      if (wanted.has(key)) continue
      if (taken.has(place.name)) place.replace()
      yield* end(self, key)
    }
    yield* self.options.onChange(interfaces, before)
    return openings
  }
)

const end = <P extends Place>(self: Places<P>, key: string): Effect.Effect<void> =>
  Effect.suspend(() => {
    self.running.delete(key)
    return FiberMap.remove(self.fibers, key)
  })

const start = Effect.fnUntraced(function*<P extends Place>(self: Places<P>, key: string, make: Effect.Effect<P>) {
  const place = yield* make
  const opening: Opening = yield* Deferred.make<void, DiscoveryError.DiscoveryError>()
  self.running.set(key, place)
  const supervised = Effect.catchDefect(
    untilEnded(self, key, place, opening),
    (defect) => Effect.andThen(self.options.onDefect(defect), Deferred.die(opening, defect))
  )
  yield* FiberMap.run(self.fibers, key, supervised, { startImmediately: true })
  return [key, opening] as const
})

// one that was open is known to others, and says goodbye though its sockets are closed when it ends
const untilEnded = <P extends Place>(
  self: Places<P>,
  key: string,
  place: P,
  opening: Opening
): Effect.Effect<void, DiscoveryError.DiscoveryError> =>
  Effect.suspend(() => {
    let wasOpen = false
    const onOpen = Effect.suspend(() => {
      wasOpen = true
      return Deferred.succeed(opening, undefined)
    })
    // whoever waits for one that is never open waits no more
    const farewell = Effect.suspend(() => wasOpen ? place.farewell : Deferred.succeed(opening, undefined))
    return Effect.onInterrupt(supervise(self, key, place, opening, onOpen), () => farewell)
  })

/** Serves a place and restarts it on the schedule, which starts anew after each time that the place worked. */
const supervise = Effect.fnUntraced(
  function*<P extends Place>(
    self: Places<P>,
    key: string,
    place: P,
    opening: Opening,
    onOpen: Effect.Effect<unknown>
  ) {
    const { report, retry, source } = self.options
    let step = yield* Schedule.toStep(retry)
    while (self.failure === undefined) {
      const error = yield* Effect.flip(place.serve(onOpen))
      if (!self.isOpen && isConfiguration(error)) return yield* Deferred.fail(opening, error)
      yield* Deferred.succeed(opening, undefined)
      if (place.isHealthy()) step = yield* Schedule.toStep(retry)
      const pause = yield* step(yield* Clock.currentTimeMillis, error).pipe(
        Effect.map(([, duration]) => duration),
        Pull.catchDone(() => Effect.succeed(undefined))
      )
      if (pause === undefined) return yield* giveUp(self, key, error)
      report({ _tag: "SessionRestarting", source, interface: place.interface(), message: error.message })
      yield* Effect.sleep(pause)
    }
    // another has given up before this one began
    yield* Deferred.succeed(opening, undefined)
  }
)

// a source that has failed for good is silent on every interface, and says so to whoever wants to announce by it
const giveUp = Effect.fnUntraced(
  function*<P extends Place>(self: Places<P>, key: string, cause: DiscoveryError.DiscoveryError) {
    self.failure = DiscoveryError.make(
      new DiscoveryError.SourceFailed({ source: self.options.source, advice: longer, cause })
    )
    const others = Array.from(self.running.keys()).filter((other) => other !== key)
    self.running.delete(key)
    yield* Effect.forEach(others, (other) => end(self, other), { concurrency: "unbounded", discard: true })
    yield* self.options.onFailure(self.failure)
  },
  // its interface may go meanwhile
  Effect.uninterruptible
)

const longer = "Restart the discovery layer, or give the source a `retry` schedule that goes on longer"

const isConfiguration = ({ reason }: DiscoveryError.DiscoveryError): boolean =>
  reason._tag === "AddressInUse" || reason._tag === "PermissionDenied"
