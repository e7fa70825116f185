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

const bundle = async (name: string): Promise<void> => {
  const folder = join(import.meta.dirname, "../packages", name)
  const modules = Modules.publicOf(folder)
  const dist = join(folder, "dist")
  rmSync(dist, { recursive: true, force: true })
  await Scripts.write(folder, modules, dist)
  Declarations.write(folder, modules, dist)
}

await Promise.all(["core", "node", "testing"].map(bundle))
