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
import * as Entry from "./internal/registry/Entry.ts"
import * as Holding from "./internal/registry/Holding.ts"
import * as Links from "./internal/registry/Links.ts"
import * as Membership from "./internal/registry/Membership.ts"
import * as Population from "./internal/registry/Population.ts"
import * as Standing from "./internal/registry/Standing.ts"
import { isSameAddress } from "./internal/Same.ts"
import * as Timers from "./internal/Timers.ts"
import * as Lease from "./Lease.ts"
import type * as Limits from "./Limits.ts"
import type * as Machine from "./Machine.ts"
import type * as NetworkInterface from "./NetworkInterface.ts"
import * as Peer from "./Peer.ts"
import type * as PeerKey from "./PeerKey.ts"
import type { Provenance } from "./Provenance.ts"
import * as Seed from "./Seed.ts"
import type * as TrustState from "./TrustState.ts"

/**
 * A claim was heard: one that is `signed` and has a `key` of the peer `Peer.idOfKey(key)`, by whatever source it comes; any other of
 * the peer that its source knows by its `identity` (S-U5).
 *
 * @category inputs
 * @since 0.1.0
 */
export interface Announced {
  readonly _tag: "Announced"
  /** Where it was heard from. */
  readonly provenance: Provenance
  /** What was heard. */
  readonly claim: Claim.Claim
  /** What whoever heard it renews it by; if absent, the registry makes one. */
  readonly lease?: Lease.Lease | undefined
  /** The interface it was heard on, as it was then: which of its addresses are on the link (S-U6). What `Linked` told of it goes first. */
  readonly networkInterface?: NetworkInterface.NetworkInterface | undefined
  /** It was not the peer that said this: it is only taken of a peer that is not known, where there is room, and gives way to what the peer says. */
  readonly isHearsay?: boolean | undefined
  /** How many peers its source may have from one address, in place of `Limits.peersPerSource` and beside those of other sources. */
  readonly perOrigin?: number | undefined
}

/**
 * A goodbye was heard, or a source knows otherwise that a claim holds no longer: it ends the evidence of that provenance alone.
 *
 * @category inputs
 * @since 0.1.0
 */
export interface Withdrawn {
  readonly _tag: "Withdrawn"
  /** Whose evidence ends. */
  readonly provenance: Provenance
  /** What the source knows the node by. */
  readonly identity: string
  /** Of the peer that has proven this key; only who has verified that its holder said so may give one. Without it no such peer is touched (S-U3). */
  readonly key?: PeerKey.PeerKey | undefined
  /** Why it holds no longer. Default: `Goodbye`. */
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
  /** The name of the source. */
  readonly source: string
  /** The interface that it has nothing on any more; if absent, all of the source is gone. */
  readonly interface?: string | undefined
  /** Why peers of which there is no other evidence are lost. */
  readonly reason: "InterfaceLost" | "SourceClosed"
}

/**
 * The program thinks this of a key from now on. Its peer changes class at once.
 *
 * @category inputs
 * @since 0.1.0
 */
export interface Trusted {
  readonly _tag: "Trusted"
  /** The key; it is not taken up where there are `Limits.trustEntries` others. */
  readonly key: PeerKey.PeerKey
  /** What the program thinks of it: of a `denied` one nothing is taken up, and its peer is lost; an `unknown` one is forgotten. */
  readonly state: TrustState.TrustState
}

/**
 * The program reached a peer at one of its addresses, which ranks before others from now on (S-U2).
 *
 * @category inputs
 * @since 0.1.0
 */
export interface Worked {
  readonly _tag: "Worked"
  /** The peer that was reached. */
  readonly id: Peer.PeerId
  /** Where it was reached. */
  readonly address: NetAddress.InetAddress
}

/**
 * The interfaces of the host are these now. Where one has other addresses than it had, it is judged anew which of the addresses that were
 * announced on it lie off the link (S-U6): an interface is often heard on before it has been given its networks.
 *
 * @category inputs
 * @since 0.1.0
 */
export interface Linked {
  readonly _tag: "Linked"
  /** All that are up. */
  readonly interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>
}

/**
 * What the registry is told.
 *
 * @category inputs
 * @since 0.1.0
 */
export type Input = Announced | Withdrawn | Closed | Trusted | Worked | Linked | Machine.Woke

/**
 * The registry. Its content is read with `get`, `peers` and `explain`.
 *
 * @category models
 * @since 0.1.0
 */
export interface PeerRegistry extends Membership.Members {}

/**
 * What a registry is made with.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Whether addresses off the link that they were announced on are offered too, behind those on it. Default: false. */
  readonly allowOffLink?: boolean | undefined
}

