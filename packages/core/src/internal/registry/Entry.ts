/**
 * One peer of the registry with its evidence.
 */
import type * as NetAddress from "effect/net/NetAddress"
import type * as Claim from "../../Claim.ts"
import type * as Lease from "../../Lease.ts"
import type * as Limits from "../../Limits.ts"
import type * as Peer from "../../Peer.ts"
import type { Provenance } from "../../Provenance.ts"
import * as Candidates from "./Candidates.ts"
import type * as Deadlines from "./Deadlines.ts"
import * as Origin from "./Origin.ts"
import type * as Population from "./Population.ts"
import * as Standing from "./Standing.ts"

/** One provenance's current claim about a peer. `dueAt` is at or before that of its lease. */
export interface Evidence extends Deadlines.Due {
  readonly entry: Entry
  readonly provenance: Provenance
  readonly firstSeenAt: number
  claim: Claim.Claim
  lease: Lease.Lease
  /** Whether it was not the peer that said so. */
  isHearsay: boolean
}

/** A peer with its evidence, the oldest first. */
export interface Entry extends Population.Member {
  readonly id: Peer.PeerId
  evidence: Array<Evidence>
  /** How many its origin may have, where the source has a bound of its own. */
  readonly ownBound: number | undefined
  standing: Standing.Standing
  /** The addresses that the program reached the peer at, the latest first. */
  worked: ReadonlyArray<NetAddress.InetAddress> | undefined
  peer: Peer.Peer
}

/** Milliseconds that evidence which has ended may wait for others to end: a second or a 64th of its ttl, whichever is less. */
export const lingers = ({ ttl }: Lease.Lease): number => Math.min(1_000, Math.ceil(ttl / 64))

/** By when evidence with this lease is expired. */
export const dueAt = (lease: Lease.Lease): number => lease.expiresAt + lingers(lease)

// a list of one for each source, shared by all its peers
const alone = new Map<string, ReadonlyArray<string>>()
const mostAlone = 64

const sourcesOf = (evidence: ReadonlyArray<Pick<Evidence, "provenance">>): ReadonlyArray<string> => {
  const [first] = evidence
  if (first === undefined || evidence.length > 1) {
    return Array.from(new Set(evidence.map(({ provenance }) => provenance.source)))
  }
  const { source } = first.provenance
  const known = alone.get(source)
  if (known !== undefined) return known
  const sources = Object.freeze([source])
  if (alone.size < mostAlone) alone.set(source, sources)
  return sources
}

/** An entry that has no evidence yet, for a peer that this claim announces. */
export const make = (
  id: Peer.PeerId,
  provenance: Provenance,
  claim: Claim.Claim,
  trust: Standing.Trust,
  perOrigin?: number
): Entry => ({
  id,
  evidence: [],
  origin: originOf(provenance, perOrigin),
  ownBound: perOrigin,
  place: 0,
  isEstablished: false,
  standing: Standing.of(provenance, claim, trust),
  worked: undefined,
  peer: {
    id,
    name: claim.name,
    addresses: claim.addresses,
    attributes: claim.attributes,
    sources: sourcesOf([{ provenance }]),
    authentication: claim.authentication,
    ...keyOf(claim)
  }
})

// what a source with its own bound hears from an address is not counted with what others hear from there
const originOf = ({ address, source }: Provenance, perOrigin: number | undefined): string => {
  const origin = Origin.of(address)
  return perOrigin === undefined ? origin : `${source} ${origin}`
}

/** How many of its origin may be in a class, where that is not the class's own bound. */
export const perOrigin = ({ ownBound }: Entry, standing: Standing.Standing): number | undefined =>
  Standing.isClosed(standing) ? undefined : ownBound

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

/**
 * The evidence that has to go for a claim when there is room for no more: the newest that proves less, and of a peer that all evidence
 * proves alike, what ends soonest anyway, the newest of those that end together: what is sent again from elsewhere, as anybody can do,
 * ends with what was first. None when nothing proves less, or a forger could push out those who were first.
 */
export const outranked = (self: Entry, claim: Claim.Claim): Evidence | undefined =>
  isProven(claim)
    ? self.evidence.reduce((soonest, each) => each.lease.expiresAt <= soonest.lease.expiresAt ? each : soonest)
    : self.evidence.findLast((evidence) => proofOf(evidence) < Standing.proof[claim.authentication])

/** Whether a claim is of the holder of a key, whatever source it came by. */
export const isProven = ({ authentication, key }: Claim.Claim): boolean =>
  authentication === "signed" && key !== undefined

const proofOf = ({ claim }: Evidence): number => Standing.proof[claim.authentication]

/** The class that a peer belongs to by all that is known of it. */
export const standingOf = (self: Entry, trust: Standing.Trust): Standing.Standing =>
  self.evidence.map(({ claim, provenance }) => Standing.of(provenance, claim, trust))
    .reduce((highest, standing) => Standing.order[standing] > Standing.order[highest] ? standing : highest)

/** Whether a peer has been there for a while: heard three times over two announce intervals, of which a ttl holds three. */
export const isEstablished = (self: Entry): boolean =>
  self.evidence.some(({ firstSeenAt, lease }) =>
    lease.heard >= 3 && lease.seenAt - firstSeenAt >= (2 / 3) * Math.min(lease.ttl, 3_600_000)
  )

/** The peer that the evidence adds up to: the best proven and then oldest evidence gives the name and ranks first (S-U2). */
export const describe = (self: Entry, limits: Limits.Limits): Peer.Peer => {
  const evidence = self.evidence.length === 1
    ? self.evidence
    : self.evidence.toSorted((a, b) => proofOf(b) - proofOf(a))
  const { claim } = evidence[0]!
  return {
    id: self.id,
    name: claim.name,
    addresses: Candidates.rank(evidence.map(({ claim }) => claim), self.worked, limits.addressesPerPeer),
    attributes: claim.attributes,
    sources: sourcesOf(self.evidence),
    authentication: claim.authentication,
    ...keyOf(claim)
  }
}
