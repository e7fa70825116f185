import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { failure, open } from "../endpoint.ts"
import { arrival, rule } from "./simulated.ts"

const unreachable = ["ENETUNREACH", "Unreachable"]

describe("sending", () => {
  rule(
    "25: a wildcard sender's datagrams carry the address of the interface they leave by",
    (lan) =>
      Effect.gen(function*() {
        const ada = yield* open(lan.host("ada"), { port: 9000 })
        const grace = yield* open(lan.host("grace"), { port: 9778 })
        yield* ada.send("hello", "10.11.0.2:9778")
        yield* arrival

        assert.deepStrictEqual(yield* grace.senders, ["10.11.0.1:9000"])
      })
  )

  rule("26: without a route sending fails", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada", { hasDefaultRoute: false }))

      assert.deepStrictEqual(yield* failure(ada.send("hello", "192.0.2.1:9778")), unreachable)
    }))

  rule("26: the default route takes what no other does, and leads nowhere here", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      yield* ada.send("hello", "192.0.2.1:9778")
      yield* Effect.sleep("3 seconds")

      assert.deepInclude((yield* lan.frames)[0]?.outcomes[0], { reason: "no-host" })
    }))

  rule("28: sending to 0.0.0.0 goes to the loopback address", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { port: 9778 })
      yield* ada.send("hello", "0.0.0.0:9778")
      yield* arrival

      assert.deepStrictEqual(yield* ada.senders, ["127.0.0.1:9778"])
    }))

  rule("29: a socket bound to loopback cannot send off its host", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { address: "127.0.0.1" })

      assert.deepStrictEqual(yield* failure(ada.send("hello", "10.11.0.2:9778")), ["EINVAL", "Unknown"])
      assert.deepStrictEqual(yield* failure(ada.send("hello", "127.0.0.1:9778")), [undefined, undefined])
    }))

  rule(
    "30: the own address is reached with itself as source, even while its interface is down",
    (lan) =>
      Effect.gen(function*() {
        const ada = yield* open(lan.host("ada"), { port: 9778 })
        yield* lan.host("ada").interface("eth0").down
        yield* ada.send("hello", "10.11.0.1:9778")
        yield* arrival

        assert.deepStrictEqual(yield* ada.senders, ["10.11.0.1:9778"])
      })
  )

  rule("31: an address that no host has takes the datagram and loses it", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      yield* ada.send("hello", "10.11.0.77:9778")
      yield* Effect.sleep("3 seconds")

      assert.deepStrictEqual((yield* lan.frames)[0]?.outcomes, [
        { _tag: "Dropped", at: undefined, time: 3_000_000, reason: "no-host" }
      ])
    }))

  rule("32: an address of the other family is invalid", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))

      assert.deepStrictEqual(yield* failure(ada.send("hello", "[::1]:9778")), ["EINVAL", "Unknown"])
    }))

  rule("35: 65,507 octets fit, one more does not", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      yield* ada.send("x".repeat(65_507), "10.11.0.2:9778")
      yield* arrival

      assert.deepStrictEqual((yield* grace.received).map((text) => text.length), [65_507])
      assert.deepStrictEqual(yield* failure(ada.send("x".repeat(65_508), "10.11.0.2:9778")), [
        "EMSGSIZE",
        "MessageTooLarge"
      ])
    }))

  rule("40: a datagram of no octets is delivered", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      yield* ada.send("", "10.11.0.2:9778")
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, [""])
    }))

  rule("41: a full receive buffer drops the newest, and the sender sees success", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778, receiveBuffer: { capacity: 2 } })
      for (const text of ["one", "two", "three"]) yield* ada.send(text, "10.11.0.2:9778")
      yield* arrival
      const [, , third] = yield* lan.frames

      assert.deepStrictEqual(yield* grace.received, ["one", "two"])
      assert.deepStrictEqual(third?.outcomes, [
        { _tag: "Dropped", at: "grace/eth0", time: 1000, reason: "buffer" }
      ])
    }))

  rule("45: datagrams keep their order on a link without jitter", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      const texts = Array.from({ length: 100 }, (_, i) => `${i}`)
      for (const text of texts) yield* ada.send(text, "10.11.0.2:9778")
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, texts)
    }))

  rule("105: the payload is what it was when it was sent", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      const payload = new TextEncoder().encode("hello")
      yield* ada.sendBytes(payload, "10.11.0.2:9778")
      payload.fill(0)
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, ["hello"])
    }))

  rule("112: port 0 cannot be sent to", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))

      assert.strictEqual((yield* failure(ada.send("hello", "10.11.0.2:0")))[0], "ERR_SOCKET_BAD_PORT")
    }))
})

