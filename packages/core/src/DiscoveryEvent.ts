/**
 * The three things that happen to a peer.
 *
 * @since 0.1.0
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Peer from "./Peer.ts"

/**
 * A peer that was not known is.
 *
 * @category models
 * @since 0.1.0
 */
export interface PeerDiscovered {
  readonly _tag: "PeerDiscovered"
  /** As it is known first. */
  readonly peer: Peer.Peer
}

/**
 * A known peer says something else of itself, or is known by other sources.
 *
 * @category models
 * @since 0.1.0
 */
export interface PeerUpdated {
  readonly _tag: "PeerUpdated"
  /** As it is known now. */
  readonly peer: Peer.Peer
  /** As it was known before. */
  readonly previous: Peer.Peer
  /** In what the two differ. */
  readonly changed: NonEmptyReadonlyArray<Peer.Aspect>
}

/**
 * Why a peer is lost.
 *
 * **Details**
 *
 * `Goodbye`: it said so. `Expired`: its announcements no longer hold. `InterfaceLost`: the interface it was heard on is gone.
 * `Evicted`: the registry was full, or the program denies the peer's key. `SourceClosed`: the source that knew it ended.
 *
 * @category models
 * @since 0.1.0
 */
export type LossReason = "Goodbye" | "Expired" | "InterfaceLost" | "Evicted" | "SourceClosed"

/**
 * A known peer is known no more, as of the last state it had.
 *
 * @category models
 * @since 0.1.0
 */
export interface PeerLost {
  readonly _tag: "PeerLost"
  /** As it was known last. */
  readonly peer: Peer.Peer
  /** What ended the last evidence of it. */
  readonly reason: LossReason
}

/**
 * What `Discovery.stream` emits.
 *
 * @category models
 * @since 0.1.0
 */
export type DiscoveryEvent = PeerDiscovered | PeerUpdated | PeerLost

/**
 * Whether a peer is discovered; narrows an event in `Stream.filter`.
 *
 * @category guards
 * @since 0.1.0
 */
export const isDiscovered = (event: DiscoveryEvent): event is PeerDiscovered => event._tag === "PeerDiscovered"

/**
 * Whether a peer is updated; narrows an event in `Stream.filter`.
 *
 * @category guards
 * @since 0.1.0
 */
export const isUpdated = (event: DiscoveryEvent): event is PeerUpdated => event._tag === "PeerUpdated"

/**
 * Whether a peer is lost; narrows an event in `Stream.filter`.
 *
 * @category guards
 * @since 0.1.0
 */
export const isLost = (event: DiscoveryEvent): event is PeerLost => event._tag === "PeerLost"

/**
 * A peer is discovered.
 *
 * @category constructors
 * @since 0.1.0
 */
export const discovered = (peer: Peer.Peer): DiscoveryEvent => ({ _tag: "PeerDiscovered", peer })

/**
 * A peer is lost.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lost = (peer: Peer.Peer, reason: LossReason): DiscoveryEvent => ({ _tag: "PeerLost", peer, reason })

/**
 * The update from one state of a peer to another, `undefined` when they are equal.
 *
 * @category constructors
 * @since 0.1.0
 */
export const updated = (previous: Peer.Peer, peer: Peer.Peer): DiscoveryEvent | undefined => {
  const [first, ...rest] = Peer.changes(previous, peer)
  return first === undefined ? undefined : { _tag: "PeerUpdated", peer, previous, changed: [first, ...rest] }
}

/**
 * The net difference that a run of events makes: at most one event a peer, in the order in which peers first changed.
 *
 * **Details**
 *
 * Whoever applies the result ends in the same state as whoever applied every event. A peer discovered and lost again leaves
 * nothing; one lost and discovered again is at most an update; one that is lost is lost in the state it had before the run.
 *
 * @category combinators
 * @since 0.1.0
 */
export const net = (events: ReadonlyArray<DiscoveryEvent>): Array<DiscoveryEvent> => {
  const spans = new Map<Peer.PeerId, { readonly before: Peer.Peer | undefined; last: DiscoveryEvent }>()
  for (const event of events) {
    const span = spans.get(event.peer.id)
    if (span === undefined) spans.set(event.peer.id, { before: stateBefore(event), last: event })
    else span.last = event
  }
  const result: Array<DiscoveryEvent> = []
  for (const { before, last } of spans.values()) {
    const event = difference(before, last)
    if (event !== undefined) result.push(event)
  }
  return result
}

const stateBefore = (event: DiscoveryEvent): Peer.Peer | undefined => {
  switch (event._tag) {
    case "PeerDiscovered":
      return undefined
    case "PeerUpdated":
      return event.previous
    case "PeerLost":
      return event.peer
  }
}

const difference = (before: Peer.Peer | undefined, last: DiscoveryEvent): DiscoveryEvent | undefined => {
  // lost as it was before: who coalesces again later must find the state that the run began with
  if (last._tag === "PeerLost") return before === undefined ? undefined : lost(before, last.reason)
  return before === undefined ? discovered(last.peer) : updated(before, last.peer)
}
