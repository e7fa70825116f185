import { Network } from "@effect-discovery/core"
import { type SimulatedHost, SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { NetAddress } from "effect/net"
import { eth0, failure, ip, join, open } from "../endpoint.ts"
import { a, arrival, b, bed, fate, rule } from "./routed.ts"

const port = 9778
const group = "239.1.1.1"
const to = `${group}:9778`
const works = [undefined, undefined]
const unreachable = ["ENETUNREACH", "Unreachable"]

/** H2 with a socket of each kind, and H3 that answers to its address and speaks to its group. */
const scene = Effect.fnUntraced(function*(network: SimulatedNetwork.SimulatedNetwork) {
  const host = network.host("h2")
  const wildcard = yield* open(host, { port, join: [group] })
  const bound = yield* open(host, { address: "10.11.0.2" })
  const set = yield* open(host, { multicast: { interface: ip("10.11.0.2"), ttl: 1 } })
  const h3 = yield* open(network.host("h3"), { port, multicast: { interface: ip("10.11.0.3"), ttl: 1 } })
  const heard = Effect.andThen(
    Effect.andThen(h3.send("group", to), arrival),
    Effect.map(wildcard.received, (texts) => texts.length > 0)
  )
  const listed = Effect.map(list(host), (lines) => lines.filter((line) => !line.startsWith("lo")))
  return {
    host,
    eth0: host.interface("eth0"),
    wildcard,
    unicast: failure(wildcard.send("hello", "10.11.0.3:9778")),
    bound: failure(bound.send("hello", "10.11.0.3:9778")),
    multicast: failure(set.send("hello", to)),
    setAgain: (address: string) =>
      Effect.flatMap(
        open(host, { multicast: { interface: ip(address), ttl: 1 } }),
        (again) => failure(again.send("hello", to))
      ),
    arrives: Effect.andThen(h3.received, Effect.andThen(arrival, Effect.map(h3.received, (texts) => texts.length > 0))),
    heard,
    listed
  }
})

const list = (host: SimulatedHost.SimulatedHost) =>
  Network.Network.use((network) => Stream.runHead(network.interfaces)).pipe(
    Effect.provide(host.layer),
    Effect.map((found) =>
      (found._tag === "Some" ? found.value : []).map(({ addresses, index, name }) =>
        `${name}#${index} ${addresses.map(({ address }) => NetAddress.formatIp(address)).join(" ")}`
      )
    )
  )

describe("98: what happens to sockets when an interface", () => {
  rule("is administratively down, and up again", bed, (network) =>
    Effect.gen(function*() {
      const on = yield* scene(network)
      yield* on.eth0.down

      assert.deepStrictEqual([yield* on.unicast, yield* on.multicast], [unreachable, unreachable])
      assert.deepStrictEqual([yield* on.heard, yield* on.listed], [false, []])

      yield* on.eth0.up

      assert.deepStrictEqual([yield* on.unicast, yield* on.multicast], [works, works])
      assert.deepStrictEqual([yield* on.heard, yield* on.listed], [true, ["eth0#2 10.11.0.2 fe80::2"]])
    }))

  rule("loses its carrier, and has it back", bed, (network) =>
    Effect.gen(function*() {
      const on = yield* scene(network)
      yield* on.eth0.carrier(false)

      assert.deepStrictEqual([yield* on.unicast, yield* on.multicast], [works, works])
      yield* arrival
      assert.deepStrictEqual(yield* fate(network), ["h2/eth0 no-carrier", "h2/eth0 delivered"])
      assert.deepStrictEqual([yield* on.arrives, yield* on.listed], [false, []])
      yield* on.wildcard.received
      assert.isFalse(yield* on.heard)
      assert.deepStrictEqual(yield* fate(network), ["h3/eth0 not-joined", "h1/eth0 not-joined", "h2/eth0 no-carrier"])

      yield* on.eth0.carrier(true)

      assert.deepStrictEqual([yield* on.unicast, yield* on.multicast], [works, works])
      yield* on.wildcard.received
      assert.deepStrictEqual([yield* on.heard, yield* on.listed], [true, ["eth0#2 10.11.0.2 fd11::2 fe80::2"]])
    }))

  rule("loses its address", bed, (network) =>
    Effect.gen(function*() {
      const on = yield* scene(network)
      yield* on.eth0.removeAddress("10.11.0.2")

      assert.deepStrictEqual([yield* on.unicast, yield* on.bound, yield* on.multicast], [
        unreachable,
        unreachable,
        unreachable
      ])
      assert.deepStrictEqual([yield* on.heard, yield* on.listed], [true, ["eth0#2 fd11::2 fe80::2"]])
    }))

  rule("has another address in the place of the old one", bed, (network) =>
    Effect.gen(function*() {
      const on = yield* scene(network)
      yield* on.eth0.removeAddress("10.11.0.2")
      yield* on.eth0.addAddress("10.11.0.9")

      assert.deepStrictEqual([yield* on.unicast, yield* on.bound], [works, unreachable])
      assert.deepStrictEqual([yield* on.multicast, yield* on.setAgain("10.11.0.9")], [unreachable, works])
      assert.deepStrictEqual([yield* on.heard, yield* on.listed], [true, ["eth0#2 fd11::2 fe80::2 10.11.0.9"]])
    }))

  rule("is deleted, and created again with the same name and address", bed, (network) =>
    Effect.gen(function*() {
      const on = yield* scene(network)
      yield* on.eth0.remove

      assert.deepStrictEqual([yield* on.unicast, yield* on.multicast], [unreachable, unreachable])
      assert.deepStrictEqual([yield* on.heard, yield* on.listed], [false, []])

      yield* on.eth0.recreate

      assert.deepStrictEqual([yield* on.unicast, yield* on.bound], [works, works])
      assert.deepStrictEqual([yield* on.multicast, yield* on.setAgain("10.11.0.2")], [["ENODEV", "Unknown"], works])
      assert.deepStrictEqual([yield* on.heard, yield* on.listed], [false, ["eth0#3 10.11.0.2 fd11::2 fe80::2"]])

      yield* join(on.wildcard.reader, group, ip("10.11.0.2"))

      assert.isTrue(yield* on.heard)
    }))
})

describe("memberships", () => {
  rule("66: by an address that was removed nobody can join", bed, (network) =>
    Effect.gen(function*() {
      const { eth0, wildcard } = yield* scene(network)
      yield* eth0.removeAddress("10.11.0.2")

      assert.deepStrictEqual(yield* failure(join(wildcard.reader, "239.2.2.2", ip("10.11.0.2"))), ["ENODEV", "Unknown"])
    }))

  rule("64: they stay with the interface when it moves to another segment", bed, (network) =>
    Effect.gen(function*() {
      const { eth0: control, host, wildcard } = yield* scene(network)
      const h4 = yield* open(network.host("h4"), { multicast: { interface: ip("10.22.0.2"), ttl: 1 } })
      yield* control.move(b)
      yield* h4.send("hello", to)
      yield* arrival

      assert.deepStrictEqual(yield* wildcard.received, ["hello"])
      assert.deepStrictEqual(host.addresses.map(NetAddress.formatIp), ["10.22.0.3", "fd22::3", "fe80::3"])
    }))

  rule(
    "65: in IPv6 too they end with the interface, and the choice of it is stale",
    bed,
    (network) =>
      Effect.gen(function*() {
        const control = network.host("h2").interface("eth0")
        const group = "ff05::9"
        const multicast = { interface: eth0, ttl: 1 }
        const h2 = yield* open(network.host("h2"), { family: "IPv6", port, join: [group], multicast })
        const h3 = yield* open(network.host("h3"), { family: "IPv6", multicast })
        yield* control.remove
        const deleted = yield* failure(h2.send("hello", `[${group}]:9778`))
        yield* control.recreate
        yield* h3.send("hello", `[${group}]:9778`)
        yield* arrival

        assert.deepStrictEqual([deleted, yield* failure(h2.send("hello", `[${group}]:9778`))], [
          unreachable,
          ["ENODEV", "Unknown"]
        ])
        assert.deepStrictEqual(yield* h2.received, [])
      })
  )
})

describe("addresses", () => {
  rule(
    "95: down, the global IPv6 address is gone for good, the others are not",
    bed,
    (network) =>
      Effect.gen(function*() {
        const host = network.host("h2")
        const h2 = yield* open(host, { family: "IPv6" })
        yield* host.interface("eth0").down
        yield* host.interface("eth0").up

        assert.deepStrictEqual(host.addresses.map(NetAddress.formatIp), ["10.11.0.2", "fe80::2"])
        assert.deepStrictEqual(yield* failure(h2.send("hello", "[fd11::3]:9778")), unreachable)
        assert.deepStrictEqual(yield* failure(h2.send("hello", "[fe80::3%2]:9778")), works)
      })
  )

  rule(
    "120: two hosts may have the same one, and a sender reaches one of them, always the same",
    bed,
    (network) =>
      Effect.gen(function*() {
        yield* network.host("h3").interface("eth0").addAddress("10.11.0.2")
        const h1 = yield* open(network.host("h1"))
        for (const text of ["one", "two", "three"]) yield* h1.send(text, "10.11.0.2:9778")
        yield* arrival

        const fates = yield* network.frames
        const places = fates.filter(({ from }) => from === "h1/eth0").flatMap(({ outcomes }) => outcomes)
        assert.strictEqual(places.length, 3)
        assert.strictEqual(new Set(places.map(({ at }) => at)).size, 1)
        assert.include(["h2/eth0", "h3/eth0"], places[0]?.at)
      })
  )

  rule(
    "31: what waited for an address arrives once somebody has it, up to three",
    bed,
    (network) =>
      Effect.gen(function*() {
        const h1 = yield* open(network.host("h1"))
        const h3 = yield* open(network.host("h3"), { port })
        for (const text of ["one", "two", "three", "four"]) yield* h1.send(text, "10.11.0.9:9778")
        yield* Effect.sleep("2 seconds")
        yield* network.host("h3").interface("eth0").addAddress("10.11.0.9/24")
        yield* arrival

        assert.deepStrictEqual(yield* h3.received, ["two", "three", "four"])
        const outcomes = (yield* network.frames).map(({ outcomes }) => outcomes[0])
        assert.deepInclude(outcomes[0], { reason: "no-host", time: 0 })
        assert.deepInclude(outcomes[3], { at: "h3/eth0", time: 2_001_000 })
      })
  )
})

describe("31: a host that comes to be", () => {
  it.effect("hears what waited for its address", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const ada = yield* open(lan.host("ada"))
      yield* ada.send("hello", "10.11.0.2:9778")
      yield* Effect.sleep("1 second")
      const grace = yield* open(lan.host("grace"), { port })
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, ["hello"])
    })))
})

