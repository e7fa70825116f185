/**
 * Where announcements come from: a protocol on the network, a list, or any Stream.
 *
 * All of them meet in one registry, each as evidence of its own.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as NetAddress from "effect/net/NetAddress"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Announcement from "./Announcement.ts"
import * as Claim from "./Claim.ts"
import type * as Diagnostic from "./Diagnostic.ts"
import * as DiscoveryError from "./DiscoveryError.ts"
import * as Runner from "./internal/runtime/Runner.ts"
import * as Sessions from "./internal/runtime/Sessions.ts"
import * as Limits from "./Limits.ts"
import type * as Network from "./Network.ts"
import * as NetworkInterface from "./NetworkInterface.ts"
import type * as PeerRegistry from "./PeerRegistry.ts"
import type * as Protocol from "./Protocol.ts"
import type { Provenance } from "./Provenance.ts"

/**
 * The way to announce through a source. `key` tells announcements of one program apart.
 *
 * @category models
 * @since 0.1.0
 */
export interface Advertiser {
  /** What the source cannot carry of an announcement, `undefined` when it can. */
  readonly validate: (announcement: Announcement.Announcement) => DiscoveryError.InvalidAnnouncement | undefined
  /**
   * Starts announcing, or replaces what is announced under the same key. Completes once what is to be announced now, which may be nothing yet, was
   * handed to the system; a failure to send is the source's to retry. Fails with `SourceFailed` when the source has given up.
   */
  readonly advertise: (
    key: number,
    announcement: Announcement.Announcement
  ) => Effect.Effect<void, DiscoveryError.DiscoveryError>
  /** Says goodbye and stops. */
  readonly withdraw: (key: number) => Effect.Effect<void>
}

/**
 * An announcement that is being made.
 *
 * @category models
 * @since 0.1.0
 */
export interface Advertisement {
  /**
   * Announces with these parts changed, at once; `attributes` take the place of all there were. Fails with `InvalidAnnouncement`,
   * and changes nothing, when a source cannot. Does nothing once the announcement is withdrawn.
   */
  readonly update: (change: Partial<Announcement.Options>) => Effect.Effect<void, DiscoveryError.DiscoveryError>
}

/**
 * A source at work: what it hears, and, where it can, the ways to announce and to send one datagram to one address.
 *
 * @category models
 * @since 0.1.0
 */
export interface Open {
  /** What it hears, for the registry. */
  readonly inputs: Stream.Stream<PeerRegistry.Input, DiscoveryError.DiscoveryError>
  /** The way to announce; absent where it cannot. */
  readonly advertiser?: Advertiser | undefined
  /** Sends a datagram by an interface; absent where it cannot. */
  readonly send?:
    | ((interfaceName: string, to: NetAddress.InetAddress, payload: Uint8Array) => Effect.Effect<void>)
    | undefined
}

/**
 * Where announcements come from. Opening it is scoped: closing the scope says goodbye and releases all it holds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Source<out E = never, out R = never> {
  /** The first part of the ids of its peers; without a colon, and no other of the layer has it. */
  readonly name: string
  /** Begins to hear, until the scope closes. */
  readonly open: Effect.Effect<Open, E, R | Scope.Scope>
}

/**
 * What the discovery layer tells its sources.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings {
  /** The bounds of the layer. */
  readonly limits: Limits.Limits
  /** The interfaces to use where a source has no choice of its own. */
  readonly interfaces: NetworkInterface.Predicate
  /** What all chance of the source is derived from. */
  readonly seed: number
  /** Counts a diagnostic, `count` times (default: once). */
  readonly report: (report: Diagnostic.Report, count?: number) => void
}

/**
 * The settings of the layer that opens a source.
 *
 * @category references
 * @since 0.1.0
 */
export const Settings: Context.Reference<Settings> = Context.Reference<Settings>(
  "@effect-discovery/core/Source/Settings",
  {
    defaultValue: () => ({ limits: Limits.defaults, interfaces: NetworkInterface.isUsable, seed: 0, report: () => {} })
  }
)

/**
 * The default schedule of restarts: after 1 s, then twice as long each time up to a minute, with jitter, without end.
 *
 * @category schedules
 * @since 0.1.0
 */
export const defaultRetry: Schedule.Schedule<unknown> = Schedule.min([
  Schedule.exponential("1 second"),
  Schedule.spaced("1 minute")
]).pipe(Schedule.jittered)

/**
 * Options of a protocol's source.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProtocolOptions {
  /** The interfaces to use. Default: the layer's. */
  readonly interfaces?: NetworkInterface.Predicate | undefined
  /**
   * When to restart a session that failed. Default: `defaultRetry`. It starts anew whenever the session worked in between, so `Schedule.recurs(30)`
   * gives up after 30 failures in a row. A source whose schedule is exhausted fails `Discovery.stream` with `SourceFailed`.
   */
  readonly retry?: Schedule.Schedule<unknown, DiscoveryError.DiscoveryError> | undefined
}

