import { assert, describe, it } from "@effect/vitest"
import * as Tally from "../../../../src/internal/runtime/workers/Tally.ts"

describe("reject", () => {
  it("counts by reason, of which there are so many and no more", () => {
    const tally = Tally.make()
    for (let i = 0; i < 1_000; i++) Tally.reject(tally, `reason ${i}`)
    Tally.reject(tally, "reason 3")

    assert.strictEqual(tally.rejected.size, 65)
    assert.strictEqual(tally.rejected.get("reason 3"), 2)
    assert.strictEqual(tally.rejected.get("other"), 1_000 - 64)
  })
})

describe("statistics", () => {
  it("stay as they were when the worker counts on", () => {
    const tally = Tally.make()
    const before = Tally.statistics(tally, { port: 7_000, uptime: 1, waiting: 0, running: 0 })
    Tally.reject(tally, "prefix")
    tally.dropped.rate++
    tally.failed.defects++

    assert.strictEqual(Tally.accounted(before), 0)
    assert.strictEqual(before.rejected.size, 0)
  })
})
