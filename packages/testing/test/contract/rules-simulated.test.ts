import { NetworkContract, Simulation } from "@effect-discovery/testing"
import { describe, it } from "@effect/vitest"
import { Effect } from "effect"

// a whole range of ports, or all file descriptors, are many sockets
const isLong = ({ needs }: NetworkContract.Test) => needs.includes("exhaustion") || needs.includes("descriptors")

/** Once as usual, and unless it is long in orders that a rule must not depend on either. */
const runs = (test: NetworkContract.Test): ReadonlyArray<Simulation.Options> => [
  { order: "fifo", seed: 1 },
  ...(isLong(test) ? [] : [
    { order: "random", preemption: 0.05, seed: 2 } as const,
    { order: "pct", preemption: 0.05, seed: 3 } as const
  ])
]

describe("the contract on the simulated network", () => {
  for (const rule of NetworkContract.rules) {
    for (const test of rule.tests) {
      if (NetworkContract.missing(test, NetworkContract.simulatedCapabilities).length > 0) continue
      it.effect(
        `rule ${rule.number}: ${rule.title}: ${test.name}`,
        () =>
          Effect.forEach(runs(test), (options) =>
            Simulation.run(
              Effect.scoped(Effect.flatMap(
                NetworkContract.simulated(test.needs, options.seed),
                (bed) => NetworkContract.run(test, bed)
              )),
              { ...options, duration: "10 minutes" }
            ), { discard: true }),
        30_000
      )
    }
  }
})
