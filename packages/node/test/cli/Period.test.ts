import { assert, describe, it } from "@effect/vitest"
import { Duration, Option } from "effect"
import * as Period from "../../src/internal/cli/Period.ts"

const millis = (text: string) => Option.getOrUndefined(Option.map(Period.parse(text), Duration.toMillis))

describe("parse", () => {
  it.each([
    ["500ms", 500],
    ["10s", 10_000],
    ["1.5s", 1_500],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["1d", 86_400_000],
    [" 2 m ", 120_000],
    ["10 seconds", 10_000],
    ["1 minute", 60_000],
    ["0s", 0]
  ])("%s", (text, expected) => assert.strictEqual(millis(text), expected))

  it.each(["", "s", "10", "10x", "-10 seconds", "-1s", "ten seconds", "1e3s"])("refuses %j", (text) => {
    assert.isUndefined(millis(text))
  })
})
