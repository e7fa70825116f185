/**
 * Runs the network contract on all layers, and writes the table of its results to `docs/network-contract.md` and `.json`.
 *
 * `node scripts/contract.ts`: needs what namespaces need, or says so and writes nothing.
 * `node scripts/contract.ts --check`: whether the table there is belongs to the contract there is.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { release, tmpdir } from "node:os"
import { join, relative } from "node:path"
import * as Markdown from "./contract/Markdown.ts"
import * as Table from "./contract/Table.ts"

const root = join(import.meta.dirname, "..")
const json = join(root, "docs/network-contract.json")
const page = join(root, "docs/network-contract.md")

/** As far as it matters: the same on two machines with the same system. */
const platform = `${process.platform === "linux" ? "Linux" : process.platform} ${
  release().split(".").slice(0, 2).join(".")
}, Node.js ${process.versions.node}`

interface Report {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly assertionResults: ReadonlyArray<{ readonly title: string; readonly status: string }>
  }>
}

const runTests = (): ReadonlyArray<Table.Outcome> => {
  const folder = mkdtempSync(join(tmpdir(), "contract-"))
  try {
    const report = join(folder, "report.json")
    const vitest = join(root, "node_modules/vitest/vitest.mjs")
    spawnSync(process.execPath, [
      vitest,
      "run",
      "--config",
      "vitest.workspace.ts",
      "--reporter=json",
      `--outputFile=${report}`,
      "packages/testing/test/contract/rules",
      "packages/testing/test/contract/impairments",
      "packages/node/test/contract/rules",
      "packages/node/test/contract/dgram"
    ], { cwd: root, stdio: ["ignore", "ignore", "inherit"] })
    const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report
    return testResults.flatMap(({ assertionResults, name }) =>
      assertionResults.filter(({ status }) => status === "passed" || status === "failed").map(({ status, title }) => ({
        file: relative(root, name),
        title,
        passed: status === "passed"
      }))
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const format = (table: Table.Table): string => `${JSON.stringify(table, undefined, 2)}\n`

const write = (table: Table.Table): void => {
  writeFileSync(json, format(table))
  writeFileSync(page, Markdown.render(table))
}

/** Why the table there is cannot be believed. */
const check = (): ReadonlyArray<string> => {
  const table = JSON.parse(readFileSync(json, "utf8")) as Table.Table
  const isRendered = readFileSync(page, "utf8") === Markdown.render(table)
  return [
    ...Table.problems(table),
    ...(isRendered ? [] : ["docs/network-contract.md does not show what the json says"])
  ]
}

const run = (): ReadonlyArray<string> => {
  const table = Table.make(runTests(), platform)
  console.log(Markdown.summary(table).replaceAll("*", ""))
  const problems = Table.problems(table)
  if (problems.length === 0) write(table)
  return problems
}

const isCheck = process.argv.includes("--check")
const problems = isCheck ? check() : run()
for (const problem of problems) console.error(problem)
if (problems.length > 0) {
  console.error(isCheck ? "contract: `pnpm contract` makes the table anew" : "contract: nothing written")
} else if (isCheck) console.log("contract: the table is up to date")
process.exitCode = problems.length === 0 ? 0 : 1
