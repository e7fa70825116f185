/**
 * What this program thinks of a peer, shown beside what the peer says of itself.
 */
import * as Peer from "@effect-discovery/core/Peer"
import type * as Trust from "@effect-discovery/core/Trust"
import type * as TrustState from "@effect-discovery/core/TrustState"
import * as Display from "../../Display.ts"
import * as Lookalikes from "./Lookalikes.ts"

/** What is thought of a peer: of its key, where it has one, and whether it could be taken for a peer that is trusted. */
export interface Standing {
  readonly state: TrustState.TrustState | undefined
  readonly isDialable: boolean
  readonly isLookalike: boolean
}

/** The part of a standing that another one differs in. */
export type Aspect = "trust" | "lookalike"

/** What is thought of a peer now. */
export const of = (peer: Peer.Peer, trust: Trust.Trust["Service"], names: Lookalikes.Lookalikes): Standing => ({
  state: peer.key === undefined ? undefined : trust.stateOfUnsafe(peer.key),
  isDialable: trust.isDialable(peer),
  isLookalike: Lookalikes.has(names, peer)
})

/** What has changed. */
export const changes = (previous: Standing, standing: Standing): ReadonlyArray<Aspect> => {
  const changed: Array<Aspect> = []
  if (previous.state !== standing.state || previous.isDialable !== standing.isDialable) changed.push("trust")
  if (previous.isLookalike !== standing.isLookalike) changed.push("lookalike")
  return changed
}

/** A peer for programs. What is added to `Peer.toJson` is there only for peers with a key, or that are lookalikes. */
export const toJson = (
  peer: Peer.Peer,
  { isDialable, isLookalike, state }: Standing
): Readonly<Record<string, unknown>> => ({
  ...Peer.toJson(peer),
  ...(peer.key === undefined
    ? undefined
    : { fingerprint: Display.fingerprint(peer.key), trust: state, dialable: isDialable }),
  ...(isLookalike ? { lookalike: true } : undefined)
})

/**
 * A peer's standing and its name for people. The standing comes first, in brackets, so that no name can pass for one (S-D4); what proves no
 * key begins with the name of its source.
 */
export const toText = (peer: Peer.Peer, { isLookalike, state }: Standing): string => {
  const words = [
    ...(peer.key === undefined ? [] : [Display.fingerprint(peer.key), peer.authentication]),
    ...(peer.group === undefined ? [] : ["group", Display.display(peer.group)]),
    ...(state === undefined ? [] : [state]),
    ...(isLookalike ? ["lookalike"] : [])
  ]
  return words.length === 0 ? nameOf(peer) : `[${words.join(" ")}] ${nameOf(peer)}`
}

/** A peer's id, and its name where the id does not tell it; of a key that is proven, the name alone. */
export const nameOf = ({ id, key, name }: Peer.Peer): string => {
  if (key !== undefined && id === Peer.idOfKey(key)) return Display.display(name)
  return id.endsWith(`:${name}`) ? Display.display(id) : `${Display.display(id)} (${Display.display(name)})`
}
