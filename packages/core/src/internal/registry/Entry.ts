/**
 * One peer of the registry with its evidence.
 */
import type * as NetAddress from "effect/net/NetAddress"
import * as Claim from "../../Claim.ts"
import type * as Lease from "../../Lease.ts"
import type * as Limits from "../../Limits.ts"
import type * as Peer from "../../Peer.ts"
import type { Provenance } from "../../Provenance.ts"
import type * as Timers from "../Timers.ts"
import * as Candidates from "./Candidates.ts"
import * as Origin from "./Origin.ts"
import type * as Population from "./Population.ts"
import * as Standing from "./Standing.ts"

/** One provenance's current claim about a peer. Its timer is due when its lease is or before. */
export interface Evidence extends Timers.Timer, Provenance {
  readonly entry: Entry
  readonly firstSeenAt: number
  /** What it says: the peer itself where that says the same. */
  said: Claim.Content
  lease: Lease.Lease
  /** The next younger evidence of the peer. */
  next: Evidence | undefined
}

/** A peer with its evidence, a list whose first is the oldest, and is the entry itself. */
export interface Entry extends Population.Member {
  readonly evidence: Evidence | undefined
  standing: Standing.Standing
  peer: Peer.Peer
}

/** What is to be known of evidence that is added. */
export interface Addition {
  readonly provenance: Provenance
  readonly said: Claim.Content
  readonly lease: Lease.Lease
}

/**
 * Most peers have one piece of evidence, so that one object serves for both: it has no lease while there is none. When the oldest goes and others
 * stay, what the next one says moves in.
 */
class Known implements Entry, Evidence {
  source: string
  interface: string
  address: string
  said: Claim.Content
  #lease: Lease.Lease | undefined
  firstSeenAt: number
  slot = -1
  next: Evidence | undefined = undefined
  readonly origin: string
  readonly allowance: Population.Allowance | undefined
  place = 0
  standing: Standing.Standing
  peer: Peer.Peer

  constructor(
    { lease, provenance, said }: Addition,
    peer: Peer.Peer,
    standing: Standing.Standing,
    allowance: Population.Allowance | undefined
  ) {
    this.source = provenance.source
    this.interface = provenance.interface
    this.address = provenance.address
    this.said = said
    this.#lease = lease
    this.firstSeenAt = lease.seenAt
    this.origin = Origin.of(provenance.address)
    this.allowance = allowance
    this.standing = standing
    this.peer = peer
  }

  get entry(): Entry {
    return this
  }

  get evidence(): Evidence | undefined {
    return this.#lease === undefined ? undefined : this
  }

  get lease(): Lease.Lease {
    return this.#lease!
  }

  set lease(lease: Lease.Lease) {
    this.#lease = lease
  }

  static empty(self: Known): void {
    self.#lease = undefined
  }
}

/** Milliseconds that evidence which has ended may wait for others to end: a second or a 64th of its ttl, whichever is less. */
export const lingers = ({ ttl }: Lease.Lease): number => Math.min(1_000, Math.ceil(ttl / 64))

/** By when evidence with this lease is expired. */
export const dueAt = (lease: Lease.Lease): number => lease.expiresAt + lingers(lease)

// a list of one for each source, shared by all its peers
const alone = new Map<string, ReadonlyArray<string>>()
const mostAlone = 64

const sourcesOf = (evidence: Evidence): ReadonlyArray<string> => {
  if (evidence.next === undefined) return sourceOf(evidence)
  const sources: Array<string> = []
  for (const { source } of listOf(evidence)) if (!sources.includes(source)) sources.push(source)
  return sources
}

const sourceOf = ({ source }: Provenance): ReadonlyArray<string> => {
  const known = alone.get(source)
  if (known !== undefined) return known
  const sources = Object.freeze([source])
  if (alone.size < mostAlone) alone.set(source, sources)
  return sources
}

/** A peer that a claim announces, which its lease is still to hold. */
export const make = (
  id: Peer.PeerId,
  provenance: Provenance,
  claim: Claim.Claim,
  lease: Lease.Lease,
  trust: Standing.Trust,
  limits: Pick<Limits.Limits, "addressesPerPeer">,
  allowance?: Population.Allowance
): Entry => {
  const addresses = Candidates.rank([claim], undefined, limits.addressesPerPeer)
  const peer = peerOf(id, claim, addresses, sourceOf(provenance))
  return new Known({ provenance, said: claim, lease }, peer, Standing.of(provenance, claim, trust), allowance)
}

/** How many of its origin may be in a class, where that is not the class's own bound. */
export const perOrigin = ({ allowance }: Entry, standing: Standing.Standing): number | undefined =>
  Standing.isClosed(standing) ? undefined : allowance?.perOrigin

/** All evidence of a peer, the oldest first. */
export const evidenceOf = (self: Entry): ReadonlyArray<Evidence> => listOf(self.evidence)

const listOf = (first: Evidence | undefined): ReadonlyArray<Evidence> => {
  const list: Array<Evidence> = []
  for (let evidence = first; evidence !== undefined; evidence = evidence.next) list.push(evidence)
  return list
}

