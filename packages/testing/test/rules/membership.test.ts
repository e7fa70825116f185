import { assert, describe } from "@effect/vitest"
import { Effect, Scope } from "effect"
import { NetAddress } from "effect/net"
import type { DatagramSocket } from "effect/socket"
import { type Endpoint, eth0, failure, ip, join, open } from "../endpoint.ts"
import * as routed from "./routed.ts"
import { arrival, rule } from "./simulated.ts"

const group = "239.1.1.1"
const to = `${group}:9778`
const six = { family: "IPv6" } as const
const ipv6 = { ipv6: "fd11::/64" }
const fine = [undefined, undefined]
const own = ip("10.11.0.1")

const codeOf = <A, R>(self: Effect.Effect<A, DatagramSocket.DatagramSocketError, R>) =>
  Effect.map(failure(self), ([code]) => code)

// a scope for each, to leave one at a time
const joining = (endpoint: Endpoint, local?: NetAddress.MulticastInterface, source?: string) =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    const code = yield* codeOf(Scope.provide(join(endpoint.reader, group, local, source), scope))
    return { code, leave: Scope.close(scope, yield* Effect.exit(Effect.void)) }
  })

describe("membership", () => {
  rule("57: neither what is no group nor, on an IPv4 socket, one of IPv6", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const unicast = NetAddress.ipFromStringUnsafe("10.11.0.9") as NetAddress.MulticastAddress

      assert.strictEqual(yield* codeOf(ada.reader.joinMulticast({ group: unicast, interface: own })), "EINVAL")
      assert.strictEqual(yield* codeOf(join(ada.reader, "ff02::9", eth0)), "ENOPROTOOPT")
    }), ipv6)

  rule("59: after leaving it can be joined again", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const first = yield* joining(ada, own)
      yield* first.leave

      assert.deepStrictEqual([first.code, (yield* joining(ada, own)).code], [undefined, undefined])
    }))

  rule("60: IPv6 has no limit, and that of IPv4 is for itself", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), { ...six, dualStack: true })
      for (let i = 1; i <= 300; i++) yield* join(ada.reader, `ff02::${i.toString(16)}`, eth0)
      for (let i = 0; i < 20; i++) yield* join(ada.reader, `239.1.2.${i}`, own)

      assert.strictEqual(yield* codeOf(join(ada.reader, group, own)), "ENOBUFS")
      assert.deepStrictEqual(yield* failure(join(ada.reader, "ff02::1:1", eth0)), fine)
    }), ipv6)

  rule("63: of a source it delivers that source only", (lan) =>
    Effect.gen(function*() {
      const [ada, grace] = [yield* open(lan.host("ada")), yield* open(lan.host("grace"))]
      const member = yield* open(lan.host("edith"), { port: 9778 })
      yield* join(member.reader, group, ip("10.11.0.3"), "10.11.0.2")
      yield* ada.send("ada", to)
      yield* grace.send("grace", to)
      yield* arrival

      assert.deepStrictEqual(yield* member.received, ["grace"])
      assert.strictEqual((yield* lan.frames)[0]?.outcomes.some(({ _tag }) => _tag === "Delivered"), false)
    }))

  rule("63, 49: who did not join hears the sources that others of the host let in", (lan) =>
    Effect.gen(function*() {
      const [ada, grace] = [yield* open(lan.host("ada")), yield* open(lan.host("grace"))]
      const bystander = yield* open(lan.host("edith"), { port: 9778, reuseAddress: true })
      const member = yield* open(lan.host("edith"), { port: 9778, reuseAddress: true })
      yield* join(member.reader, group, ip("10.11.0.3"), "10.11.0.2")
      yield* ada.send("ada", to)
      yield* grace.send("grace", to)
      yield* arrival
      yield* open(lan.host("edith"), { join: [group] })
      yield* ada.send("ada again", to)
      yield* arrival

      assert.deepStrictEqual([yield* bystander.received, yield* member.received], [["grace", "ada again"], ["grace"]])
    }))

  rule("63: it has several sources, each once, ten at most", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const codes = yield* Effect.forEach(
        Array.from({ length: 11 }, (_, i) => `10.11.0.${i + 2}`),
        (source) => Effect.map(joining(ada, own, source), ({ code }) => code)
      )

      assert.deepStrictEqual(codes, [...Array.from({ length: 10 }, () => undefined), "ENOBUFS"])
      assert.strictEqual((yield* joining(ada, own, "10.11.0.2")).code, "EADDRNOTAVAIL")
    }))

  rule("63: a plain join beside it is refused; after a plain one it takes its place", (lan) =>
    Effect.gen(function*() {
      const [ada, grace] = [yield* open(lan.host("ada")), yield* open(lan.host("grace"))]
      const member = yield* open(lan.host("edith"), { port: 9778 })
      const local = ip("10.11.0.3")
      const plain = yield* joining(member, local)
      const source = yield* joining(member, local, "10.11.0.2")
      yield* ada.send("ada", to)
      yield* grace.send("grace", to)
      yield* arrival

      assert.deepStrictEqual([plain.code, source.code], [undefined, undefined])
      assert.deepStrictEqual(yield* member.received, ["grace"])
      assert.strictEqual((yield* joining(member, local)).code, "EADDRINUSE")
    }))

  rule("63: leaving one source leaves the others", (lan) =>
    Effect.gen(function*() {
      const [ada, grace] = [yield* open(lan.host("ada")), yield* open(lan.host("grace"))]
      const member = yield* open(lan.host("edith"), { port: 9778 })
      const say = Effect.andThen(ada.send("ada", to), Effect.andThen(grace.send("grace", to), arrival))
      const first = yield* joining(member, ip("10.11.0.3"), "10.11.0.1")
      const second = yield* joining(member, ip("10.11.0.3"), "10.11.0.2")
      yield* first.leave
      yield* say
      const heard = yield* member.received
      yield* second.leave
      yield* say

      assert.deepStrictEqual([heard, yield* member.received], [["grace"], []])
    }))

  rule("96: leaving an IPv4 group without an interface leaves it where a route leads", (lan) =>
    Effect.gen(function*() {
      const member = yield* open(lan.host("ada"), { port: 9778 })
      const grace = yield* open(lan.host("grace"))
      yield* joining(member, NetAddress.ipv4Loopback)
      const byRoute = yield* joining(member)
      const onLoopback = yield* open(lan.host("ada"), { multicast: { interface: NetAddress.ipv4Loopback, ttl: 1 } })
      yield* byRoute.leave
      yield* grace.send("network", to)
      yield* onLoopback.send("loopback", to)
      yield* arrival

      assert.deepStrictEqual(yield* member.received, ["loopback"])
    }))

  rule("96: and nowhere while no route leads anywhere", (lan) =>
    Effect.gen(function*() {
      const member = yield* open(lan.host("ada"), { port: 9778 })
      const grace = yield* open(lan.host("grace"))
      const byRoute = yield* joining(member)
      const { down, up } = lan.host("ada").interface("eth0")
      yield* down
      yield* byRoute.leave
      yield* up
      yield* grace.send("kept", to)
      yield* arrival

      assert.deepStrictEqual(yield* member.received, ["kept"])
    }))

  routed.rule("96: leaving by the interface leaves it there only", routed.bed, (lan) =>
    Effect.gen(function*() {
      const member = yield* open(lan.host("h1"), { ...six, port: 9778 })
      const here = yield* open(lan.host("h2"), six)
      const there = yield* open(lan.host("h4"), six)
      yield* join(member.reader, "ff02::9", 3)
      yield* Effect.scoped(join(member.reader, "ff02::9", eth0))
      yield* here.send("left", "[ff02::9]:9778")
      yield* there.send("kept", "[ff02::9]:9778")
      yield* arrival

      assert.deepStrictEqual(yield* member.received, ["kept"])
    }))
})
