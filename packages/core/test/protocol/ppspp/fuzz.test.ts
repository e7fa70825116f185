import { assert, it } from "@effect/vitest"
import * as Fuzz from "./fuzz.ts"

it("S-P1 100,000 datagrams that nobody should send are read, and written again as they were", () => {
  const { outcomes } = Fuzz.run(100_000, 7)

  assert.includeMembers(Array.from(outcomes.keys()), ["good", "kept alive", "malformed", "truncated", "unknown"])
})
