import { assert, describe, it } from "@effect/vitest"
import * as Recorder from "../../src/internal/kernel/Journal.ts"
import { Payloads } from "../../src/internal/kernel/Payloads.ts"

describe("the ring of the journal", () => {
  it("has a row for each event that is kept, and no more", () => {
    for (const limit of [1, 7, 255, 256, 257, 1000, 1025]) {
      const recorder = new Recorder.Journal(limit)
      for (let time = 0; time < 3 * limit; time++) recorder.note(time, "mark", { text: String(time) })
      const { columns, first, next } = recorder
      const kept = Array.from({ length: next - first }, (_, i) => columns.text[columns.row(first + i)])

      assert.strictEqual(columns.capacity, limit)
      assert.deepStrictEqual(kept, Array.from({ length: limit }, (_, i) => String(2 * limit + i)))
    }
  })

  it("grows with the events there are", () => {
    const recorder = new Recorder.Journal(100_000)
    for (let time = 0; time < 300; time++) recorder.note(time, "mark")

    assert.strictEqual(recorder.columns.capacity, 512)
  })
})

describe("the payloads of the journal", () => {
  it("are in buffers of the size that is wanted, but for larger ones", () => {
    const payloads = new Payloads(1_000_000, 8000)
    const sizes = [100, 9000, 100].map((size, seq) => payloads.add(new Uint8Array(size), seq).buffer.length)

    assert.deepStrictEqual(sizes, [8000, 9000, 8000])
  })
})
