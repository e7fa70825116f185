import { Seed } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Stamp from "../../../src/protocol/signedBeacon/Stamp.ts"

const stamp = (ms: number, counter = 0): Stamp.Stamp => ({ ms, counter })

describe("next", () => {
  it("SA1 the first stamp is the clock's", () => {
    assert.deepStrictEqual(Stamp.next(undefined, 1_767_225_600_000.7), stamp(1_767_225_600_000))
  })

  it("SA1 a clock that went on is followed, the counter starting again", () => {
    assert.deepStrictEqual(Stamp.next(stamp(100, 7), 101), stamp(101))
  })

  it("SA1 within a millisecond, and when the clock went back, the counter goes on", () => {
    assert.deepStrictEqual(Stamp.next(stamp(100, 7), 100), stamp(100, 8))
    assert.deepStrictEqual(Stamp.next(stamp(100, 7), 3), stamp(100, 8))
  })

  it("SA1 a counter that is full wraps into the next millisecond", () => {
    assert.deepStrictEqual(Stamp.next(stamp(100, Stamp.maxCounter), 100), stamp(101))
    assert.deepStrictEqual(Stamp.next(stamp(100, Stamp.maxCounter), 101), stamp(101))
  })

  it("SA1 a reading that 48 bits cannot hold counts as none", () => {
    for (const reading of [-1, Number.NaN, Infinity, -Infinity, Stamp.maxMs + 1]) {
      assert.deepStrictEqual(Stamp.next(undefined, reading), stamp(0))
      assert.deepStrictEqual(Stamp.next(stamp(100, 7), reading), stamp(100, 8))
    }
    assert.deepStrictEqual(Stamp.next(undefined, Stamp.maxMs), stamp(Stamp.maxMs))
  })

  it("SA1 nothing comes after the last stamp, or after what is none", () => {
    assert.throws(() => Stamp.next(stamp(Stamp.maxMs, Stamp.maxCounter), 0))
    assert.throws(() => Stamp.next(stamp(100, 65_536), 0))
    assert.throws(() => Stamp.next(stamp(100.5), 0))
    assert.deepStrictEqual(Stamp.next(stamp(Stamp.maxMs - 1, Stamp.maxCounter), 0), stamp(Stamp.maxMs))
  })

  it("SA1 each stamp is later than the one before, wherever the clock jumps", () => {
    for (let seed = 1; seed <= 500; seed++) stepThrough(seed)
  })
})

const stepThrough = (from: number): void => {
  let seed = from
  const between = (min: number, max: number) => {
    const [value, advanced] = Seed.between(seed, min, max)
    seed = advanced
    return value
  }
  let clock = between(0, 1) === 0 ? between(0, 5) : Stamp.maxMs - 1_000_000
  let last = stamp(Math.max(0, clock + between(-3, 3)), between(Stamp.maxCounter - 20, Stamp.maxCounter))
  for (let i = 0; i < 100; i++) {
    clock += [0, 0, 1, between(0, 1_000), -between(0, 1_000), between(-1, 1) / 2][between(0, 5)]!
    const next = Stamp.next(last, clock)
    assert.isTrue(Stamp.isStamp(next))
    assert.isAbove(Stamp.compare(next, last), 0, `seed ${from}, step ${i}`)
    // no later than it has to be
    assert.isTrue(next.ms <= Math.max(clock, last.ms + (last.counter === Stamp.maxCounter ? 1 : 0)))
    last = between(0, 9) === 0 ? { ms: next.ms, counter: Stamp.maxCounter } : next
  }
}
