/**
 * Runs the tests whose names carry ids of a checklist, and writes what they prove to `docs/`: `conformance.md` and `.json` for mDNS,
 * `security.md` and `.json` for security.
 *
 * `node scripts/conformance.ts`: fails where a MUST does not pass, or a SHOULD neither passes nor has a note.
 * `node scripts/conformance.ts --only security`: one of the tables.
 * `node scripts/conformance.ts --report report.json`: takes the results from a report of vitest in place of running anything.
 * `node scripts/conformance.ts --report report.json --judge`: the same, and writes nothing.
 * `node scripts/conformance.ts --check`: whether the tables there are belong to the tests and the checklists there are; writes nothing.
 */
import { spawnSync } from "node:child_process"
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { parseArgs } from "node:util"
import * as Checklist from "./conformance/Checklist.ts"
import * as Mdns from "./conformance/Mdns.ts"
import * as MdnsPage from "./conformance/MdnsPage.ts"
import * as Security from "./conformance/Security.ts"
import * as SecurityPage from "./conformance/SecurityPage.ts"
import * as Stale from "./conformance/Stale.ts"
import * as Table from "./conformance/Table.ts"

const root = join(import.meta.dirname, "..")

/** A checklist, and the page of its table. */
interface Subject<in out R extends Checklist.Row> {
  readonly name: string
  readonly checklist: Checklist.Checklist<R>
  readonly page: {
    readonly render: (table: ReadonlyArray<Table.Row<R>>) => string
    readonly summary: (table: ReadonlyArray<Table.Row<R>>) => string
  }
}

const subjects: ReadonlyArray<Subject<any>> = [
  { name: "conformance", checklist: Mdns.checklist, page: MdnsPage },
  { name: "security", checklist: Security.checklist, page: SecurityPage }
]

interface Report {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly assertionResults: ReadonlyArray<{ readonly title: string; readonly status: string }>
  }>
}

// that of this program names ids and proves none
const exclude = ["scripts/test/conformance.test.ts"]

/** The files of tests. */
const files: ReadonlyArray<Stale.Source> = globSync("{packages/*,scripts}/test/**/*.test.ts", { cwd: root, exclude })
  .toSorted().map((file) => ({ file, ...textsOf(file) }))

/** Those whose tests name ids of a checklist. */
const sourcesOf = ({ checklist }: Subject<any>): ReadonlyArray<Stale.Source> =>
  files.filter(({ imported, text }) => Checklist.idsIn(checklist, `${text}${imported}`).length > 0)

// what several implementations are tested by is in a file that their tests import
function textsOf(file: string) {
  const text = readFileSync(join(root, file), "utf8")
  const suites = Array.from(
    text.matchAll(/from "(\.\/[^"]*(?:Suite|[lL]aws)\.ts)"/g),
    ([, path]) => join(root, file, "..", path!)
  )
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

const fileOf = ({ name }: Subject<any>, extension: string): string => join(root, `docs/${name}.${extension}`)

const check = (subject: Subject<any>): ReadonlyArray<string> => {
  const table = JSON.parse(readFileSync(fileOf(subject, "json"), "utf8")) as ReadonlyArray<Table.Row<any>>
  const isRendered = readFileSync(fileOf(subject, "md"), "utf8") === subject.page.render(table)
  return [
    ...Stale.problems(table, subject.checklist, sourcesOf(subject)),
    ...Table.problems(table),
    ...(isRendered ? [] : [`docs/${subject.name}.md does not show what the json says`])
  ]
}

const write = (subject: Subject<any>, table: ReadonlyArray<Table.Row<any>>): void => {
  writeFileSync(fileOf(subject, "json"), `${JSON.stringify(table, undefined, 2)}\n`)
  writeFileSync(fileOf(subject, "md"), subject.page.render(table))
}

const judge = (
  subject: Subject<any>,
  outcomes: ReadonlyArray<Table.Outcome>,
  options: { readonly isJudge: boolean }
): ReadonlyArray<string> => {
  const { checklist, page } = subject
  const table = Table.make(checklist, outcomes)
  if (!options.isJudge) write(subject, table)
  console.log(page.summary(table).replaceAll("*", ""))
  return [
    ...Table.unknown(checklist, outcomes),
    ...Table.problems(table),
    ...Table.failures(checklist, outcomes)
  ]
}

const { values } = parseArgs({
  options: {
    check: { type: "boolean" },
    judge: { type: "boolean" },
    only: { type: "string" },
    report: { type: "string" }
  }
})
const chosen = subjects.filter(({ name }) => values.only === undefined || name === values.only)
// without any, all tests there are would run, and prove nothing
if (chosen.length === 0) {
  console.error(`there is no table ${values.only}; there are ${subjects.map(({ name }) => name).join(" and ")}`)
  process.exit(2)
}

const run = (): ReadonlyArray<string> => {
  const named = files.filter((file) => chosen.some((subject) => sourcesOf(subject).includes(file)))
  const results = values.report === undefined
    ? runTests(named.map(({ file }) => file))
    : JSON.parse(readFileSync(values.report, "utf8")) as Report
  const outcomes = outcomesOf(results)
  return chosen.flatMap((subject) => judge(subject, outcomes, { isJudge: values.judge === true }))
}

const problems = values.check === true ? chosen.flatMap(check) : run()
for (const problem of problems) console.error(problem)
if (values.check === true) {
  console.log(
    problems.length === 0
      ? "conformance: the tables are up to date"
      : "conformance: `pnpm conformance` makes the tables anew"
  )
}
process.exitCode = problems.length === 0 ? 0 : 1
