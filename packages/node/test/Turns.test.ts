import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Turns from "../src/internal/Turns.ts"

const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

const ask = (turns: Turns.Turns, times: number): ReadonlyArray<boolean> =>
  Array.from({ length: times }, () => Turns.isSame(turns))

describe("isSame", () => {
  it.live("is true of all but the first that come in a turn, as long as turns bring many", () =>
    Effect.gen(function*() {
      const turns = Turns.make()
      for (let i = 0; i < 3; i++) {
        assert.deepStrictEqual(ask(turns, 8), [false, ...Array.from({ length: 7 }, () => true)])
        yield* turn
      }
    }))

  it.live("is not looked for where turns bring few", () =>
    Effect.gen(function*() {
      const turns = Turns.make()
      ask(turns, 7)
      yield* turn
      assert.isFalse(ask(turns, 64).includes(true))
      assert.deepStrictEqual(ask(turns, 2), [false, true])
    }))

  it.live("is false after something else was done", () =>
    Effect.gen(function*() {
      const turns = Turns.make()
      ask(turns, 1)
      Turns.interrupt(turns)
      assert.deepStrictEqual(ask(turns, 2), [false, true])
      yield* turn
      assert.deepStrictEqual(ask(turns, 1), [false])
    }))
})
