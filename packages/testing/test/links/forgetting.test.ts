import { Distribution, Faults, SimulatedNetwork, Simulation, Topology } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import * as Inside from "../../src/internal/Inside.ts"
import { open } from "../endpoint.ts"

const simulated = <A, E>(name: string, program: Effect.Effect<A, E, Scope.Scope>) =>
  it.effect(name, () => Simulation.run(program))

const topology = Topology.make({
  segments: [
    Topology.segment("slow", { ipv4: "10.11.0.0/24", link: { latency: "50 millis" } }),
    Topology.segment("fast", { ipv4: "10.22.0.0/24", link: { latency: "2 millis" } })
  ],
  hosts: Topology.hosts("host", 3, { eth0: { on: "slow" } })
})

describe("what is set for two hosts", () => {
  simulated(
    "holds on top of the segment that they are on now",
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ topology, seed: 1 })
      yield* network.link("host1", "host2").set({ duplicate: 0 })
      const one = yield* open(network.host("host1"))
      const two = yield* open(network.host("host2"), { port: 9778 })
      yield* one.send("slow", "10.11.0.2:9778")
      yield* Effect.sleep("1 second")
      yield* network.host("host1").interface("eth0").move("fast")
      yield* network.host("host2").interface("eth0").move("fast")
      yield* one.send("fast", "10.22.0.2:9778")
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(yield* two.received, ["slow", "fast"])
      const times = (yield* network.frames).map(({ outcomes, time }) => outcomes[0]!.time - time)
      assert.deepStrictEqual(times, [50_000, 2_000])
    })
  )

  simulated(
    "is forgotten when it is over",
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ topology, seed: 1 })
      const one = yield* open(network.host("host1"), { broadcast: true })
      const kept = () => Inside.kernel(network).journal.hosts[0]!.interfaces[1]!.wire.specials?.size ?? 0
      yield* Effect.scoped(Effect.gen(function*() {
        yield* network.faults.link({ host: "host1" }, { loss: 0.5, bandwidth: "1 Mbit" })
        yield* one.send("all", "10.11.0.255:9778")
        assert.strictEqual(kept(), 2)
      }))
      yield* Effect.sleep("1 second")
      yield* one.send("all", "10.11.0.255:9778")

      assert.strictEqual(kept(), 0)
    })
  )
})

describe("a delay without end", () => {
  const nextAt = (prepare: (network: SimulatedNetwork.SimulatedNetwork) => Faults.Scoped) =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ topology, seed: 1 })
      yield* prepare(network)
      const one = yield* open(network.host("host1"), { broadcast: true })
      yield* one.send("all", "10.11.0.255:9778")
      const at = Inside.kernel(network).nextAt

      assert.isTrue(Number.isSafeInteger(at), String(at))
    })

  simulated(
    "that a distribution gives is a very long one",
    nextAt(({ faults }) => faults.link({}, { latency: Distribution.pareto({ min: 1, shape: 1e-9 }) }))
  )

  simulated(
    "that a rule gives is a very long one",
    nextAt(({ faults }) => faults.rule(() => Faults.Verdict.delay("Infinity")))
  )
})
