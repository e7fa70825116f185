import { assert, describe, it } from "@effect/vitest"
import * as Checklist from "../conformance/Checklist.ts"
import * as Mdns from "../conformance/Mdns.ts"
import * as MdnsPage from "../conformance/MdnsPage.ts"
import * as Security from "../conformance/Security.ts"
import * as SecurityPage from "../conformance/SecurityPage.ts"
import * as Stale from "../conformance/Stale.ts"
import * as Table from "../conformance/Table.ts"

const { checklist } = Mdns

/** Rows and keywords of each section, the keywords counted in the text of the RFCs. */
const counted = {
  "RFC 6762":
    "2: 2/2, 3: 4/3, 4: 2/2, 5: 1/1, 5.1: 1/1, 5.2: 14/11, 5.3: 1/0, 5.4: 9/7, 5.5: 2/2, 6: 22/22, 6.1: 13/11, 6.2: 5/5, 6.3: 2/2, " +
    "6.4: 2/2, 6.5: 2/2, 6.6: 3/2, 6.7: 6/5, 7.1: 4/4, 7.2: 4/4, 7.3: 1/1, 7.4: 1/1, 8: 1/1, 8.1: 13/12, 8.2: 4/1, 8.2.1: 1/0, " +
    "8.3: 6/5, 8.4: 5/5, 9: 5/3, 10: 2/1, 10.1: 2/2, 10.2: 10/7, 10.3: 1/0, 10.4: 2/2, 10.5: 2/2, 11: 4/4, 12: 1/0, 13: 2/2, " +
    "14: 3/2, 15.1: 2/1, 15.2: 1/0, 16: 5/4, 17: 6/5, 18.1: 6/6, 18.2: 2/2, 18.3: 2/2, 18.4: 2/4, 18.5: 3/4, 18.6: 2/2, 18.7: 1/2, " +
    "18.8: 1/2, 18.9: 1/2, 18.10: 1/2, 18.11: 1/2, 18.12: 1/0, 18.13: 1/0, 18.14: 10/10, 20: 1/0, 21: 1/1, 22.1: 2/14, C: 1/1",
  "RFC 6763":
    "4: 1/0, 4.1.1: 6/5, 4.1.2: 1/0, 4.1.3: 1/0, 4.2: 1/0, 4.3: 2/2, 5: 2/2, 6: 1/1, 6.1: 2/2, 6.2: 1/1, 6.3: 2/2, 6.4: 7/6, " +
    "6.5: 3/2, 6.7: 1/1, 6.8: 1/0, 7: 1/0, 7.1: 1/0, 7.2: 1/0, 8: 1/1, 9: 1/0, 11: 1/1, 12: 3/4, 12.1: 1/1, 12.2: 1/1, 12.3: 1/0"
}

const ran = (file: string, title: string, passed = true) => ({ file: `packages/${file}`, title, passed })
const rowOf = (id: string, ...outcomes: ReadonlyArray<Table.Outcome>) =>
  Table.make(checklist, outcomes).find((row) => row.id === id)!

describe("the checklist", () => {
  it("accounts for every keyword of both RFCs, section by section", () => {
    for (const [document, text] of Object.entries(counted)) {
      const sections = new Map<string, [count: number, keywords: number]>()
      for (const row of checklist.rows.filter((row) => Mdns.documentOf(row) === document)) {
        const [count, keywords] = sections.get(Mdns.sectionOf(row)) ?? [0, 0]
        sections.set(Mdns.sectionOf(row), [count + 1, keywords + row.keywords])
      }

      assert.strictEqual(
        Array.from(sections, ([section, [count, keywords]]) => `${section}: ${count}/${keywords}`).join(", "),
        text
      )
    }
  })

  it("has each of 287 ids once", () => {
    assert.strictEqual(checklist.rows.length, 287)
    assert.strictEqual(new Set(checklist.rows.map(({ id }) => id)).size, 287)
    assert.deepStrictEqual(Checklist.idsIn(checklist, "M-5.2-13 M-C-1, X-2: X-25 and D-4.1.1-1, not RFC-6762 or M-5"), [
      "M-5.2-13",
      "M-C-1",
      "X-2",
      "X-25",
      "D-4.1.1-1"
    ])
  })
})

