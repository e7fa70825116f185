/**
 * What has to hold of `Discovery` on every host, whatever happens on the network.
 *
 * @since 0.1.0
 */
import * as Announcement from "@effect-discovery/core/Announcement"
import * as Discovery from "@effect-discovery/core/Discovery"
import type * as DiscoveryError from "@effect-discovery/core/DiscoveryError"
import type * as DiscoveryEvent from "@effect-discovery/core/DiscoveryEvent"
import type * as Network from "@effect-discovery/core/Network"
import type * as Peer from "@effect-discovery/core/Peer"
import type * as Source from "@effect-discovery/core/Source"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Journal from "./Journal.ts"
import type * as Property from "./Property.ts"
import type * as PropertyState from "./PropertyState.ts"

/**
 * What a host with discovery shows.
 *
 * @category models
 * @since 0.1.0
 */
export interface View {
  /** The name that it advertises. */
  readonly self: string
  /** The sources it has. */
  readonly sources: ReadonlyArray<string>
  /** The peers it knows. */
  readonly peers: ReadonlyArray<Peer.Peer>
  /** The peers that the events of its stream add up to. */
  readonly followed: ReadonlySet<Peer.PeerId>
  /** The first event that did not fit those before it. */
  readonly inconsistency: string | undefined
  /** For how many milliseconds the peer with the oldest lease is held beyond its end, 0 as a rule. */
  readonly overdue: number
}

/**
 * What runs on the hosts.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The sources, made anew for each start of a host. */
  readonly sources: (
    participant: PropertyState.Participant
  ) => ReadonlyArray<Source.Source<DiscoveryError.DiscoveryError, Network.Network>>
  /** An announcement that each of them can carry. Default: `name@lan` with port 8080, identified by its name. */
  readonly announcement?: ((participant: PropertyState.Participant) => Announcement.Announcement) | undefined
}

/**
 * The name that a host advertises by default.
 *
 * @category getters
 * @since 0.1.0
 */
export const nameOf = (host: string): string => `${host}@lan`

/**
 * Runs discovery on a host, and shows what it knows.
 *
 * **Details**
 *
 * When it cannot start, since the interfaces are down for instance, it tries again every second, as a service manager would. It marks
 * `peer discovered`, `peer updated`, `peer came back` and `peer lost by` with the reason.
 *
 * @category workloads
 * @since 0.1.0
 */
export const workload = (options: Options) =>
(
  participant: PropertyState.Participant
): Effect.Effect<Effect.Effect<View>, DiscoveryError.DiscoveryError, Network.Network | Scope.Scope> =>
  Effect.gen(function*() {
    const parent = yield* Effect.scope
    const scope = yield* Scope.fork(parent)
    return yield* Scope.provide(open(options, participant), scope).pipe(
      Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause)))
    )
  }).pipe(Effect.retry(Schedule.spaced("1 second")))

const open = Effect.fnUntraced(function*(options: Options, participant: PropertyState.Participant) {
  const sources = options.sources(participant)
  const announcement = options.announcement?.(participant) ?? announcementOf(participant.name)
  const discovery = yield* Discovery.make({ sources })
  const following = makeFollowing()
  const follow = Stream.runForEach(
    discovery.stream,
    (event) => Effect.andThen(report(participant, take(following, event), event), participant.changed)
  )
  yield* Effect.forkScoped(
    Effect.onExit(follow, (exit) =>
      Effect.sync(() => {
        if (Exit.isFailure(exit) && !Exit.hasInterrupts(exit)) following.inconsistency ??= "the stream of events failed"
      })),
    { startImmediately: true }
  )
  yield* discovery.advertise(announcement)
  return Effect.gen(function*() {
    const peers = yield* discovery.peers
    const view: View = {
      self: announcement.name,
      sources: sources.map(({ name }) => name),
      peers,
      followed: following.known,
      inconsistency: following.inconsistency,
      overdue: yield* overdueOf(discovery, peers)
    }
    return view
  })
})

const announcementOf = (host: string): Announcement.Announcement =>
  Announcement.make({ name: nameOf(host), identity: nameOf(host), port: 8080 })

// The longest time that any lease of theirs is over.
const overdueOf = Effect.fnUntraced(
  function*(discovery: Discovery.Discovery["Service"], peers: ReadonlyArray<Peer.Peer>) {
    let most = 0
    for (const { id } of peers) {
      const explanation = Option.getOrUndefined(yield* discovery.explain(id))
      for (const { expiresIn } of explanation?.evidence ?? []) most = Math.max(most, -expiresIn)
    }
    return most
  }
)

interface Following {
  readonly known: Set<Peer.PeerId>
  readonly ever: Set<Peer.PeerId>
  inconsistency: string | undefined
}

const makeFollowing = (): Following => ({ known: new Set(), ever: new Set(), inconsistency: undefined })

// Discovered and lost alternate, and only what is known is updated. Gives the mark for the event.
const take = (self: Following, { _tag, peer: { id }, ...event }: DiscoveryEvent.DiscoveryEvent): string => {
  const isKnown = self.known.has(id)
  if (isKnown === (_tag === "PeerDiscovered")) {
    self.inconsistency ??= `${_tag} of ${id}, which was ${isKnown ? "" : "not "}known`
  }
  if (_tag === "PeerUpdated") return "peer updated"
  if (_tag === "PeerLost") {
    self.known.delete(id)
    return `peer lost by ${"reason" in event ? event.reason : ""}`
  }
  const isBack = self.ever.has(id)
  self.known.add(id)
  self.ever.add(id)
  return isBack ? "peer came back" : "peer discovered"
}

