/**
 * The peers known now: a machine that folds what sources hear into what happens to peers.
 *
 * **Details**
 *
 * An entry is one peer with one piece of evidence per provenance, that is per source, interface and source address. The peer is
 * discovered with its first evidence and lost with its last. One heap of deadlines, and so one timer, serves them all.
 *
 * The state is updated in place and given back: a step may be taken from the latest state only. With persistent maps, moving one
 * expiry would cost ten times what the rest of a repeated announcement does. The transitions stay deterministic: the same inputs
 * at the same times with the same seed give the same events.
 *
 * @since 0.1.0
 */
import type * as NetAddress from "effect/net/NetAddress"
import * as Claim from "./Claim.ts"
import * as DiscoveryEvent from "./DiscoveryEvent.ts"
import * as Deadlines from "./internal/registry/Deadlines.ts"
import * as Entry from "./internal/registry/Entry.ts"
import * as Population from "./internal/registry/Population.ts"
import * as Lease from "./Lease.ts"
import type * as Limits from "./Limits.ts"
import type * as Machine from "./Machine.ts"
import * as Peer from "./Peer.ts"
import type { Provenance } from "./Provenance.ts"
import * as Seed from "./Seed.ts"

/**
 * A claim was heard. Without a `lease` the registry makes one.
 *
 * @category inputs
 * @since 0.1.0
 */
export interface Announced {
  readonly _tag: "Announced"
  readonly provenance: Provenance
  readonly claim: Claim.Claim
  readonly lease?: Lease.Lease | undefined
  /** How many peers its source may have from one address, in place of `Limits.peersPerSource` and beside those of other sources. */
  readonly perOrigin?: number | undefined
}

/**
 * A goodbye was heard, or a source knows otherwise that a claim holds no longer: it ends the evidence of its own provenance and no
 * other's. Without a `reason` it is a goodbye.
 *
 * @category inputs
 * @since 0.1.0
 */
export interface Withdrawn {
  readonly _tag: "Withdrawn"
  readonly provenance: Provenance
  readonly identity: string
  readonly reason?: "Goodbye" | "Expired" | "InterfaceLost" | undefined
}

/**
 * A source, or what it has on one interface, is gone, and its evidence with it.
 *
 * @category inputs
 * @since 0.1.0
 */
export interface Closed {
  readonly _tag: "Closed"
  readonly source: string
  readonly interface?: string | undefined
  readonly reason: "InterfaceLost" | "SourceClosed"
}

/**
 * What the registry is told.
 *
 * @category inputs
 * @since 0.1.0
 */
export type Input = Announced | Withdrawn | Closed | Machine.Woke

/**
 * The registry. Its content is read with `get`, `peers` and `explain`.
 *
 * @category models
 * @since 0.1.0
 */
export interface PeerRegistry {
  readonly limits: Limits.Limits
  readonly entries: Map<Peer.PeerId, Entry.Entry>
  readonly deadlines: Deadlines.Deadlines<Entry.Evidence>
  readonly populations: Readonly<Record<Entry.Standing, Population.Population<Entry.Entry>>>
  /** How many peers were evicted and how many newcomers refused for want of room. */
  readonly pressure: { evicted: number; refused: number }
  seed: Seed.Seed
}

/**
 * An empty registry.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (limits: Limits.Limits, seed: Seed.Seed): PeerRegistry => ({
  limits,
  entries: new Map(),
  deadlines: [],
  populations: {
    unverified: Population.make(limits.unverifiedPeers, limits.peersPerSource),
    verified: Population.make(limits.verifiedPeers, limits.peersPerSource),
    // these come from no address, so the bound is on all of them
    configured: Population.make(limits.configuredPeers, limits.configuredPeers)
  },
  pressure: { evicted: 0, refused: 0 },
  seed: Seed.derive(seed, "registry")
})

/**
 * The registry as a machine.
 *
 * @category machines
 * @since 0.1.0
 */
export const machine = (
  limits: Limits.Limits
): Machine.Machine<PeerRegistry, Input, DiscoveryEvent.DiscoveryEvent> => ({
  init: (seed) => ({ state: make(limits, seed), outputs: [], wakeAt: Infinity }),
  step: (state, input, now) => {
    const outputs: Array<DiscoveryEvent.DiscoveryEvent> = []
    observe(state, input, now, outputs)
    return { state, outputs, wakeAt: wakeAt(state) }
  }
})

/**
 * When the registry next wants to be woken: no evidence expires before.
 *
 * @category getters
 * @since 0.1.0
 */
export const wakeAt = (self: PeerRegistry): number => Deadlines.nextAt(self.deadlines)

