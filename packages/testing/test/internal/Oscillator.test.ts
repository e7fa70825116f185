import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as Oscillator from "../../src/internal/host/Oscillator.ts"

const Change = Schema.Struct({
  after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000_000_000 })),
  ppm: Schema.Int.check(Schema.isBetween({ minimum: -Oscillator.driftLimit, maximum: Oscillator.driftLimit })),
  isRunning: Schema.Boolean
})

describe("Oscillator", () => {
  it.effect.prop(
    "shows whole microseconds, never goes back, and does not jump when it is changed",
    { changes: Schema.Array(Change) },
    ({ changes }) =>
      Effect.sync(() => {
        let [clock, now] = [Oscillator.make(5), 5]
        for (const { after, isRunning, ppm } of changes) {
          const before = Oscillator.read(clock, now)
          const later = Oscillator.read(clock, now + after)
          now += after
          assert.isTrue(Number.isSafeInteger(later) && later >= before)
          clock = Oscillator.change(clock, now, { ppm, isRunning })
          assert.strictEqual(Oscillator.read(clock, now), later)
        }
      }),
    { arbitrary: { runs: 300, seed: 1 } }
  )

  it.effect.prop(
    "reaches what it will show at the first time that it shows it",
    { change: Change, missing: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000_000_000 })) },
    ({ change, missing }) =>
      Effect.sync(() => {
        const clock = Oscillator.change(Oscillator.make(0), change.after, change)
        const at = Oscillator.reaches(clock, clock.shown + missing)
        if (!change.isRunning) return assert.strictEqual(at, Infinity)
        assert.isTrue(Oscillator.read(clock, at) >= clock.shown + missing)
        assert.isTrue(Oscillator.read(clock, at - 1) < clock.shown + missing)
      }),
    { arbitrary: { runs: 300, seed: 2 } }
  )
})
