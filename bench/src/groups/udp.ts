/**
 * The groups that measure against the physical limit, a bare socket.
 */
import type * as Group from "../harness/Group.ts"
import * as Row from "../harness/Row.ts"
import type * as Feed from "../udp/Feed.ts"
import type { Format } from "../Workload.ts"
import * as UdpRows from "./udpRows.ts"

/** The efficiency that re-announcements have to reach: as fast as they can be sent, and at 2,000 a second. */
export const targets = { steady: 0.9, trickle: 0.8, changed: 0.5 }

/** Re-announcements of known peers, as fast as they can be sent. */
export const steady: Group.Group = {
  name: "steady",
  isUdp: true,
  run: (plan) =>
    UdpRows.run("steady", plan, [
      ...repeated(plan, targets.steady),
      {
        name: "datagram stream",
        feed: { kind: "datagrams", format: "mdns6" },
        against: "raw mdns",
        ratio: "efficiency"
      }
    ])
}

/** The same at a rate that leaves the receiver asleep in between. */
export const trickle: Group.Group = {
  name: "trickle",
  isUdp: true,
  run: (plan) =>
    UdpRows.run(
      "trickle",
      plan,
      repeated(plan, targets.trickle, { pace: { rate: 2_000, burst: 1 }, window: plan.pacedWindow })
    )
}

const formats = ["syncthing4", "json", "peerage"] as const

const repeated = (
  { isQuick }: Group.Plan,
  target: number,
  feed: Partial<Feed.Options> = {}
): ReadonlyArray<UdpRows.Spec> => [
  ...UdpRows.rawTwice("mdns6", feed),
  UdpRows.ours("mdns6", Row.ratioAtLeast(target), feed),
  ...(isQuick ? [] : formats).flatMap((format) => [
    UdpRows.raw(format, feed),
    UdpRows.ours(format, Row.ratioAtLeast(target), feed)
  ])
]

/** Announcements of known peers of which every one has changed. */
export const changed: Group.Group = {
  name: "changed",
  isUdp: true,
  run: (plan) =>
    UdpRows.run("changed", plan, [
      ...UdpRows.rawTwice("mdns6", { changedEvery: 1 }),
      UdpRows.ours("mdns6", Row.ratioAtLeast(targets.changed), { changedEvery: 1 }),
      ...(plan.isQuick ? [] : [
        UdpRows.raw("json", { changedEvery: 1 }),
        UdpRows.ours("json", undefined, { changedEvery: 1, limits: rates })
      ])
    ])
}

// what has changed is decoded, however fast it comes
const unlimited = { perSecond: 1e9, burst: 1e9 }
const rates = { datagramsPerSource: unlimited, datagramsPerSession: unlimited }

/**
 * What more subscribers cost. Nothing in Peerage can change but the peer itself, so the rows with changes are of JSON: there each
 * changed announcement is one `PeerUpdated`.
 */
export const fanout: Group.Group = {
  name: "fanout",
  isUdp: true,
  run: (plan) =>
    UdpRows.run("fanout", plan, [
      ...UdpRows.rawTwice("peerage"),
      { name: "1 subscriber", feed: { kind: "discovery", format: "peerage", subscribers: 1 } },
      {
        name: "10 subscribers",
        feed: { kind: "discovery", format: "peerage", subscribers: 10 },
        against: "1 subscriber",
        ratio: "cost",
        target: Row.ratioAtMost(1.02)
      },
      {
        name: "1 subscriber, 1 % changed",
        feed: { kind: "discovery", format: "json", subscribers: 1, changedEvery }
      },
      {
        name: "10 subscribers, 1 % changed",
        feed: { kind: "discovery", format: "json", subscribers: 10, changedEvery },
        against: "1 subscriber, 1 % changed",
        ratio: "cost",
        target: Row.ratioAtMost(1.1)
      }
    ])
}

// every hundredth would always be the same ten peers
const changedEvery = 101

/**
 * What knowing more peers costs, at a rate that is the same for all of them. The limits are raised so far that every peer can be
 * known and can introduce itself in the warm-up; the receive path is otherwise the default one.
 */
export const flat: Group.Group = {
  name: "flat",
  isUdp: true,
  run: (plan) =>
    UdpRows.run("flat", plan, [
      ...UdpRows.rawTwice("mdns6", { pace: even, window: plan.pacedWindow }),
      ...(plan.isQuick ? ["mdns6" as const] : ["mdns6", ...formats] as const).flatMap((format) => growing(plan, format))
    ])
}

const even = { rate: 20_000, burst: 32 }

const growing = (plan: Group.Plan, format: Format): ReadonlyArray<UdpRows.Spec> =>
  [100, 1_000, 10_000].map((peers): UdpRows.Spec => ({
    name: knownName(format, peers),
    feed: {
      kind: "discovery",
      format,
      peers,
      pace: even,
      window: plan.pacedWindow,
      limits: { unverifiedPeers: 2 * peers, sources: 2 * peers, datagramsPerSession: rateFor(peers) }
    },
    ...(peers === 100 ? undefined : {
      against: knownName(format, 100),
      ratio: "cost",
      target: peers === 10_000 ? Row.ratioAtMost(1.3) : undefined
    })
  }))

const knownName = (format: Format, peers: number): string =>
  `${UdpRows.label(format)}, ${peers.toLocaleString("en")} known`

const rateFor = (peers: number) => ({ perSecond: 10 * peers, burst: 10 * peers })

/** What it costs to handle each datagram in a fiber of its own, with all bounds and counts. */
export const workers: Group.Group = {
  name: "workers",
  isUdp: true,
  run: (plan) =>
    UdpRows.run("workers", plan, [
      ...UdpRows.rawTwice("syncthing0"),
      {
        name: "worker syncthing0",
        feed: { kind: "worker", format: "syncthing0" },
        against: "raw syncthing0",
        ratio: "efficiency"
      }
    ])
}
