import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { NetAddress } from "effect/net"
import { failure, join, open } from "../endpoint.ts"
import { arrival, rule } from "./simulated.ts"

const group = "239.1.1.1"
const to = `${group}:9778`

describe("receiving multicast", () => {
  rule("47: a host that has not joined gets nothing", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      yield* ada.send("hello", to)
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, [])
      assert.deepStrictEqual((yield* lan.frames)[0]?.outcomes.map((outcome) => outcome._tag === "Dropped" && outcome), [
        { _tag: "Dropped", at: "ada/eth0", time: 0, reason: "not-joined" },
        { _tag: "Dropped", at: "grace/eth0", time: 1000, reason: "not-joined" }
      ])
    }))

  rule("49: not so where membership is strict", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const member = yield* open(lan.host("grace"), { port: 9778, reuseAddress: true, join: [group] })
      const bystander = yield* open(lan.host("grace"), { port: 9778, reuseAddress: true })
      yield* ada.send("hello", to)
      yield* arrival

      assert.deepStrictEqual([yield* member.received, yield* bystander.received], [["hello"], []])
    }), { membership: "strict" })

  rule("53: the order of the copies among sockets is drawn from the seed", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      for (let i = 0; i < 3; i++) yield* open(lan.host("grace"), { port: 9778, reuseAddress: true, join: [group] })
      for (let i = 0; i < 20; i++) yield* ada.send("hello", to)
      yield* arrival
      const orders = (yield* lan.log).match(/deliver f\d+ #\d+\n.*deliver f\d+ #\d+\n.*deliver f\d+ #\d+/g) ?? []

      assert.strictEqual(orders.length, 20)
      assert.strictEqual(new Set(orders.map((lines) => lines.match(/#\d/g)!.join())).size, 6)
    }), { seed: 1 })
})

describe("membership", () => {
  rule("59: joining twice fails, on another interface or another socket it does not", (lan) =>
    Effect.gen(function*() {
      const host = lan.host("ada")
      const ada = yield* open(host, { join: [group] })
      const other = yield* open(host)

      assert.deepStrictEqual(yield* failure(join(ada.reader, group, host.address)), ["EADDRINUSE", "AddressInUse"])
      assert.deepStrictEqual(yield* failure(join(ada.reader, group, NetAddress.ipv4Loopback)), [undefined, undefined])
      assert.deepStrictEqual(yield* failure(join(other.reader, group, host.address)), [undefined, undefined])
    }))
})

describe("sending multicast", () => {
  rule("67: bound to loopback, it stays there", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { address: "127.0.0.1" })
      yield* ada.send("hello", to)

      assert.strictEqual((yield* lan.frames)[0]?.from, "ada/lo")
    }))

  rule(
    "68: the interface gives a wildcard socket its source, a specific one keeps its own",
    (lan) =>
      Effect.gen(function*() {
        const multicast = { interface: NetAddress.ipv4Loopback, ttl: 1 }
        const wildcard = yield* open(lan.host("ada"), { port: 9000, multicast })
        const specific = yield* open(lan.host("ada"), { port: 9001, multicast, address: "10.11.0.1" })
        yield* wildcard.send("hello", to)
        yield* specific.send("hello", to)

        assert.deepStrictEqual((yield* lan.frames).map(({ from, source }) => [from, source]), [
          ["ada/lo", "127.0.0.1:9000"],
          ["ada/lo", "10.11.0.1:9001"]
        ])
      })
  )

  rule("69: 0.0.0.0 is the system's choice", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { multicast: { interface: NetAddress.ipv4Unspecified, ttl: 1 } })
      yield* ada.send("hello", to)

      assert.strictEqual((yield* lan.frames)[0]?.from, "ada/eth0")
    }))

  rule("72, 73: the loopback interface delivers with loopback off and a ttl of 0", (lan) =>
    Effect.gen(function*() {
      const multicast = { interface: NetAddress.ipv4Loopback, ttl: 0, loopback: false }
      const ada = yield* open(lan.host("ada"), { port: 9778, multicast })
      const grace = yield* open(lan.host("grace"), { port: 9778, join: [group] })
      yield* join(ada.reader, group, NetAddress.ipv4Loopback)
      yield* ada.send("hello", to)
      yield* arrival

      assert.deepStrictEqual([yield* ada.senders, yield* grace.received], [["127.0.0.1:9778"], []])
      assert.deepStrictEqual((yield* lan.frames)[0]?.outcomes, [{ _tag: "Delivered", at: "ada/lo", time: 0 }])
    }))

  rule("74: a ttl of 0 stays on the host, one of 1 reaches the segment", (lan) =>
    Effect.gen(function*() {
      const host = lan.host("ada")
      const grace = yield* open(lan.host("grace"), { port: 9778, join: [group] })
      const local = yield* open(host, {
        port: 9778,
        reuseAddress: true,
        join: [group],
        multicast: { interface: host.address, ttl: 0 }
      })
      const wide = yield* open(host, { port: 9778, reuseAddress: true, multicast: { interface: host.address, ttl: 1 } })
      yield* local.send("0", to)
      yield* wide.send("1", to)
      yield* arrival

      assert.deepStrictEqual([yield* local.received, yield* grace.received], [["0", "1"], ["1"]])
      assert.deepInclude((yield* lan.frames)[0]?.outcomes[0], { _tag: "Dropped", reason: "ttl" })
    }))
})
