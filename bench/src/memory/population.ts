/**
 * Child: what peers weigh, and what a flood of forged ones does to a registry that is full.
 *
 * Runs with `--expose-gc`. Weights are `heapUsed + external + arrayBuffers` after two full collections, without what the engine has compiled
 * meanwhile; a flood that is weighed is the second one.
 */
import * as Attributes from "@effect-discovery/core/Attributes"
import * as DiscoveryEvent from "@effect-discovery/core/DiscoveryEvent"
import * as Lease from "@effect-discovery/core/Lease"
import * as Limits from "@effect-discovery/core/Limits"
import * as Peer from "@effect-discovery/core/Peer"
import { EventEmitter } from "node:events"
import { getHeapSpaceStatistics } from "node:v8"
// what exists for expiry alone, and for subscribers alone, has no name in public
import * as Backlog from "../../../packages/core/src/internal/runtime/Backlog.ts"
import * as Timers from "../../../packages/core/src/internal/Timers.ts"
import * as Child from "../harness/Child.ts"
import { inTurn } from "../harness/inTurn.ts"
import * as Peers from "../peers.ts"
import * as Workload from "../Workload.ts"
import * as World from "./World.ts"

/** Octets for each entry of the heap of deadlines and the fields it needs, and of the lease beside it. */
export interface ExpiryWeight {
  readonly deadline: number
  readonly lease: number
}

/** What a flood came to: weights in octets, costs in microseconds of CPU for each datagram. */
export interface Flood {
  readonly capacity: number
  readonly full: number
  readonly flooded: number
  readonly steady: number
  readonly cost: number
}

/** Octets that all of so many subscribers hold who never read, and nanoseconds that telling them of a change takes. */
export interface Stuck {
  readonly octets: number
  readonly told: number
}

export type Api = {
  /** Octets for each of so many known peers, over the empty layer; `isRepeated` when each has announced itself a second time. */
  readonly weigh: (
    options: { readonly peers: number; readonly format: Workload.Format; readonly isRepeated: boolean }
  ) => Promise<number>
  /** The same of bonjour-service. */
  readonly weighBonjour: (options: { readonly peers: number }) => number
  readonly weighExpiry: (options: { readonly entries: number }) => ExpiryWeight
  /** Has so many subscribers begin among `peers` known ones, and tells of as many changes. */
  readonly subscribe: (options: { readonly subscribers: number; readonly peers: number }) => Stuck
  /** Floods a registry that is full to its cap; with `raised` rates every forged datagram is decoded. */
  readonly flood: (options: { readonly forged: number; readonly raised: boolean }) => Promise<Flood>
}

// as thorough as the engine collects: an ordinary collection leaves what only weak references have led to
const weight = (): number => {
  globalThis.gc!({ type: "major", execution: "sync", flavor: "last-resort" })
  globalThis.gc!()
  const { arrayBuffers, external, heapUsed } = process.memoryUsage()
  return heapUsed + external + arrayBuffers - compiled()
}

const compiled = (): number => {
  const spaces = getHeapSpaceStatistics().filter((space) => /^(code|trusted)_/.test(space.space_name))
  return spaces.reduce((sum, space) => sum + space.space_used_size, 0)
}

const weigh: Api["weigh"] = async ({ format, isRepeated, peers }) => {
  const world = await World.make(World.limitsFor(peers), format)
  await World.settle()
  const before = weight()
  await World.introduce(world, peers)
  if (isRepeated) await World.announce(world, 0, peers)
  const after = weight()
  await world.end()
  return (after - before) / peers
}

// one socket, without a system behind it, is what it reads from
const weighBonjour: Api["weighBonjour"] = ({ peers }) => {
  const { Bonjour } = Peers.load<Peers.BonjourModule>("bonjour-service")
  const socket = Object.assign(new EventEmitter(), { send: () => {} })
  const bonjour = new Bonjour({ port: 5_353, bind: false, multicast: false, socket })
  const found = new Set<string>()
  bonjour.find({ type: "perf" }, ({ name }) => found.add(name))
  const before = weight()
  for (let index = 0; index < peers; index++) {
    const payload = World.received(Workload.datagram("mdns6", index))
    const from = { address: Workload.addressOf(index), family: "IPv4", port: 5_353, size: payload.length }
    socket.emit("message", payload, from)
  }
  const after = weight()
  if (found.size !== peers) throw new Error(`found ${found.size} of ${peers} services`)
  return (after - before) / peers
}

