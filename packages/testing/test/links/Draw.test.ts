import { assert, describe, it } from "@effect/vitest"
import * as Draw from "../../src/internal/links/Draw.ts"

const count = 20_000
const column = (key: (i: number) => number, purpose: number) =>
  Array.from({ length: count }, (_, i) => Draw.at(key(i), purpose))

const correlation = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) =>
  12 * a.reduce((sum, value, i) => sum + (value - 0.5) * (b[i]! - 0.5), 0) / a.length

const byNumber = (i: number) => Draw.combine(7, i)

describe("draws", () => {
  it("are even over numbers of datagrams", () => {
    const buckets = Array.from({ length: 16 }, () => 0)
    for (const draw of column(byNumber, Draw.purpose.loss)) buckets[Math.floor(draw * 16)]!++
    const chi = buckets.reduce((sum, seen) => sum + (seen - count / 16) ** 2 / (count / 16), 0)

    assert.isTrue(chi < 37.7) // 15 degrees of freedom, one in a thousand
  })

  it("of one purpose tell nothing of those of another, of the next datagram or of another receiver", () => {
    const draws = column(byNumber, Draw.purpose.loss)
    const others = [
      column(byNumber, Draw.purpose.latency),
      column((i) => Draw.combine(7, i + 1), Draw.purpose.loss),
      column((i) => Draw.combine(Draw.combine(7, i), 123), Draw.purpose.loss),
      column((i) => Draw.combine(8, i), Draw.purpose.loss)
    ]

    for (const other of others) assert.closeTo(correlation(draws, other), 0, 0.03)
  })

  it("never reach 0 or 1", () => {
    const draws = column((i) => i, 0)

    assert.isTrue(draws.every((draw) => draw > 0 && draw < 1))
  })
})
