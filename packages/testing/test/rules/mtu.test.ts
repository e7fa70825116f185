import { SimulatedNetwork, Simulation, Topology } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Packet from "../../src/internal/kernel/Packet.ts"
import { ip, open } from "../endpoint.ts"
import { a, arrival, b, fate, rule } from "./routed.ts"

const port = 9778
const narrow = Topology.segment("b", { ...b, mtu: 1280 })
const octets = (count: number) => new Uint8Array(count)

describe("Packet", () => {
  const cases: ReadonlyArray<readonly ["IPv4" | "IPv6", payload: number, mtu: number, count: number, largest: number]> =
    [
      ["IPv4", 0, 1500, 1, 28],
      ["IPv4", 1472, 1500, 1, 1500],
      ["IPv4", 1473, 1500, 2, 1500],
      ["IPv4", 2952, 1500, 2, 1500],
      ["IPv4", 2953, 1500, 3, 1500],
      ["IPv4", 65_507, 1500, 45, 1500],
      ["IPv4", 2000, 1498, 2, 1492],
      ["IPv6", 1452, 1500, 1, 1500],
      ["IPv6", 1453, 1500, 2, 1496],
      ["IPv6", 65_527, 1280, 54, 1280]
    ]

  for (const [family, payload, mtu, count, largest] of cases) {
    it(`37: ${payload} octets of ${family} are ${count} packets of up to ${largest} with an mtu of ${mtu}`, () => {
      assert.deepStrictEqual(
        [Packet.count(family, payload, mtu), Packet.largest(family, payload, mtu)],
        [count, largest]
      )
    })
  }
})

describe("sizes", () => {
  const pair = (mtu: number): Topology.Input => ({
    segments: [a],
    hosts: [
      { name: "ada", interfaces: { eth0: { on: a } } },
      { name: "grace", interfaces: { eth0: { on: a, mtu } } }
    ]
  })

  rule(
    "37: what is larger than a packet arrives whole, to one, to a group and to all",
    pair(1500),
    (network) =>
      Effect.gen(function*() {
        const multicast = { interface: ip("10.11.0.1"), ttl: 1, loopback: false }
        const ada = yield* open(network.host("ada"), { broadcast: true, multicast })
        const grace = yield* open(network.host("grace"), { port, join: ["239.1.1.1"] })
        for (const to of ["10.11.0.2", "239.1.1.1", "10.11.0.255"]) yield* ada.sendBytes(octets(8000), `${to}:${port}`)
        yield* arrival

        assert.deepStrictEqual((yield* grace.received).map(({ length }) => length), [8000, 8000, 8000])
      })
  )

  rule(
    "39: a receiver with a smaller mtu loses what is sent in larger packets, silently",
    pair(1400),
    (network) =>
      Effect.gen(function*() {
        const ada = yield* open(network.host("ada"))
        const grace = yield* open(network.host("grace"), { port })
        for (const size of [1372, 1373, 8000]) yield* ada.sendBytes(octets(size), `10.11.0.2:${port}`)
        yield* arrival

        assert.deepStrictEqual((yield* grace.received).map(({ length }) => length), [1372])
        assert.deepStrictEqual(yield* fate(network), ["grace/eth0 mtu"])
      })
  )

  rule("39: until its mtu is as large", pair(1400), (network) =>
    Effect.gen(function*() {
      const ada = yield* open(network.host("ada"))
      const grace = yield* open(network.host("grace"), { port })
      yield* network.host("grace").interface("eth0").mtu(1500)
      yield* ada.sendBytes(octets(1472), `10.11.0.2:${port}`)
      yield* arrival

      assert.strictEqual((yield* grace.received).length, 1)
    }))
})

describe("fragments", () => {
  const lossy = (payload: number) =>
    Simulation.run(Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ topology: Topology.lan(2, { link: { loss: 0.1 } }), seed: 1 })
      const one = yield* open(network.host("host1"))
      const two = yield* open(network.host("host2"), { port, receiveBuffer: { capacity: 2000 } })
      for (let i = 0; i < 1000; i++) {
        yield* one.sendBytes(octets(payload), `10.11.0.2:${port}`)
        yield* Effect.sleep("10 millis")
      }
      return (yield* two.received).length
    }))

  it.effect("37: of five that are each lost one time in ten, all arrive in 59 of 100 cases", () =>
    Effect.gen(function*() {
      assert.closeTo(yield* lossy(1000), 900, 30)
      assert.closeTo(yield* lossy(7000), 590, 50)
    }))
})

describe("paths", () => {
  const path: Topology.Input = {
    segments: [a, narrow],
    routers: [{ name: "gw", between: [a, narrow], multicast: { threshold: 1 } }],
    hosts: [
      { name: "ada", interfaces: { eth0: { on: a } } },
      { name: "grace", interfaces: { eth0: { on: narrow } } },
      { name: "edith", interfaces: { eth0: { on: narrow } } }
    ]
  }
  const families = [["IPv4", `10.22.0.1:${port}`, `10.22.0.2:${port}`], [
    "IPv6",
    `[fd22::1]:${port}`,
    `[fd22::2]:${port}`
  ]] as const

  for (const [family, to, other] of families) {
    rule(
      `38: over ${family} the first large datagram is lost, later ones to that destination are not`,
      path,
      (network) =>
        Effect.gen(function*() {
          const ada = yield* open(network.host("ada"), { family })
          const grace = yield* open(network.host("grace"), { family, port })
          const edith = yield* open(network.host("edith"), { family, port })
          for (let i = 0; i < 3; i++) yield* Effect.andThen(ada.sendBytes(octets(1400 + i), to), arrival)
          yield* ada.sendBytes(octets(1400), other)
          yield* arrival

          assert.deepStrictEqual((yield* grace.received).map(({ length }) => length), [1401, 1402])
          assert.deepStrictEqual(yield* edith.received, [])
          assert.deepStrictEqual(yield* fate(network), ["gw/eth1 mtu"])
        })
    )
  }

  rule("38: after ten minutes the path is tried again", path, (network) =>
    Effect.gen(function*() {
      const ada = yield* open(network.host("ada"))
      const grace = yield* open(network.host("grace"), { port })
      for (let i = 0; i < 3; i++) {
        yield* Effect.andThen(ada.sendBytes(octets(1400), `10.22.0.1:${port}`), Effect.sleep("6 minutes"))
      }

      assert.strictEqual((yield* grace.received).length, 1)
    }))

  rule("38: fragments of IPv4 are cut again on the way", path, (network) =>
    Effect.gen(function*() {
      const ada = yield* open(network.host("ada"))
      const grace = yield* open(network.host("grace"), { port })
      yield* ada.sendBytes(octets(8000), `10.22.0.1:${port}`)
      yield* arrival

      assert.strictEqual((yield* grace.received).length, 1)
    }))

  rule("38: nobody is told of what was for a group, and all of it is lost", path, (network) =>
    Effect.gen(function*() {
      const multicast = { interface: ip("10.11.0.1"), ttl: 8 }
      const ada = yield* open(network.host("ada"), { multicast })
      const grace = yield* open(network.host("grace"), { port, join: ["239.1.1.1"] })
      for (let i = 0; i < 2; i++) yield* Effect.andThen(ada.sendBytes(octets(1400), `239.1.1.1:${port}`), arrival)

      assert.deepStrictEqual(yield* grace.received, [])
    }))
})