describe("97: the list of interfaces", () => {
  rule("tells every change, and nothing that is none", bed, (network) =>
    Effect.gen(function*() {
      const host = network.host("h1")
      const seen: Array<string> = []
      yield* Network.Network.use((network) =>
        Stream.runForEach(network.interfaces, (list) =>
          Effect.sync(() =>
            seen.push(list.map(({ addresses, name }) => `${name}:${addresses.length}`).join(" "))
          ))
      ).pipe(Effect.provide(host.layer), Effect.forkScoped)
      const [first, second] = [host.interface("eth0"), host.interface("eth1")]
      const steps = [
        first.carrier(false),
        first.carrier(false),
        first.carrier(true),
        first.removeAddress("fd11::1"),
        second.remove,
        second.recreate,
        second.mtu(1500),
        second.move("a"),
        first.down
      ]
      yield* arrival
      for (const step of steps) yield* Effect.andThen(step, arrival)

      assert.deepStrictEqual(seen, [
        "lo:2 eth0:3 eth1:3",
        "lo:2 eth1:3",
        "lo:2 eth0:3 eth1:3",
        "lo:2 eth0:2 eth1:3",
        "lo:2 eth0:2",
        "lo:2 eth0:2 eth1:3",
        "lo:2 eth0:2 eth1:3",
        "lo:2 eth1:3"
      ])
    }))
})

