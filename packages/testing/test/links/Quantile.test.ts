import { Distribution } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import * as Draw from "../../src/internal/links/Draw.ts"
import * as Quantile from "../../src/internal/links/Quantile.ts"

const count = 100_000

const sample = (distribution: Distribution.Distribution): ReadonlyArray<number> => {
  const quantile = Quantile.make(distribution)
  return Array.from({ length: count }, (_, i) => quantile(Draw.at(Draw.combine(42, i), Draw.purpose.latency)))
}

const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length
const deviation = (values: ReadonlyArray<number>) => {
  const middle = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
}
const shareBelow = (values: ReadonlyArray<number>, bound: number) =>
  values.filter((value) => value < bound).length / values.length
const within = (values: ReadonlyArray<number>, min: number, max: number) =>
  values.every((value) => value >= min && value <= max)

describe("distributions in microseconds", () => {
  it("a constant is always the same", () => {
    assert.deepStrictEqual(new Set(sample(Distribution.constant("1.5 millis"))), new Set([1500]))
  })

  it("a uniform one reaches both ends, and all between alike", () => {
    const values = sample(Distribution.uniform(1, "1.009 millis"))

    assert.strictEqual(new Set(values).size, 10)
    assert.isTrue(within(values, 1000, 1009))
    for (let value = 1000; value < 1009; value++) {
      assert.closeTo(shareBelow(values, value + 1), (value - 999) / 10, 0.005)
    }
  })

  it("a normal one has its mean and deviation, and ends at its bounds", () => {
    const values = sample(Distribution.normal({ mean: 10, deviation: 2 }))

    assert.closeTo(mean(values), 10_000, 30)
    assert.closeTo(deviation(values), 2000, 30)
    assert.closeTo(shareBelow(values, 8000), 0.1587, 0.005)
    assert.isTrue(within(values, 2000, 18_000))
  })

  it("a cut normal one keeps its shape between the bounds, with nothing heaped up there", () => {
    const values = sample(Distribution.normal({ mean: 0, deviation: 1, min: 0, max: 1 }))

    assert.isTrue(within(values, 0, 1000))
    assert.closeTo(mean(values), 1000 * 0.4597, 5) // (phi(0) - phi(1)) / (Phi(1) - Phi(0))
    assert.isTrue(shareBelow(values, 0.5) < 0.001)
  })

  it("an exponential one starts at its least and has its mean", () => {
    const values = sample(Distribution.exponential({ mean: "1 millis", min: "100 micros" }))

    assert.isTrue(within(values, 100, Infinity))
    assert.closeTo(mean(values), 1000, 10)
    assert.closeTo(deviation(values), 900, 20)
    assert.closeTo(shareBelow(values, 100 + 900 * Math.LN2), 0.5, 0.005)
  })

  it("an exponential one that is cut has no more than its limit", () => {
    const values = sample(Distribution.exponential({ mean: 1, max: 1 }))

    assert.isTrue(within(values, 0, 1000))
    assert.closeTo(mean(values), 1000 * (1 - 1 / (Math.E - 1)), 5)
  })

  it("a log-normal one has its median and its tail", () => {
    const values = sample(Distribution.logNormal({ median: 3, sigma: 1.48 }))

    assert.closeTo(shareBelow(values, 3000), 0.5, 0.005)
    assert.closeTo(shareBelow(values, 20_000), 0.9, 0.005) // as measured on Wi-Fi
  })

  it("a Pareto one starts at its least and falls by its shape", () => {
    const values = sample(Distribution.pareto({ min: 1, shape: 3, max: "1 second" }))

    assert.isTrue(within(values, 1000, 1_000_000))
    assert.closeTo(mean(values), 1500, 20)
    assert.closeTo(shareBelow(values, 2000), 1 - 1 / 8, 0.005)
  })

  it("the normal quantile is the inverse of its distribution function", () => {
    for (let p = 0.0005; p < 1; p += 0.0005) {
      assert.closeTo(Quantile.cumulative(Quantile.probit(p)), p, 2e-7)
    }
  })
})
