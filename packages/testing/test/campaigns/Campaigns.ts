/**
 * Every protocol, and all of them together, under all faults there are: judged in the tests with a few seeds, and by `pnpm campaign` with many.
 */
import { Announcement } from "@effect-discovery/core"
import { JsonBeacon, Mdns, Peerage, SyncthingV0 } from "@effect-discovery/core/protocol"
import {
  type Coverage,
  DiscoveryProperties,
  Fault,
  Faults,
  NetworkEvent,
  type Property,
  type PropertyState,
  type SimulatedNetwork,
  Topology
} from "@effect-discovery/testing"
import { Effect } from "effect"
import * as Neighbours from "./Neighbours.ts"

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
  readonly announcement?: DiscoveryProperties.Options["announcement"]
  /** Runs beside discovery on each host. */
  readonly neighbours?: typeof Neighbours.run
  readonly setup?: (network: SimulatedNetwork.SimulatedNetwork) => ReturnType<Faults.Faults["rule"]>
}

const six = "ff02::9778"

// A line that is soon full, and a tunnel in which what is long travels in parts, with a router between them.
const attic = Topology.segment("attic", {
  ipv4: "10.22.0.0/24",
  link: { latency: "2 millis", bandwidth: "1 Mbit", queue: "6 KiB" }
})
const cellar = Topology.segment("cellar", { ipv4: "10.33.0.0/24", link: { latency: "1 millis", mtu: 576, loss: 0.02 } })
const house = Topology.make({
  segments: [attic, cellar],
  routers: [{ name: "gw", between: [attic, cellar], multicast: { threshold: 4 } }],
  hosts: [
    ...Topology.hosts("desk", 2, { eth0: { on: attic } }),
    { name: "phone", interfaces: { wlan0: { on: attic, mtu: 1000 } } },
    ...Topology.hosts("rack", 3, { eth0: { on: cellar } })
  ]
})

// In the cellar one takes several packets.
const longWinded = ({ name }: PropertyState.Participant) => {
  const nameOf = DiscoveryProperties.nameOf(name)
  const attributes = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`attribute${i}`, "x".repeat(80)]))
  return Announcement.make({
    name: nameOf,
    identity: nameOf,
    port: 8080,
    ...(name.startsWith("rack") ? { attributes } : {})
  })
}

// A middlebox that eats all of one port.
const middlebox: Campaign["setup"] = (network) =>
  network.faults.rule(({ port }) => port === Neighbours.eaten ? Faults.Verdict.drop("middlebox") : Faults.Verdict.pass)

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
    // a goodbye that is lost is made up for when the pointer ends, after 75 minutes; a session that starts again probes, announces twice, asks four
    // times in ten seconds, and answers what the three others ask of it that start again as well
    name: "mdns",
    topology: Topology.lan(4),
    sources: () => [Mdns.source({ browse: ["_peer._udp"], type: "_peer._udp" })],
    within: "5400 seconds",
    datagrams: 2
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
  },
  {
    name: "two segments",
    topology: house,
    sources: () => [JsonBeacon.source({ maxDatagram: 8192 })],
    within: "90 seconds",
    datagrams: 18,
    announcement: longWinded,
    neighbours: Neighbours.run,
    setup: middlebox
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
export const minimum: Coverage.Minimum = {
  faults: Fault.kinds,
  drops: Object.keys(NetworkEvent.dropReasons) as Array<NetworkEvent.DropReason>,
  sites,
  marks,
  rules: 8
}

const workloadOf = ({ announcement, neighbours, sources }: Campaign) => {
  const discovery = DiscoveryProperties.workload({ sources, announcement })
  return neighbours === undefined
    ? discovery
    : (participant: PropertyState.Participant) => Effect.andThen(neighbours(participant), discovery(participant))
}

// Discovery goes as far as its segment: no more is asked for.
const seeNeighbours = ({ topology: { hosts, segments }, within }: Campaign) => {
  const { check, missing } = DiscoveryProperties.allSeeAll(within)
  const on = (segment: string) => (state: PropertyState.State<DiscoveryProperties.View>) => ({
    ...state,
    hosts: state.hosts.filter(({ name }) =>
      hosts.some((host) => host.name === name && Object.values(host.interfaces).some((local) => local.on === segment))
    )
  })
  return Object.fromEntries(segments.map(({ name }) => [`allSeeAll on ${name}`, {
    check: (state: PropertyState.State<DiscoveryProperties.View>) => check(on(name)(state)),
    missing: (state: PropertyState.State<DiscoveryProperties.View>) => missing?.(on(name)(state)) ?? [],
    within
  }]))
}

export const propertyOf = (campaign: Campaign) => ({
  name: campaign.name,
  topology: campaign.topology,
  ...(campaign.setup === undefined ? {} : { setup: campaign.setup }),
  workload: workloadOf(campaign),
  always: DiscoveryProperties.always,
  eventually: seeNeighbours(campaign),
  history: { explained: DiscoveryProperties.explained },
  quiet: { datagrams: campaign.datagrams },
  buggify: true
})

/** Some of the runs have another order of fibers, some survivors only, and some nothing that has to converge. */
export const variants: ReadonlyArray<
  Pick<Property.Options<unknown>, "order" | "preemption" | "core" | "safetyOnly">
> = [
  {},
  { core: "random" },
  { order: "random" },
  { order: "random", preemption: 0.02, safetyOnly: true },
  { order: "pct", preemption: 0.01 }
]