/**
 * Takes one input and appends what happened to `events`.
 *
 * **Gotchas**
 *
 * A claim is lost at the end of its ttl, not after it: one of 120 s heard at 0 no longer holds at 120 000. It is lost when the
 * registry is woken, not by another input, so that what a stalled program has not read yet can still renew it.
 *
 * @category operations
 * @since 0.1.0
 */
export const observe = (
  self: PeerRegistry,
  input: Input,
  now: number,
  events: Array<DiscoveryEvent.DiscoveryEvent>
): void => {
  switch (input._tag) {
    case "Announced":
      return hear(self, input, now, events)
    case "Withdrawn":
      return withdraw(self, input, events)
    case "Closed":
      return close(self, input, events)
    case "Woke":
      return expire(self, now, events)
  }
}

/**
 * The peer with this id, `undefined` when it is not known.
 *
 * @category getters
 * @since 0.1.0
 */
export const get = (self: PeerRegistry, id: Peer.PeerId): Peer.Peer | undefined => self.entries.get(id)?.peer

/**
 * Every known peer, in the order of discovery.
 *
 * @category getters
 * @since 0.1.0
 */
export const peers = (self: PeerRegistry): ReadonlyArray<Peer.Peer> =>
  Array.from(self.entries.values(), (entry) => entry.peer)

/**
 * Why a peer is believed alive: every piece of evidence, with milliseconds since it was first and last heard and until it
 * expires.
 *
 * @category models
 * @since 0.1.0
 */
export interface Explanation {
  readonly peer: Peer.Peer
  readonly evidence: ReadonlyArray<
    Provenance & {
      readonly addresses: ReadonlyArray<NetAddress.InetAddress>
      readonly firstHeardAgo: number
      readonly heardAgo: number
      readonly heard: number
      readonly expiresIn: number
    }
  >
}

/**
 * Why a peer is believed alive, `undefined` when it is not known.
 *
 * @category getters
 * @since 0.1.0
 */
export const explain = (self: PeerRegistry, id: Peer.PeerId, now: number): Explanation | undefined => {
  const entry = self.entries.get(id)
  return entry === undefined ? undefined : {
    peer: entry.peer,
    evidence: entry.evidence.map((evidence) => ({
      ...evidence.provenance,
      addresses: evidence.claim.addresses,
      firstHeardAgo: now - evidence.firstSeenAt,
      heardAgo: now - evidence.lease.seenAt,
      heard: evidence.lease.heard,
      expiresIn: evidence.lease.expiresAt - now
    }))
  }
}

type Events = Array<DiscoveryEvent.DiscoveryEvent>

// a deadline in the heap may be early, since renewing a lease does not touch the heap; it is put right when it comes up
const expire = (self: PeerRegistry, now: number, events: Events): void => {
  while (Deadlines.nextAt(self.deadlines) <= now) {
    const evidence = self.deadlines[0]!
    if (evidence.lease.expiresAt > now) Deadlines.move(self.deadlines, evidence, evidence.lease.expiresAt)
    else drop(self, evidence, "Expired", events)
  }
}

const hear = (self: PeerRegistry, input: Announced, now: number, events: Events): void => {
  const id = Peer.id(input.provenance.source, input.claim.identity)
  const lease = input.lease ?? Lease.make(input.claim.ttl, now)
  lease.isPending = false
  const entry = self.entries.get(id)
  if (entry === undefined) return discover(self, id, input, lease, now, events)
  const evidence = Entry.find(entry, input.provenance)
  if (evidence === undefined) return corroborate(self, entry, input, lease, events)
  const isSame = Claim.isSame(evidence.claim, input.claim)
  hold(self, evidence, lease)
  if (isSame) return
  evidence.claim = input.claim
  revise(self, entry, events)
}

// another lease for known evidence: what has been heard so far goes on counting
const hold = (self: PeerRegistry, evidence: Entry.Evidence, lease: Lease.Lease): void => {
  if (lease !== evidence.lease) {
    lease.heard = evidence.lease.heard + 1
    evidence.lease.isHeld = false
    evidence.lease = lease
    lease.isHeld = true
  }
  if (lease.expiresAt < evidence.dueAt) Deadlines.move(self.deadlines, evidence, lease.expiresAt)
}

const discover = (
  self: PeerRegistry,
  id: Peer.PeerId,
  input: Announced,
  lease: Lease.Lease,
  now: number,
  events: Events
): void => {
  const entry = Entry.make(id, input.provenance, input.claim, input.perOrigin)
  if (!makeRoom(self, entry, now, events)) return
  addEvidence(self, entry, input, lease)
  self.entries.set(id, entry)
  Population.add(self.populations[entry.standing], entry)
  entry.peer = Entry.describe(entry, self.limits)
  events.push(DiscoveryEvent.discovered(entry.peer))
}

