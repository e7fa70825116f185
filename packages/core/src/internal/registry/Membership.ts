/**
 * Who is in the registry, in which class, and who has to leave.
 */
import type * as NetAddress from "effect/net/NetAddress"
import * as DiscoveryEvent from "../../DiscoveryEvent.ts"
import type * as Limits from "../../Limits.ts"
import type * as NetworkInterface from "../../NetworkInterface.ts"
import type * as Peer from "../../Peer.ts"
import type * as Seed from "../../Seed.ts"
import * as Timers from "../Timers.ts"
import * as Entry from "./Entry.ts"
import * as Population from "./Population.ts"
import * as Standing from "./Standing.ts"

/** The state of the registry. */
export interface Members {
  readonly limits: Limits.Limits
  readonly allowOffLink: boolean
  /** The interfaces of the host by name, as far as the program tells of them. */
  readonly interfaces: Map<string, NetworkInterface.NetworkInterface>
  readonly entries: Map<Peer.PeerId, Entry.Entry>
  /** The addresses that the program reached peers at, the latest first. */
  readonly worked: Map<Peer.PeerId, ReadonlyArray<NetAddress.InetAddress>>
  readonly deadlines: Timers.Timers<Entry.Evidence>
  /** Evidence of few peers: it was not the peer that said so. */
  readonly hearsay: Set<Entry.Evidence>
  /** Those of sources that have a bound of their own on the peers of one address. */
  readonly allowances: Map<string, Population.Allowance>
  readonly populations: Readonly<Record<Standing.Standing, Population.Population<Entry.Entry>>>
  readonly trust: Standing.Trust
  /** How many peers were evicted and how many newcomers refused for want of room. */
  readonly pressure: { evicted: number; refused: number }
  seed: Seed.Seed
}

type Events = Array<DiscoveryEvent.DiscoveryEvent>

/** Ends the evidence that no longer holds. Whoever is lost makes room before others move to a lower class. */
export const expire = (self: Members, now: number, events: Events): void => {
  const touched = releaseDue(self, now)
  for (const entry of touched) if (entry.evidence === undefined) settle(self, entry, "Expired", now, events)
  // one of these may be evicted for another
  for (const entry of touched) if (entry.evidence !== undefined) revise(self, entry, now, events)
}

/**
 * Lets go of the evidence that no longer holds; gives the peers that have to be settled.
 *
 * A deadline in the heap may be early, since renewing a lease does not touch the heap; it is put right when it comes up.
 */
const releaseDue = (self: Members, now: number): ReadonlySet<Entry.Entry> => {
  const { deadlines } = self
  const touched = new Set<Entry.Entry>()
  for (let [first] = deadlines.heap; first !== undefined; [first] = deadlines.heap) {
    const dueAt = Entry.dueAt(first.lease)
    if (first.lease.expiresAt <= now) {
      touched.add(first.entry)
      release(self, first)
    } else if (endOf(deadlines, 0) <= now && dueAt > Timers.next(deadlines)) Timers.set(deadlines, first, dueAt)
    else break
  }
  return touched
}

/** When the evidence in a slot of the heap ends by its deadline there: then, or later if that is early. */
const endOf = ({ deadlines, heap }: Members["deadlines"], slot: number): number => {
  const dueAt = deadlines[slot]!
  const { lease } = heap[slot]!
  return dueAt === Entry.dueAt(lease) ? lease.expiresAt : dueAt - Entry.lingers(lease)
}

/** How many of the earliest deadlines are looked at. */
const company = 15

/**
 * When something is to be expired. What ends alone is expired at its end; where more ends before its deadline, all of it then: a thousand peers
 * whose host is gone are one batch of events and one wake-up, and not a thousand.
 */
export const wakeAt = ({ deadlines }: Members): number => {
  if (deadlines.heap.length === 0) return Infinity
  const end = endOf(deadlines, 0)
  const dueAt = Timers.next(deadlines)
  return isFollowed(deadlines, end, dueAt) ? dueAt : end
}

// of so many that all end at one instant, there are more where they come from
const isFollowed = (deadlines: Members["deadlines"], from: number, to: number): boolean => {
  const length = Math.min(company, deadlines.heap.length)
  let together = 1
  for (let slot = 1; slot < length; slot++) {
    const end = endOf(deadlines, slot)
    if (end === from) together++
    else if (end <= to) return true
  }
  return together === company
}

/** For how many milliseconds what has ended may be found still there, before it is certain that nobody was awake. */
const patience = 100

/**
 * Whether what has ended can make room now. What ended long ago was slept through, and what renews it may wait to be read: that is ended
 * when the registry is woken, after the sockets were read, and not by the first stranger that is read before them (S-F2).
 */
