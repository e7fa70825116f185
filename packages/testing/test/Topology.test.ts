import { SimulatedNetwork, type SimulatedNetworkError, Simulation, Topology } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { NetAddress } from "effect/net"
import { open } from "./endpoint.ts"

const lan = Topology.segment("lan", { ipv4: "10.11.0.0/24", ipv6: "fd11::/64", link: { latency: "2 millis" } })
const iot = Topology.segment("iot", { ipv4: "10.22.0.0/24" })
const home = Topology.make({
  segments: [lan, iot],
  routers: [{ name: "gw", between: [lan, iot], multicast: { threshold: 1 } }],
  hosts: [
    { name: "alice", interfaces: { eth0: { on: lan } } },
    { name: "dual", interfaces: { eth0: { on: lan }, wlan0: { on: "iot", mtu: 1280 } }, defaultRoute: "eth0" },
    ...Topology.hosts("node", 2, { eth0: { on: iot } })
  ]
})

const addresses = (network: SimulatedNetwork.SimulatedNetwork, host: string) =>
  network.host(host).addresses.map(NetAddress.formatIp)

describe("make", () => {
  it("a topology is the same after it was stored", () => {
    const codec = Schema.toCodecJson(Topology.Topology)
    const stored = JSON.parse(JSON.stringify(Schema.encodeUnknownSync(codec)(home)))

    assert.deepStrictEqual(Schema.decodeUnknownSync(codec)(stored), home)
  })

  it("names stand for the segments", () => {
    assert.deepStrictEqual(home.hosts[1]?.interfaces, { eth0: { on: "lan" }, wlan0: { on: "iot", mtu: 1280 } })
    assert.deepStrictEqual(home.routers[0]?.between, ["lan", "iot"])
  })
})

describe("a network of a topology", () => {
  it.effect("has its hosts, with addresses in their order, routers last", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ topology: home })
      const names = (yield* network.hosts).map(({ name }) => name)

      assert.deepStrictEqual(names, ["alice", "dual", "node1", "node2"])
      assert.deepStrictEqual(addresses(network, "alice"), ["10.11.0.1", "fd11::1", "fe80::1"])
      assert.deepStrictEqual(addresses(network, "dual"), ["10.11.0.2", "fd11::2", "fe80::2", "10.22.0.1"])
      assert.deepStrictEqual(addresses(network, "gw"), ["10.11.0.254", "fd11::fe", "fe80::fe", "10.22.0.254"])
    }))

  it.effect("has no other hosts", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ topology: Topology.lan(2) })
      const message = `there is no host "bob" on the simulated network: it has host1, host2. Name it in the topology`

      assert.throws(() => network.host("bob"), message)
      assert.strictEqual((yield* Effect.flip(network.link("host1", "bob").set({ loss: 1 }))).message, message)
    }))

  it.effect("keeps what is said on a segment there", () =>
    Simulation.run(Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ topology: home })
      const member = { port: 9778, join: ["239.1.1.1"] }
      const alice = yield* open(network.host("alice"), member)
      const dual = yield* open(network.host("dual"), member)
      const node = yield* open(network.host("node1"), member)
      yield* alice.send("hello", "239.1.1.1:9778")
      yield* Effect.sleep("3 millis")

      assert.deepStrictEqual([yield* dual.received, yield* node.received], [["hello"], []])
    })))

  it.effect("is a service", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.SimulatedNetwork

      assert.strictEqual(network.seed, 7)
      assert.strictEqual((yield* network.hosts).length, 3)
    }).pipe(Effect.provide(SimulatedNetwork.layer({ topology: Topology.lan(3), seed: 7 }))))

  it.effect("may have a thousand hosts", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ topology: Topology.lan(1000) })

      assert.deepStrictEqual(addresses(network, "host1000"), ["10.11.3.232"])
      assert.throws(() => network.host("bob"), "host20 and 980 others")
    }))

  it.effect("gives nobody an address that another was promised", () =>
    Effect.gen(function*() {
      const topology = Topology.make({
        segments: [lan],
        hosts: [
          { name: "a", interfaces: { eth0: { on: lan } } },
          { name: "b", interfaces: { eth0: { on: lan, addresses: ["10.11.0.1"] } } }
        ]
      })
      const network = yield* SimulatedNetwork.make({ topology })

      assert.deepStrictEqual(addresses(network, "a"), ["10.11.0.2", "fd11::2", "fe80::2"])
      assert.deepStrictEqual(addresses(network, "b"), ["10.11.0.1", "fe80::1:1"])
    }))

  it.effect("gives segments without a network one of their own", () =>
    Effect.gen(function*() {
      const segments = [Topology.segment("a"), Topology.segment("b", { ipv4: "10.11.1.0/24" }), Topology.segment("c")]
      const hosts = segments.map((on) => ({ name: on.name, interfaces: { eth0: { on } } }))
      const network = yield* SimulatedNetwork.make({ topology: Topology.make({ segments, hosts }) })

      assert.deepStrictEqual(segments.flatMap(({ name }) => addresses(network, name)), [
        "10.11.0.1",
        "10.11.1.1",
        "10.11.2.1"
      ])
    }))
})

