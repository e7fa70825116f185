/**
 * Programs on a network find each other: the service that users compose into theirs.
 *
 * **Example** (Print who comes and goes, and be found)
 *
 * ```ts
 * import { Announcement, Discovery } from "@effect-discovery/core"
 * import { JsonBeacon } from "@effect-discovery/core/protocol"
 * import { NodeNetwork } from "@effect-discovery/node"
 * import { Console, Effect, Layer, Stream } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   yield* Discovery.advertise({ name: "ada", port: 8080 })
 *   yield* Stream.runForEach(Discovery.stream, (event) => Console.log(event._tag, event.peer.name))
 * })
 *
 * const DiscoveryLive = Discovery.layer({ sources: [JsonBeacon.source()] }).pipe(Layer.provide(NodeNetwork.layer()))
 *
 * const main = program.pipe(Effect.scoped, Effect.provide(DiscoveryLive))
 * ```
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import type * as NetAddress from "effect/net/NetAddress"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Announcement from "./Announcement.ts"
import type * as Diagnostic from "./Diagnostic.ts"
import type * as Dial from "./Dial.ts"
import * as DiscoveryError from "./DiscoveryError.ts"
import type * as DiscoveryEvent from "./DiscoveryEvent.ts"
import * as Advertising from "./internal/runtime/Advertising.ts"
import * as Bounds from "./internal/runtime/Bounds.ts"
import * as Diagnostics from "./internal/runtime/Diagnostics.ts"
import * as Dialing from "./internal/runtime/Dialing.ts"
import * as Registry from "./internal/runtime/Registry.ts"
import * as SourceNames from "./internal/runtime/SourceNames.ts"
import * as Limits from "./Limits.ts"
import * as Network from "./Network.ts"
import * as NetworkInterface from "./NetworkInterface.ts"
import type * as Peer from "./Peer.ts"
import * as PeerRegistry from "./PeerRegistry.ts"
import * as Source from "./Source.ts"
import * as Trust from "./Trust.ts"

/**
 * An announcement that is being made.
 *
 * @category models
 * @since 0.1.0
 */
export type Advertisement = Source.Advertisement

/**
 * Discovery as a service.
 *
 * @category services
 * @since 0.1.0
 */
export class Discovery extends Context.Service<Discovery, {
  /** The peers known now as `PeerDiscovered`, then every change: no gap, no duplicate. */
  readonly stream: Stream.Stream<DiscoveryEvent.DiscoveryEvent, DiscoveryError.DiscoveryError>
  /** The peers known now, in the order of discovery. */
  readonly peers: Effect.Effect<ReadonlyArray<Peer.Peer>>
  /** One peer, if it is known now. */
  readonly lookup: (id: Peer.PeerId) => Effect.Effect<Option.Option<Peer.Peer>>
  /** Announces through every source that announces, each of which must be able to; says goodbye when the scope closes. */
  readonly advertise: (
    announcement: Announcement.Options
  ) => Effect.Effect<Advertisement, DiscoveryError.DiscoveryError, Scope.Scope>
  /** What was rejected, dropped, restarted: the totals so far, then as they grow. Never ends the stream. */
  readonly diagnostics: Stream.Stream<Diagnostic.Diagnostic>
  /** Why a peer is believed alive: its evidence with times. */
  readonly explain: (id: Peer.PeerId) => Effect.Effect<Option.Option<PeerRegistry.Explanation>>
  /** Ranks an address of a peer before its others, because the program has reached the peer there. */
  readonly worked: (id: Peer.PeerId, address: NetAddress.InetAddress) => Effect.Effect<void>
}>()("@effect-discovery/core/Discovery") {}

/**
 * The peers known now as `PeerDiscovered`, then every change: no gap, no duplicate.
 *
 * **Details**
 *
 * Every run of the stream subscribes anew. A subscriber that reads slowly disturbs nobody: beyond `Limits.subscriberBacklog` its
 * pending changes are coalesced by peer into the net difference, so that it always ends in the true state. The stream fails with
 * `SourceFailed` when a source has given up, and ends when the layer closes.
 *
 * @category accessors
 * @since 0.1.0
 */
export const stream: Stream.Stream<DiscoveryEvent.DiscoveryEvent, DiscoveryError.DiscoveryError, Discovery> = Stream
  .unwrap(
    Discovery.useSync((discovery) => discovery.stream)
  )

/**
 * The peers known now, in the order of discovery.
 *
 * @category accessors
 * @since 0.1.0
 */
export const peers: Effect.Effect<ReadonlyArray<Peer.Peer>, never, Discovery> = Discovery.use(({ peers }) => peers)

