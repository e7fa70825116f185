/**
 * Child: the registry by itself, in time. Nothing here needs a network.
 */
import * as Claim from "@effect-discovery/core/Claim"
import type * as DiscoveryEvent from "@effect-discovery/core/DiscoveryEvent"
import * as Lease from "@effect-discovery/core/Lease"
import * as Limits from "@effect-discovery/core/Limits"
import * as Peer from "@effect-discovery/core/Peer"
import * as PeerRegistry from "@effect-discovery/core/PeerRegistry"
import * as NetAddress from "effect/net/NetAddress"
import * as Repeats from "../../../packages/core/src/internal/runtime/Repeats.ts"
import * as Child from "../harness/Child.ts"
import { inTurn } from "../harness/inTurn.ts"
import * as Workload from "../Workload.ts"
import * as Loops from "./Loops.ts"
import * as PreparedNetwork from "./PreparedNetwork.ts"
import * as World from "./World.ts"

/** Nanoseconds for each operation, of every round. */
export type Touch = Loops.Timings<"map" | "touch" | "repeat" | "intake" | "observe">

/**
 * Nanoseconds for each operation of ours, and of a bare Map doing the same with the same keys: the registry has one by id. What it finds by source
 * address it has in a table of its own, whose growth is its own.
 */
export interface Changes {
  readonly insert: number
  readonly update: number
  readonly remove: number
  readonly mapInsert: number
  readonly mapUpdate: number
  readonly mapRemove: number
}

/** Milliseconds of work, and into how many batches of events it fell. */
export interface Expiry {
  readonly milliseconds: number
  readonly batches: number
}

export type Api = {
  readonly touch: (options: { readonly entries: number; readonly rounds: number }) => Promise<Touch>
  /** One round of inserting, updating and removing so many entries. */
  readonly change: (options: { readonly entries: number }) => Changes
  /** Expires so many entries that fall due within `span` milliseconds, woken as the layer is. */
  readonly expire: (options: { readonly entries: number; readonly span: number }) => Expiry
  /** Timers that are alive while so many peers are known. */
  readonly timers: (options: { readonly entries: number }) => Promise<number>
}

const limits = Limits.make({ unverifiedPeers: 1_000_000 })
const ttl = 120_000
const now = 1_000.125
const port = 45_900

const claimOf = (index: number, round = 0): Claim.Claim => {
  const origin = NetAddress.ipFromStringUnsafe(Workload.addressOf(index))
  const attributes: Record<string, string> = round === 0 ? {} : { round: String(round) }
  return Claim.fromAnnouncement({ name: Workload.peerageName(index), attributes }, { origin, port: 45_900, ttl })
}

const announced = (index: number, round = 0): PeerRegistry.Announced => ({
  _tag: "Announced",
  provenance: { source: "peerage", interface: "lo", address: Workload.addressOf(index) },
  claim: claimOf(index, round)
})

const filled = (inputs: ReadonlyArray<PeerRegistry.Input>): PeerRegistry.PeerRegistry => {
  const registry = PeerRegistry.make(limits, 1)
  observeAll(registry, inputs)
  return registry
}

const observeAll = (registry: PeerRegistry.PeerRegistry, inputs: ReadonlyArray<PeerRegistry.Input>): number => {
  const events: Array<DiscoveryEvent.DiscoveryEvent> = []
  for (const input of inputs) PeerRegistry.observe(registry, input, now, events)
  return events.length
}

const indices = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, index) => index)

const touch: Api["touch"] = async ({ entries, rounds }) => {
  // strings of their own, as each datagram brings them
  const hosts = indices(entries).map((index) => Workload.addressOf(index))
  const map = new Map(indices(entries).map((index) => [Workload.addressOf(index), { index }]))
  const inputs = indices(entries).map((index) => announced(index))
  const registry = filled(indices(entries).map((index) => announced(index)))
  const events: Array<DiscoveryEvent.DiscoveryEvent> = []
  const payload = Workload.datagram("peerage", 0)
  const repeats = knownSources(entries, payload)
  const leases = heldLeases(entries)
  const { map: bare, known, observe, touched } = Loops.time({
    map: (count) => {
      let found = 0
      for (let i = 0; i < count; i++) if (map.get(hosts[i % entries]!) !== undefined) found++
      return found
    },
    touched: (count) => {
      for (let i = 0; i < count; i++) Lease.renew(leases.get(hosts[i % entries]!)!, i)
      return leases.size
    },
    known: (count) => {
      for (let i = 0; i < count; i++) {
        if (!Repeats.renew(repeats, hosts[i % entries]!, port, payload, i)) {
          throw new Error("a known datagram was not known")
        }
      }
      return repeats.size
    },
    observe: (count) => {
      for (let i = 0; i < count; i++) PeerRegistry.observe(registry, inputs[i % entries]!, now + i, events)
      if (events.length > 0) throw new Error("an unchanged claim made an event")
      return events
    }
  }, rounds)
  return { map: bare, touch: touched, repeat: known, observe, intake: await intake(entries, rounds) }
}

// The leases of entries that a registry holds, by the source that announced each.
const heldLeases = (entries: number): ReadonlyMap<string, Lease.Lease> => {
  const leases = new Map(indices(entries).map((index) => [Workload.addressOf(index), Lease.make(ttl, 0)]))
  filled(indices(entries).map((index) => ({ ...announced(index), lease: leases.get(Workload.addressOf(index))! })))
  return leases
}

// What a session remembers of so many sources, each of which has sent the same octets.
const knownSources = (entries: number, payload: Uint8Array): Repeats.Repeats => {
  const repeats = Repeats.make(limits.repeatsPerSource, 1)
  for (const index of indices(entries)) {
    const lease = Repeats.remember(repeats, Workload.addressOf(index), port, payload, "node@host", ttl, 0)
    lease.isPending = false
    lease.isHeld = true
  }
  return repeats
}

