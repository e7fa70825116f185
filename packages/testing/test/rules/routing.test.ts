import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { eth0, failure, ip, open } from "../endpoint.ts"
import { a, arrival, b, bed, fate, rule } from "./routed.ts"

const port = 9778
const IPv6 = { family: "IPv6" } as const
const unreachable = ["ENETUNREACH", "Unreachable"]

describe("addresses and routes", () => {
  rule("22: a datagram for any address of the host is accepted on any interface", {
    ...bed,
    hosts: [
      ...bed.hosts!.slice(0, 1),
      { name: "h5", interfaces: { eth0: { on: a } }, routes: [{ to: "10.22.0.0/24", via: "10.11.0.1" }] }
    ]
  }, (network) =>
    Effect.gen(function*() {
      const h1 = yield* open(network.host("h1"), { port })
      const h5 = yield* open(network.host("h5"))
      yield* h5.send("hello", "10.22.0.1:9778")
      yield* arrival

      assert.deepStrictEqual(yield* h1.received, ["hello"])
      assert.deepStrictEqual(yield* fate(network), ["h1/eth0 delivered"])
    }))

  rule("22: what a host has no address for it does not take, nor pass on", {
    ...bed,
    hosts: [...bed.hosts!, { name: "h5", interfaces: { eth0: { on: a } }, defaultRoute: "10.11.0.1" }]
  }, (network) =>
    Effect.gen(function*() {
      const h5 = yield* open(network.host("h5"))
      yield* h5.send("hello", "10.22.0.2:9778")
      yield* arrival

      assert.deepStrictEqual(yield* fate(network), ["h1/eth0 no-host"])
    }))

  rule(
    "23: a socket bound to one interface sends by another, and keeps its source",
    bed,
    (network) =>
      Effect.gen(function*() {
        const h1 = yield* open(network.host("h1"), { address: "10.11.0.1", port })
        const h4 = yield* open(network.host("h4"), { port })
        yield* h1.send("hello", "10.22.0.2:9778")
        yield* arrival

        assert.deepStrictEqual(yield* h4.senders, ["10.11.0.1:9778"])
      })
  )

  rule(
    "25: an unbound sender has the address of the interface its route takes",
    bed,
    (network) =>
      Effect.gen(function*() {
        const h1 = yield* open(network.host("h1"), { port })
        const h2 = yield* open(network.host("h2"), { port })
        const h4 = yield* open(network.host("h4"), { port })
        yield* h1.send("hello", "10.11.0.2:9778")
        yield* h1.send("hello", "10.22.0.2:9778")
        yield* arrival

        assert.deepStrictEqual([yield* h2.senders, yield* h4.senders], [["10.11.0.1:9778"], ["10.22.0.1:9778"]])
      })
  )

  rule("26: without a route sending fails", bed, (network) =>
    Effect.gen(function*() {
      const h2 = yield* open(network.host("h2"))

      assert.deepStrictEqual(yield* failure(h2.send("hello", "10.22.0.2:9778")), unreachable)
    }))

  rule("27: refusing routes have codes of their own", {
    segments: [a],
    hosts: [{
      name: "h1",
      interfaces: { eth0: { on: a } },
      routes: [
        { to: "10.1.0.0/16", reject: "unreachable" },
        { to: "10.2.0.0/16", reject: "prohibit" },
        { to: "10.3.0.0/16", reject: "blackhole" },
        { to: "10.3.3.0/24", by: "eth0" }
      ]
    }]
  }, (network) =>
    Effect.gen(function*() {
      const h1 = yield* open(network.host("h1"))
      const to = (address: string) => failure(h1.send("hello", `${address}:9778`))

      assert.deepStrictEqual(yield* to("10.1.0.1"), ["EHOSTUNREACH", "Unreachable"])
      assert.deepStrictEqual(yield* to("10.2.0.1"), ["EACCES", "PermissionDenied"])
      assert.deepStrictEqual(yield* to("10.3.0.1"), ["EINVAL", "Unknown"])
      assert.deepStrictEqual(yield* to("10.3.3.1"), [undefined, undefined])
    }))

  rule(
    "30: an own address is reached with itself as source, whatever the interface",
    bed,
    (network) =>
      Effect.gen(function*() {
        const h1 = yield* open(network.host("h1"), { port })
        yield* h1.send("hello", "10.22.0.1:9778")
        yield* arrival

        assert.deepStrictEqual(yield* h1.senders, ["10.22.0.1:9778"])
      })
  )
})

