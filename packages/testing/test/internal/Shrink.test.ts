import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Draw } from "../../src/internal/property/Draw.ts"
import * as Shrink from "../../src/internal/property/Shrink.ts"

const items = Shrink.fewer<ReadonlyArray<number>, number>((value) => value, (_, items) => items)

describe("fewer", () => {
  it.effect("finds two needed items among a hundred", () =>
    Effect.gen(function*() {
      const fails = (candidate: ReadonlyArray<number>) =>
        Effect.succeed(candidate.includes(17) && candidate.includes(83))
      const shrunk = yield* Shrink.minimize(Array.from({ length: 100 }, (_, i) => i), [items], fails, 1000)

      assert.deepStrictEqual(shrunk.value, [17, 83])
      assert.isBelow(shrunk.tried, 60)
    }))

  it.effect("leaves out what was needed only for something left out later", () =>
    Effect.gen(function*() {
      // 1 may go only after 2 went
      const fails = (candidate: ReadonlyArray<number>) =>
        Effect.succeed(candidate.includes(3) && (candidate.includes(1) || !candidate.includes(2)))

      assert.deepStrictEqual((yield* Shrink.minimize([1, 2, 3], [items], fails, 100)).value, [3])
    }))

  it.effect("tries no more than its budget", () =>
    Effect.gen(function*() {
      let runs = 0
      const fails = () => Effect.sync(() => ++runs % 2 === 0)
      const shrunk = yield* Shrink.minimize(Array.from({ length: 1000 }, (_, i) => i), [items], fails, 7)

      assert.strictEqual(runs, 7)
      assert.strictEqual(shrunk.tried, 7)
    }))

  it.effect("keeps the least it is told to", () =>
    Effect.gen(function*() {
      const two = Shrink.fewer<ReadonlyArray<number>, number>((value) => value, (_, items) => items, 2)
      const shrunk = yield* Shrink.minimize([1, 2, 3, 4, 5], [two], () => Effect.succeed(true), 100)

      assert.strictEqual(shrunk.value.length, 2)
    }))
})

describe("fewer, of random lists and needs", () => {
  it.effect("leaves nothing that can be left out, and finds the only need where there is but one", () =>
    Effect.gen(function*() {
      for (let seed = 0; seed < 300; seed++) {
        const draw = new Draw(seed, "needs")
        const all = Array.from({ length: draw.between(1, 40) }, (_, i) => i)
        const needs = Array.from({ length: draw.between(1, 3) }, () => draw.subset(all, draw.one([0.05, 0.2, 0.6])))
        const isFailing = (candidate: ReadonlyArray<number>) =>
          needs.some((need) => need.every((item) => candidate.includes(item)))
        const shrunk = yield* Shrink.minimize(all, [items], (candidate) => Effect.succeed(isFailing(candidate)), 5000)
        const { value } = shrunk

        assert.isTrue(isFailing(value), `seed ${seed}`)
        assert.isTrue(value.every((item) => !isFailing(value.filter((other) => other !== item))), `seed ${seed}`)
        if (needs.length === 1) assert.deepStrictEqual(value, needs[0], `seed ${seed}`)
      }
    }))
})

describe("simplerNumbers", () => {
  it("ends, whatever is accepted", () => {
    for (const start of [2248, 1, 0, 0.3217, 0.999, 7.25, -12.5, 123_456_789, 1e-7]) {
      let value = start
      let steps = 0
      for (
        let next = Shrink.simplerNumbers(value);
        next.length > 0 && steps < 100;
        next = Shrink.simplerNumbers(value)
      ) {
        value = next.at(-1)!
        steps++
      }
      assert.isBelow(steps, 60, `${start}`)
    }
  })

  it.effect("finds the roundest number above a threshold", () =>
    Effect.gen(function*() {
      const pass = Shrink.alternatives<number>(Shrink.simplerNumbers)
      const least = (threshold: number, start: number) =>
        Effect.map(Shrink.minimize(start, [pass], (n) => Effect.succeed(n >= threshold), 100), ({ value }) => value)

      assert.strictEqual(yield* least(1500, 2248), 2000)
      assert.strictEqual(yield* least(900, 22_481), 1000)
      assert.strictEqual(yield* least(0.2, 0.3217), 1)
    }))
})

describe("simplerData", () => {
  it("changes one number at a time and leaves the fixed ones", () => {
    assert.deepStrictEqual(Shrink.simplerData({ at: 20, seed: 7, to: ["a", 1] }, new Set(["seed"])), [
      { at: 0, seed: 7, to: ["a", 1] },
      { at: 2, seed: 7, to: ["a", 1] },
      { at: 10, seed: 7, to: ["a", 1] },
      { at: 20, seed: 7, to: ["a", 0] }
    ])
  })
})
