import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { NetAddress } from "effect/net"
import { eth0, failure, ip, join, open } from "../endpoint.ts"
import { arrival, rule } from "./simulated.ts"

const dual = { family: "IPv6", dualStack: true } as const
const six = { family: "IPv6" } as const
const ipv6 = { ipv6: "fd11::/64" }
const inUse = ["EADDRINUSE", "AddressInUse"]
const fine = [undefined, undefined]

describe("dual-stack sockets", () => {
  rule("9: one that is bound to an IPv6 address is in nobody's way", (lan) =>
    Effect.gen(function*() {
      yield* open(lan.host("ada"), { ...dual, port: 9778, address: "fd11::1" })

      assert.deepStrictEqual(yield* failure(open(lan.host("ada"), { port: 9778 })), fine)
    }), ipv6)

  rule("12: a mapped address can be bound, on a dual-stack socket only", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")
      const bound = yield* open(ada, { ...dual, port: 9778, address: "::ffff:10.11.0.1" })

      assert.strictEqual(NetAddress.formatInet(bound.reader.address), "[::ffff:10.11.0.1]:9778")
      assert.deepStrictEqual(yield* failure(open(ada, { port: 9778 })), inUse)
      assert.deepStrictEqual((yield* failure(open(ada, { ...six, address: "::ffff:10.11.0.1" })))[0], "EINVAL")
      assert.deepStrictEqual((yield* failure(open(ada, { ...dual, address: "10.11.0.1" })))[0], "EINVAL")
    }), ipv6)

  rule("54: senders of IPv4 are mapped, and can be answered", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { port: 9000 })
      const grace = yield* open(lan.host("grace"), { ...dual, port: 9778 })
      yield* ada.send("hello", "10.11.0.2:9778")
      yield* arrival
      const [sender] = yield* grace.senders
      yield* grace.send("answer", sender!)
      yield* arrival

      assert.strictEqual(sender, "[::ffff:10.11.0.1]:9000")
      assert.deepStrictEqual(yield* ada.senders, ["10.11.0.2:9778"])
    }), ipv6)

  rule("they hear IPv6 as well", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { ...six, port: 9000 })
      const grace = yield* open(lan.host("grace"), { ...dual, port: 9778 })
      yield* ada.send("hello", "[fd11::2]:9778")
      yield* arrival

      assert.deepStrictEqual(yield* grace.senders, ["[fd11::1]:9000"])
    }), ipv6)

  rule("32: an IPv4 literal is invalid, a mapped one takes both families", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")
      const send = (options: { readonly family?: "IPv6"; readonly dualStack?: true }, to: string) =>
        Effect.flatMap(open(ada, options), (socket) => failure(socket.send("hello", to)))

      assert.strictEqual((yield* send(dual, "10.11.0.2:9778"))[0], "EINVAL")
      assert.strictEqual((yield* send({}, "[::ffff:10.11.0.2]:9778"))[0], "EINVAL")
      assert.deepStrictEqual(yield* send(six, "[::ffff:10.11.0.2]:9778"), ["ENETUNREACH", "Unreachable"])
      assert.deepStrictEqual(yield* send(dual, "[::ffff:10.11.0.2]:9778"), fine)
    }), ipv6)

  for (const dualFirst of [true, false]) {
    rule(
      `19: an IPv4 wildcard socket gets IPv4 before them (dual-stack bound ${dualFirst ? "first" : "last"})`,
      (lan) =>
        Effect.gen(function*() {
          const ada = yield* open(lan.host("ada"))
          const shared = { port: 9778, reuseAddress: true }
          const both = [{ ...shared, ...dual }, { ...shared, family: "IPv4" }] as const
          const sockets = yield* Effect.forEach(
            dualFirst ? both : both.toReversed(),
            (options) => open(lan.host("grace"), options)
          )
          yield* ada.send("hello", "10.11.0.2:9778")
          yield* arrival
          const received = yield* Effect.forEach(sockets, (socket) => socket.received)

          assert.deepStrictEqual(received, dualFirst ? [[], ["hello"]] : [["hello"], []])
        }),
      ipv6
    )
  }

  rule(
    "54: they hear IPv4 groups only where they joined themselves, 224.0.0.1 included",
    (lan) =>
      Effect.gen(function*() {
        const ada = yield* open(lan.host("ada"))
        const shared = { port: 9778, reuseAddress: true }
        const four = yield* open(lan.host("grace"), { ...shared, join: ["239.1.1.1"] })
        const deaf = yield* open(lan.host("grace"), { ...shared, ...dual })
        const member = yield* open(lan.host("grace"), { ...shared, ...dual })
        yield* join(member.reader, "239.1.1.1", ip("10.11.0.2"))
        yield* ada.send("group", "239.1.1.1:9778")
        yield* ada.send("all hosts", "224.0.0.1:9778")
        yield* arrival

        assert.deepStrictEqual(
          [yield* four.received, yield* deaf.received, yield* member.received],
          [["group", "all hosts"], [], ["group"]]
        )
      }),
    ipv6
  )

  rule("54, 49: those that joined an IPv6 group elsewhere hear it as IPv6 sockets do", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), six)
      const shared = { port: 9778, reuseAddress: true }
      yield* open(lan.host("grace"), { ...six, ...shared, join: ["ff05::9"] })
      const grace = yield* open(lan.host("grace"), { ...dual, ...shared })
      yield* ada.send("group", "[ff05::9]:9778")
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, ["group"])
    }), ipv6)

  rule("54: they send to a mapped group by the interface of an IPv4 address", (lan) =>
    Effect.gen(function*() {
      const multicast = { interface: ip("127.0.0.1"), ttl: 1 }
      const ada = yield* open(lan.host("ada"), { ...dual, port: 9000, multicast })
      const grace = yield* open(lan.host("grace"), { port: 9778, join: ["239.1.1.1"] })
      yield* ada.send("hello", "[::ffff:239.1.1.1]:9778")
      const byIndex = yield* open(lan.host("ada"), { ...dual, port: 9001, multicast: { interface: eth0, ttl: 1 } })
      yield* byIndex.send("by the route", "[::ffff:239.1.1.1]:9778")
      yield* arrival

      assert.deepStrictEqual((yield* lan.frames).map(({ from }) => from), ["ada/lo", "ada/eth0"])
      assert.deepStrictEqual(yield* grace.senders, ["10.11.0.1:9001"])
    }), ipv6)

  rule("67: of IPv6 it is the index that counts", (lan) =>
    Effect.gen(function*() {
      const multicast = { interface: ip("127.0.0.1"), ttl: 1 }
      const ada = yield* open(lan.host("ada"), { ...dual, multicast })
      yield* ada.send("hello", "[ff05::9]:9778")
      const byIndex = yield* open(lan.host("ada"), { ...dual, multicast: { interface: eth0, ttl: 1 } })
      yield* byIndex.send("hello", "[ff05::9]:9778")

      assert.deepStrictEqual((yield* lan.frames).map(({ from }) => from), ["ada/eth0", "ada/eth0"])
    }), ipv6)

  rule("85: IPv4 broadcast reaches them", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { broadcast: true, port: 9000 })
      const grace = yield* open(lan.host("grace"), { ...dual, port: 9778 })
      yield* ada.send("directed", "10.11.0.255:9778")
      yield* ada.send("limited", "255.255.255.255:9778")
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, ["directed", "limited"])
    }), ipv6)

  rule("80: connected to a mapped peer they have a mapped address", (lan) =>
    Effect.gen(function*() {
      lan.host("ada")
      const four = yield* open(lan.host("grace"), { port: 9778 })
      const ada = yield* open(lan.host("ada"), { ...dual, port: 9000, connect: "[::ffff:10.11.0.2]:9778" })
      yield* ada.say("hello")
      yield* arrival
      yield* four.send("answer", "10.11.0.1:9000")
      yield* arrival

      assert.strictEqual(NetAddress.formatInet(ada.reader.address), "[::ffff:10.11.0.1]:9000")
      assert.deepStrictEqual(yield* ada.senders, ["[::ffff:10.11.0.2]:9778"])
    }), ipv6)
})
