import { Network } from "@effect-discovery/core"
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { Stream } from "effect"
import { IpInterface, NetAddress } from "effect/net"
import { eth0, failure, join, open } from "../endpoint.ts"
import { arrival, rule } from "./simulated.ts"

const group = "ff02::1:9"
const to = `[${group}]:9778`
const IPv6 = { family: "IPv6" } as const
const ipv6 = { ipv6: "fd11::/64" }

describe("IPv6", () => {
  rule("hosts have a global and a link-local address", (lan) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(lan.host("ada").addresses.map(NetAddress.formatIp), ["10.11.0.1", "fd11::1", "fe80::1"])
    }), ipv6)

  rule(
    "4, 11: neither another host's address can be bound, nor a link-local one or group without a zone",
    (lan) =>
      Effect.gen(function*() {
        const ada = lan.host("ada")
        const binding = (address: string) => Effect.map(failure(open(ada, { ...IPv6, address })), ([code]) => code)

        assert.deepStrictEqual(
          yield* Effect.forEach(["fd11::1", "::1", "ff05::1", "fd11::2", "fe80::1", "ff02::1"], binding),
          [undefined, undefined, undefined, "EADDRNOTAVAIL", "EINVAL", "EINVAL"]
        )
      }),
    ipv6
  )

  rule("sockets of the two families do not conflict", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")
      yield* open(ada, { port: 9778 })

      assert.deepStrictEqual(yield* failure(open(ada, { ...IPv6, port: 9778 })), [undefined, undefined])
    }), ipv6)

  rule("nor do they hear each other", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const four = yield* open(lan.host("grace"), { port: 9778 })
      const six = yield* open(lan.host("grace"), { ...IPv6, port: 9778 })
      yield* ada.send("hello", "10.11.0.2:9778")
      yield* arrival

      assert.deepStrictEqual([yield* four.received, yield* six.received], [["hello"], []])
    }), ipv6)

  rule("25: a wildcard sender's datagrams carry the address of the interface", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { ...IPv6, port: 9000 })
      const grace = yield* open(lan.host("grace"), { ...IPv6, port: 9778 })
      yield* ada.send("hello", "[fd11::2]:9778")
      yield* arrival

      assert.deepStrictEqual(yield* grace.senders, ["[fd11::1]:9000"])
    }), ipv6)

  rule("33: a link-local destination needs a valid zone, unlike on Linux", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), IPv6)
      const grace = yield* open(lan.host("grace"), { ...IPv6, port: 9778 })
      yield* ada.send("hello", "[fe80::2%2]:9778")
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, ["hello"])
      assert.deepStrictEqual((yield* failure(ada.send("hello", "[fe80::2]:9778")))[0], "ENODEV")
      assert.deepStrictEqual((yield* failure(ada.send("hello", "[fe80::2%7]:9778")))[0], "ENODEV")
    }), ipv6)

  rule("36: 65,527 octets fit, one more does not", (lan) =>
    Effect.gen(function*() {
      lan.host("grace")
      const ada = yield* open(lan.host("ada"), IPv6)
      yield* ada.send("x".repeat(65_527), "[fd11::1]:9778")

      assert.strictEqual((yield* failure(ada.send("x".repeat(65_528), "[fd11::1]:9778")))[0], "EMSGSIZE")
    }), ipv6)

  rule(
    "89: a group is heard by every wildcard socket once its host has joined, ff02::1 without",
    (lan) =>
      Effect.gen(function*() {
        const ada = yield* open(lan.host("ada"), IPv6)
        const grace = yield* open(lan.host("grace"), { ...IPv6, port: 9778 })
        yield* ada.send("early", to)
        yield* ada.send("all", "[ff02::1]:9778")
        yield* arrival
        yield* open(lan.host("grace"), { ...IPv6, join: [group] })
        yield* ada.send("late", to)
        yield* arrival

        assert.deepStrictEqual(yield* grace.received, ["all", "late"])
      }),
    ipv6
  )

  rule("90: an interface that is unknown is rejected, unlike by node", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), IPv6)
      const opened = open(lan.host("ada"), { ...IPv6, multicast: { interface: 7, ttl: 1 } })

      assert.strictEqual((yield* failure(join(ada.reader, group, 7)))[0], "ENODEV")
      assert.strictEqual((yield* failure(opened))[0], "ENODEV")
    }), ipv6)

  rule("90: a zone names the interface that a group is sent to by", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { ...IPv6, multicast: { interface: eth0, ttl: 1 } })
      yield* ada.send("hello", `[${group}%1]:9778`)

      assert.strictEqual((yield* lan.frames)[0]?.from, "ada/lo")
    }), ipv6)

  rule("91: without an interface the first is taken, even without a default route", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada", { hasDefaultRoute: false }), IPv6)
      const grace = yield* open(lan.host("grace", { hasDefaultRoute: false }), { ...IPv6, port: 9778 })
      yield* join(grace.reader, group)
      yield* ada.send("hello", to)
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, ["hello"])
    }), ipv6)

  rule(
    "92, 93: a link-local group gets a link-local source, seen with the receiver's zone",
    (lan) =>
      Effect.gen(function*() {
        const ada = yield* open(lan.host("ada"), { ...IPv6, port: 9000 })
        const grace = yield* open(lan.host("grace"), { ...IPv6, port: 9778, join: [group, "ff05::9"] })
        yield* ada.send("link", to)
        yield* ada.send("site", "[ff05::9]:9778")
        yield* arrival

        assert.deepStrictEqual(yield* grace.senders, ["[fe80::1%2]:9000", "[fd11::1]:9000"])
      }),
    ipv6
  )

  rule(
    "94: an interface-local group never leaves its host, nor does a hop limit of 0",
    (lan) =>
      Effect.gen(function*() {
        const options = { ...IPv6, port: 9778, reuseAddress: true, join: ["ff01::9", group] }
        const ada = yield* open(lan.host("ada"), options)
        const zero = yield* open(lan.host("ada"), { ...IPv6, multicast: { interface: eth0, ttl: 0 } })
        const grace = yield* open(lan.host("grace"), options)
        yield* ada.send("ff01", "[ff01::9]:9778")
        yield* zero.send("0", to)
        yield* arrival

        assert.deepStrictEqual([yield* ada.received, yield* grace.received], [["ff01", "0"], []])
      }),
    ipv6
  )

  rule("95: an interface that was down comes back without its global IPv6 address", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")
      const seen: Array<ReadonlyArray<string>> = []
      yield* Network.Network.use((network) =>
        Stream.runForEach(network.interfaces, (list) =>
          Effect.sync(() => seen.push(list.at(-1)!.addresses.map(IpInterface.format))))
      ).pipe(Effect.provide(ada.layer), Effect.forkScoped)
      yield* arrival
      yield* ada.interface("eth0").down
      yield* ada.interface("eth0").up
      yield* arrival

      assert.deepStrictEqual(seen, [
        ["10.11.0.1/24", "fd11::1/64", "fe80::1/64"],
        ["127.0.0.1/8", "::1/128"],
        ["10.11.0.1/24", "fe80::1/64"]
      ])
      assert.strictEqual((yield* failure(open(ada, { ...IPv6, address: "fd11::1" })))[0], "EADDRNOTAVAIL")
    }), ipv6)
})
