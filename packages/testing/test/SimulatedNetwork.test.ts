import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { open } from "./endpoint.ts"

describe("make", () => {
  it.effect("a datagram takes the latency, and the log tells its way", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "5 millis", seed: 1 })
      const ada = yield* open(lan.host("ada"), { port: 9778 })
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      yield* Effect.sleep("1 second")
      yield* ada.send("hello", "10.11.0.2:9778")
      yield* Effect.sleep("4 millis")
      const early = yield* grace.received
      yield* Effect.sleep("1 millis")

      assert.deepStrictEqual(early, [])
      assert.deepStrictEqual(yield* grace.received, ["hello"])
      assert.strictEqual(
        yield* lan.log,
        `0.000000 ada open #1 IPv4
0.000000 ada bind #1 0.0.0.0:9778
0.000000 grace open #2 IPv4
0.000000 grace bind #2 0.0.0.0:9778
1.000000 ada/eth0 send f1 10.11.0.1:9778 > 10.11.0.2:9778 5 B 4f9f2cab
1.005000 grace/eth0 deliver f1 #2`
      )
    })))
})
