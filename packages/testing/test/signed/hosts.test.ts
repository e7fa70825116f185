import { Announcement, Peer } from "@effect-discovery/core"
import { SignedBeacon } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { NetAddress } from "effect/net"
import { join, keyOf, losses, realm } from "./support.ts"

describe("hosts that sign", () => {
  it.effect("find each other with what their keys say of them", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      const ada = yield* join(lan, "ada")
      yield* join(lan, "bob", {
        announcement: Announcement.make({
          name: "bob",
          port: 7_100,
          attributes: { v: "1" },
          service: { type: "_chat._tcp" }
        })
      })
      yield* Effect.sleep("40 seconds")
      const peer = Option.getOrThrow(yield* ada.discovery.lookup(Peer.idOfKey(keyOf("bob"))))

      assert.deepInclude(Peer.toJson(peer), {
        name: "bob",
        addresses: [`${NetAddress.formatIp(lan.host("bob").address)}:7100`],
        attributes: { service: "_chat._tcp", v: "1" },
        sources: ["signed"],
        authentication: "signed",
        key: keyOf("bob")
      })
    })))

  it.effect("are lost with a goodbye that they signed, and by nothing else in ten minutes", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      const ada = yield* join(lan, "ada")
      const bob = yield* join(lan, "bob")
      yield* Effect.sleep("10 minutes")
      assert.deepStrictEqual(losses(ada), [])
      yield* bob.close
      yield* Effect.sleep("2 seconds")

      assert.deepStrictEqual(losses(ada), ["PeerLost bob Goodbye"])
      assert.isBelow(Number(ada.log.at(-1)!.split(" ")[0]), 601.5)
    })))

  it.effect("are lost by nobody where they sign seldom and nothing is said of a ttl", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      const ada = yield* join(lan, "ada")
      yield* join(lan, "bob", {
        source: (identity) => SignedBeacon.source({ realm, identity, interval: "5 minutes" })
      })
      yield* Effect.sleep("20 minutes")

      assert.deepStrictEqual(losses(ada), [])
    })))

  it.effect("tell of a change at once", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      const ada = yield* join(lan, "ada")
      const bob = yield* join(lan, "bob")
      yield* Effect.sleep("5 seconds")
      yield* bob.advertisement!.update({ attributes: { load: "0.7" } })
      yield* Effect.sleep("100 millis")
      const peers = yield* ada.discovery.peers

      assert.deepStrictEqual(peers.map(({ attributes }) => attributes.toJSON().load), ["0.7"])
    })))

  it.effect("twenty of them know all others within an interval, by IPv4 and IPv6", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis", ipv6: "fd11::/64" })
      const names = Array.from({ length: 20 }, (_, i) => `host${String(i).padStart(2, "0")}`)
      const nodes = yield* Effect.forEach(names, (name) => join(lan, name))
      yield* Effect.sleep("31 seconds")
      for (const [index, node] of nodes.entries()) {
        assert.deepStrictEqual(yield* node.names, names.filter((_, i) => i !== index))
      }
    })))
})

describe("determinism", () => {
  it.effect("hosts that sign go the same way twice, in every order", () =>
    Simulation.checkDeterminism(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ latency: "1 millis", loss: 0.1 })
        const [ada, bob] = [yield* join(lan, "ada"), yield* join(lan, "bob")]
        yield* Effect.sleep("2 minutes")
        yield* bob.close
        yield* Effect.sleep("2 seconds")
        return ada.log.join("\n")
      }),
      { seeds: [1, 2], outside: "fail" }
    ), 30_000)
})
