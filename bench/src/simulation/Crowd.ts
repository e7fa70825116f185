/**
 * Many hosts on one link, in virtual time: each runs the library's own account of when to announce itself, whom it has heard, what it asks and
 * what it tells. What passes beside announcements is written and read as on a network; announcements are handed over as they are.
 *
 * Ten thousand accounts of ten thousand nodes would not fit into memory, so what is the same in all of them is kept once: what a node says
 * and until when it holds. A host keeps two bits of each other one: whether it knows it, and whether only from hearsay.
 */
import type * as Announcement from "@effect-discovery/core/Announcement"
import * as Seed from "@effect-discovery/core/Seed"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import * as Pace from "../../../packages/core/src/protocol/internal/crowd/Pace.ts"
import * as Sample from "../../../packages/core/src/protocol/internal/crowd/Sample.ts"
import * as Json from "../../../packages/core/src/protocol/internal/json.ts"
import * as Company from "../../../packages/core/src/protocol/jsonBeacon/Company.ts"
import type * as Account from "../../../packages/core/src/protocol/jsonBeacon/Crowd.ts"
import * as Wire from "../../../packages/core/src/protocol/jsonBeacon/Wire.ts"

/**
 * What the link does to datagrams: so many of them are lost to each receiver, the others take so many milliseconds. Announcements are read when a
 * host has something to do, and every `gather` milliseconds at the latest, each as at the time when it arrived: with 0 at once.
 */
export interface Link {
  readonly loss: number
  readonly latency: number
  readonly gather: number
}

/** A host; `index` is its number. */
interface Host {
  readonly index: number
  readonly address: NetAddress.InetAddress
  readonly company: Company.Company
  readonly node: Node
  wakesAt: number
  /** How many announcements were read, and how many more until one is lost. */
  read: number
  untilLost: number
}

/** An announcement that has arrived. */
interface Arrived {
  readonly at: number
  readonly host: Host
  readonly until: number
  readonly seen: Sample.Sample
}

interface Node extends Account.Node {
  readonly index: number
}

/** The link with all its hosts, and when each datagram was sent to all. */
export interface Crowd {
  readonly link: Link
  readonly hosts: Array<Host>
  readonly byIdentity: Map<string, number>
  readonly untils: Float64Array
  readonly arrived: Array<Arrived>
  isGathering: boolean
  /** What is a sample of the first so many. */
  readonly everybody: Map<number, Sample.Sample>
  readonly sent: Array<number>
  /** Datagrams between two hosts. */
  between: number
  readonly events: Events
  seed: Seed.Seed
  now: number
}

const usual: Pace.Range = { min: 1_900, max: 2_000 }
const usualTtl = 7_000
const key = 0

/** An empty link with room for so many. */
export const make = (room: number, seed: Seed.Seed, link: Link): Crowd => ({
  link,
  hosts: [],
  byIdentity: new Map(),
  untils: new Float64Array(room),
  arrived: [],
  isGathering: false,
  everybody: new Map(),
  sent: [],
  between: 0,
  events: [],
  seed,
  now: 0
})

