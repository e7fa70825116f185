/**
 * Writes `docs/performance.md` and its plots from a result file.
 *
 * `node bench/src/report.ts result.json [page.md]`
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import * as Page from "./harness/Page.ts"
import * as Plots from "./harness/Plots.ts"
import * as ResultFile from "./harness/ResultFile.ts"

const [path, page = join(import.meta.dirname, "../../docs/performance.md")] = process.argv.slice(2)

if (path === undefined) {
  console.error("node bench/src/report.ts result.json [page.md]")
  process.exitCode = 2
} else {
  const result = ResultFile.read(path)
  const folder = join(dirname(page), Page.plotFolder)
  mkdirSync(folder, { recursive: true })
  for (const { file, svg } of Plots.draw(result.rows)) writeFileSync(join(folder, `${file}.svg`), svg)
  writeFileSync(page, Page.format(result))
}
