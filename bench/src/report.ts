/**
 * Writes `docs/performance.md` and its plots from the results that lie beside the plots, to which new ones are added: of a group that was
 * measured again the last one counts.
 *
 * `node bench/src/report.ts [result.json...]`
 */
import * as Arr from "effect/Array"
import { writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import * as Archive from "./harness/Archive.ts"
import * as Page from "./harness/Page.ts"
import * as Plots from "./harness/Plots.ts"
import * as ResultFile from "./harness/ResultFile.ts"

const page = join(import.meta.dirname, "../../docs/performance.md")
const folder = join(dirname(page), Page.plotFolder)
const results = Archive.counting([...Archive.read(folder), ...process.argv.slice(2).map(ResultFile.read)])

if (Arr.isReadonlyArrayNonEmpty(results)) {
  Archive.write(folder, results)
  for (const { file, svg } of Plots.draw(ResultFile.latestRows(results))) {
    writeFileSync(join(folder, `${file}.svg`), svg)
  }
  writeFileSync(page, Page.format(results))
} else {
  console.error("there is no result to write about: node bench/src/report.ts result.json...")
  process.exitCode = 2
}