const report = (
  participant: PropertyState.Participant,
  mark: string,
  { peer }: DiscoveryEvent.DiscoveryEvent
): Effect.Effect<void> => Effect.andThen(participant.mark(mark), participant.note(`${mark} ${peer.id} ${peer.name}`))

type State = PropertyState.State<View>
type Host = PropertyState.HostState<View>

const everywhere = (judge: (host: Host, view: View, state: State) => string | undefined) => (state: State) => {
  for (const host of state.hosts) {
    const why = host.view === undefined ? undefined : judge(host, host.view, state)
    if (why !== undefined) return `${host.name}: ${why}`
  }
  return true
}

const named = (view: View, name: string): Peer.Peer | undefined => view.peers.find((peer) => peer.name === name)

/**
 * No host discovers itself.
 *
 * @category safety
 * @since 0.1.0
 */
export const noSelf: PropertyState.Predicate<View> = everywhere((_, view) => {
  const self = named(view, view.self)
  return self === undefined ? undefined : `discovered itself as ${self.id}`
})

/**
 * Nobody is discovered who is not on the network: for hosts that advertise the default announcement.
 *
 * @category safety
 * @since 0.1.0
 */
export const noUnknownPeer: PropertyState.Predicate<View> = everywhere((_, view, { hosts }) => {
  const stranger = view.peers.find((peer) => !hosts.some(({ name }) => nameOf(name) === peer.name))
  return stranger === undefined ? undefined : `discovered ${stranger.id}, and there is no such host`
})

// How late a timer may be: what `Subscribers`, a stall and the points of misfortune add up to, with room.
const tolerance = 2000

/**
 * No peer is held for longer than what was heard of it says, but for 2 seconds in which a timer may be late. A host that stood still has 2 seconds
 * to read what came meanwhile before it forgets anybody.
 *
 * @category safety
 * @since 0.1.0
 */
export const leaseNeverNegative: PropertyState.Predicate<View> = everywhere((
  { awakeSince, isPaused },
  { overdue },
  { now }
) =>
  overdue > tolerance && !isPaused && now - awakeSince > tolerance
    ? `holds a peer ${overdue} ms beyond the end of its lease`
    : undefined
)

/**
 * The events of a stream fit together: each peer is discovered, then lost, in turn.
 *
 * @category safety
 * @since 0.1.0
 */
export const eventsAlternate: PropertyState.Predicate<View> = everywhere((_, { inconsistency }) => inconsistency)

/**
 * All that always has to hold.
 *
 * @category safety
 * @since 0.1.0
 */
export const always: { readonly [name: string]: PropertyState.Predicate<View> } = {
  noSelf,
  noUnknownPeer,
  leaseNeverNegative,
  eventsAlternate
}

/**
 * Every host knows each other host that is up exactly once by each source, and nobody else; and the events of its stream add up to the same.
 *
 * @category liveness
 * @since 0.1.0
 */
export const allSeeAll = (within: Duration.Input): Property.Eventually<View> => ({
  check: (state) => disagreement(state) ?? true,
  within,
  missing
})

const disagreement = (state: State): string | undefined => {
  const up = state.hosts.filter(({ isUp }) => isUp)
  for (const host of up) {
    const { name, view } = host
    if (view === undefined) return `${name} has not started`
    const wanted = up.filter((other) => other !== host).map((other) => nameOf(other.name)).toSorted()
    for (const source of view.sources) {
      const found = view.peers.filter(({ sources }) => sources.includes(source)).map((peer) => peer.name).toSorted()
      if (found.join() !== wanted.join()) {
        return `${name} knows [${found.join(", ")}] by ${source}, and [${wanted.join(", ")}] are up`
      }
    }
    if (view.followed.size !== view.peers.length || view.peers.some(({ id }) => !view.followed.has(id))) {
      return `the events of ${name} add up to [${Array.from(view.followed).join(", ")}], and it knows [${
        view.peers.map(({ id }) => id).join(", ")
      }]`
    }
  }
  return undefined
}

const missing = (state: State): ReadonlyArray<readonly [from: string, to: string]> => {
  const up = state.hosts.filter(({ isUp }) => isUp)
  return up.flatMap(({ name, view }) =>
    up.filter((other) => {
      if (other.name === name) return false
      return view === undefined ||
        view.sources.some((source) =>
          !view.peers.some((peer) => peer.name === nameOf(other.name) && peer.sources.includes(source))
        )
    }).map((other) => [other.name, name] as const)
  )
}

/**
 * Whatever a host discovered or heard a goodbye of can be explained: a datagram of that peer was delivered to it before. For hosts that advertise the
 * default announcement.
 *
 * @category history
 * @since 0.1.0
 */
export const explained = (journal: Journal.Journal): PropertyState.Verdict => {
  const heard = new Map<string, Set<string>>()
  for (const event of journal.events) {
    if (event.kind === "deliver" && event.host !== undefined && event.datagram !== undefined) {
      const sender = journal.datagram(event.datagram)?.host
      if (sender !== undefined) senders(heard, event.host).add(sender)
    }
    const told = event.kind === "mark"
      ? /^(\S+) peer (?:discovered|came back|lost by Goodbye) .* (\S+)@lan$/.exec(event.text)
      : null
    if (told === null) continue
    const [, host = "", peer = ""] = told
    if (!senders(heard, host).has(peer)) {
      return `${event.text}, event ${event.seq}, and nothing of ${peer} was delivered to it`
    }
  }
  return true
}

const senders = (heard: Map<string, Set<string>>, host: string): Set<string> => {
  const known = heard.get(host)
  if (known !== undefined) return known
  const fresh = new Set<string>()
  heard.set(host, fresh)
  return fresh
}
