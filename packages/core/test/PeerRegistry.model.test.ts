/**
 * The registry against a model of it that is too simple to be wrong: lists that are searched, sorted and compared as a whole.
 */
import {
  Attributes,
  type Claim,
  DiscoveryEvent,
  Lease,
  Machine,
  Peer,
  type PeerKey,
  PeerRegistry,
  type Provenance
} from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Equal } from "effect"
import type { NetAddress } from "effect/net"
import * as Given from "./internal/Given.ts"

interface Evidence {
  readonly provenance: Provenance.Provenance
  readonly firstSeenAt: number
  claim: Claim.Claim
  lease: Lease.Lease
  heard: number
  seenAt: number
}

type Model = Map<Peer.PeerId, Array<Evidence>>

/** What the program says of peers. */
interface Program {
  readonly denied: Set<PeerKey.PeerKey>
  /** By peer, the addresses it was reached at, the latest first. */
  readonly worked: Map<Peer.PeerId, ReadonlyArray<NetAddress.InetAddress>>
}

const limits = { evidencePerPeer: 3, evidencePerKey: 2, addressesPerPeer: 3 }

const ranks: ReadonlyArray<Peer.Authentication> = ["signed", "group", "claimed", "none"]

const isProven = ({ authentication, key }: Claim.Claim) => authentication === "signed" && key !== undefined

const idOf = (source: string, claim: Claim.Claim): Peer.PeerId =>
  isProven(claim) ? Peer.idOfKey(claim.key!) : Peer.id(source, claim.identity)

const toPeer = (
  id: Peer.PeerId,
  evidence: ReadonlyArray<Evidence>,
  worked: ReadonlyArray<NetAddress.InetAddress> = []
): Peer.Peer => {
  const ranked = ranks.flatMap((rank) => evidence.filter(({ claim }) => claim.authentication === rank))
  const { attributes, authentication, key, name } = ranked[0]!.claim
  const [signed = [], others = []] = [true, false].map((isSigned) => {
    const some = ranked.filter(({ claim }) => (claim.authentication === "signed") === isSigned)
      .flatMap(({ claim }) => claim.addresses)
    return [...worked.filter((address) => some.some((other) => Equal.equals(address, other))), ...some]
  })
  const all = [...signed, ...others]
  const addresses = all.filter((address, i) => all.findIndex((other) => Equal.equals(address, other)) === i)
  return {
    id,
    name,
    addresses: addresses.slice(0, limits.addressesPerPeer),
    attributes,
    sources: Array.from(new Set(evidence.map(({ provenance }) => provenance.source))),
    authentication,
    ...(key === undefined ? undefined : { key })
  }
}

const peersOf = (model: Model, { worked }: Program) =>
  new Map(Array.from(model, ([id, evidence]) => [id, toPeer(id, evidence, worked.get(id))]))

const announce = (model: Model, { claim, provenance }: PeerRegistry.Announced, lease: Lease.Lease, now: number) => {
  const id = idOf(provenance.source, claim)
  const evidence = model.get(id) ?? []
  const known = evidence.find((each) => Equal.equals(each.provenance, provenance))
  if (known !== undefined) {
    Object.assign(known, { claim, lease, seenAt: now, heard: known.heard + 1 })
    return
  }
  const proves = ({ authentication }: Claim.Claim) => -ranks.indexOf(authentication)
  const weaker = isProven(claim)
    ? evidence.toReversed().toSorted((a, b) => expiresAt(a) - expiresAt(b))[0]
    : evidence.findLast((each) => proves(each.claim) < proves(claim))
  const limit = isProven(claim) ? limits.evidencePerKey : limits.evidencePerPeer
  const kept = evidence.length < limit ? evidence : evidence.filter((each) => each !== weaker)
  if (kept.length === limit) return
  model.set(id, [...kept, { provenance, claim, lease, firstSeenAt: now, seenAt: now, heard: 1 }])
}

