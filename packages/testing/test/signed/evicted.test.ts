import { Announcement, Peer } from "@effect-discovery/core"
import { SignedBeacon } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import * as Hostile from "./Hostile.ts"
import { events, identityOf, join, keyOf, realm, start } from "./support.ts"

/** Bob and carol on one host, of which ada has room for one peer, and what each of them has said. */
const crowded = Effect.gen(function*() {
  const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
  const ada = yield* join(lan, "ada", { limits: { peersPerSource: 1 } })
  const carol = yield* identityOf("carol")
  yield* join(lan, "bob")
  yield* Effect.sleep("1 second")
  yield* join(lan, "bob", {
    source: () => SignedBeacon.source({ realm, identity: carol }),
    announcement: Announcement.make({ name: "carol", port: 7_001 })
  })
  yield* Effect.sleep("9 seconds")
  const frames = yield* Hostile.recorded(lan)
  const saidBy = (name: string) => frames.findLast((payload) => Buffer.from(payload).includes(name))!
  return { lan, ada, saidBy }
})

describe("a peer that made room for another", () => {
  it.effect("is back with the same octets, for the rest of their time", () =>
    Simulation.run(
      Effect.gen(function*() {
        const { ada, lan, saidBy } = yield* crowded
        assert.deepStrictEqual(events(ada), ["PeerDiscovered bob", "PeerLost bob Evicted", "PeerDiscovered carol"])
        const before = Option.getOrThrow(yield* ada.discovery.lookup(Peer.idOfKey(keyOf("carol"))))
        const send = yield* Hostile.open(lan.host("bob"))
        for (const name of ["bob", "carol"]) {
          yield* send(saidBy(name))
          yield* Effect.sleep("1 second")
        }

        assert.deepStrictEqual(events(ada).slice(3), [
          "PeerLost carol Evicted",
          "PeerDiscovered bob",
          "PeerLost bob Evicted",
          "PeerDiscovered carol"
        ])
        assert.deepStrictEqual(yield* ada.discovery.lookup(before.id), Option.some(before))
        const { evidence } = Option.getOrThrow(yield* ada.discovery.explain(before.id))
        assert.isAtMost(evidence[0]!.expiresIn, 80_000)
      }),
      { start }
    ))

  it.effect("is not put elsewhere by whoever repeats them", () =>
    Simulation.run(
      Effect.gen(function*() {
        const { ada, lan, saidBy } = yield* crowded
        const send = yield* Hostile.open(lan.host("mallory"))
        yield* send(saidBy("bob"))
        yield* Effect.sleep("1 second")

        assert.deepStrictEqual(events(ada), ["PeerDiscovered bob", "PeerLost bob Evicted", "PeerDiscovered carol"])
        assert.deepStrictEqual([...ada.refused], [["duplicate", 1]])
      }),
      { start }
    ))
})
