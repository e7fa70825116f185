import { assert, describe, it } from "@effect/vitest"
import * as RateLimiter from "../../../src/internal/runtime/RateLimiter.ts"

const rate = { perSecond: 10, burst: 3 }

/** How many of `count` at once get through. */
const allowed = (limiter: RateLimiter.RateLimiter, source: string, count: number, now: number): number =>
  Array.from({ length: count }, () => RateLimiter.allows(limiter, source, now)).filter(Boolean).length

describe("take", () => {
  const taken = (bucket: RateLimiter.Bucket, now: number) =>
    Array.from({ length: 10 }, () => RateLimiter.take(bucket, now)).filter(Boolean).length

  it("gives the burst at once, then as many as time brings", () => {
    const bucket = RateLimiter.bucket(rate, 0)

    assert.deepStrictEqual([0, 99, 100, 350].map((now) => taken(bucket, now)), [3, 0, 1, 2])
  })

  it("never gives more than the burst, however long it waited", () => {
    const bucket = RateLimiter.bucket(rate, 0)

    assert.deepStrictEqual([1e9, 2e9].map((now) => taken(bucket, now)), [3, 3])
  })

  it("loses no fraction of a token to frequent asking", () => {
    const bucket = RateLimiter.bucket(rate, 0)
    let given = 0
    for (let now = 0; now <= 10_000; now += 7) if (RateLimiter.take(bucket, now)) given++

    assert.approximately(given, 3 + 100, 1)
  })
})

describe("allows", () => {
  it("one loud source takes nothing from another", () => {
    const limiter = RateLimiter.make(rate, 8, 0)

    assert.deepStrictEqual([allowed(limiter, "loud", 100, 0), allowed(limiter, "quiet", 3, 0)], [3, 3])
  })

  it("gives all of a burst where a token takes no whole milliseconds, and no more", () => {
    const rates = [{ perSecond: 3, burst: 20 }, { perSecond: 7, burst: 10 }, { perSecond: 5_000, burst: 5_000 }]
    const given = rates.map((rate) => allowed(RateLimiter.make(rate, 8, 1e10), "a", rate.burst + 1, 1e10))

    assert.deepStrictEqual(given, rates.map(({ burst }) => burst))
  })

  it("a source for which there is no room shares one bucket with all such", () => {
    const limiter = RateLimiter.make(rate, 2, 0)
    for (const source of ["a", "b"]) RateLimiter.allows(limiter, source, 0)

    assert.deepStrictEqual([allowed(limiter, "c", 2, 0), allowed(limiter, "d", 5, 0)], [2, 1])
    assert.deepStrictEqual([allowed(limiter, "a", 5, 0), allowed(limiter, "b", 5, 0)], [2, 2])
  })

  it("the least recently used source makes room once its bucket is full again", () => {
    const limiter = RateLimiter.make(rate, 2, 1_000)
    for (const source of ["a", "b", "a"]) RateLimiter.allows(limiter, source, 1_000)
    RateLimiter.allows(limiter, "c", 1_099)
    assert.deepStrictEqual([...limiter.buckets.keys()], ["b", "a"])

    RateLimiter.allows(limiter, "c", 1_100)
    assert.deepStrictEqual([...limiter.buckets.keys()], ["a", "c"])
  })

  it("a bucket that is full again is forgotten, since a new one is as good", () => {
    const limiter = RateLimiter.make(rate, 10_000, 0)
    for (let i = 0; i < 256; i++) RateLimiter.allows(limiter, `${i}`, i < 200 ? 0 : 50)
    RateLimiter.allows(limiter, "new", 100)

    assert.strictEqual(limiter.buckets.size, 57)
    assert.deepStrictEqual([allowed(limiter, "0", 5, 100), allowed(limiter, "255", 5, 100)], [3, 2])
  })

  it("keeps one whole number of a source, as long as a token takes whole milliseconds", () => {
    const limiter = RateLimiter.make({ perSecond: 50, burst: 200 }, 1_024, 0.25, { perSecond: 5_000, burst: 5_000 })
    for (let i = 0; i < 20_000; i++) RateLimiter.allows(limiter, `${i % 100}`, i / 10.3)
    for (let i = 0; i < 100; i++) RateLimiter.refuses(limiter, `${i}`, 2_000.7)

    assert.deepStrictEqual(Array.from(limiter.buckets.values()).filter((fullAt) => !Number.isInteger(fullAt)), [])
  })

  it("forging sources neither refills a bucket nor takes more memory than the limit", () => {
    const limiter = RateLimiter.make(rate, 16, 0)
    for (let i = 0; i < 16; i++) allowed(limiter, `${i}`, 3, 0)
    const forged = Array.from({ length: 10_000 }, (_, i) => RateLimiter.allows(limiter, `forged ${i}`, 0))

    assert.strictEqual(forged.filter(Boolean).length, 3)
    assert.strictEqual(limiter.buckets.size, 16)
    assert.isFalse(RateLimiter.allows(limiter, "0", 0))
  })
})