const keep = (model: Model, predicate: (evidence: Evidence, id: Peer.PeerId) => boolean) => {
  for (const [id, evidence] of model) {
    const kept = evidence.filter((each) => predicate(each, id))
    if (kept.length === 0) model.delete(id)
    else model.set(id, kept)
  }
}

/** For how long evidence that has ended may wait for others to end soon after: a 64th of the longest ttl here, in milliseconds. */
const lingers = 47

const expiresAt = ({ claim, seenAt }: Evidence): number => seenAt + claim.ttl

const reach = (model: Model, program: Program, { address, id }: PeerRegistry.Worked) => {
  const known = model.has(id) ? toPeer(id, model.get(id)!, program.worked.get(id)).addresses : []
  if (!known.some((each) => Equal.equals(each, address))) return
  const others = (program.worked.get(id) ?? []).filter((each) => !Equal.equals(each, address))
  program.worked.set(id, [address, ...others].slice(0, limits.addressesPerPeer))
}

/** Takes the input; says for what reason peers are lost by it. */
const take = (
  model: Model,
  program: Program,
  input: PeerRegistry.Input,
  lease: Lease.Lease,
  now: number
): DiscoveryEvent.LossReason => {
  switch (input._tag) {
    case "Announced":
      if (!isProven(input.claim) || !program.denied.has(input.claim.key!)) announce(model, input, lease, now)
      return "Evicted"
    case "Trusted":
      if (input.state !== "denied") program.denied.delete(input.key)
      else if (program.denied.add(input.key)) model.delete(Peer.idOfKey(input.key))
      return "Evicted"
    case "Worked":
      reach(model, program, input)
      return "Evicted"
    // nothing that this model hears tells of an interface
    case "Linked":
      return "Evicted"
    case "Withdrawn": {
      const { identity, key, provenance } = input
      const gone = key === undefined ? Peer.id(provenance.source, identity) : Peer.idOfKey(key)
      keep(model, (evidence, id) => id !== gone || !Equal.equals(evidence.provenance, provenance))
      return "Goodbye"
    }
    case "Closed":
      keep(model, ({ provenance }) =>
        provenance.source !== input.source ||
        (input.interface !== undefined && provenance.interface !== input.interface))
      return input.reason
    case "Woke":
      keep(model, (evidence) => expiresAt(evidence) + (evidence.lease.isHeld ? lingers : 0) > now)
      return "Expired"
  }
}

// of a lost peer only the id and the reason: its last state depends on which of its evidence went last
const summary = (events: Iterable<DiscoveryEvent.DiscoveryEvent>) =>
  Array.from(
    events,
    (event) =>
      event._tag === "PeerLost" ? { _tag: event._tag, peer: { id: event.peer.id }, reason: event.reason } : event
  )
    .toSorted((a, b) => a.peer.id < b.peer.id ? -1 : 1)

const difference = function*(
  before: ReadonlyMap<Peer.PeerId, Peer.Peer>,
  after: ReadonlyMap<Peer.PeerId, Peer.Peer>,
  reason: DiscoveryEvent.LossReason
) {
  for (const [id, peer] of after) {
    const known = before.get(id)
    const event = known === undefined ? DiscoveryEvent.discovered(peer) : DiscoveryEvent.updated(known, peer)
    if (event !== undefined) yield event
  }
  for (const [id, peer] of before) if (!after.has(id)) yield DiscoveryEvent.lost(peer, reason)
}

const explanation = (evidence: Evidence, now: number) => ({
  ...evidence.provenance,
  addresses: evidence.claim.addresses,
  firstHeardAgo: now - evidence.firstSeenAt,
  heardAgo: now - evidence.seenAt,
  heard: evidence.heard,
  expiresIn: expiresAt(evidence) - now
})

const drawProvenance = (dice: Given.Dice) => ({
  source: dice.pick(["peerage", "json"]),
  interface: dice.pick(["eth0", "eth1"]),
  address: dice.pick(["10.0.0.1", "10.0.0.2", "10.0.0.3"])
})

