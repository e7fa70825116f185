/**
 * Makes `dist` of each package, which is all that is published, of its sources and of the declarations that `tsc` left in `build`.
 *
 * `node scripts/bundle-packages.ts`
 */
import { rmSync } from "node:fs"
import { join } from "node:path"
import * as Declarations from "./bundle/Declarations.ts"
import * as Modules from "./bundle/Modules.ts"
import * as Scripts from "./bundle/Scripts.ts"

// what programs are tested with is in nobody's bundle
const isForTests = (name: string): boolean => name === "testing"

const bundle = async (name: string): Promise<void> => {
  const folder = join(import.meta.dirname, "../packages", name)
  const modules = Modules.publicOf(folder)
  const dist = join(folder, "dist")
  rmSync(dist, { recursive: true, force: true })
  await Scripts.write(folder, modules, dist, { hasWholeIndex: isForTests(name) })
  Declarations.write(folder, modules, dist)
}

await Promise.all(["core", "node", "testing"].map(bundle))