// A session's own path: known datagrams, in batches so large that only what is done for each of them counts. The sender's host and
// the payload are other objects than those that are remembered, as they are when they come from a socket.
const intake = async (entries: number, rounds: number): Promise<ReadonlyArray<number>> => {
  const network = PreparedNetwork.make(World.port)
  const running = await World.start(network.layer, World.limitsFor(entries))
  await inTurn(entries / introduction, async (n) => {
    await network.take([batchOf(n * introduction, introduction)], 1)
    await World.settle()
  })
  await World.untilKnown(running, entries)
  const again = Array.from({ length: entries / batch }, (_, n) => batchOf(n * batch, batch))
  const count = Math.max(again.length, Math.ceil(touches / batch))
  await inTurn(2, () => network.take(again, count))
  const times = await inTurn(rounds, () => network.take(again, count))
  await running.end()
  return times.map((nanoseconds) => nanoseconds / (count * batch))
}

// what a session has not handed on yet stays small, as it does when datagrams come from a socket
const introduction = 50
const batch = 1_000
const touches = 500_000

const batchOf = (from: number, length: number) => {
  const [first, ...rest] = indices(length).map((n) =>
    PreparedNetwork.datagram(World.received(Workload.datagram("peerage", from + n)), Workload.addressOf(from + n))
  )
  return [first!, ...rest] as const
}

// small registries are filled many at a time, so that every round works on as many entries
const operations = 100_000

// Inputs are made just before they are taken, as they are when they come from a network: else those of a small registry, used again and again,
// would be in the caches of the processor, and those of a large one would not.
const block = 500

const change: Api["change"] = ({ entries }) => {
  const full = () => {
    const registry = PeerRegistry.make(limits, 1)
    for (const [from, to] of blocks(entries)) observeAll(registry, indices(to - from).map((n) => announced(from + n)))
    return registry
  }
  return {
    insert: timeChange(entries, () => PeerRegistry.make(limits, 1), (index) => announced(index), observeAll),
    update: timeChange(entries, full, (index) => announced(index, 1), observeAll),
    remove: timeChange(entries, full, withdrawn, observeAll),
    ...changeMaps(entries)
  }
}

const withdrawn = (index: number): PeerRegistry.Withdrawn => ({
  _tag: "Withdrawn",
  provenance: { source: "peerage", interface: "lo", address: Workload.addressOf(index) },
  identity: Workload.peerageName(index)
})

const idOf = (index: number) => Peer.id("peerage", Workload.peerageName(index))

const changeMaps = (entries: number) => {
  const full = () => new Map<string, unknown>(indices(entries).map((index) => [idOf(index), index]))
  const each = (prepare: () => Map<string, unknown>, one: (map: Map<string, unknown>, id: string) => unknown) =>
    timeChange(entries, prepare, idOf, (map, ids) => {
      for (const id of ids) one(map, id)
    })
  return {
    mapInsert: each(() => new Map(), (map, id) => map.set(id, id)),
    mapUpdate: each(full, (map, id) => map.set(id, map.get(id))),
    mapRemove: each(full, (map, id) => map.delete(id))
  }
}

const blocks = (entries: number): ReadonlyArray<readonly [from: number, to: number]> =>
  indices(Math.ceil(entries / block)).map((n) => [n * block, Math.min(entries, (n + 1) * block)] as const)

/** Nanoseconds of CPU time for each entry. */
const timeChange = <A, B>(
  entries: number,
  prepare: () => A,
  make: (index: number) => B,
  work: (prepared: A, made: ReadonlyArray<B>) => unknown
): number => {
  const prepared = Array.from({ length: Math.max(1, Math.floor(operations / entries)) }, prepare)
  globalThis.gc!()
  let spent = 0
  for (const each of prepared) {
    for (const [from, to] of blocks(entries)) {
      const made = indices(to - from).map((n) => make(from + n))
      spent += cpuTimeOf(() => work(each, made))
    }
  }
  return (spent * 1e3) / (prepared.length * entries)
}

// of this thread: what the compiler and the collector do besides is not this work's
const cpuTimeOf = (work: () => unknown): number => {
  const before = process.threadCpuUsage()
  Loops.keep(work())
  const { system, user } = process.threadCpuUsage(before)
  return system + user
}

const expire: Api["expire"] = ({ entries, span }) => {
  const registry = PeerRegistry.make(limits, 1)
  for (const index of indices(entries)) {
    PeerRegistry.observe(registry, announced(index), now + (index * span) / entries, [])
  }
  let batches = 0
  let expired = 0
  const milliseconds = Loops.timeOnce(() => registry, () => {
    for (let at = PeerRegistry.wakeAt(registry); at < Infinity; at = PeerRegistry.wakeAt(registry)) {
      const events: Array<DiscoveryEvent.DiscoveryEvent> = []
      // a timer has a resolution of one millisecond
      PeerRegistry.observe(registry, { _tag: "Woke" }, Math.ceil(at), events)
      if (events.length > 0) batches++
      expired += events.length
    }
  })
  if (expired !== entries) throw new Error(`${expired} of ${entries} expired`)
  return { milliseconds, batches }
}

const api: Api = {
  touch,
  change,
  expire,
  timers: async ({ entries }) => {
    const world = await World.make(World.limitsFor(entries))
    await World.announce(world, 0, entries)
    await World.untilKnown(world, entries)
    const timers = process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length
    await world.end()
    return timers
  }
}

Child.serve(api)