/**
 * The source of a protocol: it listens and announces on every selected interface.
 *
 * **Details**
 *
 * Opening fails with `NoUsableInterface` when no selected interface is up, and with `AddressInUse` or `PermissionDenied` when the
 * system refuses the port. What fails later restarts on its schedule.
 *
 * **Example** (Giving up after 30 failures in a row)
 *
 * ```ts
 * import { Source } from "@effect-discovery/core"
 * import { Peerage } from "@effect-discovery/core/protocol"
 * import { Schedule } from "effect"
 *
 * const source = Source.fromProtocol(Peerage.protocol(), {
 *   retry: Schedule.max([Schedule.spaced("30 seconds"), Schedule.recurs(30)])
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromProtocol = <State>(
  protocol: Protocol.Protocol<State>,
  options: ProtocolOptions = {}
): Source<DiscoveryError.DiscoveryError, Network.Network> => ({
  name: protocol.name,
  open: Effect.gen(function*() {
    const settings = yield* Settings
    const sessions = yield* Sessions.open({
      // a session hands its machine back only the states that it got from it
      protocol: protocol as Protocol.Protocol<any>,
      interfaces: options.interfaces ?? settings.interfaces,
      retry: options.retry ?? defaultRetry,
      limits: settings.limits,
      seed: settings.seed,
      report: settings.report
    })
    const { advertise, inputs, send, withdraw } = sessions
    return { inputs, advertiser: { validate: protocol.validate, advertise, withdraw }, send }
  })
})

/**
 * A source from any Stream of announcements: a database's changes, a cluster's members, a recorded capture.
 *
 * **Details**
 *
 * An announcement holds for its own ttl, else for `ttl` (default: 2 minutes), and one with a ttl of zero is a goodbye. When the
 * stream ends, what it announced holds until it expires; when it fails, its peers are lost with `SourceClosed` and
 * `Discovery.stream` fails with `SourceFailed`.
 *
 * **Example**
 *
 * ```ts
 * import { Announcement, Source } from "@effect-discovery/core"
 * import { Stream } from "effect"
 *
 * const source = Source.fromStream(
 *   "inventory",
 *   Stream.make(Announcement.make({ name: "printer", attributes: { floor: "2" } })),
 *   { ttl: "10 minutes" }
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromStream = <E, R>(
  name: string,
  stream: Stream.Stream<Announcement.Announcement, E, R>,
  options: { readonly ttl?: Duration.Input | undefined } = {}
): Source<never, R> => ({
  name,
  open: Effect.gen(function*() {
    const settings = yield* Settings
    const context = yield* Effect.context<R>()
    const ttl = Duration.toMillis(Duration.fromInputUnsafe(options.ttl ?? "2 minutes"))
    const toInputs = Stream.flatMap(
      stream,
      (announcement) => Stream.fromIterable(toInput({ name, ttl, settings, announcement }))
    )
    const inputs = Stream.mapError(
      toInputs,
      (cause) => DiscoveryError.make(new DiscoveryError.SourceFailed({ source: name, cause }))
    )
    return { inputs: Stream.provideContext(inputs, context) }
  })
})

const local = (source: string): Provenance => ({ source, interface: "", address: "" })

// an announcement that exceeds a limit is reported and left out
const toInput = (options: {
  readonly name: string
  readonly ttl: number
  readonly settings: Settings
  readonly announcement: Announcement.Announcement
}): ReadonlyArray<PeerRegistry.Input> => {
  const { name, settings } = options
  const claim = Claim.fromAnnouncement(options.announcement, { ttl: options.ttl })
  const { authentication, identity, ttl } = claim
  // nobody keeps a goodbye, so nothing of it is too much
  if (ttl === 0) {
    const key = authentication === "signed" ? claim.key : undefined
    return [{ _tag: "Withdrawn", provenance: local(name), identity, key }]
  }
  const excess = Claim.excess(claim, settings.limits)
  if (excess !== undefined) {
    settings.report({ _tag: "AnnouncementRefused", source: name, reason: excess })
    return []
  }
  return [{ _tag: "Announced", provenance: local(name), claim }]
}

/**
 * A source whose announcements the program makes by hand, for instance from an invitation that a user typed.
 *
 * **Details**
 *
 * Both work before the source is opened, too. Without a ttl an announcement holds for as long as the layer lives.
 *
 * @category models
 * @since 0.1.0
 */
export interface Manual extends Source {
  /** Adds a peer, or changes it. */
  readonly announce: (announcement: Announcement.Announcement) => Effect.Effect<void>
  /** Takes away the peer of that identity. */
  readonly withdraw: (identity: string) => Effect.Effect<void>
}

