import type { Machine } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Runner from "../../../src/internal/runtime/Runner.ts"

/** Its state is its deadline: an input sets it, waking says when and clears it. */
const alarm = (first = Infinity): Machine.Machine<number, number | Machine.Woke, string> => ({
  init: (seed, now) => ({ state: now + first, outputs: [`start ${seed}`], wakeAt: now + first }),
  step: (_, input, now) =>
    typeof input === "number"
      ? { state: input, outputs: [`set ${input} at ${now}`], wakeAt: input }
      : { state: Infinity, outputs: [`woke at ${now}`], wakeAt: Infinity }
})

/** Wakes again and again. */
const metronome = (interval: number): Machine.Machine<null, Machine.Woke, string> => ({
  init: (_, now) => ({ state: null, outputs: [], wakeAt: now + interval }),
  step: (state, _, now) => ({ state, outputs: [`tick at ${now}`], wakeAt: now + interval })
})

/** Starts the timer; what it performed so far is in the list. */
const follow = Effect.fnUntraced(
  function*<State, Input>(runner: Runner.Runner<State, Input, string>) {
    const performed: Array<string> = []
    const perform = (outputs: ReadonlyArray<string>) => Effect.sync(() => void performed.push(...outputs))
    yield* Effect.forkScoped(runner.timer(perform), { startImmediately: true })
    return performed
  }
)

describe("runMachine", () => {
  it.effect("starts the machine with its seed, and steps it when told", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust(250)
      const runner = yield* Runner.runMachine(alarm(1_000), 7)
      assert.strictEqual(runner.state(), 1_250)

      assert.deepStrictEqual(runner.step(2_000, runner.now()), ["set 2000 at 250"])
      assert.strictEqual(runner.state(), 2_000)
    }))

  it.effect("reads monotonic time in milliseconds", () =>
    Effect.gen(function*() {
      const { now } = yield* Runner.runMachine(alarm(), 0)
      const before = now()
      yield* TestClock.adjust("1 second")

      assert.strictEqual(now() - before, 1_000)
    }))
})

describe("monotonic", () => {
  it.effect("counts from when it was first read where the clock has counted for weeks, alike for all", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("30 days")
      const first = yield* Runner.monotonic
      yield* TestClock.adjust("90 seconds")
      const second = yield* Runner.monotonic

      assert.deepStrictEqual([first(), second()], [90_000, 90_000])
    }))

  it.effect("is that of the clock in its first day", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("90 seconds")
      const now = yield* Runner.monotonic
      yield* TestClock.adjust("3 days")

      assert.strictEqual(now(), 259_290_000)
    }))
})

describe("timer", () => {
  it.effect("wakes the machine at its deadline, not before, and once", () =>
    Effect.gen(function*() {
      const performed = yield* follow(yield* Runner.runMachine(alarm(1_000), 0))
      yield* TestClock.adjust(999)
      assert.deepStrictEqual(performed, [])

      yield* TestClock.adjust(1)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(performed, ["woke at 1000"])
    }))

  it.effect("leaves it to whoever took a step to perform what came of that first, though the deadline has come", () =>
    Effect.gen(function*() {
      for (const first of [Infinity, 1_000]) {
        const runner = yield* Runner.runMachine(alarm(first), 0)
        const performed = yield* follow(runner)
        const at = runner.now()
        performed.push(...runner.step(at, at))
        yield* TestClock.adjust(1)

        assert.deepStrictEqual(performed, [`set ${at} at ${at}`, `woke at ${at}`])
      }
    }))

  it.effect("wakes it at every deadline that follows", () =>
    Effect.gen(function*() {
      const performed = yield* follow(yield* Runner.runMachine(metronome(300), 0))
      yield* TestClock.adjust(1_000)

      assert.deepStrictEqual(performed, ["tick at 300", "tick at 600", "tick at 900"])
    }))

  it.effect("a sooner deadline re-arms it, with or without one before", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.runMachine(alarm(), 0)
      const performed = yield* follow(runner)
      yield* TestClock.adjust(100)
      runner.step(1_000, runner.now())
      yield* TestClock.adjust(100)
      runner.step(500, runner.now())
      yield* TestClock.adjust(300)

      assert.deepStrictEqual(performed, ["woke at 500"])
    }))

  it.effect("a later deadline holds, too: nothing happens at the one it replaced", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.runMachine(alarm(500), 0)
      const performed = yield* follow(runner)
      runner.step(2_000, runner.now())
      yield* TestClock.adjust(1_999)
      assert.deepStrictEqual(performed, [])

      yield* TestClock.adjust(1)
      assert.deepStrictEqual(performed, ["woke at 2000"])
    }))

  it.effect("a deadline set while it performs is not missed", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.runMachine(alarm(100), 0)
      const performed: Array<string> = []
      const perform = (outputs: ReadonlyArray<string>) =>
        Effect.andThen(Effect.sleep(50), Effect.sync(() => void performed.push(...outputs)))
      yield* Effect.forkScoped(runner.timer(perform), { startImmediately: true })
      yield* TestClock.adjust(120)
      runner.step(130, runner.now())
      yield* TestClock.adjust(1_000)

      assert.deepStrictEqual(performed, ["woke at 100", "woke at 150"])
    }))
})

describe("after a stall", () => {
  /** A timer that comes to a deadline at 1,000 late, as one does when the whole program slept. */
  const stalledUntil = Effect.fnUntraced(function*(now: number) {
    const runner = yield* Runner.runMachine(alarm(1_000), 0)
    yield* TestClock.adjust(now)
    return { runner, performed: yield* follow(runner) }
  })

  it.effect("of more than 100 ms, sockets are read before the machine is woken (S-F2)", () =>
    Effect.gen(function*() {
      const { performed } = yield* stalledUntil(1_101)
      yield* TestClock.adjust(99)
      assert.deepStrictEqual(performed, [])

      yield* TestClock.adjust(1)
      assert.deepStrictEqual(performed, ["woke at 1201"])
    }))

  it.effect("what was read meanwhile counts: a deadline that has moved is not served (S-F2)", () =>
    Effect.gen(function*() {
      const { performed, runner } = yield* stalledUntil(5_000)
      yield* TestClock.adjust(50)
      runner.step(9_000, runner.now())
      yield* TestClock.adjust(3_949)
      assert.deepStrictEqual(performed, [])

      yield* TestClock.adjust(1)
      assert.deepStrictEqual(performed, ["woke at 9000"])
    }))

  it.effect("of 100 ms at most, the machine is woken at once", () =>
    Effect.gen(function*() {
      const { performed } = yield* stalledUntil(1_100)

      assert.deepStrictEqual(performed, ["woke at 1100"])
    }))
})