const makeRoom = (self: PeerRegistry, entry: Entry.Entry, now: number, events: Events): boolean => {
  const population = self.populations[entry.standing]
  if (Population.isFull(population)) expire(self, now, events)
  const [victim, seed] = Population.makeRoom(
    population,
    entry.origin,
    self.seed,
    Entry.isEstablished,
    entry.perOrigin
  )
  self.seed = seed
  if (victim === undefined) return true
  if (victim === "refused") {
    self.pressure.refused++
    return false
  }
  self.pressure.evicted++
  for (const evidence of victim.evidence.slice()) release(self, evidence)
  settle(self, victim, "Evicted", events)
  return true
}

const corroborate = (
  self: PeerRegistry,
  entry: Entry.Entry,
  input: Announced,
  lease: Lease.Lease,
  events: Events
): void => {
  // a forger of an id cannot push out those who announced it before, unless it proves more than they do
  if (entry.evidence.length >= self.limits.evidencePerPeer) {
    const weaker = Entry.outranked(entry, input.claim)
    if (weaker === undefined) {
      self.pressure.refused++
      return
    }
    release(self, weaker)
  }
  addEvidence(self, entry, input, lease)
  revise(self, entry, events)
}

const addEvidence = (
  self: PeerRegistry,
  entry: Entry.Entry,
  input: Announced,
  lease: Lease.Lease
): void => {
  const { claim, provenance } = input
  lease.isHeld = true
  const evidence: Entry.Evidence = {
    entry,
    provenance,
    claim,
    lease,
    firstSeenAt: lease.seenAt,
    dueAt: lease.expiresAt,
    slot: -1
  }
  entry.evidence.push(evidence)
  Deadlines.add(self.deadlines, evidence)
}

const withdraw = (self: PeerRegistry, input: Withdrawn, events: Events): void => {
  const entry = self.entries.get(Peer.id(input.provenance.source, input.identity))
  const evidence = entry === undefined ? undefined : Entry.find(entry, input.provenance)
  if (evidence !== undefined) drop(self, evidence, input.reason ?? "Goodbye", events)
}

const close = (self: PeerRegistry, input: Closed, events: Events): void => {
  const isGone = ({ provenance }: Entry.Evidence) =>
    provenance.source === input.source && (input.interface === undefined || provenance.interface === input.interface)
  for (const entry of self.entries.values()) {
    const gone = entry.evidence.filter(isGone)
    for (const evidence of gone) release(self, evidence)
    if (gone.length > 0) settle(self, entry, input.reason, events)
  }
}

const drop = (
  self: PeerRegistry,
  evidence: Entry.Evidence,
  reason: DiscoveryEvent.LossReason,
  events: Events
): void => {
  release(self, evidence)
  settle(self, evidence.entry, reason, events)
}

const release = (self: PeerRegistry, evidence: Entry.Evidence): void => {
  const { entry } = evidence
  evidence.lease.isHeld = false
  Deadlines.remove(self.deadlines, evidence)
  entry.evidence.splice(entry.evidence.indexOf(evidence), 1)
}

// what is left of a peer after evidence was released: another state of it, or its loss
const settle = (
  self: PeerRegistry,
  entry: Entry.Entry,
  reason: DiscoveryEvent.LossReason,
  events: Events
): void => {
  if (entry.evidence.length > 0) return revise(self, entry, events)
  self.entries.delete(entry.id)
  Population.remove(self.populations[entry.standing], entry)
  events.push(DiscoveryEvent.lost(entry.peer, reason))
}

const revise = (self: PeerRegistry, entry: Entry.Entry, events: Events): void => {
  const peer = Entry.describe(entry, self.limits)
  const event = DiscoveryEvent.updated(entry.peer, peer)
  if (event === undefined) return
  entry.peer = peer
  events.push(event)
  restand(self, entry)
}

// evidence that proves more, or no more, moves a peer to the class it now belongs to, as soon as there is room for it
const restand = (self: PeerRegistry, entry: Entry.Entry): void => {
  const standing = Entry.standingOf(entry.evidence[0]!.provenance, entry.peer.authentication)
  if (standing === entry.standing || !Population.hasRoom(self.populations[standing], entry.origin, entry.perOrigin)) {
    return
  }
  Population.remove(self.populations[entry.standing], entry)
  entry.standing = standing
  Population.add(self.populations[standing], entry)
}
