import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Lan from "./support.ts"

const names = (count: number) => Array.from({ length: count }, (_, index) => `h${index}`)

describe("fifty hosts, three protocols, 30 % loss", () => {
  it.effect("all find all; after a partition and its end all find all again", () =>
    Simulation.run(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({
          latency: "1 millis",
          jitter: "2 millis",
          loss: 0.3,
          network: "10.11.0.0/24"
        })
        const nodes = yield* Effect.forEach(names(50), (name) => Lan.start(lan, name))
        const everyone = () => nodes.flatMap((node) => Lan.missing(node.discovered, node, nodes))
        yield* Effect.sleep("3 minutes")
        assert.deepStrictEqual(everyone(), [])

        const half = nodes.map(({ name }) => name)
        yield* Effect.scoped(Effect.andThen(
          lan.partition([half.slice(0, 25), half.slice(25)]),
          // longer than the longest ttl, so that each half loses the other
          Effect.sleep("2 minutes")
        ))
        for (const node of nodes) {
          const there = nodes.indexOf(node) < 25 ? nodes.slice(25) : nodes.slice(0, 25)
          const known = new Set<string>((yield* node.peers).map(({ id }) => id))
          assert.strictEqual(Lan.missing(known, node, there).length, 25 * 3)
        }
        for (const node of nodes) node.discovered.clear()
        for (const node of nodes) for (const peer of yield* node.peers) node.discovered.add(peer.id)
        yield* Effect.sleep("3 minutes")

        assert.deepStrictEqual(everyone(), [])
      }),
      { seed: 50, duration: "20 minutes", eventLimit: 50_000_000 }
    ), 120_000)
})

describe("a killed host", () => {
  it.effect("expires within its ttl and one interval, for every protocol", () =>
    Simulation.run(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
        const [watcher, victim] = [yield* Lan.start(lan, "watcher"), yield* Lan.start(lan, "victim")]
        yield* Effect.sleep("1 minute")
        assert.deepStrictEqual(Lan.missing(watcher.discovered, watcher, [victim]), [])
        yield* lan.host("victim").crash
        yield* Effect.sleep("3 minutes")

        const bounds = { "json:victim": 7 + 2, "peerage:victim@lan": 21 + 7, "syncthing-v0:victim@lan": 90 + 30 }
        for (const [id, seconds] of Object.entries(bounds)) {
          const loss = Array.from(watcher.lost).find(([lost]) => lost === id)![1]
          assert.strictEqual(loss.reason, "Expired")
          assert.isAtMost((loss.at - 60_000) / 1_000, seconds)
        }
      }),
      { seed: 3 }
    ))
})

describe("closing the whole layer", () => {
  it.effect("says a goodbye that arrives, in 100 of 100 seeds", () =>
    Effect.gen(function*() {
      const reasons: Array<string | undefined> = []
      for (let seed = 0; seed < 100; seed++) {
        reasons.push(
          yield* Simulation.run(
            Effect.gen(function*() {
              const lan = yield* SimulatedNetwork.make({ latency: "2 millis", jitter: "5 millis" })
              const [watcher, leaver] = [yield* Lan.start(lan, "watcher"), yield* Lan.start(lan, "leaver")]
              yield* Effect.sleep("5 seconds")
              yield* leaver.close
              yield* Effect.sleep("20 millis")
              return Array.from(watcher.lost).find(([id]) => id === "json:leaver")?.[1].reason
            }),
            { seed }
          )
        )
      }

      assert.deepStrictEqual(reasons, Array.from({ length: 100 }, () => "Goodbye"))
    }), 60_000)
})

describe("the same seed", () => {
  const run = (seed: number) =>
    Simulation.run(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ latency: "1 millis", jitter: "3 millis", loss: 0.2 })
        const nodes = yield* Effect.forEach(names(5), (name) => Lan.start(lan, name))
        yield* Effect.sleep("1 minute")
        yield* nodes[0]!.close
        yield* Effect.sleep("1 minute")
        return { network: yield* lan.log, events: nodes.map(({ log }) => log.join("\n")).join("\n\n") }
      }),
      { seed }
    )

  it.effect("gives the same network log and the same events, byte for byte", () =>
    Effect.gen(function*() {
      const [first, second, other] = [yield* run(1), yield* run(1), yield* run(2)]

      assert.isAbove(first.network.length, 10_000)
      assert.strictEqual(first.network, second.network)
      assert.strictEqual(first.events, second.events)
      assert.notStrictEqual(first.network, other.network)
    }))
})
