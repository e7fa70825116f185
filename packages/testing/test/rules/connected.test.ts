import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { NetAddress } from "effect/net"
import { eth0, failure, open } from "../endpoint.ts"
import { arrival, rule } from "./simulated.ts"

const fine = [undefined, undefined]
const refused = ["ECONNREFUSED", "ConnectionRefused"]

describe("connected sockets", () => {
  rule("18, 79: a connected socket receives only from its peer", (lan) =>
    Effect.gen(function*() {
      const peer = yield* open(lan.host("ada"), { port: 9000 })
      const other = yield* open(lan.host("ada"), { port: 9001 })
      const grace = yield* open(lan.host("grace"), { port: 9778, connect: "10.11.0.1:9000" })
      yield* peer.send("peer", "10.11.0.2:9778")
      yield* other.send("other", "10.11.0.2:9778")
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, ["peer"])
      assert.strictEqual((yield* lan.frames)[1]?.outcomes[0]?._tag, "Dropped")
    }))

  rule("56: it does not receive multicast on its port", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { port: 9000 })
      const grace = yield* open(lan.host("grace"), { port: 9778, connect: "10.11.0.1:9000", join: ["239.1.1.1"] })
      yield* ada.send("group", "239.1.1.1:9778")
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, [])
    }))

  rule(
    "78: a connected socket is told once that the port is closed, when the answer has come",
    (lan) =>
      Effect.gen(function*() {
        lan.host("ada")
        lan.host("grace")
        const ada = yield* open(lan.host("ada"), { connect: "10.11.0.2:9778" })
        yield* ada.say("hello")
        yield* Effect.sleep("1500 micros")
        const early = yield* ada.errors
        yield* Effect.sleep("1 millis")

        assert.deepStrictEqual(early, [])
        assert.deepStrictEqual(yield* ada.errors, [refused])
        assert.deepStrictEqual(yield* failure(ada.say("again")), fine)
      })
  )

  rule("78: or its next send fails and is not transmitted, if that comes first", (lan) =>
    Effect.gen(function*() {
      const host = lan.host("ada")
      lan.host("grace")
      const ada = yield* open(host, { connect: "10.11.0.2:9778" })
      yield* ada.say("hello")
      yield* host.pause("10 millis")
      yield* Effect.sleep("5 millis")
      const outcomes = [yield* failure(ada.say("second")), yield* failure(ada.say("third"))]
      yield* arrival

      assert.deepStrictEqual(outcomes, [refused, fine])
      // that of the third
      assert.deepStrictEqual(yield* ada.errors, [refused])
      assert.strictEqual((yield* lan.frames).length, 2)
    }))

  rule("78: on the host itself the answer is there when the call returns", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { connect: "127.0.0.1:9778" })
      const outcomes = yield* Effect.replicateEffect(failure(ada.say("hello")), 3)
      yield* arrival

      assert.deepStrictEqual(outcomes, [fine, refused, fine])
      assert.deepStrictEqual(yield* ada.errors, [refused])
    }))

  rule("78: the answer can be lost as any datagram", (lan) =>
    Effect.gen(function*() {
      lan.host("ada")
      lan.host("grace")
      const ada = yield* open(lan.host("ada"), { connect: "10.11.0.2:9778" })
      yield* lan.link("grace", "ada").set({ loss: 1 })
      yield* ada.say("hello")
      yield* arrival

      assert.deepStrictEqual(yield* ada.errors, [])
    }))

  rule("78: on loopback too, and of IPv6", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { connect: "127.0.0.1:9778" })
      const six = yield* open(lan.host("ada"), { family: "IPv6", connect: "[::1]:9778" })
      yield* ada.say("hello")
      yield* six.say("hello")
      yield* arrival

      assert.deepStrictEqual([yield* ada.errors, yield* six.errors], [[refused], [refused]])
    }), { ipv6: "fd11::/64" })

  rule("31: an address that nobody has is silence, also on a connected socket", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { connect: "10.11.0.77:9778" })
      yield* ada.say("hello")
      yield* arrival

      assert.deepStrictEqual(yield* ada.errors, [])
      assert.deepStrictEqual(yield* failure(ada.say("again")), fine)
    }))

  rule("80: connecting fixes the local address of a wildcard socket", (lan) =>
    Effect.gen(function*() {
      lan.host("ada")
      lan.host("grace")
      const local = (connect: string, address?: string) =>
        Effect.map(
          open(lan.host("ada"), { connect, ...(address === undefined ? {} : { address }) }),
          ({ reader }) => NetAddress.formatIp(reader.address.address)
        )

      assert.deepStrictEqual(
        yield* Effect.all([local("10.11.0.2:1"), local("127.0.0.1:1"), local("10.11.0.2:1", "10.11.0.1")]),
        ["10.11.0.1", "127.0.0.1", "10.11.0.1"]
      )
    }))

  rule("28: a peer that is no address is the host itself", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { connect: "0.0.0.0:9000" })
      const answerer = yield* open(lan.host("ada"), { port: 9000 })
      yield* ada.say("hello")
      yield* arrival

      assert.deepStrictEqual(yield* answerer.senders, [`127.0.0.1:${ada.port}`])
    }))

  rule(
    "26, 14: a peer without a route cannot be connected to, and the port is free again",
    (lan) =>
      Effect.gen(function*() {
        const ada = lan.host("ada", { hasDefaultRoute: false })

        assert.deepStrictEqual(yield* failure(open(ada, { port: 9778, connect: "10.99.0.1:1" })), [
          "ENETUNREACH",
          "Unknown"
        ])
        assert.deepStrictEqual(yield* failure(open(ada, { port: 9778 })), fine)
      })
  )

  rule("112: nor a port that is none", (lan) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        (yield* failure(open(lan.host("ada"), { connect: "10.11.0.2:0" })))[0],
        "ERR_SOCKET_BAD_PORT"
      )
    }))

  rule("11, 92: a link-local peer has a zone, and so has the address towards it", (lan) =>
    Effect.gen(function*() {
      lan.host("ada")
      const grace = yield* open(lan.host("grace"), { family: "IPv6", port: 9778, address: "fe80::2", zone: eth0 })
      const ada = yield* open(lan.host("ada"), { family: "IPv6", port: 9000, connect: "[fe80::2%2]:9778" })
      yield* ada.say("hello")
      yield* arrival
      yield* grace.send("answer", "[fe80::1%2]:9000")
      yield* arrival

      assert.deepStrictEqual(
        [NetAddress.formatInet(grace.reader.address), NetAddress.formatInet(ada.reader.address)],
        ["[fe80::2%2]:9778", "[fe80::1%2]:9000"]
      )
      assert.deepStrictEqual([yield* grace.received, yield* ada.received], [["hello"], ["answer"]])
    }), { ipv6: "fd11::/64" })
})
