import { assert, describe, it } from "@effect/vitest"
import * as Seldom from "../../src/internal/cli/Seldom.ts"

describe("count", () => {
  it("S-D2 tells each kind at most once in the interval, with how many there were", () => {
    const seldom = Seldom.make(10_000)
    const told = [0, 1, 9_999, 10_000, 10_001, 25_000].map((now) => Seldom.count(seldom, "KeyChanged", now))

    assert.deepStrictEqual(told, [1, undefined, undefined, 4, undefined, 6])
    assert.strictEqual(Seldom.count(seldom, "StoreFailed", 10_001), 1)
  })
})
