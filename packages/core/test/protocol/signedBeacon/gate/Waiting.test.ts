import { Seed } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Waiting from "../../../../src/protocol/signedBeacon/gate/Waiting.ts"

const drawFrom = (start: number) => {
  let seed = start
  return () => {
    const [value, next] = Seed.next(seed)
    seed = next
    return value
  }
}

describe("Waiting", () => {
  it("keeps of all that came for a key each with the same odds, the first and the last like any other", () => {
    const draw = drawFrom(1)
    const kept = new Map<number, number>()
    for (let trial = 0; trial < 20_000; trial++) {
      const waiting = Waiting.make<number>(4)
      for (let i = 0; i < 10; i++) Waiting.offer(waiting, "ada", i, draw)
      const winner = Waiting.pick(waiting, draw)!
      kept.set(winner, (kept.get(winner) ?? 0) + 1)
    }

    assert.strictEqual(kept.size, 10)
    for (const count of kept.values()) assert.approximately(count, 2_000, 200)
  })

  it("says which one it lost, so that each is either kept or counted", () => {
    const draw = drawFrom(2)
    const waiting = Waiting.make<number>(8)
    let lost = 0
    for (let i = 0; i < 1_000; i++) {
      if (Waiting.offer(waiting, `key ${i % 37}`, i, draw) !== undefined) lost++
      assert.isAtMost(waiting.keys.length, 8)
    }
    const picked = Array.from({ length: 9 }, () => Waiting.pick(waiting, draw))

    assert.strictEqual(lost, 1_000 - 8)
    assert.strictEqual(new Set(picked.slice(0, 8)).size, 8)
    assert.isUndefined(picked[8])
    assert.strictEqual(waiting.slots.size, 0)
  })
})
