import { Announcement, Discovery, Endpoint, Peer, type Protocol, Source } from "@effect-discovery/core"
import { Beacon } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation, Topology } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Option, Result } from "effect"
import { NetAddress } from "effect/net"
import * as Socket from "../endpoint.ts"

const source = Source.fromProtocol(Beacon.make({
  name: "test",
  endpoint: Endpoint.multicast("239.1.1.1", 4000),
  interval: "5 seconds",
  encode: ({ name }) => Result.succeed(new TextEncoder().encode(name)),
  decode: (payload) =>
    Result.succeed({
      name: new TextDecoder().decode(payload) || "nobody",
      addresses: ["10.0.0.200:80", "192.168.7.5:80"].map((text) => NetAddress.inetAddressFromStringUnsafe(text))
    })
}))

/** `grace` has two interfaces on the link of `ada`. */
const topology = Topology.make({
  segments: [Topology.segment("home")],
  hosts: [
    { name: "ada", interfaces: { eth0: { on: "home" } } },
    { name: "grace", interfaces: { eth0: { on: "home" }, eth1: { on: "home" } } }
  ]
})

describe("an address off the link", () => {
  it.effect("S-U6 is offered as soon as the interface has its network, and until it has it no longer", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ network: "10.0.0.0/24" })
      const on = (host: string) => Discovery.layer({ sources: [source] }).pipe(Layer.provide(lan.host(host).layer))
      const ada = Discovery.advertise(Announcement.make({ name: "ada" })).pipe(
        Effect.andThen(Effect.never),
        Effect.scoped
      )
      yield* Effect.forkScoped(ada.pipe(Effect.provide(on("ada"))))
      yield* Effect.gen(function*() {
        const addresses = Effect.gen(function*() {
          // many repeats, each with the same octets as the first
          yield* Effect.sleep("20 seconds")
          const peer = Option.getOrThrow(yield* Discovery.lookup(Peer.id("test", "ada")))
          return peer.addresses.map(NetAddress.formatInet)
        })

        assert.deepStrictEqual(yield* addresses, ["10.0.0.200:80"])
        yield* lan.host("grace").interface("eth0").addAddress("192.168.7.1/24")
        assert.deepStrictEqual(yield* addresses, ["10.0.0.200:80", "192.168.7.5:80"])
        yield* lan.host("grace").interface("eth0").removeAddress("192.168.7.1/24")
        assert.deepStrictEqual(yield* addresses, ["10.0.0.200:80"])
      }).pipe(Effect.provide(on("grace")))
    })))
})

describe("a repeat of what was heard before", () => {
  it.effect("is of the link on which its source is by now", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ topology })
      yield* lan.host("ada").interface("eth0").addAddress("172.16.0.9/12")
      yield* lan.host("ada").interface("eth0").removeAddress(`${lan.host("ada").address}/24`)
      const [ada, grace] = yield* Effect.forEach(["ada", "grace"], (host) =>
        Effect.map(
          Layer.build(Discovery.layer({ sources: [source] }).pipe(Layer.provide(lan.host(host).layer))),
          Context.get(Discovery.Discovery)
        ))
      yield* ada!.advertise(Announcement.make({ name: "ada" }))
      const heardOn = Effect.gen(function*() {
        yield* Effect.sleep("20 seconds")
        const { evidence } = Option.getOrThrow(yield* grace!.explain(Peer.id("test", "ada")))
        return evidence.map((each) => each.interface)
      })

      assert.sameMembers(yield* heardOn, ["eth0", "eth1"])
      yield* lan.host("grace").interface("eth1").addAddress("172.16.0.1/12")
      assert.deepStrictEqual(yield* heardOn, ["eth1"])
    })))
})

/** Answers whatever it hears. */
const answering: Protocol.Protocol<number> = {
  name: "answering",
  endpoints: [Endpoint.multicast("239.1.1.1", 4000)],
  maxDatagram: 100,
  isIdempotent: false,
  validate: () => undefined,
  init: () => ({ state: 0, outputs: [], wakeAt: Infinity }),
  step: (state, input) => ({
    state,
    outputs: input._tag === "Received" ? [{ _tag: "Transmit", payload: input.payload, to: input.source }] : [],
    wakeAt: Infinity
  })
}

describe("an answer to one address", () => {
  it.effect("S-A1 does not leave the link, wherever a datagram that came by the group says it is from", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ network: "10.0.0.0/24" })
      const ada = Discovery.layer({ sources: [Source.fromProtocol(answering)] }).pipe(
        Layer.provide(lan.host("ada").layer)
      )
      yield* Layer.build(ada)
      yield* lan.host("grace").interface("eth0").addAddress("172.16.0.9/12")
      for (const address of [`${lan.host("grace").address}`, "172.16.0.9"]) {
        const socket = yield* Socket.open(lan.host("grace"), { address, port: 5000 })
        yield* socket.send("who", "239.1.1.1:4000")
      }
      yield* Effect.sleep("1 second")
      const frames = yield* lan.frames

      assert.deepStrictEqual(
        frames.filter(({ from }) => from.startsWith("ada")).map(({ destination }) => destination),
        [`${lan.host("grace").address}:5000`]
      )
    })))
})
