import { Machine } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"

/** Says `start`, then its input, and ticks at every multiple of 100. */
const clock: Machine.Machine<number, string | Machine.Woke, string> = {
  init: (seed, now) => ({ state: 0, outputs: [`start ${seed}`], wakeAt: now + 100 }),
  step: (ticks, input, now) =>
    typeof input === "string"
      ? { state: ticks, outputs: [input], wakeAt: 100 * (ticks + 1) }
      : { state: ticks + 1, outputs: [`tick ${ticks + 1}`], wakeAt: now + 100 }
}

/** Only listens. */
const listener: Machine.Machine<null, string | Machine.Woke, string> = {
  init: () => ({ state: null, outputs: [], wakeAt: Infinity }),
  step: (state, input) => ({ state, outputs: [typeof input === "string" ? input : "woke"], wakeAt: Infinity })
}

describe("replay", () => {
  it("wakes the machine at its deadlines between the inputs", () => {
    assert.deepStrictEqual(Machine.replay(clock, { seed: 7, inputs: [[50, "a"], [250, "b"]] }), [
      [0, "start 7"],
      [50, "a"],
      [100, "tick 1"],
      [200, "tick 2"],
      [250, "b"]
    ])
  })

  it("a deadline comes before an input of the same time", () => {
    assert.deepStrictEqual(Machine.replay(clock, { seed: 0, inputs: [[100, "a"]] }).slice(1), [
      [100, "tick 1"],
      [100, "a"]
    ])
  })

  it("goes on until the time it is given, that included", () => {
    assert.deepStrictEqual(Machine.replay(clock, { seed: 0, inputs: [], until: 200 }), [
      [0, "start 0"],
      [100, "tick 1"],
      [200, "tick 2"]
    ])
    assert.deepStrictEqual(Machine.replay(clock, { seed: 0, inputs: [] }), [[0, "start 0"]])
  })

  it("serves the deadlines that the last input leaves for its own time", () => {
    const echo: typeof listener = {
      ...listener,
      step: (state, input, now) => ({ ...listener.step(state, input, now), wakeAt: input === "now" ? now : Infinity })
    }

    assert.deepStrictEqual(Machine.replay(echo, { seed: 0, inputs: [[5, "now"]] }), [[5, "now"], [5, "woke"]])
  })

  it("a machine without a deadline is never woken", () => {
    for (const until of [1e9, Infinity]) {
      assert.deepStrictEqual(Machine.replay(listener, { seed: 0, inputs: [[5, "a"]], until }), [[5, "a"]])
    }
  })
})
