import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { counts, sender, start } from "./support.ts"

describe("a worker", () => {
  it.effect("answers what its swarm understands, and counts it", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const worker = yield* start(lan.host("ada"), {
        handle: (text, { from, reply, worker }) => reply(`${worker.swarm} to port ${from.port}: ${text}`)
      })
      const bob = yield* sender(lan.host("bob"), lan.host("ada"), worker.port)
      yield* bob.say("hello")
      yield* bob.say("!prefix")
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(yield* bob.received, [`swarm to port ${bob.port}: hello`])
      assert.deepStrictEqual(counts(yield* worker.close), {
        received: 2,
        sent: 1,
        decoded: 1,
        handled: 1,
        "rejected prefix": 1
      })
    })))
})