const canExpire = (self: Members, now: number): boolean =>
  self.deadlines.heap.length > 0 && endOf(self.deadlines, 0) <= now && now - wakeAt(self) <= patience

/** Ends one piece of evidence. */
export const drop = (
  self: Members,
  evidence: Entry.Evidence,
  reason: DiscoveryEvent.LossReason,
  now: number,
  events: Events
): void => {
  release(self, evidence)
  settle(self, evidence.entry, reason, now, events)
}

/** Lets go of evidence; its peer has to be settled. Of several the youngest goes first: another may become the oldest one, which the entry is. */
export const release = (self: Members, evidence: Entry.Evidence): void => {
  const { entry } = evidence
  evidence.lease.isHeld = false
  Timers.clear(self.deadlines, evidence)
  self.hearsay.delete(evidence)
  const moved = Entry.detach(entry, evidence)
  // it is no hearsay, of which a peer has one piece at most
  if (moved !== undefined) Timers.replace(self.deadlines, moved, evidence)
}

/** Lets go of several of a peer, which are given the oldest first. */
export const releaseAll = (self: Members, evidence: ReadonlyArray<Entry.Evidence>): void => {
  for (const each of evidence.toReversed()) release(self, each)
}

/** What is left of a peer after evidence was released: another state of it, or its loss. */
export const settle = (
  self: Members,
  entry: Entry.Entry,
  reason: DiscoveryEvent.LossReason,
  now: number,
  events: Events
): void => {
  if (entry.evidence !== undefined) return revise(self, entry, now, events)
  self.entries.delete(entry.peer.id)
  self.worked.delete(entry.peer.id)
  Population.remove(self.populations[entry.standing], entry)
  events.push(DiscoveryEvent.lost(entry.peer, reason))
}

/** Tells what has changed of a peer. */
export const revise = (self: Members, entry: Entry.Entry, now: number, events: Events): void => {
  const peer = Entry.describe(entry, self.worked.get(entry.peer.id), self.limits)
  const event = DiscoveryEvent.updated(entry.peer, peer)
  if (event !== undefined) {
    entry.peer = peer
    events.push(event)
  }
  Entry.share(entry)
  restand(self, entry, now, events)
}

/** Moves a peer to the class it now belongs to: to a higher one as soon as there is room, to a lower one at once, like a newcomer. */
export const restand = (self: Members, entry: Entry.Entry, now: number, events: Events): void => {
  const standing = Entry.standingOf(entry, self.trust)
  if (standing === entry.standing) return
  const hasRoom = Population.hasRoom(self.populations[standing], entry, Entry.perOrigin(entry, standing))
  if (hasRoom) return move(self, entry, standing)
  if (Standing.order[standing] > Standing.order[entry.standing]) return
  if (canExpire(self, now)) {
    expire(self, now, events)
    // what has expired may have been all there was of it
    if (self.entries.get(entry.peer.id) === entry) restand(self, entry, now, events)
    return
  }
  if (makeRoom(self, entry, standing, now, events)) move(self, entry, standing)
  else evict(self, entry, now, events)
}

const move = (self: Members, entry: Entry.Entry, standing: Standing.Standing): void => {
  const wasEstablished = Population.remove(self.populations[entry.standing], entry)
  entry.standing = standing
  Population.add(self.populations[standing], entry, wasEstablished)
}

/** What a source may have of one address: the same for all its peers. */
export const allow = ({ allowances }: Members, source: string, perOrigin: number): Population.Allowance => {
  const known = allowances.get(source)
  if (known === undefined) {
    const allowance = { perOrigin }
    allowances.set(source, allowance)
    return allowance
  }
  known.perOrigin = perOrigin
  return known
}

/** Whether there is room for a peer in a class, be it because another has left for it, as nobody does for hearsay. */
export const makeRoom = (
  self: Members,
  entry: Entry.Entry,
  standing: Standing.Standing,
  now: number,
  events: Events,
  isHearsay = false
): boolean => {
  const population = self.populations[standing]
  const perOrigin = Entry.perOrigin(entry, standing)
  if (canExpire(self, now) && !Population.hasRoom(population, entry, perOrigin)) expire(self, now, events)
  if (isHearsay && !Population.hasRoom(population, entry, perOrigin)) {
    self.pressure.refused++
    return false
  }
  const [victim, seed] = Population.makeRoom(population, entry, self.seed, Entry.isEstablished, perOrigin)
  self.seed = seed
  if (victim === undefined) return true
  if (victim === "refused") {
    self.pressure.refused++
    return false
  }
  self.pressure.evicted++
  evict(self, victim, now, events)
  return true
}

/** Ends all evidence of a peer. */
export const evict = (self: Members, entry: Entry.Entry, now: number, events: Events): void => {
  releaseAll(self, Entry.evidenceOf(entry))
  settle(self, entry, "Evicted", now, events)
}