describe("moving", () => {
  rule("the default route follows to the router there, as when a lease is given", {
    segments: [a, b],
    routers: [{ name: "gw", between: [a, b] }],
    hosts: [
      { name: "ada", interfaces: { eth0: { on: a } } },
      { name: "grace", interfaces: { eth0: { on: a } } }
    ]
  }, (network) =>
    Effect.gen(function*() {
      const grace = yield* open(network.host("grace"), { port })
      yield* network.host("ada").interface("eth0").move("b")
      const ada = yield* open(network.host("ada"))
      yield* ada.send("hello", "10.11.0.2:9778")
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, ["hello"])
    }))

  rule(
    "what is on its way to an interface that moves is lost; what it sent is not",
    bed,
    (network) =>
      Effect.gen(function*() {
        const h2 = yield* open(network.host("h2"), { port })
        const h3 = yield* open(network.host("h3"), { port })
        yield* h2.send("out", "10.11.0.3:9778")
        yield* h3.send("in", "10.11.0.2:9778")
        yield* network.host("h2").interface("eth0").move("b")
        yield* arrival

        assert.deepStrictEqual([yield* h2.received, yield* h3.received], [[], ["out"]])
        assert.deepStrictEqual(yield* fate(network), ["h2/eth0 no-carrier"])
      })
  )
})

describe("mistakes", () => {
  const message = <A, E extends { readonly message: string }, R>(self: Effect.Effect<A, E, R>) =>
    Effect.map(Effect.flip(self), (error) => error.message)

  rule("are told by name", bed, (network) =>
    Effect.gen(function*() {
      const h2 = network.host("h2")
      const eth0 = h2.interface("eth0")

      assert.deepStrictEqual(
        [
          yield* message(h2.interface("eth9").carrier(false)),
          yield* message(h2.interface("lo").remove),
          yield* message(eth0.addAddress("10.11.0")),
          yield* message(eth0.removeAddress("10.11.0.9")),
          yield* message(eth0.mtu(10)),
          yield* message(eth0.move("z"))
        ],
        [
          `host "h2" has no interface "eth9": it has lo, eth0`,
          "interface is one that is on a segment, such as eth0, not lo",
          `an address of h2 is an IP address, not "10.11.0"`,
          "the address to remove from h2/eth0 is one of those it has (10.11.0.2, fd11::2, fe80::2), not 10.11.0.9",
          "mtu of h2/eth0 is a whole number of octets from 68 to 65535, not 10",
          `host "h2" is on a segment "z" that the network does not have: it has a, b`
        ]
      )
    }))
})