const some = ["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "[fe80::1%2]:80", "10.0.0.5:80"].map(Given.address)

const keys = [Given.key(1), Given.key(2)]
const ids = [Peer.id("peerage", "ada"), Peer.id("json", "grace"), ...keys.map(Peer.idOfKey)]

const drawInput = (dice: Given.Dice): PeerRegistry.Input => {
  const name = dice.pick(["ada", "grace", "edsger"])
  const provenance = drawProvenance(dice)
  const { interface: on, source } = provenance
  if (dice.oneIn(40)) return { _tag: "Closed", source, reason: "SourceClosed" }
  if (dice.oneIn(25)) return { _tag: "Closed", source, interface: on, reason: "InterfaceLost" }
  const key = dice.pick(keys)
  if (dice.oneIn(12)) return { _tag: "Withdrawn", provenance, identity: key, key }
  if (dice.oneIn(6)) return { _tag: "Withdrawn", provenance, identity: name }
  if (dice.oneIn(12)) return { _tag: "Trusted", key, state: dice.pick(["denied", "trusted", "pinned", "unknown"]) }
  if (dice.oneIn(6)) return { _tag: "Worked", id: dice.pick(ids), address: dice.pick(some) }
  if (dice.oneIn(4)) return Machine.Woke
  const authentication = dice.oneIn(3) ? dice.pick(ranks) : "none"
  const claim = Given.claim(name, {
    name: dice.oneIn(5) ? `${name}!` : name,
    addresses: some.filter(() => dice.oneIn(2)),
    attributes: dice.oneIn(3) ? Attributes.make({ load: `${dice.between(0, 1)}` }) : Attributes.empty,
    ttl: dice.pick([200, 1_000, 3_000, Infinity]),
    authentication,
    ...(authentication !== "none" && dice.oneIn(2) ? { key } : undefined)
  })
  return { _tag: "Announced", provenance, claim }
}

const renewOne = (model: Model, dice: Given.Dice, now: number) => {
  const all = Array.from(model.values()).flat()
  if (all.length === 0) return
  const evidence = dice.pick(all)
  Lease.renew(evidence.lease, now)
  evidence.seenAt = now
  evidence.heard++
}

const run = (seed: number, steps: number) => {
  const dice = Given.dice(seed)
  const { state, tell } = Given.registry(limits)
  const model: Model = new Map()
  const program: Program = { denied: new Set(), worked: new Map() }
  for (let step = 0, now = 0; step < steps; step++, now += dice.between(0, 200)) {
    const context = `seed ${seed}, step ${step}`
    if (dice.oneIn(3)) renewOne(model, dice, now)
    const input = drawInput(dice)
    const lease = Lease.make(input._tag === "Announced" ? input.claim.ttl : 0, now)
    const before = peersOf(model, program)
    const events = tell(input._tag === "Announced" ? { ...input, lease } : input, now)
    const reason = take(model, program, input, lease, now)
    for (const id of program.worked.keys()) if (!model.has(id)) program.worked.delete(id)
    const after = peersOf(model, program)

    assert.deepStrictEqual(summary(DiscoveryEvent.net(events)), summary(difference(before, after, reason)), context)
    assert.deepStrictEqual(PeerRegistry.peers(state), Array.from(after.values()), context)
    const all = Array.from(model.values()).flat()
    const end = Math.min(...all.map(expiresAt))
    assert.isAtMost(PeerRegistry.wakeAt(state), end + lingers, context)
    assert.isTrue(all.every((evidence) => evidence.lease.isHeld), context)
    const [id] = model.keys()
    const explained = id === undefined ? undefined : PeerRegistry.explain(state, id, now)?.evidence
    assert.deepStrictEqual(explained, id && model.get(id)!.map((evidence) => explanation(evidence, now)), context)
  }
}

describe("observe", () => {
  it("gives the same peers, events and evidence as the model, whatever it is told", () => {
    for (let seed = 0; seed < 60; seed++) run(seed, 250)
  }, 30_000)
})
