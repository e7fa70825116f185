import { assert, describe, it } from "@effect/vitest"
import * as Pace from "../src/internal/Pace.ts"

const at = (monotonic: number, wall = monotonic): Pace.Moment => ({ monotonic, wall })

/** The times of the looks until `end`, each at the moment that it is due, and the pace after them. */
const looks = (from: Pace.Pace, end: number, interval?: number) => {
  const times: Array<number> = []
  let pace = from
  while (pace.dueAt <= end) {
    times.push(pace.dueAt)
    pace = Pace.look(pace, at(pace.dueAt), false, interval)
  }
  return { times, pace }
}

const first = Pace.look(Pace.start(at(0)), at(0), true, undefined)
const calm = looks(first, 300_000).pace

describe("Pace", () => {
  it("looks every two seconds at first, and every 30 seconds in the end", () => {
    const { times } = looks(first, 200_000)

    assert.deepStrictEqual(times.slice(0, 5), [2_000, 4_000, 6_000, 9_000, 13_500])
    assert.strictEqual(times.at(-1)! - times.at(-2)!, 30_000)
  })

  it("notices a change after half the time since the last one", () => {
    const { times } = looks(first, 600_000)
    const late = times.slice(1).map((time, index) => (time - times[index]!) / Math.max(times[index]!, 4_000))

    assert.isAtMost(Math.max(...late), 0.5)
  })

  it("costs two looks a minute at rest", () => {
    assert.strictEqual(looks(calm, calm.looked.monotonic + 60_000).times.length, 2)
  })

  it("hurries again after a change", () => {
    const changed = Pace.look(calm, at(calm.dueAt), true, undefined)

    assert.strictEqual(changed.dueAt - calm.dueAt, 2_000)
  })

  it("looks 100 ms after it was first stirred", () => {
    const { monotonic } = calm.looked
    const later = Pace.stir(calm, monotonic + 5_000)
    const again = Pace.stir(later, monotonic + 5_030)

    assert.deepStrictEqual([later.dueAt, again.dueAt], [monotonic + 5_100, monotonic + 5_100])
    assert.strictEqual(Pace.look(later, at(later.dueAt), false, undefined).dueAt, later.dueAt + 2_000)
  })

  it("hurries after a sleep that the clock of timers has counted, or has not", () => {
    const counted = calm.dueAt + 5_000
    const wall = calm.dueAt + 3_600_000

    assert.strictEqual(Pace.look(calm, at(counted), false, undefined).dueAt, counted + 2_000)
    assert.strictEqual(Pace.look(calm, at(calm.dueAt, wall), false, undefined).dueAt, calm.dueAt + 2_000)
  })

  it("looks at an interval of its own when told one", () => {
    assert.deepStrictEqual(looks(Pace.look(first, at(0), true, 500), 2_000, 500).times, [500, 1_000, 1_500, 2_000])
  })

  it.each([0, -1_000, 1])("looks ten times a second at most, when told %d ms", (interval) => {
    assert.strictEqual(Pace.look(first, at(5_000), false, interval).dueAt, 5_100)
  })
})
