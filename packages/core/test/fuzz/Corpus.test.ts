import { assert, describe, it } from "@effect/vitest"
import * as Corpus from "./Corpus.ts"

const corpus: Corpus.Corpus = new Map([
  ["a good one", Uint8Array.of(1, 255)],
  ["empty", new Uint8Array(0)]
])

describe("Corpus", () => {
  it("is read as it was written", () => {
    assert.deepStrictEqual(Corpus.parse(Corpus.format(corpus)), corpus)
    assert.strictEqual(Corpus.format(corpus), "01ff a good one\n- empty\n")
  })

  it("keeps the shorter input of each outcome", () => {
    const found = new Map([["a good one", Uint8Array.of(2)], ["new", Uint8Array.of(3, 4)], ["empty", Uint8Array.of(5)]])

    assert.deepStrictEqual(
      Corpus.merge(corpus, found),
      new Map([["a good one", Uint8Array.of(2)], ["empty", new Uint8Array(0)], ["new", Uint8Array.of(3, 4)]])
    )
  })
})
