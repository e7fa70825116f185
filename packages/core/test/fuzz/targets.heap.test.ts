import { assert, describe, it } from "@effect/vitest"
import * as Corpus from "./Corpus.ts"
import * as Fuzz from "./Fuzz.ts"
import { targets } from "./targets.ts"

const executions = 100_000

describe("fuzzing", () => {
  it.each(targets)(
    "S-P1 S-P3 $name: 100,000 inputs are read within bounds of time and memory, and written as they were read",
    { timeout: 120_000 },
    (target) => {
      const { outcomes } = Fuzz.run(target, { executions, seed: 20_261_122 })

      for (const outcome of target.outcomes) assert.isAtLeast(outcomes.get(outcome) ?? 0, 10, outcome)
    }
  )
})

describe("the kept corpus", () => {
  it.each(targets)("$name: of each kept input comes what came of it", (target) => {
    const kept = Corpus.read(target.name)
    const outcomes = Array.from(kept.values(), (octets) => [...Fuzz.replay(target, octets).outcomes.keys()][0])

    assert.deepStrictEqual(outcomes, [...kept.keys()])
    assert.includeMembers(outcomes, [...target.outcomes])
  })
})
