import type { Topology } from "@effect-discovery/testing"
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { eth0, ip, join, open } from "../endpoint.ts"
import { a, arrival, b, fate, rule } from "./routed.ts"

const port = 9778
const group = "239.1.1.1"

/** One host with two interfaces on the segment, and another. */
const twice: Topology.Input = {
  segments: [a],
  hosts: [
    { name: "dual", interfaces: { eth0: { on: a }, eth1: { on: a } }, defaultRoute: false },
    { name: "other", interfaces: { eth0: { on: a } }, defaultRoute: false }
  ]
}

describe("120: what comes from an address of the receiver's own", () => {
  rule(
    "is no IPv4 datagram to Linux: a host twice on a segment hears itself once",
    twice,
    (network) =>
      Effect.gen(function*() {
        const dual = yield* open(network.host("dual"), {
          port,
          broadcast: true,
          multicast: { interface: ip("10.11.0.1"), ttl: 1, loopback: true }
        })
        const other = yield* open(network.host("other"), { port, join: [group] })
        yield* join(dual.reader, group, ip("10.11.0.1"))
        yield* join(dual.reader, group, ip("10.11.0.2"))
        yield* dual.send("group", `${group}:${port}`)
        yield* dual.send("all", `10.11.0.255:${port}`)
        yield* arrival

        assert.deepStrictEqual(yield* dual.received, ["group", "all"])
        assert.deepStrictEqual(yield* other.received, ["group", "all"])
        assert.deepStrictEqual(
          (yield* fate(network)).toSorted(),
          ["dual/eth0 delivered", "dual/eth1 martian", "other/eth0 delivered"]
        )
      })
  )

  rule("is one like any other in IPv6: it hears itself twice", twice, (network) =>
    Effect.gen(function*() {
      const dual = yield* open(network.host("dual"), {
        family: "IPv6",
        port,
        multicast: { interface: eth0, ttl: 1, loopback: true }
      })
      yield* join(dual.reader, "ff02::99", eth0)
      yield* join(dual.reader, "ff02::99", eth0 + 1)
      yield* dual.send("group", `[ff02::99]:${port}`)
      yield* arrival

      assert.deepStrictEqual(yield* dual.received, ["group", "group"])
    }))

  rule("two hosts with one address do not hear each other", twice, (network) =>
    Effect.gen(function*() {
      yield* network.host("other").interface("eth0").addAddress("10.11.0.1")
      const dual = yield* open(network.host("dual"), { address: "10.11.0.1", port, broadcast: true })
      const other = yield* open(network.host("other"), { port, broadcast: true })
      yield* dual.send("all", `10.11.0.255:${port}`)
      yield* arrival

      assert.deepStrictEqual(yield* other.received, [])
    }))
})

describe("8: a socket that is bound to a broadcast address", () => {
  rule("sends from the address of the interface", twice, (network) =>
    Effect.gen(function*() {
      const other = yield* open(network.host("other"), { address: "10.11.0.255", port, broadcast: true })
      const dual = yield* open(network.host("dual"), { port })
      yield* other.send("one", `10.11.0.1:${port}`)
      yield* other.send("all", `10.11.0.255:${port}`)
      yield* arrival

      // a copy by each interface
      assert.deepStrictEqual(yield* dual.senders, Array.from({ length: 3 }, () => "10.11.0.3:9778"))
      assert.deepStrictEqual(yield* other.received, ["all"])
    }))
})

describe("31: what waits for an address", () => {
  const waiting = (name: string, change: (network: Parameters<Parameters<typeof rule>[2]>[0]) => Effect.Effect<void>) =>
    rule(name, { ...twice, segments: [a, b] }, (network) =>
      Effect.gen(function*() {
        const other = yield* open(network.host("other"))
        const dual = yield* open(network.host("dual"), { port })
        yield* other.send("late", `10.11.0.9:${port}`)
        yield* change(network)
        yield* network.host("dual").interface("eth0").addAddress("10.11.0.9")
        yield* arrival

        assert.deepStrictEqual(yield* dual.received, [])
        assert.strictEqual((yield* fate(network)).length, 1)
      }))

  waiting("is lost when the interface goes down", (network) =>
    Effect.orDie(Effect.andThen(
      network.host("other").interface("eth0").down,
      network.host("other").interface("eth0").up
    )))
  waiting(
    "is lost when the interface is removed",
    (network) => Effect.orDie(network.host("other").interface("eth0").recreate)
  )
  waiting("is lost when the interface is moved", (network) =>
    Effect.orDie(Effect.andThen(
      network.host("other").interface("eth0").move("b"),
      network.host("other").interface("eth0").move("a")
    )))
  waiting("is lost when the host crashes", (network) => network.host("other").crash)
})

describe("98: an interface of a router that is down", () => {
  rule(
    "passes no broadcast on",
    {
      segments: [a, b],
      routers: [{ name: "gw", between: [a, b], forwardBroadcast: true }],
      hosts: [
        { name: "ada", interfaces: { eth0: { on: a } } },
        { name: "grace", interfaces: { eth0: { on: b } } }
      ]
    },
    (network) =>
      Effect.gen(function*() {
        const ada = yield* open(network.host("ada"), { broadcast: true })
        const grace = yield* open(network.host("grace"), { port })
        yield* network.host("gw").interface("eth1").down
        yield* ada.send("all", `10.22.0.255:${port}`)
        yield* arrival

        assert.deepStrictEqual(yield* grace.received, [])
      })
  )
})

describe("what is held", () => {
  rule(
    "arrives although its sender has moved meanwhile",
    { ...twice, segments: [a, b] },
    (network) =>
      Effect.gen(function*() {
        const other = yield* open(network.host("other"))
        const dual = yield* open(network.host("dual"), { port })
        yield* Effect.scoped(Effect.gen(function*() {
          yield* network.faults.hold()
          yield* other.send("held", `10.11.0.1:${port}`)
          yield* network.host("other").interface("eth0").move("b")
        }))
        yield* arrival

        assert.deepStrictEqual(yield* dual.received, ["held"])
      })
  )
})
