import { assert, describe } from "@effect/vitest"
import { Effect, Scope } from "effect"
import { NetAddress } from "effect/net"
import { failure, ip, join, open } from "../endpoint.ts"
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

  rule("47: every host gets 224.0.0.1 without joining", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      yield* ada.send("hello", "224.0.0.1:9778")
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, ["hello"])
    }))

  rule(
    "48: every wildcard or group-bound socket on the port gets a copy, a specific one does not",
    (lan) =>
      Effect.gen(function*() {
        const ada = yield* open(lan.host("ada"))
        const options = { port: 9778, reuseAddress: true, join: [group] }
        const receivers = yield* Effect.forEach(
          [{}, {}, { address: group }, { address: "10.11.0.2" }],
          (bind) => open(lan.host("grace"), { ...options, ...bind })
        )
        yield* ada.send("hello", to)
        yield* arrival

        assert.deepStrictEqual(yield* Effect.forEach(receivers, ({ received }) => received), [
          ["hello"],
          ["hello"],
          ["hello"],
          []
        ])
      })
  )

  rule(
    "49: a wildcard socket that never joined hears what any socket of its host joined",
    (lan) =>
      Effect.gen(function*() {
        const ada = yield* open(lan.host("ada"))
        yield* open(lan.host("grace"), { port: 1234, join: [group] })
        const bystander = yield* open(lan.host("grace"), { port: 9778 })
        yield* ada.send("hello", to)
        yield* arrival

        assert.deepStrictEqual(yield* bystander.received, ["hello"])
      })
  )

  rule("49: not so where membership is strict", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const member = yield* open(lan.host("grace"), { port: 9778, reuseAddress: true, join: [group] })
      const bystander = yield* open(lan.host("grace"), { port: 9778, reuseAddress: true })
      yield* ada.send("hello", to)
      yield* arrival

      assert.deepStrictEqual([yield* member.received, yield* bystander.received], [["hello"], []])
    }), { membership: "strict" })

  rule("50: a group-bound socket gets neither unicast nor other groups", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778, address: group, join: [group, "239.2.2.2"] })
      yield* ada.send("unicast", "10.11.0.2:9778")
      yield* ada.send("other", "239.2.2.2:9778")
      yield* ada.send("group", to)
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, ["group"])
    }))

  rule("50: a group-bound socket needs a membership of its host", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778, address: group })
      yield* ada.send("hello", to)
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, [])
    }))

  rule("51: a socket joined on two interfaces gets one copy", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778, join: [group] })
      yield* join(grace.reader, group, NetAddress.ipv4Loopback)
      yield* ada.send("hello", to)
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, ["hello"])
    }))

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
  rule("57: joining by an address that is not local fails", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))

      assert.deepStrictEqual(yield* failure(join(ada.reader, group, ip("10.11.0.9"))), ["ENODEV", "Unknown"])
    }))

  rule(
    "58: without an interface the default route chooses, and without one joining fails",
    (lan) =>
      Effect.gen(function*() {
        const ada = yield* open(lan.host("ada"))
        const grace = yield* open(lan.host("grace"), { port: 9778 })
        const island = yield* open(lan.host("island", { hasDefaultRoute: false }))
        yield* join(grace.reader, group)
        yield* ada.send("hello", to)
        yield* arrival

        assert.deepStrictEqual(yield* grace.received, ["hello"])
        assert.deepStrictEqual(yield* failure(join(island.reader, group)), ["ENODEV", "Unknown"])
      })
  )

  rule("59: joining twice fails, on another interface or another socket it does not", (lan) =>
    Effect.gen(function*() {
      const host = lan.host("ada")
      const ada = yield* open(host, { join: [group] })
      const other = yield* open(host)

      assert.deepStrictEqual(yield* failure(join(ada.reader, group, host.address)), ["EADDRINUSE", "AddressInUse"])
      assert.deepStrictEqual(yield* failure(join(ada.reader, group, NetAddress.ipv4Loopback)), [undefined, undefined])
      assert.deepStrictEqual(yield* failure(join(other.reader, group, host.address)), [undefined, undefined])
    }))

  rule("60: a socket holds twenty memberships", (lan) =>
    Effect.gen(function*() {
      const groups = Array.from({ length: 20 }, (_, i) => `239.1.1.${i}`)
      const ada = yield* open(lan.host("ada"), { join: groups })

      assert.deepStrictEqual(yield* failure(join(ada.reader, "239.1.2.0", lan.host("ada").address)), [
        "ENOBUFS",
        "Unknown"
      ])
    }))

  rule(
    "61: closing the socket drops its memberships, and the host's interest with the last",
    (lan) =>
      Effect.gen(function*() {
        const ada = yield* open(lan.host("ada"))
        const bystander = yield* open(lan.host("grace"), { port: 9778 })
        const scope = yield* Scope.make()
        yield* Scope.provide(open(lan.host("grace"), { join: [group] }), scope)
        yield* ada.send("one", to)
        yield* arrival
        yield* Scope.close(scope, yield* Effect.exit(Effect.void))
        yield* ada.send("two", to)
        yield* arrival

        assert.deepStrictEqual(yield* bystander.received, ["one"])
      })
  )

  rule("61: a membership ends with its scope", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      yield* Effect.scoped(Effect.andThen(
        join(grace.reader, group, lan.host("grace").address),
        Effect.andThen(ada.send("one", to), arrival)
      ))
      yield* ada.send("two", to)
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, ["one"])
    }))
})

