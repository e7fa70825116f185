import { Network } from "@effect-discovery/core"
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { Stream } from "effect"
import { IpInterface, NetAddress } from "effect/net"
import { eth0, failure, join, open } from "../endpoint.ts"
import * as routed from "./routed.ts"
import { arrival, rule } from "./simulated.ts"

const group = "ff02::1:9"
const IPv6 = { family: "IPv6" } as const
const ipv6 = { ipv6: "fd11::/64" }

describe("IPv6", () => {
  rule("hosts have a global and a link-local address", (lan) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(lan.host("ada").addresses.map(NetAddress.formatIp), ["10.11.0.1", "fd11::1", "fe80::1"])
    }), ipv6)

  rule("sockets of the two families do not hear each other", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const four = yield* open(lan.host("grace"), { port: 9778 })
      const six = yield* open(lan.host("grace"), { ...IPv6, port: 9778 })
      yield* ada.send("hello", "10.11.0.2:9778")
      yield* arrival

      assert.deepStrictEqual([yield* four.received, yield* six.received], [["hello"], []])
    }), ipv6)

  routed.rule("90: a zone names the interface that a group is sent to by", routed.bed, (lan) =>
    Effect.gen(function*() {
      const host = yield* open(lan.host("h1"), { ...IPv6, multicast: { interface: eth0, ttl: 1 } })
      yield* host.send("hello", `[${group}%3]:9778`)

      assert.strictEqual((yield* lan.frames)[0]?.from, "h1/eth1")
    }))

  rule("90: an interface without a link-local address has no name", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"), IPv6)

      assert.strictEqual((yield* failure(join(ada.reader, group, 1)))[0], "ENODEV")
      assert.strictEqual((yield* failure(ada.send("hello", `[${group}%1]:9778`)))[0], "ENODEV")
    }), ipv6)

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