describe("the table of conformance", () => {
  it("takes from the tests that name a row what becomes of it", () => {
    const passes = ran("testing/test/mdns/a.test.ts", "M-2-1 M-2-2 probes (200 seeds)")
    const fails = ran("core/test/a.test.ts", "M-2-1 probes", false)

    assert.deepInclude(rowOf("M-2-1", passes), { status: "pass", seeds: 200 })
    assert.deepInclude(rowOf("M-2-1", passes, fails), { status: "partial" })
    assert.deepInclude(rowOf("M-2-1", fails), { status: "not-implemented" })
    assert.deepInclude(rowOf("M-2-1"), { status: "not-implemented", tests: [] })
    assert.deepStrictEqual(rowOf("M-2-2", passes, fails).tests, [{
      file: "packages/testing/test/mdns/a.test.ts",
      title: "M-2-1 M-2-2 probes (200 seeds)"
    }])
  })

  it("a MUST that does not pass is a problem, and a SHOULD without a note", () => {
    const [must, should] = Table.problems(Table.make(checklist, [ran("core/test/a.test.ts", "M-2-1 M-3-2 both")]))

    assert.match(must!, /^150 MUST rows that do not pass: M-2-2 M-3-1 M-3-3 /)
    assert.match(should!, /^8\d SHOULD rows .*: M-5.2-5 /)
    assert.notInclude(should!, "D-11-1")
  })

  it("a test that names a row which there is not is a problem", () => {
    const outcome = ran("core/test/a.test.ts", "M-99-1 is a row")

    assert.deepStrictEqual(Table.unknown(checklist, [outcome, outcome]), [
      "packages/core/test/a.test.ts names M-99-1, which there is not"
    ])
  })

  it("is stale when tests came or went, or the checklist changed", () => {
    const table = Table.make(checklist, [ran("core/test/a.test.ts", "M-2-1 probes")])
    const source = (text: string) => ({ file: "packages/core/test/a.test.ts", text })

    assert.deepStrictEqual(Stale.problems(table, checklist, [source("it(\"M-2-1 probes\")")]), [])
    assert.deepStrictEqual(Stale.problems(table, checklist, [source("it(`M-2-1 M-2-2 ${probes}`)")]), [
      "packages/core/test/a.test.ts names M-2-2, which the table does not"
    ])
    assert.deepStrictEqual(Stale.problems(table, checklist, []), ["packages/core/test/a.test.ts names M-2-1 no more"])
    assert.deepStrictEqual(Stale.problems(table.slice(1), checklist, []), [
      "the checklist or a note has changed since the table was made"
    ])
  })

  it("its page tells how many tests a row has, and where", () => {
    const table = Table.make(checklist, [
      ran("testing/test/mdns/a.test.ts", "M-2-1 probes (200 seeds)"),
      ran("node/test/mdns/a.integration.test.ts", "M-2-1 probes")
    ])

    assert.match(
      MdnsPage.render(table),
      /\| M-2-1 +\| MUST +\| R +\| Before owning .*\| pass +\| +\| 1 \(200 seeds\) +\| 1 +\|/
    )
    assert.match(MdnsPage.summary(table), /^\*\*1 of 151 MUST rows pass, 0 of 89 SHOULD rows, 0 of 46 others/)
  })
})

describe("the table of security", () => {
  it("has each of 48 rules once, and each in a part of the page", () => {
    const ids = Security.checklist.rows.map(({ id }) => id)

    assert.strictEqual(new Set(ids).size, 48)
    assert.deepStrictEqual(Checklist.idsIn(Security.checklist, ids.join(" ")), ids)
    assert.notInclude(Security.checklist.rows.map(Security.partOf), "Else")
  })

  it("a rule without a test that passes is a problem, wherever its id stands in a name", () => {
    const named = Security.checklist.rows.map(({ id }) => ran("core/test/a.test.ts", `refuses it (${id})`))
    const table = Table.make(Security.checklist, named)

    assert.deepStrictEqual(Table.problems(table), [])
    assert.deepStrictEqual(Table.problems(Table.make(Security.checklist, named.slice(1))), [
      "1 MUST rows that do not pass: S-P1"
    ])
    assert.match(SecurityPage.render(table), /\| S-U6 +\| Addresses that nobody could dial .*\| pass +\| 1 +\|/)
  })

  it("is stale when a test names a rule at the end of its name", () => {
    const table = Table.make(Security.checklist, [])
    const source = { file: "packages/core/test/a.test.ts", text: "it(\"keeps the link's addresses (S-U6)\")\n// S-P1" }

    assert.deepStrictEqual(Stale.problems(table, Security.checklist, [source]), [
      "packages/core/test/a.test.ts names S-U6, which the table does not"
    ])
  })
})
