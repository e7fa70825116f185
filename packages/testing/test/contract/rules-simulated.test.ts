import { NetworkContract, Simulation } from "@effect-discovery/testing"
import { describe, it } from "@effect/vitest"
import { Effect } from "effect"

describe("the contract on the simulated network", () => {
  for (const rule of NetworkContract.rules) {
    for (const test of rule.tests) {
      if (NetworkContract.missing(test, NetworkContract.simulatedCapabilities).length > 0) continue
      const run = Effect.flatMap(NetworkContract.simulated(test.needs), (bed) => NetworkContract.run(test, bed))
      it.effect(
        `rule ${rule.number}: ${rule.title}: ${test.name}`,
        () => Simulation.run(Effect.scoped(run), { duration: "10 minutes" }),
        // a whole range of ports is many sockets
        30_000
      )
    }
  }
})
