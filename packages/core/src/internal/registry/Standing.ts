/**
 * The classes that peers are counted in when there is no room for all (S 4.1): nobody has to make room for one of another class.
 */
import type * as Claim from "../../Claim.ts"
import type * as Limits from "../../Limits.ts"
import type * as Peer from "../../Peer.ts"
import type * as PeerKey from "../../PeerKey.ts"
import type { Provenance } from "../../Provenance.ts"
import type * as TrustState from "../../TrustState.ts"
import * as Population from "./Population.ts"

/**
 * `unverified`: anyone can say this. `verified`: a key proves it, or membership of a group, but no key that the program knows. `pinned`
 * and `trusted`: a key that the program knows proves it. `configured`: the program itself says it.
 */
export type Standing = "unverified" | "verified" | "pinned" | "trusted" | "configured"

/** The keys that a program knows, by what it thinks of them; others are `unknown`. */
export type Trust = Map<PeerKey.PeerKey, TrustState.TrustState>

/** The order of the classes. */
export const order: Readonly<Record<Standing, number>> = {
  unverified: 0,
  verified: 1,
  pinned: 2,
  trusted: 3,
  configured: 4
}

/** How much each kind of authentication proves. */
export const proof: Readonly<Record<Peer.Authentication, number>> = { none: 0, claimed: 1, group: 2, signed: 3 }

/** The class of a peer of which this was heard: one without a source address was named by the program itself. */
export const of = ({ address }: Provenance, claim: Claim.Content, trust: Trust): Standing => {
  if (address === "") return "configured"
  if (proof[claim.authentication] < proof.group) return "unverified"
  // a key that is only claimed is anybody's to claim
  const state = claim.authentication === "signed" && claim.key !== undefined ? trust.get(claim.key) : undefined
  return state === "pinned" || state === "trusted" ? state : "verified"
}

/** No peers of any class. The `secret` is that of `Origins`. */
export const populations = <A extends Population.Member>(
  limits: Limits.Limits,
  secret: number
): Readonly<Record<Standing, Population.Population<A>>> => ({
  unverified: Population.make(limits.unverifiedPeers, limits.peersPerSource, secret),
  verified: Population.make(limits.verifiedPeers, limits.peersPerSource, secret),
  // each has its place in the list of trust, from wherever it is heard
  pinned: Population.make(limits.trustEntries, limits.trustEntries, secret),
  trusted: Population.make(limits.trustEntries, limits.trustEntries, secret),
  // these come from no address, so the bound is on all of them
  configured: Population.make(limits.configuredPeers, limits.configuredPeers, secret)
})

/** Whether strangers cannot add to a class, so that how many come from one address is of no interest. */
export const isClosed = (standing: Standing): boolean => order[standing] >= order.pinned
