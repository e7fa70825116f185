import { Seed } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"

const draws = <A>(draw: (seed: Seed.Seed) => readonly [A, Seed.Seed], seed: Seed.Seed, count: number): Array<A> => {
  const values: Array<A> = []
  for (let current = seed; values.length < count;) {
    const [value, next] = draw(current)
    values.push(value)
    current = next
  }
  return values
}

/** How many of the values fall into each of `bins` equal parts of [0, 1). */
const histogram = (values: ReadonlyArray<number>, bins: number): ReadonlyArray<number> => {
  const counts = Array.from({ length: bins }, () => 0)
  for (const value of values) counts[Math.floor(value * bins)]!++
  return counts
}

// five standard deviations of a count that is due in each of `bins` bins
const assertUniform = (counts: ReadonlyArray<number>, total: number) => {
  const due = total / counts.length
  for (const count of counts) assert.approximately(count, due, 5 * Math.sqrt(due), counts.join())
}

describe("next", () => {
  it("draws the same from the same seed, and other numbers from another", () => {
    assert.deepStrictEqual(draws(Seed.next, 7, 20), draws(Seed.next, 7, 20))
    assert.notDeepEqual(draws(Seed.next, 7, 20), draws(Seed.next, 8, 20))
  })

  it("draws the sequence that is on record, so that a seed pinned in a test stays good", () => {
    assert.deepStrictEqual(draws((seed) => Seed.between(seed, 0, 999), 42, 8), [128, 33, 75, 706, 211, 616, 14, 434])
  })

  it.each([0, 1, -1, 0x7fffffff, 0x9e3779b9])("is uniform in [0, 1) from the seed %d", (seed) => {
    const values = draws(Seed.next, seed, 100_000)

    assert.isTrue(values.every((value) => value >= 0 && value < 1))
    assertUniform(histogram(values, 50), 100_000)
  })

  it("two draws in a row are independent", () => {
    const values = draws(Seed.next, 3, 100_000)
    const pairs = values.slice(1).map((value, index) => (Math.floor(values[index]! * 8) + value) / 8)

    assertUniform(histogram(pairs, 64), pairs.length)
  })
})

describe("between", () => {
  it.each([[0, 0], [3, 7], [-5, 5], [4_000, 4_009]])("is uniform from %d to %d, both included", (min, max) => {
    const values = draws((seed) => Seed.between(seed, min, max), 11, 50_000)
    const counts = Array.from({ length: max - min + 1 }, (_, i) => values.filter((value) => value === min + i).length)

    assert.strictEqual(counts.reduce((sum, count) => sum + count), 50_000)
    assertUniform(counts, 50_000)
  })
})

describe("derive", () => {
  it("gives the same seed for the same purpose, and another for another one or another seed", () => {
    assert.strictEqual(Seed.derive(7, "jitter"), Seed.derive(7, "jitter"))
    assert.notStrictEqual(Seed.derive(7, "jitter"), Seed.derive(7, "registry"))
    assert.notStrictEqual(Seed.derive(7, "jitter"), Seed.derive(8, "jitter"))
    assert.notStrictEqual(Seed.derive(7, "jitter"), 7)
  })

  it("is what is on record", () => {
    const derived = [Seed.derive(42, "jitter"), Seed.derive(-2, "registry"), Seed.derive(42, "")]

    assert.deepStrictEqual(derived, [-1_765_554_922, -485_565_914, 551_831_576])
  })

  it("is a 32-bit integer, and seldom the same for two purposes", () => {
    const seeds = Array.from({ length: 10_000 }, (_, i) => Seed.derive(1, `peerage/eth${i}/IPv4`))

    assert.isTrue(seeds.every((seed) => seed === (seed | 0)))
    assert.strictEqual(new Set(seeds).size, 10_000)
  })

  it("what is drawn for one purpose says nothing of what is drawn for another", () => {
    const first = (seed: number, purpose: string) => Seed.next(Seed.derive(seed, purpose))[0]
    const pairs = Array.from({ length: 50_000 }, (_, seed) => (Math.floor(first(seed, "a") * 8) + first(seed, "b")) / 8)

    assertUniform(histogram(pairs, 64), pairs.length)
  })
})
