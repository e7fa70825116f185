/**
 * Writes `docs/performance.md` from a result file.
 *
 * `node bench/src/report.ts result.json [page.md]`
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Page from "./harness/Page.ts"
import * as ResultFile from "./harness/ResultFile.ts"

const [path, page = join(import.meta.dirname, "../../docs/performance.md")] = process.argv.slice(2)

if (path === undefined) {
  console.error("node bench/src/report.ts result.json [page.md]")
  process.exitCode = 2
} else {
  writeFileSync(page, Page.format(ResultFile.read(path)))
}
