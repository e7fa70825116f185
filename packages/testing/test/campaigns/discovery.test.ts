import { Coverage, Property } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { campaigns, marks, propertyOf, variants } from "./Campaigns.ts"

const runs = 12

describe("every host finds every other one when the faults are over, and nothing that must not happen does", () => {
  for (const campaign of campaigns) {
    it.effect(campaign.name, () =>
      Effect.gen(function*() {
        const all = yield* Effect.forEach(variants, (variant, i) =>
          Property.check({ ...propertyOf(campaign), ...variant, seed: i, runs, freshRuns: 2 }))
        const coverage = Coverage.merge(all.map(({ coverage }) =>
          coverage
        ))

        assert.strictEqual(coverage.runs, variants.length * (runs + 2))
        yield* Coverage.assert(coverage, { marks: marks.slice(0, 2) })
      }), 60_000)
  }
})
