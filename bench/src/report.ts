/**
 * Writes `docs/performance.md` and its plots from a result file, or from several: of a group that was measured again the last one counts.
 *
 * `node bench/src/report.ts result.json... [page.md]`
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import * as Page from "./harness/Page.ts"
import * as Plots from "./harness/Plots.ts"
import * as ResultFile from "./harness/ResultFile.ts"

const paths = process.argv.slice(2)
const page = paths.find((path) => path.endsWith(".md")) ?? join(import.meta.dirname, "../../docs/performance.md")
const [first, ...rest] = paths.filter((path) => !path.endsWith(".md")).map(ResultFile.read)

if (first === undefined) {
  console.error("node bench/src/report.ts result.json... [page.md]")
  process.exitCode = 2
} else {
  const folder = join(dirname(page), Page.plotFolder)
  mkdirSync(folder, { recursive: true })
  for (const { file, svg } of Plots.draw(ResultFile.latestRows([first, ...rest]))) {
    writeFileSync(join(folder, `${file}.svg`), svg)
  }
  writeFileSync(page, Page.format([first, ...rest]))
}
