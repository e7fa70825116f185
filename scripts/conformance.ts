/**
 * Runs the tests whose names carry ids of the checklist, and writes what they prove to `docs/conformance.md` and `.json`.
 *
 * `node scripts/conformance.ts`: fails where a MUST does not pass, or a SHOULD neither passes nor has a note.
 * `node scripts/conformance.ts --report report.json`: takes the results from a report of vitest in place of running anything.
 * `node scripts/conformance.ts --report report.json --judge`: the same, and writes nothing.
 * `node scripts/conformance.ts --check`: whether the table there is belongs to the tests and the checklist there are; writes nothing.
 */
import { spawnSync } from "node:child_process"
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { parseArgs } from "node:util"
import * as Checklist from "./conformance/Checklist.ts"
import * as Markdown from "./conformance/Markdown.ts"
import * as Stale from "./conformance/Stale.ts"
import * as Table from "./conformance/Table.ts"

const root = join(import.meta.dirname, "..")
const json = join(root, "docs/conformance.json")
const page = join(root, "docs/conformance.md")

interface Report {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly assertionResults: ReadonlyArray<{ readonly title: string; readonly status: string }>
  }>
}

/** The files whose tests name ids. */
const sources = (): ReadonlyArray<Stale.Source> =>
  globSync("packages/*/test/**/*.test.ts", { cwd: root }).toSorted()
    .map((file) => ({ file, ...textsOf(file) }))
    .filter(({ imported, text }) => Checklist.idsIn(text + imported).length > 0)

// what several implementations are tested by is in a file that their tests import
const textsOf = (file: string) => {
  const text = readFileSync(join(root, file), "utf8")
  const suites = Array.from(text.matchAll(/from "(\.\/[^"]*Suite\.ts)"/g), ([, path]) => join(root, file, "..", path!))
  return { text, imported: suites.map((path) => readFileSync(path, "utf8")).join("") }
}

const runTests = (files: ReadonlyArray<string>): Report => {
  const folder = mkdtempSync(join(tmpdir(), "conformance-"))
  try {
    const report = join(folder, "report.json")
    const vitest = join(root, "node_modules/vitest/vitest.mjs")
    const args = ["run", "--config", "vitest.workspace.ts", "--reporter=json", `--outputFile=${report}`, ...files]
    spawnSync(process.execPath, [vitest, ...args], { cwd: root, stdio: ["ignore", "ignore", "inherit"] })
    return JSON.parse(readFileSync(report, "utf8")) as Report
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const outcomesOf = ({ testResults }: Report): ReadonlyArray<Table.Outcome> =>
  testResults.flatMap(({ assertionResults, name }) =>
    assertionResults.filter(({ status }) => status === "passed" || status === "failed").map(({ status, title }) => ({
      file: relative(root, name),
      title,
      passed: status === "passed"
    }))
  )

const format = (table: ReadonlyArray<Table.Row>): string => `${JSON.stringify(table, undefined, 2)}\n`

const check = (rows: ReadonlyArray<Checklist.Row>): ReadonlyArray<string> => {
  const table = JSON.parse(readFileSync(json, "utf8")) as ReadonlyArray<Table.Row>
  const isRendered = readFileSync(page, "utf8") === Markdown.render(table)
  return [
    ...Stale.problems(table, rows, sources()),
    ...Table.problems(table),
    ...(isRendered ? [] : ["docs/conformance.md does not show what the json says"])
  ]
}

interface Options {
  readonly report?: string | undefined
  readonly judge?: boolean | undefined
}

const run = (rows: ReadonlyArray<Checklist.Row>, { judge, report }: Options): ReadonlyArray<string> => {
  const files = sources().map(({ file }) => file)
  const results = report === undefined ? runTests(files) : JSON.parse(readFileSync(report, "utf8")) as Report
  const outcomes = outcomesOf(results)
  const table = Table.make(rows, outcomes)
  if (judge !== true) {
    writeFileSync(json, format(table))
    writeFileSync(page, Markdown.render(table))
  }
  console.log(Markdown.summary(table).replaceAll("*", ""))
  return [
    ...Table.unknown(rows, outcomes),
    ...Table.problems(table),
    ...Table.failures(outcomes)
  ]
}

const { values } = parseArgs({
  options: { check: { type: "boolean" }, judge: { type: "boolean" }, report: { type: "string" } }
})
const rows = Checklist.read(root)
const problems = values.check === true ? check(rows) : run(rows, values)
for (const problem of problems) console.error(problem)
if (values.check === true) {
  console.log(
    problems.length === 0
      ? "conformance: the table is up to date"
      : "conformance: `pnpm conformance` makes the table anew"
  )
}
process.exitCode = problems.length === 0 ? 0 : 1
