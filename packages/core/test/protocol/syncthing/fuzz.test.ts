import { assert, describe, it } from "@effect/vitest"
import * as Fuzz from "./fuzz.ts"

describe("fuzzing", () => {
  it(
    "S-P1 S-P3 S-P10 a second reader agrees on 100,000 mutants, each read in bounded time",
    { timeout: 60_000 },
    () => {
      const { outcomes, slowest } = Fuzz.run(100_000, 20_260_104)

      assert.isAbove(outcomes.get("accepted")!, 5_000)
      for (const reason of ["truncated", "magic", "varint", "field", "id"]) {
        assert.isAbove(
          outcomes.get(reason) ?? 0,
          10
        )
      }
      // the time that a busy machine gives to others is counted too
      assert.isBelow(slowest, 1_000)
    }
  )
})