describe("broadcast", () => {
  rule("82: without the option it is denied", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))

      for (const to of ["255.255.255.255:9778", "10.11.0.255:9778", "127.255.255.255:9778"]) {
        assert.deepStrictEqual(yield* failure(ada.send("hello", to)), ["EACCES", "PermissionDenied"], to)
      }
    }))

  rule("83: 255.255.255.255 needs a default route, or an address to leave from", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada", { hasDefaultRoute: false })
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      const wildcard = yield* open(ada, { broadcast: true })
      const specific = yield* open(ada, { broadcast: true, address: "10.11.0.1" })
      const outcome = yield* failure(wildcard.send("wildcard", "255.255.255.255:9778"))
      yield* specific.send("specific", "255.255.255.255:9778")
      yield* arrival

      assert.deepStrictEqual(outcome, unreachable)
      assert.deepStrictEqual(yield* grace.received, ["specific"])
    }))

  rule(
    "84: the directed broadcast takes the route of its network, without a default one",
    (lan) =>
      Effect.gen(function*() {
        const ada = yield* open(lan.host("ada", { hasDefaultRoute: false }), { broadcast: true })
        const grace = yield* open(lan.host("grace"), { port: 9778 })
        yield* ada.send("hello", "10.11.0.255:9778")
        yield* arrival

        assert.deepStrictEqual(yield* grace.received, ["hello"])
      })
  )

  rule(
    "85: wildcard sockets and those bound to exactly that address get it, specific ones do not",
    (lan) =>
      Effect.gen(function*() {
        const ada = yield* open(lan.host("ada"), { broadcast: true })
        const receivers = yield* Effect.forEach(
          [undefined, "10.11.0.255", "255.255.255.255", "10.11.0.2"],
          (address) =>
            open(lan.host("grace"), { port: 9778, reuseAddress: true, ...(address === undefined ? {} : { address }) })
        )
        yield* ada.send("directed", "10.11.0.255:9778")
        yield* ada.send("limited", "255.255.255.255:9778")
        yield* arrival

        assert.deepStrictEqual(yield* Effect.forEach(receivers, ({ received }) => received), [
          ["directed", "limited"],
          ["directed"],
          ["limited"],
          []
        ])
      })
  )

  rule("86: the sending host gets a copy, whatever its multicast loopback", (lan) =>
    Effect.gen(function*() {
      const multicast = { interface: lan.host("ada").address, ttl: 1, loopback: false }
      const ada = yield* open(lan.host("ada"), { port: 9778, broadcast: true, multicast })
      yield* ada.send("hello", "255.255.255.255:9778")
      yield* arrival

      assert.deepStrictEqual(yield* ada.received, ["hello"])
    }))

  rule(
    "88: 127.255.255.255 reaches the wildcard sockets of the host, and nobody else",
    (lan) =>
      Effect.gen(function*() {
        const ada = yield* open(lan.host("ada"), { port: 9778, broadcast: true })
        const grace = yield* open(lan.host("grace"), { port: 9778 })
        yield* ada.send("hello", "127.255.255.255:9778")
        yield* arrival

        assert.deepStrictEqual([yield* ada.senders, yield* grace.received], [["127.0.0.1:9778"], []])
      })
  )
})
