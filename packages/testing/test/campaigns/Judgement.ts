/**
 * How a campaign becomes a test, with a few seeds for each variant.
 */
import { Coverage, Property } from "@effect-discovery/testing"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Campaign, marks, propertyOf, variants } from "./Campaigns.ts"

const runs = 12

/** Whether it has few hosts: those with many take as long as all of these together, in a file of their own. */
export const isSmall = ({ topology }: Campaign): boolean => topology.hosts.length < 6

/** A test of what a campaign is to show. */
export const test = (campaign: Campaign): void =>
  it.effect(campaign.name, () =>
    Effect.gen(function*() {
      const all = yield* Effect.forEach(
        variants,
        (variant, i) => Property.check({ ...propertyOf(campaign), ...variant, seed: i, runs, freshRuns: 2 })
      )
      const coverage = Coverage.merge(all.map(({ coverage }) => coverage))

      assert.strictEqual(coverage.runs, variants.length * (runs + 2))
      yield* Coverage.assert(coverage, { marks: marks.slice(0, 2) })
    }), 240_000)
