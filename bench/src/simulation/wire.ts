/**
 * Child: what many hosts that announce themselves cost on the wire, and how soon they know each other.
 */
import * as Announcement from "@effect-discovery/core/Announcement"
import * as Machine from "@effect-discovery/core/Machine"
import * as JsonBeacon from "@effect-discovery/core/protocol/JsonBeacon"
import * as Seed from "@effect-discovery/core/Seed"
import * as Child from "../harness/Child.ts"
import * as Crowd from "./Crowd.ts"

/** All hosts switched on at one moment. */
export interface Start {
  /** The most datagrams within any 100 ms. */
  readonly peak: number
  /** Seconds until 99 % of the hosts know 98 %, and 99 %, of the others; `undefined` when that takes longer than was looked at. */
  readonly most: number | undefined
  readonly all: number | undefined
}

/** Hosts that have been there for long, and one that joins them. */
export interface Rest {
  readonly perSecond: number
  /** Seconds until a newcomer knows 99 % and all of them. */
  readonly newcomerMost: number
  readonly newcomerAll: number
  /** Datagrams that it took: to all, and between two. */
  readonly toAll: number
  readonly between: number
  /** Seconds until it is noticed that one has died in silence. */
  readonly death: number
}

export type Api = {
  readonly start: (options: { readonly hosts: number; readonly rounds: number }) => Promise<ReadonlyArray<Start>>
  readonly rest: (options: { readonly hosts: number; readonly rounds: number }) => Promise<ReadonlyArray<Rest>>
  /** The same with an interval that does not scale. */
  readonly fixed: (options: { readonly hosts: number }) => Promise<Start & Rest>
}

const link: Crowd.Link = { loss: 0.01, latency: 2, gather: 0 }

const count = (length: number): ReadonlyArray<number> => Array.from({ length }, (_, index) => index)

const start = (hosts: number, seed: number, until: number): Start => {
  // nobody asks while all start, so nothing depends on when announcements are read
  const crowd = Crowd.make(hosts, seed, { ...link, gather: 50 })
  while (crowd.hosts.length < hosts) Crowd.join(crowd)
  for (const index of count(hosts)) Crowd.start(crowd, index)
  const isKnown = (share: number) =>
    count(hosts).filter((index) => Crowd.known(crowd, index) >= share * (hosts - 1)).length >= 0.99 * hosts
  let [most, all]: Array<number | undefined> = []
  for (let at = 100; at <= until && all === undefined; at += 100) {
    Crowd.pass(crowd, at)
    if (at % 1_000 !== 0 && hosts > 1_000) continue
    if (most === undefined && isKnown(0.98)) most = at / 1_000
    if (all === undefined && isKnown(0.99)) all = at / 1_000
  }
  return { peak: Crowd.peak(crowd.sent, 100), most, all }
}

const seconds = 60

const rest = (crowd: Crowd.Crowd, hosts: number): Rest => {
  const from = crowd.sent.length
  Crowd.pass(crowd, crowd.now + seconds * 1_000)
  const perSecond = (crowd.sent.length - from) / seconds
  const deaths = count(hosts).map((index) => (Crowd.holdsUntil(crowd, index) - crowd.now) / 1_000)
  const [at, before, between] = [crowd.now, crowd.sent.length, crowd.between]
  const newcomer = Crowd.join(crowd)
  Crowd.start(crowd, newcomer)
  const knows = (share: number) => {
    Crowd.pass(crowd, at + 3_600_000, () => Crowd.known(crowd, newcomer) >= share * hosts)
    return (crowd.now - at) / 1_000
  }
  const newcomerMost = knows(0.99)
  const [toAll, unicast] = [crowd.sent.length - before, crowd.between - between]
  return { perSecond, newcomerMost, newcomerAll: knows(1), toAll, between: unicast, death: median(deaths) }
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const ada = Announcement.make({ name: "ada", identity: "ada", port: 8_080 })

/** When hosts announce themselves whose interval does not scale; what is heard of it changes nothing. */
const announcements = (hosts: number, seed: number): ReadonlyArray<ReadonlyArray<number>> => {
  const protocol = JsonBeacon.protocol({ scaling: false })
  const inputs = [[0, { _tag: "Advertise", key: 0, announcement: ada }]] as const
  return count(hosts).map((index) =>
    Machine.replay(protocol, { seed: Seed.derive(seed, String(index)), inputs, until: seconds * 1_000 }).map(([at]) =>
      at
    )
  )
}

const fixed = (hosts: number): Start & Rest => {
  const all = announcements(hosts, 1)
  const sent = all.flat().toSorted((a, b) => a - b)
  // a newcomer hears each with its first announcement from now on, or, where that is lost, with the next one
  const now = 30_000
  let seed = 1
  const heardAfter = all.map((times) => {
    for (const at of times) {
      const [value, advanced] = Seed.next(seed)
      seed = advanced
      if (at >= now && value >= link.loss) return (at + link.latency - now) / 1_000
    }
    return Infinity
  }).toSorted((a, b) => a - b)
  const deaths = all.map((times) => (times.findLast((at) => at <= now)! + 7_000 - now) / 1_000)
  return {
    peak: Crowd.peak(sent, 100),
    most: link.latency / 1_000,
    // the first announcement is lost to one in a hundred
    all: (link.latency + 2_000) / 1_000,
    perSecond: sent.filter((at) => at >= now).length / (seconds - now / 1_000),
    newcomerMost: heardAfter[Math.ceil(0.99 * hosts) - 1]!,
    newcomerAll: heardAfter.at(-1)!,
    toAll: 0,
    between: 0,
    death: median(deaths)
  }
}

// with many hosts it takes another round of announcements until all know nearly all, and half a minute to simulate: one is looked at to its end
const untilOf = (hosts: number, round: number): number => hosts > 1_000 && round > 0 ? 40_000 : 800_000

const api: Api = {
  start: ({ hosts, rounds }) =>
    Promise.resolve(count(rounds).map((round) => start(hosts, round + 1, untilOf(hosts, round)))),
  rest: ({ hosts, rounds }) => {
    const crowd = Crowd.make(hosts + rounds, 1, link)
    Crowd.settle(crowd, hosts)
    return Promise.resolve(count(rounds).map(() => rest(crowd, hosts)))
  },
  fixed: ({ hosts }) => Promise.resolve(fixed(hosts))
}

Child.serve(api)