/**
 * One peer, if it is known now.
 *
 * @category accessors
 * @since 0.1.0
 */
export const lookup = (id: Peer.PeerId): Effect.Effect<Option.Option<Peer.Peer>, never, Discovery> =>
  Discovery.use((discovery) => discovery.lookup(id))

/**
 * Announces through every source that announces, until the scope closes and a goodbye is sent.
 *
 * **Details**
 *
 * Takes an `Announcement`, or what one is made from. Fails with `InvalidAnnouncement` when it can be none or a source cannot carry it, before
 * anything is sent, and with `Unsupported` when no source can announce.
 *
 * **Example**
 *
 * ```ts
 * import { Discovery } from "@effect-discovery/core"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const advertisement = yield* Discovery.advertise({ name: "ada", port: 8080 })
 *   yield* advertisement.update({ attributes: { load: "0.7" } })
 * })
 * ```
 *
 * @category accessors
 * @since 0.1.0
 */
export const advertise = (
  announcement: Announcement.Options
): Effect.Effect<Advertisement, DiscoveryError.DiscoveryError, Discovery | Scope.Scope> =>
  Effect.withSpan(Discovery.use((discovery) => discovery.advertise(announcement)), "Discovery.advertise")

/**
 * What was rejected, dropped, restarted: the totals so far, then as they grow, each kind at most once every
 * `Limits.diagnosticInterval`.
 *
 * @category accessors
 * @since 0.1.0
 */
export const diagnostics: Stream.Stream<Diagnostic.Diagnostic, never, Discovery> = Stream.unwrap(
  Discovery.useSync((discovery) => discovery.diagnostics)
)

/**
 * Why a peer is believed alive: its evidence with times.
 *
 * @category accessors
 * @since 0.1.0
 */
export const explain = (id: Peer.PeerId): Effect.Effect<Option.Option<PeerRegistry.Explanation>, never, Discovery> =>
  Discovery.use((discovery) => discovery.explain(id))

/**
 * Ranks an address of a peer before its others, though not before signed ones, because the program has reached the peer there.
 *
 * @category accessors
 * @since 0.1.0
 */
export const worked = (id: Peer.PeerId, address: NetAddress.InetAddress): Effect.Effect<void, never, Discovery> =>
  Discovery.use((discovery) => discovery.worked(id, address))

