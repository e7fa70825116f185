import { assert, describe, it } from "@effect/vitest"
import * as Sample from "../../../../src/protocol/internal/crowd/Sample.ts"

const sampleOf = (from: number, to: number): Sample.Sample =>
  Array.from({ length: to - from }, (_, index) => Sample.hash(`host ${from + index}`)).reduce(Sample.add, Sample.empty)

describe("add", () => {
  it("keeps the eight smallest in order, each once, whatever the order in which they come", () => {
    const members = [9, 3, 7, 3, 1, 8, 2, 6, 5, 4, 9]

    assert.deepStrictEqual(members.reduce(Sample.add, Sample.empty), [1, 2, 3, 4, 5, 6, 7, 8])
    assert.deepStrictEqual(members.toReversed().reduce(Sample.add, Sample.empty), [1, 2, 3, 4, 5, 6, 7, 8])
  })
})

describe("lacks", () => {
  it("tells who knows little from who knows most", () => {
    const all = sampleOf(0, 1_000)

    assert.isTrue(Sample.lacks(Sample.empty, all))
    assert.isTrue(Sample.lacks(sampleOf(0, 20), all))
    assert.isTrue(Sample.lacks(sampleOf(1_000, 2_000), all))
    assert.isFalse(Sample.lacks(sampleOf(10, 1_000), all))
    assert.isFalse(Sample.lacks(all, sampleOf(0, 20)))
  })

  it("takes a few for not worth asking for", () => {
    assert.isFalse(Sample.lacks(Sample.empty, sampleOf(0, 7)))
  })
})

describe("parse", () => {
  it("reads what format writes", () => {
    for (const sample of [[0], [1, 0xffffffff], sampleOf(0, 100)]) {
      assert.deepStrictEqual(Sample.parse(Sample.format(sample)), sample)
    }
  })

  it.each([
    undefined,
    1,
    "",
    "0000000",
    "0000000g",
    "0000000A",
    "0000000200000001",
    "0000000100000001",
    "0".repeat(72)
  ])(
    "reads nothing of %j",
    (text) => {
      assert.isUndefined(Sample.parse(text))
    }
  )
})
