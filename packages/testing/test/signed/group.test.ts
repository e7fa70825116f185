import { Peer } from "@effect-discovery/core"
import { SignedBeacon } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as Hostile from "./Hostile.ts"
import { events, join, keyOf, type Options, realm, seedOf } from "./support.ts"

const sharedKey = (words: string) => Redacted.make(seedOf(words))

const inGroup = (group: SignedBeacon.Ring): Options => ({
  source: (identity) => SignedBeacon.source({ realm, identity, group })
})

const ours = inGroup({ ring: [sharedKey("ours")] })

describe("a group with a shared key", () => {
  it.effect("is closed: members find each other, and nobody else finds them or is found", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      const ada = yield* join(lan, "ada", ours)
      const bob = yield* join(lan, "bob", ours)
      const eve = yield* join(lan, "eve", inGroup({ ring: [sharedKey("theirs")] }))
      const zoe = yield* join(lan, "zoe")
      yield* Effect.sleep("60 seconds")

      assert.deepStrictEqual(yield* Effect.forEach([ada, bob, eve, zoe], (node) => node.names), [
        ["bob"],
        ["ada"],
        [],
        []
      ])
      assert.deepStrictEqual([...ada.refused.keys()].toSorted(), ["plain", "seal"])
      assert.match((yield* ada.discovery.peers)[0]!.group!, /^[0-9a-f]{8}$/)
    })))

  it.effect("S-V4 shows outsiders neither keys nor names", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      yield* join(lan, "ada", ours)
      yield* join(lan, "bob", ours)
      yield* Effect.sleep("60 seconds")
      const said = Buffer.concat(yield* Hostile.recorded(lan))

      assert.isAbove(said.length, 500)
      for (const name of ["ada", "bob"]) {
        assert.isFalse(said.includes(Buffer.from(keyOf(name), "hex")))
        assert.isFalse(said.includes(name))
      }
    })))

  it.effect("says goodbye sealed, and bears none from outside", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      const ada = yield* join(lan, "ada", ours)
      const bob = yield* join(lan, "bob", ours)
      yield* Effect.sleep("60 seconds")
      yield* bob.close
      yield* Effect.sleep("2 seconds")

      assert.deepStrictEqual(events(ada), ["PeerDiscovered bob", "PeerLost bob Goodbye"])
    })))

  it.effect("changes its key without losing anybody: added everywhere, then first everywhere, then alone", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      const [old, fresh] = [sharedKey("old"), sharedKey("fresh")]
      const ada = yield* join(lan, "ada", inGroup({ ring: [old, fresh] }))
      const bob = yield* join(lan, "bob", inGroup({ ring: [fresh, old] }))
      const eve = yield* join(lan, "eve", inGroup({ ring: [fresh] }))
      yield* Effect.sleep("60 seconds")

      assert.deepStrictEqual(yield* Effect.forEach([ada, bob, eve], (node) => node.names), [
        ["bob", "eve"],
        ["ada", "eve"],
        ["bob"]
      ])
    })))

  it.effect("takes and sends in the open only when it is told to, each apart", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      const ring = [sharedKey("ours")] as const
      const ada = yield* join(lan, "ada", inGroup({ ring, acceptPlain: true }))
      const bob = yield* join(lan, "bob", inGroup({ ring, sendPlain: true }))
      const zoe = yield* join(lan, "zoe")
      yield* Effect.sleep("60 seconds")

      assert.deepStrictEqual(yield* Effect.forEach([ada, bob, zoe], (node) => node.names), [["bob", "zoe"], ["ada"], [
        "bob"
      ]])
    })))

  it.effect("needs a ring of 1 to 8 different keys of 32 octets (S-T8)", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const nine = Array.from({ length: 9 }, (_, i) => sharedKey(String(i)))
      const rings = [nine, [sharedKey("a"), sharedKey("a")], [Redacted.make(new Uint8Array(31))]]
      for (const ring of rings) {
        const error = yield* Effect.flip(join(lan, "ada", inGroup({ ring: ring as any })))
        assert.match(
          (error as Error).message,
          /^A group of these shared keys is not possible here\. A (ring|shared key) has /
        )
      }
    })))
})

describe("a peer's id", () => {
  it("is its key, whatever it is called", () => assert.match(Peer.idOfKey(keyOf("ada")), /^key:[0-9a-f]{64}$/))
})
