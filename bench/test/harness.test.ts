import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Arguments from "../src/harness/Arguments.ts"
import * as Child from "../src/harness/Child.ts"
import * as Comparison from "../src/harness/Comparison.ts"
import * as Noise from "../src/harness/Noise.ts"
import * as Rounds from "../src/harness/Rounds.ts"
import * as Row from "../src/harness/Row.ts"
import * as Run from "../src/harness/Run.ts"
import * as Table from "../src/harness/Table.ts"

const row = (name: string, ratios: ReadonlyArray<number>, target?: Row.Target): Row.Row =>
  Row.measured({ group: "steady", name, unit: "us/datagram", values: ratios, against: "raw", ratios, target })

describe("Row", () => {
  it("is judged by the median of its rounds", () => {
    assert.strictEqual(row("ours", [0.7, 0.91, 0.99], Row.ratioAtLeast(0.9)).verdict, "pass")
    assert.strictEqual(row("ours", [0.7, 0.89, 0.99], Row.ratioAtLeast(0.9)).verdict, "miss")
    assert.strictEqual(row("ours", [0.7, 0.89, 0.99]).verdict, "info")
  })
})

describe("Noise", () => {
  it("voids the rows of a group whose raw rows differ by more than a tenth", () => {
    const rows = [row(Noise.rowName, [1.2, 1.11, 0.9]), row("ours", [1], Row.ratioAtLeast(0.9))]

    const verdicts = Noise.apply(rows, Noise.rowOf(rows)).map(({ verdict }) => verdict)

    assert.deepStrictEqual(verdicts, ["void", "void"])
  })

  it("leaves those of a quiet machine alone", () => {
    const rows = [row(Noise.rowName, [1.3, 1.05, 0.9]), row("ours", [1], Row.ratioAtLeast(0.9))]

    assert.deepStrictEqual(Noise.apply(rows, Noise.rowOf(rows)), rows)
  })
})

describe("Run", () => {
  it("ends with 3 for noise, 1 for a miss, 0 otherwise", () => {
    const miss = row("ours", [0.5], Row.ratioAtLeast(0.9))
    const skipped = Row.skipped("steady", "peer", "not installed")

    assert.strictEqual(Run.exitCode([skipped, row("ours", [1], Row.ratioAtLeast(0.9))]), 0)
    assert.strictEqual(Run.exitCode([skipped, miss]), 1)
    assert.strictEqual(Run.exitCode([{ ...miss, verdict: "void" }, miss]), 3)
  })
})

describe("Rounds", () => {
  it.effect("takes turns, and goes on without what fails", () =>
    Effect.gen(function*() {
      const order: Array<string> = []
      const variant = (name: string, measure: Effect.Effect<number, Child.ChildFailed>) => ({
        name,
        measure: Effect.andThen(Effect.sync(() => order.push(name)), measure)
      })

      const outcomes = yield* Rounds.run(3, [
        variant("a", Effect.succeed(1)),
        variant("b", Effect.fail(new Child.ChildFailed({ child: "b", message: "no socket\nat all" })))
      ])

      assert.deepStrictEqual(order, ["a", "b", "a", "a"])
      assert.deepStrictEqual(outcomes.get("a"), { _tag: "Measured", samples: [1, 1, 1] })
      assert.deepStrictEqual(outcomes.get("b"), { _tag: "Failed", reason: "no socket" })
    }))
})

describe("Comparison", () => {
  it("tells of a ratio that moved by more than a tenth and by more than both spreads", () => {
    const moves = (before: ReadonlyArray<number>, after: ReadonlyArray<number>) =>
      Comparison.moves([row("ours", before)], [row("ours", after)]).length

    assert.strictEqual(moves([0.9, 0.91, 0.92], [0.7, 0.71, 0.72]), 1)
    assert.strictEqual(moves([0.9, 0.91, 0.92], [0.84, 0.85, 0.86]), 0)
    assert.strictEqual(moves([0.8, 0.91, 1.1], [0.7, 0.71, 0.72]), 0)
  })
})

describe("Table", () => {
  it("lists misses again above its last line", () => {
    const lines = Table.format([
      row("raw again", [1]),
      row("ours", [0.5], Row.ratioAtLeast(0.9)),
      Row.skipped("steady", "peer", "not installed")
    ]).split("\n")

    assert.deepStrictEqual(lines, [
      "group   row        ours-or-row       against  ratio (min..max)   target   verdict",
      "steady  raw again  1.00 us/datagram  raw      1.00 (1.00..1.00)           noise ok",
      "steady  ours       0.50 us/datagram  raw      0.50 (0.50..0.50)  >= 0.90  MISS",
      "steady  peer                                                              SKIP (not installed)",
      "",
      "misses:",
      "steady  ours       0.50 us/datagram  raw      0.50 (0.50..0.50)  >= 0.90  MISS",
      "",
      "3 rows: 0 pass, 1 miss, 1 informational, 0 void, 1 skipped"
    ])
  })
})

describe("Arguments", () => {
  it("names groups and options, and refuses others", () => {
    const groups = ["steady", "codec"]

    assert.deepStrictEqual(Arguments.parse(["codec", "--quick", "--json", "out.json"], groups), {
      groups: ["codec"],
      quick: true,
      check: false,
      json: "out.json",
      note: undefined,
      compare: undefined
    })
    assert.strictEqual(Arguments.parse(["fast"], groups), "there is no group fast")
    assert.isString(Arguments.parse(["--fast"], groups))
  })
})
