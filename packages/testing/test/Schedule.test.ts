import { Schedule } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"

const schedule: Schedule.Schedule = {
  seed: -7,
  hosts: ["ada", "grace"],
  faults: [{ _tag: "Crash", at: 1500, host: "ada", for: 1000 }]
}

const reason = (token: string) => {
  const read = Schedule.fromToken(token)
  return Result.isFailure(read) ? read.failure.message : undefined
}

describe("token", () => {
  it("survives a wrapped line", () => {
    const token = Schedule.toToken(schedule)
    const wrapped = ` ${token.slice(0, 30)}\n  ${token.slice(30)}\n`

    assert.deepStrictEqual(Schedule.fromToken(wrapped), Result.succeed(schedule))
    assert.match(token, /^[\w.-]+$/)
  })

  it("one that is cut short, foreign or damaged says so", () => {
    const token = Schedule.toToken(schedule)

    assert.match(reason(token.slice(0, -9))!, /damaged/)
    assert.match(reason(token.replace("sim1", "sim9"))!, /another version/)
    assert.match(reason("")!, /another version/)
    assert.match(reason(`${token}.x`)!, /damaged/)
  })

  it("whatever letter is changed, it is refused", () => {
    const token = Schedule.toToken(schedule)
    for (let i = 0; i < token.length; i++) {
      const changed = token.slice(0, i) + (token[i] === "A" ? "B" : "A") + token.slice(i + 1)
      assert.isDefined(reason(changed), changed)
    }
  })
})

describe("format", () => {
  it("tells the faults in words, in order of time", () => {
    const earlier = { _tag: "Loss", probability: 0.5, for: 200 } as const

    assert.strictEqual(
      Schedule.format({ ...schedule, faults: [...schedule.faults, earlier], order: "random", dead: ["grace"] }),
      `seed -7
hosts ada, grace
fibers in random order
at 0 s Loss probability 0.5 for 0.2 s
at 1.5 s Crash host ada for 1 s
grace dead from the end of the faults on`
    )
  })
})
