import type { Topology } from "@effect-discovery/testing"
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { failure, ip, open } from "../endpoint.ts"
import { a, arrival, b, c, fate, rule } from "./routed.ts"

const port = 9778
const group = "239.1.1.1"

const routed = (router: Partial<Topology.RouterInput> = {}): Topology.Input => ({
  segments: [a, b],
  routers: [{ name: "gw", between: [a, b], ...router }],
  hosts: [
    { name: "ada", interfaces: { eth0: { on: a } } },
    { name: "grace", interfaces: { eth0: { on: b } } }
  ]
})

const chain: Topology.Input = {
  segments: [a, b, c],
  routers: [
    { name: "gw1", between: [a, b], multicast: { threshold: 1 } },
    { name: "gw2", between: [b, c], multicast: { threshold: 3 } }
  ],
  hosts: [
    { name: "ada", interfaces: { eth0: { on: a } } },
    { name: "grace", interfaces: { eth0: { on: b } } },
    { name: "edith", interfaces: { eth0: { on: c } } }
  ]
}

const sending = (ttl: number, to = group) => (network: Parameters<Parameters<typeof rule>[2]>[0]) =>
  Effect.gen(function*() {
    const ada = yield* open(network.host("ada"), { multicast: { interface: ip("10.11.0.1"), ttl, loopback: false } })
    yield* ada.send("hello", `${to}:${port}`)
    yield* arrival
  })

describe("unicast", () => {
  rule("25: it is passed on, there and back, with its source", chain, (network) =>
    Effect.gen(function*() {
      const ada = yield* open(network.host("ada"), { port })
      const edith = yield* open(network.host("edith"), { port })
      yield* ada.send("ping", "10.33.0.1:9778")
      yield* arrival
      yield* edith.send("pong", "10.11.0.1:9778")
      yield* arrival

      assert.deepStrictEqual(yield* edith.senders, ["10.11.0.1:9778"])
      assert.deepStrictEqual(yield* ada.received, ["pong"])
      const forwards = (yield* network.log).split("\n").filter((line) => line.includes("forward"))
      assert.deepStrictEqual(forwards, [
        "0.001000 gw1/eth1 forward f1",
        "0.002000 gw2/eth1 forward f1",
        "0.101000 gw2/eth0 forward f2",
        "0.102000 gw1/eth0 forward f2"
      ])
    }))

  rule("25: IPv6 too", routed(), (network) =>
    Effect.gen(function*() {
      const ada = yield* open(network.host("ada"), { family: "IPv6" })
      const grace = yield* open(network.host("grace"), { family: "IPv6", port })
      yield* ada.send("hello", "[fd22::1]:9778")
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, ["hello"])
    }))

  rule("26: what the router knows no way to is lost there", routed(), (network) =>
    Effect.gen(function*() {
      const ada = yield* open(network.host("ada"))
      yield* ada.send("hello", "192.0.2.1:9778")
      yield* arrival

      assert.deepStrictEqual(yield* fate(network), ["gw/eth0 no-route"])
    }))

  rule(
    "22: the router is a host, with sockets, under each of its addresses",
    routed(),
    (network) =>
      Effect.gen(function*() {
        const gw = yield* open(network.host("gw"), { port: 53 })
        const ada = yield* open(network.host("ada"))
        yield* ada.send("near", "10.11.0.254:53")
        yield* ada.send("far", "10.22.0.254:53")
        yield* arrival

        assert.deepStrictEqual(yield* gw.received, ["near", "far"])
      })
  )

  rule("78: what ICMP has to say comes back over the routers", chain, (network) =>
    Effect.gen(function*() {
      const ada = yield* open(network.host("ada"), { connect: "10.33.0.1:9778" })
      yield* ada.say("hello")
      yield* arrival

      assert.deepStrictEqual(yield* ada.errors, [["ECONNREFUSED", "ConnectionRefused"]])
    }))

  rule("31: what the router finds nobody for is lost there, silently", routed(), (network) =>
    Effect.gen(function*() {
      const ada = yield* open(network.host("ada"))
      yield* ada.send("hello", "10.22.0.77:9778")
      yield* Effect.sleep("4 seconds")

      assert.deepStrictEqual(yield* fate(network), ["- no-host"])
    }))
})