describe("multicast", () => {
  const group = "239.1.1.1"
  const to = `${group}:9778`

  rule("67: the interface that was set comes first, then that of the bound address, then the route", {
    ...bed,
    hosts: [
      {
        name: "h1",
        interfaces: { eth0: { on: a }, eth1: { on: b } },
        routes: [{ to: "224.0.0.0/4", by: "eth1" }],
        defaultRoute: "eth0"
      },
      ...bed.hosts!.slice(1)
    ]
  }, (network) =>
    Effect.gen(function*() {
      const h1 = network.host("h1")
      const bound = { address: "10.11.0.1" }
      const set = yield* open(h1, { ...bound, multicast: { interface: ip("10.22.0.1"), ttl: 1 } })
      const specific = yield* open(h1, bound)
      const wildcard = yield* open(h1)
      for (const sender of [set, specific, wildcard]) yield* sender.send("hello", to)

      assert.deepStrictEqual((yield* network.frames).map(({ from }) => from), ["h1/eth1", "h1/eth0", "h1/eth1"])
    }))

  rule("67: with none of these there is no way", bed, (network) =>
    Effect.gen(function*() {
      const h1 = yield* open(network.host("h1"))

      assert.deepStrictEqual(yield* failure(h1.send("hello", to)), unreachable)
    }))

  rule("68: a bound socket keeps its source on another interface", bed, (network) =>
    Effect.gen(function*() {
      const multicast = { interface: ip("10.22.0.1"), ttl: 1 }
      const bound = yield* open(network.host("h1"), { address: "10.11.0.1", port: 9000, multicast })
      const wildcard = yield* open(network.host("h1"), { port: 9001, multicast })
      const h4 = yield* open(network.host("h4"), { port, join: [group] })
      yield* bound.send("hello", to)
      yield* wildcard.send("hello", to)
      yield* arrival

      assert.deepStrictEqual(yield* h4.senders, ["10.11.0.1:9000", "10.22.0.1:9001"])
    }))

  rule("91: a link-local group without an interface goes by the first", bed, (network) =>
    Effect.gen(function*() {
      const h1 = yield* open(network.host("h1"), IPv6)
      yield* h1.send("hello", "[ff02::1]:9778")

      assert.deepStrictEqual((yield* network.frames)[0]?.from, "h1/eth0")
    }))

  rule("93: the source is of the group's scope", bed, (network) =>
    Effect.gen(function*() {
      const h1 = yield* open(network.host("h1"), { ...IPv6, port: 9000, multicast: { interface: eth0 + 1, ttl: 1 } })
      for (const group of ["ff02::1", "ff05::1", "ff0e::1"]) yield* h1.send("hello", `[${group}]:9778`)
      const sources = (yield* network.frames).map(({ source }) => source)

      assert.deepStrictEqual(sources, ["[fe80::1]:9000", "[fd22::1]:9000", "[fd22::1]:9000"])
    }))

  rule(
    "51: a socket joined on both interfaces gets one copy of what comes by one",
    bed,
    (network) =>
      Effect.gen(function*() {
        const h1 = yield* open(network.host("h1"), { port, join: [group] })
        const h2 = yield* open(network.host("h2"), { multicast: { interface: ip("10.11.0.2"), ttl: 1 } })
        yield* h2.send("hello", to)
        yield* arrival

        assert.deepStrictEqual(yield* h1.received, ["hello"])
      })
  )
})

describe("broadcast", () => {
  rule(
    "83: the limited one leaves by the bound address's interface, else by the default route",
    bed,
    (network) =>
      Effect.gen(function*() {
        const h1 = network.host("h1")
        const bound = yield* open(h1, { address: "10.22.0.1", broadcast: true })
        const wildcard = yield* open(h1, { broadcast: true })
        yield* bound.send("hello", "255.255.255.255:9778")
        yield* arrival

        assert.deepStrictEqual(yield* fate(network), ["h1/eth1 no-listener", "h4/eth0 no-listener"])
        assert.deepStrictEqual(yield* failure(wildcard.send("hello", "255.255.255.255:9778")), unreachable)
      })
  )

  rule("84: a directed one follows the route of its subnet", bed, (network) =>
    Effect.gen(function*() {
      const h1 = yield* open(network.host("h1"), { broadcast: true })
      yield* h1.send("hello", "10.22.0.255:9778")
      yield* arrival

      assert.deepStrictEqual(yield* fate(network), ["h1/eth1 no-listener", "h4/eth0 no-listener"])
    }))

  rule("88: 127.255.255.255 reaches the wildcard sockets of the host", bed, (network) =>
    Effect.gen(function*() {
      const h1 = yield* open(network.host("h1"), { port, broadcast: true })
      yield* h1.send("hello", "127.255.255.255:9778")
      yield* arrival

      assert.deepStrictEqual(yield* h1.received, ["hello"])
    }))
})