describe("sending multicast", () => {
  rule(
    "67: by the interface set, else the one of the bound address, else the default route",
    (lan) =>
      Effect.gen(function*() {
        const ada = lan.host("ada", { hasDefaultRoute: false })
        const grace = yield* open(lan.host("grace"), { port: 9778, join: [group] })
        const set = yield* open(ada, { multicast: { interface: ada.address, ttl: 1 } })
        const bound = yield* open(ada, { address: "10.11.0.1" })
        const neither = yield* open(ada)
        yield* set.send("set", to)
        yield* bound.send("bound", to)
        const outcome = yield* failure(neither.send("neither", to))
        yield* arrival

        assert.deepStrictEqual(yield* grace.received, ["set", "bound"])
        assert.deepStrictEqual(outcome, ["ENETUNREACH", "Unreachable"])
      })
  )

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

  rule("69: an interface whose address is not local is not available", (lan) =>
    Effect.gen(function*() {
      const opened = open(lan.host("ada"), { multicast: { interface: ip("10.11.0.9"), ttl: 1 } })

      assert.deepStrictEqual(yield* failure(opened), ["EADDRNOTAVAIL", "AddressNotAvailable"])
    }))

  rule("68, 73: every address of loopback chooses it, and is the source", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { port: 9000, multicast: { interface: ip("127.0.0.2"), ttl: 1 } })
      const member = yield* open(lan.host("ada"), { port: 9778 })
      yield* join(member.reader, group, NetAddress.ipv4Loopback)
      yield* ada.send("hello", to)
      yield* arrival

      assert.deepStrictEqual(yield* member.senders, ["127.0.0.2:9000"])
    }))

  rule("69: 0.0.0.0 is the system's choice", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { multicast: { interface: NetAddress.ipv4Unspecified, ttl: 1 } })
      yield* ada.send("hello", to)

      assert.strictEqual((yield* lan.frames)[0]?.from, "ada/eth0")
    }))

  rule(
    "71: the sender's loopback decides whether its own host hears it, itself included",
    (lan) =>
      Effect.gen(function*() {
        const host = lan.host("ada")
        const options = { port: 9778, reuseAddress: true, join: [group] }
        const loud = yield* open(host, options)
        const quiet = yield* open(host, { ...options, multicast: { interface: host.address, ttl: 1, loopback: false } })
        const grace = yield* open(lan.host("grace"), options)
        yield* loud.send("loud", to)
        yield* quiet.send("quiet", to)
        yield* arrival

        assert.deepStrictEqual([yield* loud.received, yield* quiet.received], [["loud"], ["loud"]])
        assert.deepStrictEqual(yield* grace.received, ["loud", "quiet"])
      })
  )

  rule("71: nobody hears it on a host that joined on another interface", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { port: 9778 })
      yield* join(ada.reader, group, NetAddress.ipv4Loopback)
      yield* ada.send("hello", to)
      yield* arrival

      assert.deepStrictEqual(yield* ada.received, [])
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