describe("a flood", () => {
  const session = { perSecond: 50, burst: 20 }
  const crowded = () => RateLimiter.make({ perSecond: 100, burst: 300 }, 8, 0, session)

  /** How many of each source get through in ten seconds when each sends so often. */
  const flood = (limiter: RateLimiter.RateLimiter, sources: number, perSecond: number) => {
    const counts = Array.from({ length: sources }, () => 0)
    for (let sent = 0; sent < 10 * perSecond * sources; sent++) {
      const now = (sent * 1_000) / (perSecond * sources)
      if (RateLimiter.allows(limiter, `source ${sent % sources}`, now)) counts[sent % sources]!++
    }
    return counts
  }

  it("leaves each source its burst, and nothing more while it sends on without a pause", () => {
    const counts = flood(crowded(), 6, 20)

    assert.isAtMost(Math.max(...counts), 10 + 3 + 2)
    assert.isAtLeast(Math.min(...counts), 3)
  })

  it("hears all of a source that sends one datagram a second", () => {
    const limiter = crowded()
    flood(limiter, 6, 20)
    let heard = 0
    for (let sent = 0; sent < 100 * 20; sent++) {
      RateLimiter.allows(limiter, `source ${sent % 5}`, 10_000 + sent * 10)
      if (sent % 100 === 0 && RateLimiter.allows(limiter, "quiet", 10_000 + sent * 10)) heard++
    }

    assert.strictEqual(heard, 20)
  })

  it("hears a source again that was silent for a second", () => {
    const limiter = crowded()
    flood(limiter, 6, 20)
    const goOn = (from: number, to: number) => {
      for (let now = from; now < to; now += 10) RateLimiter.allows(limiter, `source ${1 + (now % 5)}`, now)
    }
    assert.isFalse(RateLimiter.allows(limiter, "source 0", 10_000))
    goOn(10_000, 10_990)
    assert.isTrue(RateLimiter.refuses(limiter, "source 0", 10_990))
    goOn(10_990, 11_990)

    assert.isFalse(RateLimiter.refuses(limiter, "source 0", 11_990))
    assert.isTrue(RateLimiter.allows(limiter, "source 0", 11_990))
  })

  it("refuses at once those for whom there is no room, until they may share one datagram", () => {
    const limiter = RateLimiter.make({ perSecond: 10, burst: 10 }, 6, 0, session)
    flood(limiter, 6, 20)
    const heard = Array.from({ length: 40 }, (_, i) => {
      const source = `newcomer ${i}`
      return RateLimiter.refuses(limiter, source, 10_000) ? "refused" : RateLimiter.allows(limiter, source, 10_000)
    })

    assert.deepStrictEqual(heard, Array.from({ length: 40 }, (_, i) => i < 10 || "refused"))
  })

  it("has a source that was refused be the last to make room", () => {
    const limiter = RateLimiter.make({ perSecond: 10, burst: 10 }, 7, 0, session)
    RateLimiter.allows(limiter, "idle", 1)
    for (let now = 2; now < 4_000; now += 10) {
      for (const source of ["a", "b", "c", "d", "e", "f"]) {
        if (!RateLimiter.refuses(limiter, source, now)) RateLimiter.allows(limiter, source, now)
      }
    }

    assert.isTrue(RateLimiter.allows(limiter, "newcomer", 4_000))
    assert.isFalse(limiter.buckets.has("idle"))
  })

  it("takes nothing from a newcomer that announces every two seconds", () => {
    const limiter = crowded()
    const heard = [2_000, 4_000, 6_000].map((at) => {
      flood(limiter, 6, 20)
      return RateLimiter.allows(limiter, "newcomer", at + 10_000)
    })

    assert.deepStrictEqual(heard, [true, true, true])
  })

  it("is none while no more comes than a fifth of what the session decodes", () => {
    assert.deepStrictEqual(flood(crowded(), 1, 8), [80])
  })

  it("is over when the burst has been saved up again", () => {
    const limiter = crowded()
    flood(limiter, 6, 20)

    assert.strictEqual(allowed(limiter, "later", 9, 13_000), 9)
  })

  it("has no sources wait for those of the last second", () => {
    const limiter = crowded()
    let allowed = 0
    for (let sent = 0; sent < 1_000; sent++) if (RateLimiter.allows(limiter, `${sent}`, sent * 5)) allowed++

    assert.strictEqual(allowed, 1_000)
  })
})
