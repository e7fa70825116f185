import { assert, describe } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { eth0, failure, join, open } from "../endpoint.ts"
import { arrival, bed, rule } from "./routed.ts"

const six = { family: "IPv6" } as const
const fine = undefined
const group = "239.1.1.1"

const codeOf = <A, R>(self: Parameters<typeof failure<A, R>>[0]) => Effect.map(failure(self), ([code]) => code)

describe("what random programs found", () => {
  rule(
    "9: a dual-stack socket connected by IPv6 is in the way of an IPv4 wildcard after it",
    bed,
    (lan) =>
      Effect.gen(function*() {
        const [h2, h3] = [lan.host("h2"), lan.host("h3")]
        const options = { ...six, dualStack: true, connect: "[fd11::1]:9", port: 9778 }
        yield* open(h2, options)
        yield* open(h3, { port: 9778, address: "10.11.0.3" })

        assert.strictEqual(yield* codeOf(open(h2, { port: 9778 })), "EADDRINUSE")
        assert.strictEqual(yield* codeOf(open(h3, { ...options, address: "fd11::3" })), fine)
      })
  )

  rule("10: the last bound decides whether the port is shared", bed, (lan) =>
    Effect.gen(function*() {
      const host = lan.host("h2")
      yield* open(host, { port: 9778, reuseAddress: true })
      yield* open(host, { port: 9778, reuseAddress: true, reusePort: true })

      assert.strictEqual(yield* codeOf(open(host, { port: 9778, reusePort: true })), fine)
    }))

  rule("20: an IPv6 socket with reusePort comes after those without", bed, (lan) =>
    Effect.gen(function*() {
      const host = lan.host("h2")
      const first = yield* open(host, { ...six, port: 9778, reuseAddress: true })
      yield* open(host, { ...six, port: 9778, reuseAddress: true, reusePort: true })
      yield* first.send("hello", "[fd11::2]:9778")
      yield* arrival

      assert.deepStrictEqual(yield* first.received, ["hello"])
    }))

  rule("21: a dual-stack socket takes no turns with one that hears IPv6 only", bed, (lan) =>
    Effect.gen(function*() {
      const host = lan.host("h2")
      const shared = { ...six, port: 9778, reusePort: true }
      const first = yield* open(host, { ...shared, dualStack: true })
      yield* open(host, shared)
      const senders = yield* Effect.forEach(Array.from({ length: 20 }), () => open(host, six))
      for (const sender of senders) yield* sender.send("hello", "[fd11::2]:9778")
      yield* arrival

      assert.strictEqual((yield* first.received).length, 20)
    }))

  rule("11: an interface-local group takes a zone as well", bed, (lan) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* codeOf(open(lan.host("h2"), { ...six, address: "ff01::77" })), "EINVAL")
    }))

  rule("28: 0.0.0.0 is the address that the socket is bound to", bed, (lan) =>
    Effect.gen(function*() {
      const host = yield* open(lan.host("h2"), { address: "10.11.0.2", port: 9778 })
      yield* host.send("hello", "0.0.0.0:9778")
      yield* arrival

      assert.deepStrictEqual(yield* host.senders, ["10.11.0.2:9778"])
    }))

  rule("29: what comes from ::1 may leave, and nobody takes it", bed, (lan) =>
    Effect.gen(function*() {
      const sender = yield* open(lan.host("h2"), { ...six, address: "::1" })
      const receiver = yield* open(lan.host("h3"), { ...six, port: 9778 })
      yield* sender.send("hello", "[fd11::3]:9778")
      yield* arrival

      assert.deepStrictEqual(yield* receiver.received, [])
    }))

  rule("35: that there is no way is told before that the datagram is too large", bed, (lan) =>
    Effect.gen(function*() {
      const host = yield* open(lan.host("h2"))

      assert.strictEqual(yield* codeOf(host.send("x".repeat(65_508), `${group}:9778`)), "ENETUNREACH")
    }))

  rule(
    "68: a socket bound to a broadcast address sends from that of the interface",
    bed,
    (lan) =>
      Effect.gen(function*() {
        const sender = yield* open(lan.host("h2"), { address: "10.11.0.255", port: 9000 })
        const receiver = yield* open(lan.host("h3"), { port: 9778 })
        yield* sender.send("hello", "10.11.0.3:9778")
        yield* arrival

        assert.deepStrictEqual(yield* receiver.senders, ["10.11.0.2:9000"])
      })
  )

  rule("74: with a ttl of 0 a datagram leaves a host that is not in the group", bed, (lan) =>
    Effect.gen(function*() {
      const by = { multicast: { interface: lan.host("h2").address, ttl: 0 } }
      const sender = yield* open(lan.host("h2"), by)
      const receiver = yield* open(lan.host("h3"), { port: 9778 })
      yield* join(receiver.reader, group, lan.host("h3").address)
      yield* sender.send("out", `${group}:9778`)
      yield* join(sender.reader, group, lan.host("h2").address)
      yield* sender.send("in", `${group}:9778`)
      yield* arrival

      assert.deepStrictEqual(yield* receiver.received, ["out"])
    }))

  rule("80: a peer on the link takes an interface", bed, (lan) =>
    Effect.gen(function*() {
      const peer = (multicast?: { readonly interface: number; readonly ttl: number }) =>
        codeOf(open(lan.host("h2"), { ...six, connect: "[ff02::9]:9778", ...(multicast && { multicast }) }))

      assert.deepStrictEqual([yield* peer(), yield* peer({ interface: eth0, ttl: 1 })], ["EINVAL", fine])
    }))

  rule(
    "98: a bound address leads groups and 255.255.255.255 by an interface that is down, and they are lost",
    bed,
    (lan) =>
      Effect.gen(function*() {
        const h2 = lan.host("h2")
        const by = { multicast: { interface: h2.address, ttl: 1 } }
        const [bound, chosen] = [
          yield* open(h2, { address: "10.11.0.2", broadcast: true }),
          yield* open(h2, { address: "10.11.0.2", ...by })
        ]
        const mute = yield* open(h2, { address: "10.11.0.2" })
        const receiver = yield* open(h2, { port: 9778 })
        yield* join(receiver.reader, group, h2.address)
        yield* h2.interface("eth0").down
        const codes = yield* Effect.all([
          codeOf(bound.send("x", `${group}:9778`)),
          codeOf(bound.send("x", "255.255.255.255:9778")),
          codeOf(mute.send("x", "255.255.255.255:9778")),
          codeOf(bound.send("x", "10.11.0.255:9778")),
          codeOf(chosen.send("x", `${group}:9778`))
        ])
        yield* arrival

        assert.deepStrictEqual(codes, [fine, fine, "EACCES", "ENETUNREACH", "ENETUNREACH"])
        assert.deepStrictEqual(yield* receiver.received, [])
      })
  )

  rule("70: the interface to send by is gone, but the bound address is not", bed, (lan) =>
    Effect.gen(function*() {
      const h2 = lan.host("h2")
      const by = { multicast: { interface: h2.address, ttl: 1 } }
      const [local, wildcard] = [yield* open(h2, { address: "127.0.0.1", ...by }), yield* open(h2, by)]
      yield* h2.interface("eth0").remove

      assert.deepStrictEqual(
        [yield* codeOf(local.send("x", `${group}:9`)), yield* codeOf(wildcard.send("x", `${group}:9`))],
        ["ENODEV", "ENETUNREACH"]
      )
    }))

  rule(
    "98: a host that lost its address of the network does not hear its broadcast",
    bed,
    (lan) =>
      Effect.gen(function*() {
        const sender = yield* open(lan.host("h1"), { broadcast: true })
        const receivers = [yield* open(lan.host("h2"), { port: 9778 }), yield* open(lan.host("h3"), { port: 9778 })]
        yield* lan.host("h2").interface("eth0").removeAddress("10.11.0.2/24")
        yield* sender.send("x", "10.11.0.255:9778")
        yield* arrival

        assert.deepStrictEqual(yield* Effect.all(receivers.map(({ received }) => received)), [[], ["x"]])
      })
  )

  rule("8: the broadcast address of an interface that is down cannot be bound", bed, (lan) =>
    Effect.gen(function*() {
      const h2 = lan.host("h2")
      yield* h2.interface("eth0").down
      const down = yield* codeOf(open(h2, { address: "10.11.0.255" }))
      yield* h2.interface("eth0").up

      assert.deepStrictEqual([down, yield* codeOf(open(h2, { address: "10.11.0.255" }))], ["EADDRNOTAVAIL", fine])
    }))

  rule(
    "98: the zone a socket is bound with is not the interface that takes its place",
    bed,
    (lan) =>
      Effect.gen(function*() {
        const h2 = lan.host("h2")
        const sender = yield* open(h2, { ...six, address: "fe80::2", zone: eth0 })
        const before = yield* codeOf(sender.send("x", "[fd11::2]:9778"))
        yield* h2.interface("eth0").recreate

        assert.deepStrictEqual([before, yield* codeOf(sender.send("x", "[fd11::2]:9778"))], [fine, "ENETUNREACH"])
      })
  )

  rule("29: nor does its own host hear a group by an interface to others", bed, (lan) =>
    Effect.gen(function*() {
      const h2 = lan.host("h2")
      const [local, wildcard] = [yield* open(h2, { ...six, address: "::1" }), yield* open(h2, six)]
      const receiver = yield* open(h2, { ...six, port: 9778, join: ["ff02::9"] })
      yield* local.send("local", "[ff02::9]:9778")
      yield* wildcard.send("wildcard", "[ff02::9]:9778")
      yield* arrival

      assert.deepStrictEqual(yield* receiver.received, ["wildcard"])
    }))

  rule(
    "96: leaving without an interface leaves the membership of IPv6 joined last",
    bed,
    (lan) =>
      Effect.gen(function*() {
        const member = yield* open(lan.host("h1"), { ...six, port: 9778 })
        const first = yield* Scope.make()
        yield* Scope.provide(join(member.reader, "ff05::9"), first)
        yield* join(member.reader, "ff05::9", 3)
        yield* Scope.close(first, Exit.void)
        for (const name of ["h2", "h4"]) {
          const sender = yield* open(lan.host(name), six)
          yield* sender.send(name, "[ff05::9]:9778")
        }
        yield* arrival

        assert.deepStrictEqual(yield* member.received, ["h2"])
      })
  )

  rule("98: from an IPv6 address that was removed a socket still sends", bed, (lan) =>
    Effect.gen(function*() {
      const h1 = lan.host("h1")
      const ada = yield* open(h1, { ...six, address: "fd22::1", port: 9000 })
      const grace = yield* open(h1, { ...six, address: "fd22::1", port: 9001, multicast: { interface: 3, ttl: 1 } })
      const [here, there] = [
        yield* open(lan.host("h2"), { ...six, port: 9778, join: ["ff05::9"] }),
        yield* open(lan.host("h4"), { ...six, port: 9778, join: ["ff05::9"] })
      ]
      yield* h1.interface("eth1").removeAddress("fd22::1/64")
      yield* ada.send("x", "[ff05::9]:9778")
      yield* grace.send("x", "[ff05::9]:9778")
      yield* arrival

      assert.deepStrictEqual([yield* here.senders, yield* there.senders], [["[fd22::1]:9000"], ["[fd22::1]:9001"]])
    }))

  rule(
    "98: from an IPv4 address that was removed nothing is sent, not even to the host itself",
    bed,
    (lan) =>
      Effect.gen(function*() {
        const h1 = lan.host("h1")
        const ada = yield* open(h1, { address: "10.22.0.1" })
        yield* h1.interface("eth1").remove

        assert.strictEqual(yield* codeOf(ada.send("x", "10.11.0.1:9778")), "ENETUNREACH")
      })
  )

  rule("98: a peer on a link that is down is unreachable", bed, (lan) =>
    Effect.gen(function*() {
      const h1 = lan.host("h1")
      const by = { multicast: { interface: eth0, ttl: 1 } }
      const ada = yield* open(h1, { ...six, ...by, connect: "[ff02::9]:9778" })
      yield* h1.interface("eth0").down

      assert.strictEqual(yield* codeOf(ada.say("x")), "ENETUNREACH")
    }))

  for (const [octets, count] of [[1452, 1], [1453, 0]] as const) {
    rule(
      `71: unplugged, the host itself ${count === 1 ? "hears" : "misses"} an IPv6 datagram of ${octets} octets`,
      bed,
      (lan) =>
        Effect.gen(function*() {
          const h2 = lan.host("h2")
          const ada = yield* open(h2, { ...six, port: 9778, multicast: { interface: eth0, ttl: 1 } })
          yield* join(ada.reader, "ff05::9", eth0)
          yield* h2.interface("eth0").carrier(false)
          yield* ada.sendBytes(new Uint8Array(octets), "[ff05::9]:9778")
          yield* arrival

          assert.strictEqual((yield* ada.senders).length, count)
        })
    )
  }
})
