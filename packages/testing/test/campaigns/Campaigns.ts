/**
 * Every protocol, and all of them together, under all faults there are: judged in the tests with a few seeds, and by `pnpm campaign` with many.
 */
import { JsonBeacon, Peerage, SyncthingV0 } from "@effect-discovery/core/protocol"
import { type Coverage, DiscoveryProperties, Fault, type Property, Topology } from "@effect-discovery/testing"

export interface Campaign {
  readonly name: string
  readonly topology: Topology.Topology
  readonly sources: DiscoveryProperties.Options["sources"]
  /**
   * How long it may take until everybody knows everybody after the faults. A session that failed often is back after a minute and a fifth at the
   * latest, then announces at once or hears others within their interval; what was heard last of a host that is gone holds for its ttl.
   */
  readonly within: `${number} seconds`
  /** What a host may send a second, with some more for sessions that start again meanwhile and announce at once. */
  readonly datagrams: number
}

const six = "ff02::9778"

export const campaigns: ReadonlyArray<Campaign> = [
  {
    name: "json",
    topology: Topology.lan(4),
    sources: () => [JsonBeacon.source()],
    within: "90 seconds",
    datagrams: 1
  },
  {
    name: "json over IPv6",
    topology: Topology.lan(4, { ipv6: "fd11::/64" }),
    sources: () => [JsonBeacon.source({ group: six })],
    within: "90 seconds",
    datagrams: 1
  },
  {
    name: "peerage",
    topology: Topology.lan(5),
    sources: () => [Peerage.source()],
    within: "110 seconds",
    datagrams: 0.8
  },
  {
    name: "syncthing",
    topology: Topology.lan(3),
    sources: () => [SyncthingV0.source()],
    within: "200 seconds",
    datagrams: 0.5
  },
  {
    name: "all protocols",
    topology: Topology.lan(3, { ipv6: "fd11::/64" }),
    sources: () => [
      JsonBeacon.source(),
      JsonBeacon.source({ name: "json6", group: six }),
      Peerage.source(),
      SyncthingV0.source()
    ],
    within: "200 seconds",
    datagrams: 2.5
  },
  {
    name: "eight hosts",
    topology: Topology.lan(8),
    sources: () => [JsonBeacon.source(), Peerage.source(), SyncthingV0.source()],
    within: "200 seconds",
    datagrams: 1.6
  }
]

export const marks = [
  "peer discovered",
  "peer came back",
  "peer updated",
  "peer lost by Expired",
  "peer lost by Goodbye",
  "peer lost by InterfaceLost"
]

const sites = [
  "goodbye.slow",
  "intake.slow",
  "send.fails",
  "send.slow",
  "session.open.fails",
  "subscriber.slow"
]

/** What all campaigns together have to go through. */
export const minimum: Coverage.Minimum = { faults: Fault.kinds, sites, marks, rules: 8 }

export const propertyOf = ({ datagrams, name, sources, topology, within }: Campaign) => ({
  name,
  topology,
  workload: DiscoveryProperties.workload({ sources }),
  always: DiscoveryProperties.always,
  eventually: { allSeeAll: DiscoveryProperties.allSeeAll(within) },
  history: { explained: DiscoveryProperties.explained },
  quiet: { datagrams },
  buggify: true
})

/** Some of the runs have another order of fibers, and some survivors only. */
export const variants: ReadonlyArray<Pick<Property.Options<unknown>, "order" | "preemption" | "core">> = [
  {},
  { core: "random" },
  { order: "random" },
  { order: "pct", preemption: 0.01 }
]