/** One more host, which does not announce itself and knows nobody, or all of the first so many. */
export const join = (self: Crowd, familiar = 0): number => {
  const index = self.hosts.length
  const origin = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`
  const identity = identityOf(index)
  const announcement: Announcement.Options = { name: `host-${index}`, identity, port: 8_080 }
  const node: Node = { identity, hash: Sample.hash(identity), origin, announcement, octets: 100, index }
  self.byIdentity.set(identity, index)
  self.hosts.push({
    index,
    address: NetAddress.inetAddressUnsafe(NetAddress.ipFromStringUnsafe(origin), 40_000),
    company: Company.make(Seed.derive(self.seed, origin), self.now, accountOf(self, index, familiar)),
    node,
    wakesAt: Infinity,
    read: self.arrived.length,
    untilLost: loseNext(self)
  })
  return index
}

const identityOf = (index: number): string => (Seed.derive(index, "identity") >>> 0).toString(16).padStart(8, "0")

/** Starts to announce a host. */
export const start = (self: Crowd, index: number): void => {
  const host = self.hosts[index]!
  Company.begin(host.company, key, usual, self.now)
  arm(self, host)
}

/** How many others a host knows. */
export const known = ({ hosts }: Crowd, index: number): number => hosts[index]!.company.crowd.count()

/** Until when what a host said holds. */
export const holdsUntil = ({ untils }: Crowd, index: number): number => untils[index]!

/**
 * Hosts that have been there for long: each knows all others and is somewhere in an interval of its own, by chance, as it would be found at any
 * time.
 */
export const settle = (self: Crowd, count: number): void => {
  const sample = Array.from({ length: count }, (_, index) => Sample.hash(identityOf(index)))
  self.everybody.set(count, sample.reduce(Sample.add, Sample.empty))
  for (let index = 0; index < count; index++) join(self, count)
  for (const host of self.hosts) rest(self, host)
}

const rest = (self: Crowd, host: Host): void => {
  const { company } = host
  while (true) {
    Company.begin(company, key, usual, self.now)
    const pace = company.paces.get(key)!
    const longest = Pace.rangeOf(usual, self.hosts.length).max
    const at = self.now - chance(self) * longest
    const holds = Company.announce(company, key, at)
    if (pace.dueAt <= self.now) continue
    self.untils[host.index] = at + (holds ?? usualTtl)
    company.newcomer.until = -Infinity
    return arm(self, host)
  }
}

const chance = (self: Crowd): number => {
  const [value, seed] = Seed.next(self.seed)
  self.seed = seed
  return value
}

/** Lets time pass until then, or until something is so. */
export const pass = (self: Crowd, until: number, isDone: () => boolean = () => false): void => {
  while (self.events.length > 0 && self.events[0]!.at <= until && !isDone()) {
    const event = take(self.events)
    self.now = event.at
    event.run()
  }
  if (!isDone()) self.now = until
}

const arm = (self: Crowd, host: Host): void => {
  const at = Company.wakeAt(host.company, self.now)
  if (at >= host.wakesAt || at === Infinity) return
  host.wakesAt = at
  put(self.events, { at: Math.max(at, self.now), run: () => wake(self, host, at) })
}

const wake = (self: Crowd, host: Host, at: number): void => {
  if (host.wakesAt !== at) return
  host.wakesAt = Infinity
  catchUp(self, host)
  const { keys, sendings } = Company.wake(host.company, self.now)
  if (keys.length > 0) announce(self, host)
  for (const { payload, to } of sendings) {
    if (to === undefined) tellAll(self, host, payload)
    else tell(self, host, payload, to)
  }
  arm(self, host)
}

const announce = (self: Crowd, host: Host): void => {
  const holds = Company.announce(host.company, key, self.now)
  const seen = Company.digest(host.company, [host.node.hash])
  const until = self.now + (holds ?? usualTtl)
  self.untils[host.index] = until
  self.sent.push(self.now)
  const at = self.now + self.link.latency
  put(self.events, { at, run: () => arrive(self, { at, host, until, seen }) })
}

const arrive = (self: Crowd, announcement: Arrived): void => {
  self.arrived.push(announcement)
  if (self.isGathering) return
  self.isGathering = true
  const readAll = () => {
    self.isGathering = false
    for (const host of self.hosts) catchUp(self, host)
  }
  if (self.link.gather === 0) readAll()
  else put(self.events, { at: self.now + self.link.gather, run: readAll })
}

const catchUp = (self: Crowd, host: Host): void => {
  const { arrived } = self
  const { company } = host
  const { phase } = company.newcomer
  while (host.read < arrived.length) {
    const { at, host: from, seen, until } = arrived[host.read++]!
    if (from === host) continue
    if (host.untilLost-- === 0) host.untilLost = loseNext(self)
    else Company.hear(company, from.node, until, seen, at)
  }
  if (company.newcomer.phase !== phase) arm(self, host)
}

const tellAll = (self: Crowd, host: Host, payload: Uint8Array): void => {
  self.sent.push(self.now)
  const message = read(payload)
  put(self.events, {
    at: self.now + self.link.latency,
    run: () => {
      for (const other of self.hosts) if (other !== host && !isLost(self)) overhear(self, other, host, message)
    }
  })
}

const overhear = (self: Crowd, host: Host, from: Host, message: Wire.Message): void => {
  catchUp(self, host)
  if (message._tag === "Ask") Company.asked(host.company, message, self.now)
  else if (message._tag === "Offer") Company.offered(host.company, message, from.address, self.now)
  arm(self, host)
}

const isLost = (self: Crowd): boolean => chance(self) < self.link.loss

/** How many announcements arrive before the next one that does not. */
const loseNext = (self: Crowd): number => Math.floor(Math.log(1 - chance(self)) / Math.log(1 - self.link.loss))

const tell = (self: Crowd, from: Host, payload: Uint8Array, to: NetAddress.InetAddress): void => {
  const other = self.hosts.find(({ address }) => address === to)!
  self.between++
  if (isLost(self)) return
  put(self.events, { at: self.now + self.link.latency, run: () => hearOne(self, other, from, read(payload)) })
}

const hearOne = (self: Crowd, host: Host, from: Host, message: Wire.Message): void => {
  catchUp(self, host)
  const { company } = host
  if (message._tag === "Want") {
    const listener = String(from.index)
    for (const page of Company.wanted(company, message, listener, [], self.now)) tell(self, host, page, from.address)
  } else if (message._tag === "Page") {
    const told = Company.told(company, message, from.address, self.now)
    for (const { announcement } of told?.peers ?? []) {
      const index = self.byIdentity.get(announcement.identity!)!
      company.crowd.hear(self.hosts[index]!.node, 0, self.now, true)
    }
    if (told?.next?.to !== undefined) tell(self, host, told.next.payload, told.next.to)
  }
  arm(self, host)
}

const read = (payload: Uint8Array): Wire.Message =>
  Result.getOrThrow(Wire.read(Result.getOrThrow(Json.parse(payload)), payload.length)!)

const accountOf = (self: Crowd, own: number, familiar: number): Account.Crowd => {
  const bits = () => new Uint32Array((self.untils.length >> 5) + 1)
  const heard = bits()
  for (let index = 0; index < familiar; index++) if (index !== own) heard[index >> 5]! |= 1 << (index & 31)
  let byHearsay: Uint32Array | undefined
  let count = Math.max(0, familiar - 1)
  let hearsay = 0
  let sample = self.everybody.get(familiar) ?? Sample.empty
  return {
    count: () => count,
    firsthand: () => count - hearsay,
    hear: (node, _until, _now, isHearsay) => {
      const { hash, index } = node as Node
      const word = index >> 5
      const bit = 1 << (index & 31)
      if ((heard[word]! & bit) === 0) {
        heard[word]! |= bit
        count++
        sample = Sample.add(sample, hash)
        if (isHearsay) {
          byHearsay ??= bits()
          byHearsay[word]! |= bit
          hearsay++
        }
        return true
      }
      if (!isHearsay && byHearsay !== undefined && (byHearsay[word]! & bit) !== 0) {
        byHearsay[word]! &= ~bit
        hearsay--
      }
      return false
    },
    // nobody leaves, or begins anew
    has: () => true,
    begin: () => undefined,
    forget: () => undefined,
    sweep: () => undefined,
    sample: () => sample,
    told: () =>
      self.hosts.flatMap(({ index, node: { announcement, origin } }) => {
        const bit = 1 << (index & 31)
        const isFirstHand = (heard[index >> 5]! & bit) !== 0 && ((byHearsay?.[index >> 5] ?? 0) & bit) === 0
        return isFirstHand ? [{ announcement, origin, until: self.untils[index]! }] : []
      })
  }
}

interface Event {
  readonly at: number
  readonly run: () => void
}

/** A binary heap. */
type Events = Array<Event>

const put = (self: Events, event: Event): void => {
  let slot = self.length
  self.push(event)
  while (slot > 0) {
    const parent = (slot - 1) >> 1
    if (self[parent]!.at <= event.at) break
    self[slot] = self[parent]!
    slot = parent
  }
  self[slot] = event
}

const take = (self: Events): Event => {
  const first = self[0]!
  const last = self.pop()!
  if (self.length > 0) sink(self, last)
  return first
}

const sink = (self: Events, event: Event): void => {
  let slot = 0
  while (true) {
    let child = 2 * slot + 1
    if (child >= self.length) break
    if (child + 1 < self.length && self[child + 1]!.at < self[child]!.at) child++
    if (self[child]!.at >= event.at) break
    self[slot] = self[child]!
    slot = child
  }
  self[slot] = event
}

/** The most of these times within any so many milliseconds. */
export const peak = (times: ReadonlyArray<number>, within: number): number => {
  let most = 0
  for (let first = 0, last = 0; last < times.length; last++) {
    while (times[last]! - times[first]! >= within) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}