/**
 * An empty registry.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (limits: Limits.Limits, seed: Seed.Seed, options: Options = {}): PeerRegistry => ({
  limits,
  allowOffLink: options.allowOffLink ?? false,
  interfaces: new Map(),
  entries: new Map(),
  deadlines: Timers.make(),
  hearsay: new Set(),
  worked: new Map(),
  allowances: new Map(),
  populations: Standing.populations(limits, Seed.derive(seed, "origins")),
  trust: new Map(),
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
  limits: Limits.Limits,
  options: Options = {}
): Machine.Machine<PeerRegistry, Input, DiscoveryEvent.DiscoveryEvent> => ({
  init: (seed) => ({ state: make(limits, seed, options), outputs: [], wakeAt: Infinity }),
  step: (state, input, now) => {
    const outputs: Array<DiscoveryEvent.DiscoveryEvent> = []
    observe(state, input, now, outputs)
    return { state, outputs, wakeAt: wakeAt(state) }
  }
})

/**
 * When the registry next wants to be woken: no evidence expires before.
 *
 * **Details**
 *
 * Where several pieces of evidence end shortly after each other, this is up to a second or a 64th of the first one's ttl after it ended, whichever
 * is less: they are then lost together.
 *
 * @category getters
 * @since 0.1.0
 */
export const wakeAt = (self: PeerRegistry): number => Membership.wakeAt(self)

/**
 * Takes one input and appends what happened to `events`.
 *
 * **Gotchas**
 *
 * A claim holds until the end of its ttl, and at that no longer: one of 120 s heard at 0 is lost when the registry is woken at 120 000, and never
 * before. It is lost when the registry is woken, not by another input unless that needs its room, so that what a stalled program has not read yet
 * can still renew it. When that is says `wakeAt`.
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
      return hear(self, input, Links.judge(self, input), now, events)
    case "Withdrawn":
      return withdraw(self, input, now, events)
    case "Closed":
      return close(self, input, now, events)
    case "Trusted":
      return trust(self, input, now, events)
    case "Worked":
      return prefer(self, input, now, events)
    case "Linked":
      return Links.change(self, input.interfaces, now, events)
    case "Woke":
      return Membership.expire(self, now, events)
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
 * Why a peer is believed alive.
 *
 * @category models
 * @since 0.1.0
 */
export interface Explanation {
  /** As it is known now. */
  readonly peer: Peer.Peer
  /** One for each provenance. */
  readonly evidence: ReadonlyArray<
    Provenance & {
      /** Where it says that the peer is. */
      readonly addresses: ReadonlyArray<NetAddress.InetAddress>
      /** Those it announced that are off the link; they are among the `addresses` where that is allowed. */
      readonly offLink?: ReadonlyArray<NetAddress.InetAddress> | undefined
      /** Milliseconds since it was heard first. */
      readonly firstHeardAgo: number
      /** Milliseconds since it was heard last. */
      readonly heardAgo: number
      /** How often it was heard. */
      readonly heard: number
      /** Milliseconds until it expires, unless it is heard again. */
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
    evidence: Entry.evidenceOf(entry).map((evidence) => ({
      source: evidence.source,
      interface: evidence.interface,
      address: evidence.address,
      addresses: evidence.said.addresses,
      ...(evidence.said.offLink === undefined ? undefined : { offLink: evidence.said.offLink }),
      firstHeardAgo: now - evidence.firstSeenAt,
      heardAgo: now - evidence.lease.seenAt,
      heard: evidence.lease.heard,
      expiresIn: evidence.lease.expiresAt - now
    }))
  }
}

type Events = Array<DiscoveryEvent.DiscoveryEvent>

const hear = (self: PeerRegistry, input: Announced, claim: Claim.Claim, now: number, events: Events): void => {
  const id = identify(input.provenance, claim.identity, Entry.isProven(claim) ? claim.key : undefined)
  const lease = input.lease ?? Lease.make(claim.ttl, now)
  lease.isPending = false
  if (id === undefined || isDenied(self, claim)) return
  const entry = self.entries.get(id)
  if (input.isHearsay === true) return hearOf(self, id, entry, input, claim, lease, now, events)
  if (entry === undefined) return discover(self, id, input, claim, lease, now, events)
  const evidence = Entry.find(entry, input.provenance)
  if (evidence === undefined) return corroborate(self, entry, input.provenance, claim, lease, now, events)
  const isSame = Claim.isSame(evidence.said, claim)
  Holding.hold(self, evidence, lease)
  self.hearsay.delete(evidence)
  if (isSame) return
  evidence.said = claim
  Membership.revise(self, entry, now, events)
}

