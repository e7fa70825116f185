/**
 * Who comes and goes, together with what becomes of the trust in them.
 */
import * as Discovery from "@effect-discovery/core/Discovery"
import type * as DiscoveryError from "@effect-discovery/core/DiscoveryError"
import type * as DiscoveryEvent from "@effect-discovery/core/DiscoveryEvent"
import type * as Peer from "@effect-discovery/core/Peer"
import * as Trust from "@effect-discovery/core/Trust"
import type * as TrustEvent from "@effect-discovery/core/TrustEvent"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Lookalikes from "./Lookalikes.ts"
import * as Standing from "./Standing.ts"

/** What is thought of a peer has changed, and nothing else. */
export interface StandingChanged {
  readonly _tag: "StandingChanged"
  readonly peer: Peer.Peer
  readonly changed: ReadonlyArray<Standing.Aspect>
}

/** Something to tell of a peer, and what is thought of it. */
export interface Item {
  readonly event: DiscoveryEvent.DiscoveryEvent | StandingChanged
  readonly standing: Standing.Standing
}

/** News as they come, and what is thought of a peer at any time. */
export interface News {
  readonly items: Stream.Stream<Item, DiscoveryError.DiscoveryError, Discovery.Discovery>
  readonly standingOf: (peer: Peer.Peer) => Standing.Standing
}

/** Opens the news, to be read once. */
export const open: Effect.Effect<News, never, Trust.Trust> = Effect.gen(function*() {
  const trust = yield* Trust.Trust
  const names = Lookalikes.make()
  Lookalikes.adopt(names, yield* trust.entries)
  const state: State = { trust, names, told: new Map() }
  const heard = Stream.map(Discovery.stream, (event) => tell(state, event))
  const judged = trust.changes.pipe(
    Stream.filter(isJudgement),
    Stream.mapEffect(() => Effect.map(trust.entries, (entries) => judge(state, entries)))
  )
  return {
    items: Stream.flattenIterable(Stream.merge(heard, judged, { haltStrategy: "left" })),
    standingOf: (peer) => Standing.of(peer, trust, names)
  }
})

interface State {
  readonly trust: Trust.Trust["Service"]
  readonly names: Lookalikes.Lookalikes
  /** What was told last of each peer that is there. */
  readonly told: Map<Peer.PeerId, { readonly peer: Peer.Peer; readonly standing: Standing.Standing }>
}

const judgements: ReadonlySet<TrustEvent.TrustEvent["_tag"]> = new Set(["Granted", "Revoked", "Denied", "Forgotten"])

const isJudgement = ({ _tag }: TrustEvent.TrustEvent): boolean => judgements.has(_tag)

const tell = (state: State, event: DiscoveryEvent.DiscoveryEvent): ReadonlyArray<Item> => {
  const { names, told, trust } = state
  const { peer } = event
  const isNameNew = acquaint(state, peer)
  const standing = Standing.of(peer, trust, names)
  if (event._tag === "PeerLost") told.delete(peer.id)
  else told.set(peer.id, { peer, standing })
  return isNameNew ? [{ event, standing }, ...changed(state)] : [{ event, standing }]
}

const judge = (state: State, entries: Parameters<typeof Lookalikes.adopt>[1]): ReadonlyArray<Item> => {
  Lookalikes.adopt(state.names, entries)
  for (const { peer } of state.told.values()) acquaint(state, peer)
  return changed(state)
}

/** What a trusted key is called counts when the key has said so itself. Whether that is new. */
const acquaint = ({ names, trust }: State, { authentication, key, name }: Peer.Peer): boolean => {
  if (key === undefined || authentication !== "signed") return false
  const standing = trust.stateOfUnsafe(key)
  return (standing === "trusted" || standing === "pinned") && Lookalikes.note(names, key, name)
}

/** Those of whom something else is thought than what was told. */
const changed = ({ names, told, trust }: State): ReadonlyArray<Item> => {
  const items: Array<Item> = []
  for (const [id, { peer, standing: previous }] of told) {
    const standing = Standing.of(peer, trust, names)
    const changed = Standing.changes(previous, standing)
    if (changed.length === 0) continue
    told.set(id, { peer, standing })
    items.push({ event: { _tag: "StandingChanged", peer, changed }, standing })
  }
  return items
}