/**
 * Waits for a peer that satisfies the predicate, as it is or becomes. Interrupted when the layer closes first.
 *
 * **Example**
 *
 * ```ts
 * import { Discovery } from "@effect-discovery/core"
 * import { Effect } from "effect"
 *
 * const leader = Discovery.awaitPeer((peer) => peer.attributes.get("role") === "leader").pipe(Effect.timeout("10 seconds"))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const awaitPeer = (
  predicate: (peer: Peer.Peer) => boolean
): Effect.Effect<Peer.Peer, DiscoveryError.DiscoveryError, Discovery> =>
  stream.pipe(
    Stream.filter((event) => event._tag !== "PeerLost" && predicate(event.peer)),
    Stream.runHead,
    // the stream ends only with the layer, and then whoever waits is on the way out too
    Effect.flatMap(Option.match({ onNone: () => Effect.interrupt, onSome: ({ peer }) => Effect.succeed(peer) }))
  )

/**
 * Runs one scoped fiber per peer: started when the peer is discovered, interrupted when it is lost.
 *
 * **Details**
 *
 * With `restartOnUpdate` a fiber is interrupted and started again with the new state of its peer whenever that changes; otherwise
 * it keeps the state it was started with, while `lookup` has the present one, and one that ends is not started again. The first fiber that
 * fails, fails the whole. The whole is interrupted when the layer closes.
 *
 * **Example**
 *
 * ```ts
 * import { Discovery } from "@effect-discovery/core"
 * import { Effect } from "effect"
 *
 * const greetEveryone = Discovery.forEachPeer((peer) =>
 *   Effect.log(`hello ${peer.name}`).pipe(Effect.andThen(Effect.sleep("1 minute")), Effect.forever)
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const forEachPeer = <E, R>(
  f: (peer: Peer.Peer) => Effect.Effect<void, E, R>,
  options: { readonly restartOnUpdate?: boolean | undefined } = {}
): Effect.Effect<never, E | DiscoveryError.DiscoveryError, Exclude<R, Scope.Scope> | Discovery> =>
  Effect.gen(function*() {
    const fibers = yield* FiberSet.make<void, E>()
    const current = new Map<Peer.PeerId, Fiber.Fiber<void, E>>()
    // a peer's fiber begins only when the one before it has released all it held, and nobody else waits for that
    const start = (peer: Peer.Peer) => {
      const before = current.get(peer.id)
      const run = Effect.interruptible(Effect.scoped(f(peer)))
      return Effect.forkDetach(before ? Effect.andThen(Fiber.interrupt(before), run) : run, {
        startImmediately: true,
        uninterruptible: true
      }).pipe(
        Effect.map((fiber) => {
          FiberSet.addUnsafe(fibers, fiber)
          current.set(peer.id, fiber)
          fiber.addObserver(() => current.get(peer.id) === fiber && current.delete(peer.id))
        }),
        Effect.uninterruptible
      )
    }
    const follow = Stream.runForEach(stream, (event): Effect.Effect<unknown, never, Exclude<R, Scope.Scope>> => {
      if (event._tag === "PeerLost") return Effect.sync(() => current.get(event.peer.id)?.interruptUnsafe())
      return event._tag === "PeerDiscovered" || options.restartOnUpdate === true ? start(event.peer) : Effect.void
    })
    return yield* Effect.andThen(Effect.raceFirst(follow, FiberSet.join(fibers)), Effect.interrupt)
  }).pipe(Effect.scoped)

/**
 * Keeps a connection to every peer that `Trust` allows to dial: each in a scoped fiber of its own, interrupted as soon as the key is
 * trusted no longer.
 *
 * **Details**
 *
 * `connect` holds a connection for as long as it runs, and has to prove the peer's key: discovery is a hint. It is run for one address
 * after the other, in the order of `Peer.addresses`, until one answers; then again after a pause that grows. What a peer announces
 * meanwhile is used by the next attempt. A connection goes on when its peer is no longer announced, unless `interruptOnLost` is set.
 * Failures of `connect` end nothing; the whole is interrupted when the layer closes.
 *
 * **Example**
 *
 * ```ts
 * import { type Dial, Discovery } from "@effect-discovery/core"
 * import { Effect } from "effect"
 *
 * declare const handshake: (attempt: Dial.Attempt) => Effect.Effect<{ readonly talk: Effect.Effect<void> }, "refused">
 *
 * const program = Discovery.dial((attempt) =>
 *   handshake(attempt).pipe(
 *     Effect.timeout("5 seconds"),
 *     Effect.tap(() => attempt.established),
 *     Effect.flatMap((connection) => connection.talk)
 *   )
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const dial = <E, R, E2 = never, R2 = never>(
  connect: (attempt: Dial.Attempt) => Effect.Effect<unknown, E, R>,
  options: Dial.Options<E, E2, R2> = {}
): Effect.Effect<
  never,
  E2 | DiscoveryError.DiscoveryError,
  Exclude<R, Scope.Scope> | R2 | Discovery | Trust.Trust
> =>
  Effect.flatMap(
    Effect.all({ discovery: Discovery, trust: Trust.Trust }),
    (services) => Dialing.run(services, connect, options)
  )

/**
 * What a discovery layer is made of.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<Sources extends ReadonlyArray<Source.Source<unknown, unknown>>> {
  /** Where announcements come from; their names must differ. */
  readonly sources: Sources
  /** The interfaces to use, for sources without a choice of their own. Default: `NetworkInterface.isUsable`. */
  readonly interfaces?: NetworkInterface.Predicate | undefined
  /** Bounds other than the defaults. */
  readonly limits?: Partial<Limits.Limits> | undefined
  /**
   * Whether to offer addresses of a peer that lie off the link on which they were announced. Default: false, since otherwise anyone on the link
   * chooses where in the world the program connects to (S-U6). `explain` names them in any case.
   */
  readonly allowOffLink?: boolean | undefined
}

/**
 * The error with which a source can fail to open.
 *
 * @category type-level
 * @since 0.1.0
 */
export type SourceError<S> = S extends Source.Source<infer E, infer _R> ? E : never

/**
 * The services that a source needs.
 *
 * @category type-level
 * @since 0.1.0
 */
export type SourceServices<S> = S extends Source.Source<infer _E, infer R> ? Exclude<R, Scope.Scope> : never

