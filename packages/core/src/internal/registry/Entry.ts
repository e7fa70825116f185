/**
 * One peer of the registry with its evidence.
 */
import type * as NetAddress from "effect/net/NetAddress"
import type * as Claim from "../../Claim.ts"
import type * as Lease from "../../Lease.ts"
import type * as Limits from "../../Limits.ts"
import type * as Peer from "../../Peer.ts"
import type { Provenance } from "../../Provenance.ts"
import { isSameAddress } from "../Same.ts"
import type * as Deadlines from "./Deadlines.ts"
import type * as Population from "./Population.ts"

/** One provenance's current claim about a peer. `dueAt` is at or before the lease's own end. */
export interface Evidence extends Deadlines.Due {
  readonly entry: Entry
  readonly provenance: Provenance
  readonly firstSeenAt: number
  claim: Claim.Claim
  lease: Lease.Lease
}

/** The class a peer is counted in when there is no room for all. */
export type Standing = "unverified" | "verified" | "configured"

/** A peer with its evidence, the oldest first. */
export interface Entry extends Population.Member {
  readonly id: Peer.PeerId
  readonly evidence: Array<Evidence>
  /** How many its origin may have, where the source has a bound of its own. */
  readonly perOrigin: number | undefined
  standing: Standing
  peer: Peer.Peer
}

/** An entry that has no evidence yet, for a peer that this claim announces. */
export const make = (
  id: Peer.PeerId,
  provenance: Provenance,
  claim: Claim.Claim,
  perOrigin?: number
): Entry => ({
  id,
  evidence: [],
  // what a source with its own bound hears from an address is not counted with what others hear from there
  origin: perOrigin === undefined ? provenance.address : `${provenance.source} ${provenance.address}`,
  perOrigin,
  place: 0,
  isEstablished: false,
  standing: standingOf(provenance, claim.authentication),
  peer: {
    id,
    name: claim.name,
    addresses: claim.addresses,
    attributes: claim.attributes,
    sources: [provenance.source],
    authentication: claim.authentication,
    ...keyOf(claim)
  }
})

const keyOf = ({ group, key }: Claim.Claim) => ({
  ...(key === undefined ? undefined : { key }),
  ...(group === undefined ? undefined : { group })
})

/** The evidence of one provenance. */
export const find = (self: Entry, provenance: Provenance): Evidence | undefined => {
  for (const evidence of self.evidence) {
    const known = evidence.provenance
    if (
      known.address === provenance.address && known.interface === provenance.interface &&
      known.source === provenance.source
    ) return evidence
  }
  return undefined
}

/** The newest evidence that proves less than a claim does: what has to go when there is room for no more. */
export const outranked = (self: Entry, claim: Claim.Claim): Evidence | undefined =>
  self.evidence.findLast((evidence) => rank[evidence.claim.authentication] < rank[claim.authentication])

/** The class of a peer: one without a source address was named by the program itself. */
export const standingOf = (provenance: Provenance, authentication: Peer.Authentication): Standing =>
  provenance.address === "" ? "configured" : rank[authentication] >= rank.group ? "verified" : "unverified"

/** Whether a peer has been there for a while: heard three times over two announce intervals, of which a ttl holds three. */
export const isEstablished = (self: Entry): boolean =>
  self.evidence.some(({ firstSeenAt, lease }) =>
    lease.heard >= 3 && lease.seenAt - firstSeenAt >= (2 / 3) * Math.min(lease.ttl, 3_600_000)
  )

/** The peer that the evidence adds up to: the best proven and then oldest evidence gives the name and ranks first (S-U2). */
export const describe = (self: Entry, limits: Limits.Limits): Peer.Peer => {
  const evidence = self.evidence.length === 1
    ? self.evidence
    : self.evidence.toSorted((a, b) => rank[b.claim.authentication] - rank[a.claim.authentication])
  const { claim } = evidence[0]!
  return {
    id: self.id,
    name: claim.name,
    addresses: unionOfAddresses(evidence, limits.addressesPerPeer),
    attributes: claim.attributes,
    sources: Array.from(new Set(self.evidence.map(({ provenance }) => provenance.source))),
    authentication: claim.authentication,
    ...keyOf(claim)
  }
}

const rank: Readonly<Record<Peer.Authentication, number>> = { none: 0, claimed: 1, group: 2, signed: 3 }

const unionOfAddresses = (
  evidence: ReadonlyArray<Evidence>,
  limit: number
): ReadonlyArray<NetAddress.InetAddress> => {
  const first = evidence[0]!.claim.addresses
  if (evidence.length === 1 && first.length <= limit) return first
  const union: Array<NetAddress.InetAddress> = []
  for (const { claim } of evidence) {
    for (const address of claim.addresses) {
      if (union.length === limit) return union
      if (!union.some((known) => isSameAddress(known, address))) union.push(address)
    }
  }
  return union
}
