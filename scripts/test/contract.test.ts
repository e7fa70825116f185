import { NetworkContract } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import * as Markdown from "../contract/Markdown.ts"
import * as Table from "../contract/Table.ts"

const files = {
  simulated: "packages/testing/test/contract/rules-simulated.test.ts",
  t1: "packages/node/test/contract/rules-loopback.integration.test.ts"
}

const ran = (file: string, rule: number, passed = true) => ({ file, title: `rule ${rule}: it holds`, passed })

const rowOf = (table: Table.Table, number: number) => table.rules.find((rule) => rule.number === number)!

describe("the table of the contract", () => {
  it("has all 121 rules, in order", () => {
    assert.deepStrictEqual(
      Table.make([], "here").rules.map(({ number }) => number),
      Array.from({ length: 121 }, (_, k) => k + 1)
    )
  })

  it("counts the tests of a rule by layer", () => {
    const { layers } = rowOf(Table.make([ran(files.t1, 1), ran(files.t1, 1), ran(files.simulated, 1)], "here"), 1)

    assert.deepInclude(layers, { simulated: { passed: 1, failed: 0 }, t1: { passed: 2, failed: 0 } })
  })

  it("a rule that fails, or has neither result nor reason, is a problem", () => {
    const problems = Table.problems(Table.make([ran(files.t1, 1, false)], "here"))

    assert.include(problems, "rule 1 fails on t1")
    assert.include(problems, "rule 1 has neither a result nor a reason on simulated")
    assert.notInclude(problems.join(), "rule 13 ")
  })

  it("a rule that was another one when the table was made is a problem", () => {
    const table = Table.make([], "here")
    const old = { ...table, rules: table.rules.map((rule) => rule.number === 7 ? { ...rule, title: "Old" } : rule) }

    assert.include(Table.problems(old), "rule 7 has changed since the table was made")
  })

  it("a rule passes on real sockets if it fails nowhere", () => {
    const outcomes = NetworkContract.rules.map(({ number }) => ran(files.t1, number))
    const { possible, shown } = Table.onRealSockets(Table.make([...outcomes, ran(files.simulated, 1, false)], "here"))

    assert.strictEqual(shown, possible - 1)
  })

  it("its page gives each reason a letter", () => {
    const page = Markdown.render(Table.make([ran(files.t1, 1)], "here"))

    assert.match(page, /\| 13 .* \| (\w) +\| \1 +\| \1 +\|/)
  })
})