const weighExpiry: Api["weighExpiry"] = ({ entries }) => {
  const weighed = <A>(make: () => A): number => {
    const before = weight()
    const made = make()
    const after = weight()
    if (made === undefined) throw new Error("nothing was made")
    return (after - before) / entries
  }
  const indices = Array.from({ length: entries }, (_, index) => index)
  const bare = weighed(() => indices.map((index) => ({ index })))
  const due = weighed(() => {
    const deadlines = Timers.make()
    const items = indices.map((index) => ({ index, slot: -1 }))
    for (const item of items) Timers.set(deadlines, item, item.index + 0.125)
    return { deadlines, items }
  })
  const lease = weighed(() => indices.map((index) => Lease.make(120_000, index + 0.125)))
  // the array that holds the leases is not theirs
  return { deadline: due - bare, lease: lease - 8 }
}

const subscribe: Api["subscribe"] = ({ peers, subscribers }) => {
  const known = Array.from({ length: peers }, (_, index) => peerOf(index, 0))
  const changes = Array.from(
    { length: 2 * peers },
    (_, n) => DiscoveryEvent.updated(known[n % peers]!, peerOf(n % peers, 1 + n))!
  )
  const before = weight()
  const log = Backlog.make(Limits.defaults.subscriberBacklog)
  for (let n = 0; n < subscribers; n++) Backlog.join(log, () => known.slice())
  const from = process.threadCpuUsage()
  for (const change of changes) Backlog.tell(log, [change])
  const { system, user } = process.threadCpuUsage(from)
  const after = weight()
  if (log.backlogs.size !== subscribers) throw new Error(`${log.backlogs.size} of ${subscribers} subscribers`)
  return { octets: after - before, told: (1e3 * (system + user)) / changes.length }
}

const peerOf = (index: number, round: number): Peer.Peer => ({
  id: Peer.id("peerage", Workload.peerageName(index)),
  name: `${Workload.peerageName(index)} ${round}`,
  addresses: [],
  attributes: Attributes.empty,
  sources: ["peerage"],
  authentication: "none"
})

const unlimited: Limits.Rate = { perSecond: 1e9, burst: 1e9 }

// forged peers are others than those that are known
const from = 50_000

const flood: Api["flood"] = async ({ forged, raised }) => {
  const rates = { datagramsPerSource: unlimited, datagramsPerSession: unlimited }
  const cap = Limits.defaults.unverifiedPeers
  const limits = raised ? rates : {}
  await warmUp(limits, cap, forged)
  const world = await World.make(limits)
  await World.settle()
  const empty = weight()
  await World.announce(world, 0, cap)
  const full = weight() - empty
  const rounds = await inTurn(10, () => World.announce(world, 0, cap))
  // the first half of them is warming up
  const steady = rounds.slice(-5).reduce((total, spent) => total + spent, 0) / 5
  const cost = await World.announce(world, from, from + forged)
  if (world.known() > cap) throw new Error(`knows ${world.known()} peers, ${cap} at most`)
  const flooded = weight() - empty
  await world.end()
  return { capacity: cap, full, flooded, steady: steady / cap, cost: cost / forged }
}

// what the engine keeps of code that has run is no more a registry's than what it has compiled
const warmUp = async (limits: Partial<Limits.Limits>, cap: number, forged: number) => {
  const world = await World.make(limits)
  await World.settle()
  await World.announce(world, 0, cap)
  await World.announce(world, from, from + forged)
  await world.end()
  weight()
}

Child.serve({ weigh, weighBonjour, weighExpiry, subscribe, flood } satisfies Api)