/**
 * Discovery over these sources.
 *
 * **Details**
 *
 * Sources of protocols need a `Network`: `NodeNetwork.layer` in production, a host of the simulated network in tests. Fails when a
 * source cannot open because of its configuration: no usable interface, a port that is taken or forbidden, two sources of one name.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <const Sources extends ReadonlyArray<Source.Source<unknown, unknown>>>(
  options: Options<Sources>
): Layer.Layer<
  Discovery,
  DiscoveryError.DiscoveryError | SourceError<Sources[number]>,
  SourceServices<Sources[number]>
> => Layer.effect(Discovery, make({ ...options, sources: options.sources as Opens<Sources[number]> }))

// the same sources, seen as ones that fail and need what any of them does
type Opens<S> = ReadonlyArray<Source.Source<SourceError<S>, SourceServices<S>>>

/**
 * Makes the service within a scope; `layer` is the usual way to.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*<E, R>(options: Options<ReadonlyArray<Source.Source<E, R>>>) {
  yield* SourceNames.check(options.sources)
  const limits = yield* Bounds.check(Limits.defaults, options.limits)
  const seed = yield* Random.nextInt
  const diagnostics = Diagnostics.make(limits)
  const registry = yield* Registry.make(limits, options, seed, diagnostics.report)
  yield* Effect.addFinalizer(() => Effect.sync(() => registry.subscribers.end(Cause.fail(Cause.Done()))))
  // a defect of our own ends the subscribers' streams: it must not pass unnoticed in a background fiber
  const inBackground = <A, R>(effect: Effect.Effect<A, never, R>) =>
    effect.pipe(
      Effect.catchDefect((defect) => Effect.sync(() => registry.subscribers.end(Cause.die(defect)))),
      Effect.forkScoped({ startImmediately: true })
    )
  yield* inBackground(registry.timer)
  yield* inBackground(registry.subscribers.gatherer)
  const trust = yield* Effect.serviceOption(Trust.Trust)
  if (Option.isSome(trust)) yield* inBackground(heed(registry, trust.value))

  const network = yield* Effect.serviceOption(Network.Network)
  if (Option.isSome(network)) yield* inBackground(link(registry, network.value))

  const settings: Source.Settings = {
    limits,
    interfaces: options.interfaces ?? NetworkInterface.isUsable,
    seed,
    report: diagnostics.report
  }
  const sources = yield* openAll(options.sources, settings)
  // one after the other as they come: to merge them first would cost a hop more for every change
  const fold = (batch: ReadonlyArray<PeerRegistry.Input>) => Effect.sync(() => registry.fold(batch))
  for (const source of sources) yield* inBackground(Stream.runForEachArray(feed(registry, source), fold))

  const state = registry.state
  return Discovery.of({
    stream: registry.subscribers.stream,
    peers: Effect.sync(() => PeerRegistry.peers(state())),
    lookup: (id) => Effect.sync(() => Option.fromUndefinedOr(PeerRegistry.get(state(), id))),
    advertise: Advertising.through(sources),
    diagnostics: diagnostics.stream,
    explain: (id) => Effect.sync(() => Option.fromUndefinedOr(PeerRegistry.explain(state(), id, registry.now()))),
    worked: (id, address) => Effect.sync(() => registry.fold([{ _tag: "Worked", id, address }]))
  })
})

interface OpenSource extends Source.Open {
  readonly name: string
}

// sources close side by side, so that all goodbyes together take no longer than one may
const openAll = Effect.fnUntraced(
  function*<E, R>(sources: ReadonlyArray<Source.Source<E, R>>, _settings: Source.Settings) {
    const together = yield* Scope.fork(yield* Effect.scope, "parallel")
    return yield* Effect.forEach(sources, ({ name, open }) =>
      Effect.gen(function*() {
        const own = yield* Scope.fork(together)
        const source: OpenSource = { name, ...yield* Scope.provide(open, own) }
        return source
      }))
  },
  (effect, _sources, settings) => Effect.provideService(effect, Source.Settings, settings)
)

// what the program thinks of keys decides whose peers make room for whose
const heed = (registry: Registry.Registry, { states }: Trust.Trust["Service"]): Effect.Effect<void> =>
  Stream.runForEachArray(
    states,
    (batch) => Effect.sync(() => registry.fold(batch.map(({ key, state }) => ({ _tag: "Trusted", key, state }))))
  )

// which of a peer's addresses are on the link depends on what networks the link has by now
const link = (registry: Registry.Registry, { interfaces }: Network.Network["Service"]): Effect.Effect<void> =>
  Stream.runForEach(interfaces, (interfaces) => Effect.sync(() => registry.fold([{ _tag: "Linked", interfaces }])))

// a source that fails takes its own peers along and ends the subscribers' streams, but no other source
const feed = (registry: Registry.Registry, source: OpenSource): Stream.Stream<PeerRegistry.Input> =>
  Stream.catchCause(source.inputs, (cause) => {
    const failure = Cause.squash(cause)
    const error = failure instanceof DiscoveryError.DiscoveryError
      ? failure
      : DiscoveryError.make(new DiscoveryError.SourceFailed({ source: source.name, cause: failure }))
    registry.fold([{ _tag: "Closed", source: source.name, reason: "SourceClosed" }])
    registry.subscribers.end(Cause.fail(error))
    return Stream.empty
  })
