import { Coverage, Property, Swarm } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Gossip from "./planted/Gossip.ts"

const campaign = (faults: Swarm.Swarm) =>
  Effect.map(
    Property.check({ ...Gossip.property, faults, eventually: {}, runs: 20 }),
    ({ coverage }) => coverage
  )

describe("a campaign", () => {
  it.effect("tells which faults took effect, and what was lost by them", () =>
    Effect.gen(function*() {
      const coverage = yield* campaign(Swarm.make({ kinds: ["Partition", "Crash"], share: 1 }))
      const { effective = 0, injected = 0 } = coverage.faults.get("Partition") ?? {}

      assert.strictEqual(coverage.runs, 20)
      assert.isTrue(effective > 0 && effective <= injected)
      assert.isTrue((coverage.drops.get("partition") ?? 0) > 0)
      assert.isTrue(coverage.rules.has(118))
      assert.deepStrictEqual(Array.from(coverage.faults.keys()).toSorted(), ["Crash", "Partition"])
      assert.deepStrictEqual(Coverage.missing(coverage, { faults: ["Partition", "Crash"], drops: ["partition"] }), [])
    }))

  it.effect("without what it should have gone through proved nothing", () =>
    Effect.gen(function*() {
      const coverage = yield* campaign(Swarm.none)
      const minimum = { faults: ["Crash"], drops: ["loss"], sites: ["a"], marks: ["b"], rules: 50 } as const
      const error = yield* Effect.flip(Coverage.assert(coverage, minimum))

      assert.strictEqual(error.reason._tag, "ProvedNothing")
      assert.match(
        error.message,
        /a fault Crash that took effect, a loss by loss, misfortune at a, the mark "b", 50 rules at work/
      )
    }))
})

describe("merge", () => {
  it.effect("adds up", () =>
    Effect.gen(function*() {
      const coverage = yield* campaign(Swarm.only(["Partition"]))
      const twice = Coverage.merge([coverage, coverage])

      assert.strictEqual(twice.runs, 40)
      assert.strictEqual(twice.faults.get("Partition")?.injected, 2 * coverage.faults.get("Partition")!.injected)
      assert.strictEqual(twice.drops.get("partition"), 2 * coverage.drops.get("partition")!)
    }))
})

describe("toText", () => {
  it.effect("shows what never happened too", () =>
    Effect.gen(function*() {
      const text = Coverage.toText(yield* campaign(Swarm.none))

      assert.match(text, /^Snooping +0 +0$/m)
      assert.match(text, /^runs: 20$/m)
    }))
})
