import { assert, describe, it } from "@effect/vitest"
import * as Fuzz from "./Fuzz.ts"
import * as Mutation from "./Mutation.ts"
import * as Target from "./Target.ts"

const make = (decode: (octets: Uint8Array) => string, judge = (outcome: string) => outcome): Target.Target =>
  Target.make({
    name: "planted",
    inputs: (seed) =>
      Mutation.make({ seed, corpus: [Uint8Array.of(1, 2, 3)], words: [Uint8Array.of(9)], maxLength: 99 }),
    decode,
    judge,
    outcomes: []
  })

const failureOf = (target: Target.Target): Fuzz.Broken => {
  try {
    Fuzz.run(target, { executions: 10_000, seed: 1 })
  } catch (error) {
    if (error instanceof Fuzz.Broken) return error
  }
  return assert.fail("nothing was found")
}

const isTall = (octets: Uint8Array) => octets.length > 16

const spin = (milliseconds: number): void => {
  for (const until = performance.now() + milliseconds; performance.now() < until;);
}

describe("run", () => {
  it.each<[string, string, Target.Target]>([
    ["a throw", "RangeError", make((octets) => isTall(octets) ? "".repeat(-1) : "")],
    ["a long time", "ms and", make((octets) => `${isTall(octets) && spin(3)}`)],
    ["much memory", "octets allocated", make((octets) => `${isTall(octets) && new Uint8Array(1e6).length}`)],
    [
      "many objects",
      "octets allocated",
      make((octets) => `${isTall(octets) && Array.from({ length: 1e4 }, Object).length}`)
    ],
    ["a write to the input", "written to", make((octets) => `${isTall(octets) && octets.fill(0x55).length}`)],
    [
      "what the judge refuses",
      "Error: no",
      make(String, (text) => {
        if (text.length > 60) throw new Error("no")
        return ""
      })
    ]
  ])("finds %s, and tells which input it was and how it is tried again", (_, reason, target) => {
    const { message, octets } = failureOf(target)
    const hex = Buffer.from(octets).toString("hex")

    assert.isAbove(octets.length, 16)
    assert.include(message, reason)
    assert.include(message, `${octets.length} octets: ${hex}`)
    assert.include(message, `pnpm fuzz planted --replay '${hex}'`)
    assert.throws(() => Fuzz.replay(target, octets), Fuzz.Broken)
  })

  it("takes a delay that does not come again for none of the decoder's", () => {
    let runs = 0
    const target = make(() => {
      if (++runs % 100 === 0) spin(4)
      return "good"
    })

    assert.isBelow(Fuzz.run(target, { executions: 1_000, seed: 1 }).slowest, 2)
  })

  it("leaves the good inputs as they are, though they be buffers", () => {
    const good = Buffer.from([1, 2, 3])
    const next = Mutation.make({ seed: 1, corpus: [good], words: [good], maxLength: 99 })
    for (let i = 0; i < 1_000; i++) next()

    assert.deepStrictEqual([...good], [1, 2, 3])
  })

  it("gives the same inputs for the same seed, and counts what came of them", () => {
    const seen = (seed: number) => Fuzz.run(make((octets) => `${octets.length}`), { executions: 1_000, seed }).outcomes

    assert.deepStrictEqual(seen(1), seen(1))
    assert.notDeepEqual(seen(1), seen(2))
    assert.strictEqual(Array.from(seen(1).values()).reduce((sum, count) => sum + count), 1_000)
  })
})