// what holds already holds for longer at most
const hearOf = (
  self: PeerRegistry,
  id: Peer.PeerId,
  entry: Entry.Entry | undefined,
  input: Announced,
  claim: Claim.Claim,
  lease: Lease.Lease,
  now: number,
  events: Events
): void => {
  lease.heard = 0
  const evidence = entry && Entry.find(entry, input.provenance)
  if (entry === undefined) discover(self, id, input, claim, lease, now, events)
  else if (evidence !== undefined && self.hearsay.has(evidence)) Holding.prolong(evidence, lease)
}

/** Sources of this name would speak for peers that are identified by their keys. */
const reserved = "key"

const identify = (
  { source }: Provenance,
  identity: string,
  key: PeerKey.PeerKey | undefined
): Peer.PeerId | undefined => {
  if (key !== undefined) return Peer.idOfKey(key)
  return source === reserved ? undefined : Peer.id(source, identity)
}

const isDenied = ({ trust }: PeerRegistry, claim: Claim.Claim): boolean =>
  trust.size > 0 && Entry.isProven(claim) && trust.get(claim.key!) === "denied"

const discover = (
  self: PeerRegistry,
  id: Peer.PeerId,
  { isHearsay = false, perOrigin, provenance }: Announced,
  claim: Claim.Claim,
  lease: Lease.Lease,
  now: number,
  events: Events
): void => {
  const allowance = perOrigin === undefined ? undefined : Membership.allow(self, provenance.source, perOrigin)
  const entry = Entry.make(id, provenance, claim, lease, self.trust, self.limits, allowance)
  if (!Membership.makeRoom(self, entry, entry.standing, now, events, isHearsay)) return
  Holding.begin(self, entry.evidence!)
  if (isHearsay) self.hearsay.add(entry.evidence!)
  Entry.share(entry)
  self.entries.set(id, entry)
  Population.add(self.populations[entry.standing], entry)
  events.push(DiscoveryEvent.discovered(entry.peer))
}

const corroborate = (
  self: PeerRegistry,
  entry: Entry.Entry,
  provenance: Provenance,
  claim: Claim.Claim,
  lease: Lease.Lease,
  now: number,
  events: Events
): void => {
  // what was told of it gives way to what it says itself
  Membership.releaseAll(self, Entry.evidenceOf(entry).filter((each) => self.hearsay.has(each)))
  // a forger of an id cannot push out those who announced it before, unless it proves more than they do
  const limit = Entry.isProven(claim) ? self.limits.evidencePerKey : self.limits.evidencePerPeer
  if (Entry.evidenceOf(entry).length >= limit) {
    const weaker = Entry.outranked(entry, claim)
    if (weaker === undefined) {
      self.pressure.refused++
      return
    }
    Membership.release(self, weaker)
  }
  Holding.begin(self, Entry.append(entry, { provenance, said: claim, lease }))
  Membership.revise(self, entry, now, events)
}

const withdraw = (self: PeerRegistry, input: Withdrawn, now: number, events: Events): void => {
  const id = identify(input.provenance, input.identity, input.key)
  const entry = id === undefined ? undefined : self.entries.get(id)
  const evidence = entry === undefined ? undefined : Entry.find(entry, input.provenance)
  if (evidence !== undefined) Membership.drop(self, evidence, input.reason ?? "Goodbye", now, events)
}

const close = (self: PeerRegistry, input: Closed, now: number, events: Events): void => {
  const isGone = (evidence: Entry.Evidence) =>
    evidence.source === input.source && (input.interface === undefined || evidence.interface === input.interface)
  for (const entry of self.entries.values()) {
    const gone = Entry.evidenceOf(entry).filter(isGone)
    Membership.releaseAll(self, gone)
    if (gone.length > 0) Membership.settle(self, entry, input.reason, now, events)
  }
}

const trust = (self: PeerRegistry, { key, state }: Trusted, now: number, events: Events): void => {
  if (state === "unknown") self.trust.delete(key)
  else if (self.trust.has(key) || self.trust.size < self.limits.trustEntries) self.trust.set(key, state)
  const entry = self.entries.get(Peer.idOfKey(key))
  if (entry === undefined) return
  if (self.trust.get(key) === "denied") Membership.evict(self, entry, now, events)
  else Membership.restand(self, entry, now, events)
}

const prefer = (self: PeerRegistry, { address, id }: Worked, now: number, events: Events): void => {
  const entry = self.entries.get(id)
  if (entry === undefined || !entry.peer.addresses.some((known) => isSameAddress(known, address))) return
  const others = (self.worked.get(id) ?? []).filter((known) => !isSameAddress(known, address))
  self.worked.set(id, [address, ...others].slice(0, self.limits.addressesPerPeer))
  Membership.revise(self, entry, now, events)
}
