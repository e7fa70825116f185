import { assert, describe, it } from "@effect/vitest"
import * as Fuzz from "./fuzz.ts"

describe("the decoders of messages, names and TXT data", () => {
  it("neither throw nor hang nor break a bound (`pnpm mdns:fuzz` does it for longer)", () => {
    const { outcomes } = Fuzz.run(200_000, 1)

    for (const outcome of ["good", "skipped", "name", "pointer", "counts", "truncated", "opcode", "TXT", "TXT: cut"]) {
      assert.isAbove(outcomes.get(outcome) ?? 0, 100, outcome)
    }
  }, 60_000)
})
