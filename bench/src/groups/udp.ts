/**
 * The groups that measure against the physical limit, a bare socket.
 */
import type * as Group from "../harness/Group.ts"
import * as Row from "../harness/Row.ts"
import type * as Feed from "../udp/Feed.ts"
import * as UdpRows from "./udpRows.ts"

/** The efficiency that re-announcements have to reach now. It is to become 0.90. */
export const steadyTarget = 0.8

/** Re-announcements of known peers, as fast as they can be sent. */
export const steady: Group.Group = {
  name: "steady",
  isUdp: true,
  run: (plan) =>
    UdpRows.run("steady", plan, [
      ...UdpRows.rawTwice("peerage"),
      UdpRows.ours("peerage", Row.ratioAtLeast(steadyTarget)),
      {
        name: "datagram stream",
        feed: { kind: "datagrams", format: "peerage" },
        against: "raw peerage",
        ratio: "efficiency"
      },
      ...(plan.isQuick ? [] : others())
    ])
}

/** The same at a rate that leaves the receiver asleep in between. */
export const trickle: Group.Group = {
  name: "trickle",
  isUdp: true,
  run: (plan) => {
    const feed: Partial<Feed.Options> = { pace: { rate: 2_000, burst: 1 }, window: plan.pacedWindow }
    return UdpRows.run("trickle", plan, [
      ...UdpRows.rawTwice("peerage", feed),
      UdpRows.ours("peerage", undefined, feed),
      ...(plan.isQuick ? [] : others(feed))
    ])
  }
}

const others = (feed: Partial<Feed.Options> = {}): ReadonlyArray<UdpRows.Spec> => [
  UdpRows.raw("json", feed),
  UdpRows.ours("json", undefined, feed),
  UdpRows.raw("syncthing0", feed),
  UdpRows.ours("syncthing0", undefined, feed)
]

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
  run: (plan) => {
    const pace = { rate: 20_000, burst: 32 }
    const window = plan.pacedWindow
    const rawPaced = UdpRows.rawTwice("peerage", { pace, window })
    const known = (peers: number): Partial<Feed.Options> => ({
      peers,
      pace,
      window,
      limits: {
        unverifiedPeers: 2 * peers,
        sources: 2 * peers,
        datagramsPerSession: { perSecond: 10 * peers, burst: 10 * peers }
      }
    })
    return UdpRows.run("flat", plan, [
      ...rawPaced,
      { name: "100 known", feed: { kind: "discovery", format: "peerage", ...known(100) } },
      {
        name: "1,000 known",
        feed: { kind: "discovery", format: "peerage", ...known(1_000) },
        against: "100 known",
        ratio: "cost"
      },
      {
        name: "10,000 known",
        feed: { kind: "discovery", format: "peerage", ...known(10_000) },
        against: "100 known",
        ratio: "cost",
        target: Row.ratioAtMost(1.3)
      }
    ])
  }
}

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
