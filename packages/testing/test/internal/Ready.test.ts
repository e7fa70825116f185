import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Pct } from "../../src/internal/simulation/Pct.ts"
import * as Ready from "../../src/internal/simulation/Ready.ts"

const small = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))
/** Pushes so many tasks, each by one of a few fibers, and then takes so many. */
const Round = Schema.Struct({
  push: Schema.Array(Schema.Struct({ who: small(4), priority: small(2) })),
  take: small(6)
})

const fibers = [{}, {}, {}, {}, undefined]

/** Everything that was pushed, in the order it was taken, as `who.number`. */
const play = (ready: Ready.Ready, rounds: ReadonlyArray<typeof Round.Type>) => {
  const taken: Array<string> = []
  const counts = fibers.map(() => 0)
  const pushed = () => counts.reduce((sum, count) => sum + count)
  const take = () => {
    assert.strictEqual(ready.size, pushed() - taken.length)
    ready.take(0)()
  }
  for (const { push, take: count } of rounds) {
    for (const { priority, who } of push) {
      const name = `${who}.${counts[who]!++}`
      ready.push(() => taken.push(name), priority, fibers[who])
    }
    for (let i = 0; i < count && ready.size > 0; i++) take()
  }
  while (ready.size > 0) take()
  assert.strictEqual(taken.length, pushed())
  return { taken, counts }
}

const all = (counts: ReadonlyArray<number>) =>
  counts.flatMap((count, who) => Array.from({ length: count }, (_, i) => `${who}.${i}`))

describe("Ready", () => {
  for (
    const [name, make] of [
      ["fifo", () => new Ready.Fifo()],
      ["random", (seed: number) => new Ready.Random(seed)],
      ["pct", (seed: number) => new Pct(seed, 3)]
    ] as const
  ) {
    it.effect.prop(
      `${name}: every task is taken once, in the same order for the same seed`,
      { rounds: Schema.Array(Round), seed: Schema.Int },
      ({ rounds, seed }) =>
        Effect.sync(() => {
          const { counts, taken } = play(make(seed), rounds)
          assert.deepStrictEqual(taken.toSorted(), all(counts).toSorted())
          assert.deepStrictEqual(play(make(seed), rounds).taken, taken)
        }),
      { arbitrary: { runs: 200, seed: 3 } }
    )
  }

  it.effect.prop(
    "pct: what one fiber schedules comes in its order",
    { rounds: Schema.Array(Round), seed: Schema.Int },
    ({ rounds, seed }) =>
      Effect.sync(() => {
        const { counts, taken } = play(new Pct(seed, 3), rounds)
        for (const who of fibers.keys()) {
          const own = taken.filter((name) => name.startsWith(`${who}.`))
          assert.deepStrictEqual(own, all(counts).filter((name) => name.startsWith(`${who}.`)))
        }
      }),
    { arbitrary: { runs: 200, seed: 4 } }
  )

  it("fifo: lower priorities first among those that wait, what they schedule comes after", () => {
    const ready = new Ready.Fifo()
    const taken: Array<string> = []
    ready.push(() => taken.push("late"), 10)
    ready.push(() => {
      taken.push("soon")
      ready.push(() => taken.push("urgent, but later"), -1)
    }, 0)
    ready.push(() => taken.push("next"), 0)
    while (ready.size > 0) ready.take()()

    assert.deepStrictEqual(taken, ["soon", "next", "late", "urgent, but later"])
  })

  it("random: each that is ready is as likely as the others", () => {
    const firsts = [0, 0, 0, 0]
    for (let seed = 0; seed < 4000; seed++) {
      const ready = new Ready.Random(seed)
      for (const n of firsts.keys()) ready.push(() => firsts[n]!++)
      ready.take()()
    }

    for (const count of firsts) assert.isTrue(count > 880 && count < 1120, firsts.join())
  })
})
