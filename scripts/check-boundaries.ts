/**
 * Checks the boundaries of the packages; CONTRIBUTING.md lists them.
 *
 * `node scripts/check-boundaries.ts [root]`
 */
import { globSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import * as BrowserBundle from "./boundaries/browserBundle.ts"
import * as Rules from "./boundaries/rules.ts"
import * as SourceFile from "./boundaries/SourceFile.ts"

const root = resolve(process.argv[2] ?? join(import.meta.dirname, ".."))
const paths = globSync("{packages/*/{src,test,typetest},bench,examples,scripts}/**/*.ts", {
  cwd: root,
  exclude: (path) => /(^|\/)(node_modules|dist)$/.test(path)
}).toSorted()
const files = paths.map((path) => SourceFile.parse(path, readFileSync(join(root, path), "utf8")))
const violations = [...Rules.check(files), ...await BrowserBundle.check(root)]

for (const violation of violations) console.error(Rules.format(violation))
if (violations.length === 0) console.log(`boundaries: ${files.length} files, ok`)
process.exitCode = violations.length === 0 ? 0 : 1