/** Adds the youngest evidence. */
export const append = (self: Entry, { lease, provenance, said }: Addition): Evidence => {
  const { address, interface: networkInterface, source } = provenance
  const content = {
    source,
    interface: networkInterface,
    address,
    said,
    lease,
    firstSeenAt: lease.seenAt,
    next: undefined
  }
  let last = self.evidence
  if (last === undefined) return Object.assign(self as Known, content)
  while (last.next !== undefined) last = last.next
  return last.next = { entry: self, ...content, slot: -1 }
}

/** Takes evidence out; gives what has moved into its place. */
export const detach = (self: Entry, evidence: Evidence): Evidence | undefined => {
  if (self.evidence === evidence) return succeed(self as Known)
  let before = self.evidence
  while (before !== undefined && before.next !== evidence) before = before.next
  if (before !== undefined) before.next = evidence.next
  return undefined
}

const succeed = (self: Known): Evidence | undefined => {
  const { next } = self
  if (next === undefined) {
    Known.empty(self)
    return undefined
  }
  const { address, firstSeenAt, interface: networkInterface, lease, said, source } = next
  Object.assign(self, { source, interface: networkInterface, address, said, lease, firstSeenAt, next: next.next })
  return next
}

/** The evidence of one provenance. */
export const find = (
  self: Entry,
  { address, interface: networkInterface, source }: Provenance
): Evidence | undefined => {
  for (let known = self.evidence; known !== undefined; known = known.next) {
    if (known.address === address && known.interface === networkInterface && known.source === source) return known
  }
  return undefined
}

/**
 * The evidence that has to go for a claim when there is room for no more: the newest that proves less, and of a peer that all evidence
 * proves alike, what ends soonest anyway, the newest of those that end together: what is sent again from elsewhere, as anybody can do,
 * ends with what was first. None when nothing proves less, or a forger could push out those who were first.
 */
export const outranked = (self: Entry, claim: Claim.Content): Evidence | undefined =>
  isProven(claim)
    ? evidenceOf(self).reduce((soonest, each) => each.lease.expiresAt <= soonest.lease.expiresAt ? each : soonest)
    : evidenceOf(self).findLast((evidence) => proofOf(evidence) < Standing.proof[claim.authentication])

/** Whether a claim is of the holder of a key, whatever source it came by. */
export const isProven = ({ authentication, key }: Claim.Content): boolean =>
  authentication === "signed" && key !== undefined

const proofOf = ({ said }: Evidence): number => Standing.proof[said.authentication]

/** The class that a peer belongs to by all that is known of it. */
export const standingOf = (self: Entry, trust: Standing.Trust): Standing.Standing => {
  let highest: Standing.Standing = "unverified"
  for (let evidence = self.evidence; evidence !== undefined; evidence = evidence.next) {
    const standing = Standing.of(evidence, evidence.said, trust)
    if (Standing.order[standing] > Standing.order[highest]) highest = standing
  }
  return highest
}

/** Whether a peer has been there for a while: heard three times over two announce intervals, of which a ttl holds three. */
export const isEstablished = (self: Entry): boolean => {
  for (let evidence = self.evidence; evidence !== undefined; evidence = evidence.next) {
    const { firstSeenAt, lease } = evidence
    if (lease.heard >= 3 && lease.seenAt - firstSeenAt >= (2 / 3) * Math.min(lease.ttl, 3_600_000)) return true
  }
  return false
}

/**
 * Makes the peer that the evidence adds up to: the best proven and then oldest evidence gives the name and ranks first, but for addresses that
 * the program reached the peer at, the latest first (S-U2).
 */
export const describe = (
  self: Entry,
  worked: ReadonlyArray<NetAddress.InetAddress> | undefined,
  limits: Pick<Limits.Limits, "addressesPerPeer">
): Peer.Peer => {
  const first = self.evidence!
  const ranked = first.next === undefined ? [first] : listOf(first).toSorted((a, b) => proofOf(b) - proofOf(a))
  const addresses = Candidates.rank(ranked.map(({ said }) => said), worked, limits.addressesPerPeer)
  return peerOf(self.peer.id, ranked[0]!.said, addresses, sourcesOf(first))
}

/** Forgets what its evidence says where that is the peer as it is now: one value serves for both. */
export const share = ({ evidence, peer }: Entry): void => {
  for (let each = evidence; each !== undefined; each = each.next) {
    if (Claim.isSame(each.said, peer)) each.said = peer
  }
}

// without a key and a group a peer has no room for them
const peerOf = (
  id: Peer.PeerId,
  { attributes, authentication, group, key, name }: Claim.Content,
  addresses: ReadonlyArray<NetAddress.InetAddress>,
  sources: ReadonlyArray<string>
): Peer.Peer =>
  key === undefined && group === undefined
    ? { id, name, addresses, attributes, sources, authentication }
    : {
      id,
      name,
      addresses,
      attributes,
      sources,
      authentication,
      ...(key === undefined ? undefined : { key }),
      ...(group === undefined ? undefined : { group })
    }
