import { assert, describe, it } from "@effect/vitest"
import * as Fuzz from "./fuzz.ts"

describe("the decoders of envelopes, bodies and seals", () => {
  it("S-P1 neither throw nor hang nor break a bound (`pnpm sa1:fuzz` does it for longer)", () => {
    const { outcomes } = Fuzz.run(100_000, 1)

    const seen = ["envelope", "envelope: size", "envelope: format", "envelope: not canonical", "body", "body: refused"]
    for (
      const outcome of [
        ...seen,
        "body: unknown fields",
        "challenge",
        "challenge: refused",
        "seal",
        "seal: size",
        "seal: format"
      ]
    ) {
      assert.isAbove(outcomes.get(outcome) ?? 0, 100, outcome)
    }
  }, 60_000)
})
