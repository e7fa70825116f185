import { Coverage, Property } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { variants } from "./Campaigns.ts"
import * as MdnsChurn from "./MdnsChurn.ts"

const runs = 8

describe("services that come, change and go on five hosts, whatever happens on the network", () => {
  it.effect(
    "every browser ends with exactly what is published, and no two hosts with one name",
    () =>
      Effect.gen(function*() {
        const all = yield* Effect.forEach(
          variants,
          (variant, i) => Property.check({ ...MdnsChurn.property, ...variant, seed: i, runs, freshRuns: 1 })
        )
        const coverage = Coverage.merge(all.map(({ coverage }) => coverage))

        assert.strictEqual(coverage.runs, variants.length * (runs + 1))
        yield* Coverage.assert(coverage, { marks: MdnsChurn.expected })
      }),
    120_000
  )
})
