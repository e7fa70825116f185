import { Fault, Link, type Schedule } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Shrink from "../../src/internal/property/Shrink.ts"
import * as Simplify from "../../src/internal/property/Simplify.ts"

const schedule: Schedule.Schedule = {
  seed: 7,
  order: "pct",
  preemption: 0.03,
  dead: ["c"],
  faults: [
    { _tag: "Crash", at: 3217, for: 812, host: "a" },
    { _tag: "Link", at: 1093, link: Link.wifi },
    { _tag: "ClockJump", at: 77, host: "b", by: -4711 }
  ]
}

const passes = Simplify.passes({ hosts: ["a", "b", "c"], fired: ["x", "y"] })

const simplest = (isFailing: (candidate: Schedule.Schedule) => boolean) =>
  Effect.map(
    Shrink.minimize(schedule, passes, (candidate) => Effect.sync(() => isFailing(candidate)), 1000),
    ({ value }) => value
  )

describe("passes", () => {
  it.effect("leave nothing but the seed where nothing matters", () =>
    Effect.gen(function*() {
      const value = yield* simplest(() => true)

      assert.deepStrictEqual(
        { ...value, hosts: value.hosts?.length },
        { seed: 7, isPerfect: true, buggify: [], dead: [], hosts: 1, faults: [] }
      )
    }))

  it.effect("keep what a link does that matters, and round what is left", () =>
    Effect.gen(function*() {
      const { faults } = yield* simplest(({ faults }) =>
        faults.some((fault) => fault._tag === "Link" && (fault.at ?? 0) >= 500 && fault.link.bandwidth !== undefined)
      )

      assert.deepStrictEqual(faults, [{ _tag: "Link", at: 500, link: { bandwidth: 0 } }])
    }))

  it.effect("keep the order of fibers, a point of misfortune and the hosts that it takes", () =>
    Effect.gen(function*() {
      const value = yield* simplest(({ buggify = ["x", "y"], hosts = ["a", "b", "c"], order }) =>
        order === "pct" && buggify.includes("y") && hosts.includes("b")
      )

      assert.deepStrictEqual(value.buggify, ["y"])
      assert.deepStrictEqual(value.hosts, ["b"])
      assert.strictEqual(value.order, "pct")
    }))

  it.effect("every candidate is a schedule that can be stored", () =>
    Effect.gen(function*() {
      const kinds = new Set<string>(Fault.kinds)
      yield* simplest((candidate) => {
        for (const { _tag } of candidate.faults) assert.isTrue(kinds.has(_tag))
        return candidate.faults.length === 3
      })
    }))
})