describe("impossible topologies", () => {
  const eth0 = { eth0: { on: lan } }
  const at = (...addresses: ReadonlyArray<string>) => ({ eth0: { on: lan, addresses } })
  const hosts = (...hosts: ReadonlyArray<Topology.HostInput>): Topology.Input => ({ segments: [lan, iot], hosts })
  const tiny = Topology.segment("tiny", { ipv4: "10.33.0.0/30" })
  const cases: ReadonlyArray<readonly [string, SimulatedNetworkError.Reason["_tag"], Topology.Input]> = [
    ["two segments of one name", "DuplicateName", { segments: [lan, lan] }],
    ["two hosts of one name", "DuplicateName", hosts({ name: "a", interfaces: eth0 }, { name: "a", interfaces: {} })],
    ["a loopback interface of one's own", "DuplicateName", hosts({ name: "a", interfaces: { lo: { on: lan } } })],
    ["a router named like a host", "DuplicateName", {
      segments: [lan, iot],
      routers: [{ name: "a", between: [lan, iot] }],
      hosts: [{ name: "a", interfaces: eth0 }]
    }],
    ["an unknown segment", "UnknownSegment", hosts({ name: "a", interfaces: { eth0: { on: "wan" } } })],
    ["a router on an unknown segment", "UnknownSegment", {
      segments: [lan],
      routers: [{ name: "gw", between: ["lan", "wan"] }]
    }],
    [
      "one address twice",
      "AddressTaken",
      hosts(
        { name: "a", interfaces: at("10.11.0.7") },
        { name: "b", interfaces: at("10.11.0.7/24") }
      )
    ],
    ["an address of elsewhere", "AddressOutside", hosts({ name: "a", interfaces: at("10.22.0.1") })],
    ["the address of the network", "AddressOutside", hosts({ name: "a", interfaces: at("10.11.0.0") })],
    ["an address that is none", "InvalidOption", hosts({ name: "a", interfaces: at("10.11.0") })],
    ["a network that is none", "InvalidOption", { segments: [Topology.segment("a", { ipv4: "10.11.0.1/24" })] }],
    ["an mtu that is none", "InvalidOption", { segments: [Topology.segment("a", { mtu: 10 })] }],
    ["a full segment", "NetworkFull", { segments: [tiny], hosts: Topology.hosts("n", 3, { eth0: { on: tiny } }) }],
    ["a router on one segment", "RouterTooNarrow", { segments: [lan], routers: [{ name: "gw", between: [lan] }] }],
    ["a default route by nothing", "ImpossibleRoute", hosts({ name: "a", interfaces: eth0, defaultRoute: "eth1" })],
    ["a gateway out of reach", "ImpossibleRoute", hosts({ name: "a", interfaces: eth0, defaultRoute: "10.22.0.1" })],
    ["a route nowhere", "ImpossibleRoute", hosts({ name: "a", interfaces: eth0, routes: [{ to: "10.0.0.0/8" }] })],
    [
      "a route to no network",
      "InvalidOption",
      hosts({ name: "a", interfaces: eth0, routes: [{ to: "x", by: "eth0" }] })
    ]
  ]

  for (const [what, tag, input] of cases) {
    it.effect(`${what} is a ${tag}`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(SimulatedNetwork.make({ topology: Topology.make(input) }))

        assert.strictEqual(error.reason._tag, tag)
        assert.isAbove(error.message.length, 20)
      }))
  }

  it.effect("options of a network without topology are none of a topology's", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(SimulatedNetwork.make({ topology: home, network: "10.0.0.0/8" }))

      assert.strictEqual(error.message, "network is left out where there is a topology, not 10.0.0.0/8")
    }))
})