describe("multicast", () => {
  rule("75: a router that does no multicast routing passes none on", routed(), (network) =>
    Effect.andThen(
      sending(64)(network),
      Effect.map(fate(network), (lines) => assert.deepStrictEqual(lines, ["gw/eth0 not-joined"]))
    ))

  const hops: ReadonlyArray<readonly [number, ReadonlyArray<string>]> = [
    [1, []],
    [2, ["grace"]],
    [3, ["grace"]],
    [4, ["grace"]],
    [5, ["grace", "edith"]]
  ]
  for (const [ttl, names] of hops) {
    rule(
      `75: with thresholds 1 and 3 a ttl of ${ttl} reaches ${names.join(" and ") || "nobody"}`,
      chain,
      (network) =>
        Effect.gen(function*() {
          const grace = yield* open(network.host("grace"), { port, join: [group] })
          const edith = yield* open(network.host("edith"), { port, join: [group] })
          yield* sending(ttl)(network)
          const heard = { grace: yield* grace.received, edith: yield* edith.received }

          assert.deepStrictEqual(Object.entries(heard).flatMap(([name, texts]) => texts.map(() => name)), names)
        })
    )
  }

  rule(
    "75: 224.0.0.0/24 is never passed on, whatever the ttl",
    routed({ multicast: { threshold: 0 } }),
    (network) =>
      Effect.gen(function*() {
        const grace = yield* open(network.host("grace"), { port, join: ["224.0.0.251"] })
        yield* sending(255, "224.0.0.251")(network)

        assert.deepStrictEqual(yield* grace.received, [])
      })
  )

  rule("75: a router below the threshold says so", routed({ multicast: { threshold: 9 } }), (network) =>
    Effect.andThen(
      sending(9)(network),
      Effect.map(fate(network), (lines) => assert.deepStrictEqual(lines, ["gw/eth1 threshold", "gw/eth0 not-joined"]))
    ))

  rule(
    "75: IPv6 groups of wider scope are passed on, those of the link are not",
    routed({ multicast: { threshold: 1 } }),
    (network) =>
      Effect.gen(function*() {
        const grace = yield* open(network.host("grace"), { family: "IPv6", port, join: ["ff0e::9", "ff02::9"] })
        const ada = yield* open(network.host("ada"), { family: "IPv6", multicast: { interface: 2, ttl: 8 } })
        yield* ada.send("wide", "[ff0e::9]:9778")
        yield* ada.send("link", "[ff02::9]:9778")
        yield* arrival

        assert.deepStrictEqual(yield* grace.received, ["wide"])
      })
  )

  rule("75: two routers side by side do not pass on what the other passed on", {
    ...routed(),
    routers: ["gw1", "gw2"].map((name) => ({ name, between: [a, b], multicast: { threshold: 1 } }))
  }, (network) =>
    Effect.gen(function*() {
      const grace = yield* open(network.host("grace"), { port, join: [group] })
      const other = yield* open(network.host("ada"), { port, join: [group] })
      yield* sending(64)(network)

      assert.deepStrictEqual([yield* grace.received, yield* other.received], [["hello", "hello"], []])
    }))
})

describe("directed broadcast", () => {
  const to = "10.22.0.255:9778"

  rule("87: the router receives it and does not pass it on", routed(), (network) =>
    Effect.gen(function*() {
      const gw = yield* open(network.host("gw"), { port })
      const grace = yield* open(network.host("grace"), { port })
      const ada = yield* open(network.host("ada"))
      yield* ada.send("hello", to)
      yield* arrival

      assert.deepStrictEqual([yield* gw.received, yield* grace.received], [["hello"], []])
    }))

  rule("87: where it is told to, it does", routed({ forwardBroadcast: true }), (network) =>
    Effect.gen(function*() {
      const grace = yield* open(network.host("grace"), { port })
      const ada = yield* open(network.host("ada"))
      const near = yield* failure(ada.send("near", "10.11.0.255:9778"))
      yield* ada.send("hello", to)
      yield* arrival

      assert.deepStrictEqual(near, ["EACCES", "PermissionDenied"])
      assert.deepStrictEqual(yield* grace.received, ["hello"])
    }))
})