/**
 * Makes a source whose announcements the program makes by hand.
 *
 * **Example**
 *
 * ```ts
 * import { Announcement, Discovery, Source } from "@effect-discovery/core"
 * import { Effect } from "effect"
 *
 * const invitations = Source.manual("invitation")
 *
 * const program = Effect.gen(function*() {
 *   yield* invitations.announce(Announcement.make({ name: "grace", port: 7100 }))
 *   return yield* Discovery.awaitPeer((peer) => peer.name === "grace")
 * }).pipe(Effect.provide(Discovery.layer({ sources: [invitations] })))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const manual = (name: string): Manual => {
  const announced = new Map<string, Announced>()
  let sweepAt = fewest
  const keep = (identity: string, announcement: Announcement.Announcement, now: number) => {
    if (announced.size >= sweepAt) {
      for (const [other, { until }] of announced) if (until <= now) announced.delete(other)
      sweepAt = Math.max(fewest, 2 * announced.size)
    }
    announced.set(identity, { announcement, until: now + ttlOf(announcement) })
  }
  const listeners = new Set<Listener>()
  const tell = (...announcements: ReadonlyArray<Announcement.Announcement>) => {
    for (const { pending } of listeners) for (const each of announcements) pending.set(nodeOf(each), each)
    // who is woken acts at once, and may announce what is newer
    for (const { news } of listeners) news.openUnsafe()
  }
  const listen = Effect.acquireRelease(
    Effect.map(Runner.monotonic, (now) => {
      const listener: Listener = { pending: new Map(remaining(announced, now())), news: Latch.makeUnsafe() }
      listeners.add(listener)
      return listener
    }),
    (listener) => Effect.sync(() => listeners.delete(listener))
  )
  const stream = Stream.unwrap(Effect.map(listen, (listener) => Stream.fromPull(Effect.succeed(pull(listener)))))
  const withdraw = (identity: string) =>
    Effect.sync(() => {
      const known = announced.get(identity)
      if (known === undefined) return
      announced.delete(identity)
      tell(goodbyeTo(known))
    })
  return {
    ...fromStream(name, stream, { ttl: Duration.infinity }),
    announce: (announcement) => {
      const identity = announcement.identity ?? announcement.name
      if (ttlOf(announcement) <= 0) return withdraw(identity)
      return Effect.map(Runner.monotonic, (now) => {
        const known = announced.get(identity)
        // with another key it is another peer
        const isOther = known !== undefined && nodeOf(known.announcement) !== nodeOf(announcement)
        keep(identity, announcement, now())
        tell(...isOther ? [goodbyeTo(known)] : [], announcement)
      })
    },
    withdraw
  }
}

// so many are kept before those are swept out that hold no longer, and then whenever there are twice as many as were left
const fewest = 64

interface Announced {
  readonly announcement: Announcement.Announcement
  readonly until: number
}

const nodeOf = ({ authentication, identity, key, name }: Announcement.Announcement): string =>
  `${authentication === "signed" ? key ?? "" : ""}:${identity ?? name}`

const goodbyeTo = ({ announcement }: Announced): Announcement.Announcement =>
  Announcement.update(announcement, { ttl: 0 })

const ttlOf = ({ ttl }: Announcement.Announcement): number => ttl === undefined ? Infinity : Duration.toMillis(ttl)

// what was announced before the source was opened has held for a while already
const remaining = (
  announced: ReadonlyMap<string, Announced>,
  now: number
): ReadonlyArray<readonly [node: string, announcement: Announcement.Announcement]> =>
  Array.from(announced.values()).flatMap(({ announcement, until }) => {
    const ttl = until - now
    if (ttl <= 0) return []
    return [
      [nodeOf(announcement), ttl === Infinity ? announcement : Announcement.update(announcement, { ttl })] as const
    ]
  })

// what waits is the latest of each node, so it is bounded by what the program announces
interface Listener {
  readonly pending: Map<string, Announcement.Announcement>
  readonly news: Latch.Latch
}

const pull = (listener: Listener): Effect.Effect<Arr.NonEmptyReadonlyArray<Announcement.Announcement>> =>
  Effect.suspend(() => {
    const announcements = Array.from(listener.pending.values())
    listener.pending.clear()
    if (Arr.isReadonlyArrayNonEmpty(announcements)) return Effect.succeed(announcements)
    listener.news.closeUnsafe()
    return Effect.andThen(listener.news.await, pull(listener))
  })

/**
 * A source of peers that are known beforehand, for as long as the layer lives, or as their own ttl says.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fixed = (name: string, announcements: ReadonlyArray<Announcement.Announcement>): Source =>
  fromStream(name, Stream.concat(Stream.fromIterable(announcements), Stream.never), { ttl: Duration.infinity })
