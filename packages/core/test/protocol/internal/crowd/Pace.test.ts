import { Seed } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Arrivals from "../../../../src/protocol/internal/crowd/Arrivals.ts"
import * as Pace from "../../../../src/protocol/internal/crowd/Pace.ts"

const range = { min: 1_900, max: 2_000 }

/** A pace that has announced at 0, among so many. */
const going = (known: number, seed = 1): Pace.Pace => {
  const [pace] = Pace.begin(range, Arrivals.make(), seed, 0)
  Pace.announce(pace, Arrivals.make(), known, seed, 0)
  return pace
}

const isTime = (pace: Pace.Pace, known: number, now: number, arrivals = Arrivals.make(), seed = 1): boolean =>
  Pace.isTime(pace, arrivals, known, seed, now)[0]

/** A pace that waits in a queue, since it has heard three others early. */
const supposing = () => {
  const arrivals = Arrivals.make()
  const [pace] = Pace.begin(range, arrivals, 1, 0)
  hear(arrivals, 2, 3)
  isTime(pace, 4, pace.dueAt, arrivals)
  return { arrivals, pace }
}

/** Hears so many others, one a millisecond. */
const hear = (arrivals: Arrivals.Arrivals, from: number, count: number): void => {
  for (let at = from; at < from + count; at++) Arrivals.add(arrivals, at)
}

const seeds = Array.from({ length: 200 }, (_, index) => Seed.derive(index, "test"))

describe("rangeOf", () => {
  it("is what was configured among few, and gives all hosts 20 announcements a second among many", () => {
    assert.deepStrictEqual(Pace.rangeOf(range, 1), range)
    assert.deepStrictEqual(Pace.rangeOf(range, 26), range)
    assert.deepStrictEqual(Pace.rangeOf(range, 10_000), { min: 250_000, max: 750_000 })
  })

  it("grows no further than for 16,384", () => {
    assert.deepStrictEqual(Pace.rangeOf(range, 1e9), Pace.rangeOf(range, 16_384))
  })
})

describe("the first announcement", () => {
  it("is made within 50 ms by who is alone, and seldom early", () => {
    const times = seeds.map((seed) => Pace.begin(range, Arrivals.make(), seed, 1_000)[0].dueAt - 1_000)

    assert.isTrue(times.every((time) => time >= 0 && time <= 50))
    assert.isBelow(times.filter((time) => time < 25).length, 10)
  })

  it("is made when it is due although two others were heard", () => {
    const arrivals = Arrivals.make()
    const [pace] = Pace.begin(range, arrivals, 1, 0)
    hear(arrivals, 1, 2)

    assert.isTrue(isTime(pace, 3, pace.dueAt, arrivals))
  })

  it("takes a place in a queue when others were heard early, the longer the earlier", () => {
    const queueAfter = (from: number) => {
      const arrivals = Arrivals.make()
      const [pace] = Pace.begin(range, arrivals, 1, 0)
      hear(arrivals, from, 3)
      assert.isFalse(isTime(pace, 4, pace.dueAt, arrivals))
      return Pace.queueOf(pace)
    }

    assert.isAbove(queueAfter(2), 10_000)
    assert.isBelow(queueAfter(45), 30)
  })

  it("is put off while there is a crowd, though by no more than 30 s", () => {
    const arrivals = Arrivals.make()
    const [pace] = Pace.begin(range, arrivals, 1, 0)
    hear(arrivals, 1, 60)
    let now = pace.dueAt
    while (!isTime(pace, 60, now, arrivals)) {
      now = pace.dueAt
      hear(arrivals, Math.floor(now) - 60, 60)
    }

    assert.strictEqual(now, 30_000)
  })

  it("is put off by a moment for three that were made up, and by seconds for 60", () => {
    const waited = (count: number, seed: number) => {
      const arrivals = Arrivals.make()
      const [pace] = Pace.begin(range, arrivals, seed, 0)
      hear(arrivals, 1, Math.min(count, 30))
      while (!isTime(pace, count, pace.dueAt, arrivals, seed)) hear(arrivals, 32, arrivals.count < count ? 30 : 0)
      return pace.dueAt
    }

    assert.isAtMost(Math.max(...seeds.map((seed) => waited(3, seed))), 250)
    assert.isAtMost(Math.max(...seeds.map((seed) => waited(60, seed))), 4_000)
  })

  it("keeps its place in the queue while a sixth of what was supposed speaks", () => {
    for (const seed of seeds) {
      const { arrivals, pace } = supposing()
      const queue = Pace.queueOf(pace)
      const speak = () => hear(arrivals, pace.dueAt - 10, Math.ceil(pace.dueAt / 10) - arrivals.count)
      for (speak(); !isTime(pace, 4, pace.dueAt, arrivals, seed); speak()) assert.strictEqual(Pace.queueOf(pace), queue)
    }
  })

  it("promises an interval for all that are supposed to start and do", () => {
    const { arrivals, pace } = supposing()
    hear(arrivals, 5, 400)
    Pace.announce(pace, arrivals, 404, 1, 1_000)

    assert.isAbove(Pace.holds(pace), 3 * 100_000)
  })

  it("promises none for a crowd of which no more is heard", () => {
    const { arrivals, pace } = supposing()
    Pace.announce(pace, arrivals, 4, 1, 5_000)

    assert.isAtMost(Pace.holds(pace), 3 * range.max)
  })
})

describe("the next announcement", () => {
  it("comes within the interval, and uses all of it", () => {
    const intervals = seeds.map((seed) => going(1_000, seed).dueAt)

    assert.isTrue(intervals.every((interval) => interval >= 25_000 && interval <= 75_000))
    assert.isBelow(Math.min(...intervals), 27_000)
    assert.isAbove(Math.max(...intervals), 73_000)
  })

  it("is reconsidered when more were heard meanwhile, though not beyond what was promised", () => {
    const pace = going(1)
    const { dueAt } = pace

    assert.isFalse(isTime(pace, 1_000, dueAt))
    assert.strictEqual(pace.dueAt, 2_000)
    assert.isTrue(isTime(pace, 1_000, 2_000))
  })

  it("promises at most half as much again as the one before, so that one that is lost ends nothing", () => {
    const pace = going(1)
    const promises = [Pace.holds(pace)]
    for (let times = 0; times < 10; times++) {
      while (!isTime(pace, 1_000, pace.dueAt));
      const before = { at: pace.lastAt, until: pace.lastAt + Pace.holds(pace) }
      const now = pace.dueAt
      Pace.announce(pace, Arrivals.make(), 1_000, times, now)
      promises.push(Pace.holds(pace))
      // even the latest one after this comes well before the one before this has ended
      assert.isAtMost(now + Pace.holds(pace) / 3, before.until - 1_000)
    }

    assert.deepStrictEqual(promises.slice(0, 4), [6_000, 9_000, 13_500, 20_250])
    assert.strictEqual(promises.at(-1), 225_000)
  })

  it("comes sooner when most others are gone, in proportion", () => {
    const pace = going(1_000)
    const { dueAt } = pace
    Pace.adjust(pace, 100, 10_000)

    assert.closeTo(pace.dueAt - 10_000, (dueAt - 10_000) / 10, 1)
    assert.isTrue(isTime(pace, 100, pace.dueAt))
  })

  it("stays when less than half are gone", () => {
    const pace = going(1_000)
    const { dueAt } = pace
    Pace.adjust(pace, 501, 10_000)

    assert.strictEqual(pace.dueAt, dueAt)
  })
})
