/**
 * The modules of a package that can be imported from it, as its manifest says.
 */
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** What of a manifest tells which modules are public: what it exports from where, or `null`. */
export interface Manifest {
  readonly exports: Readonly<Record<string, string | null>>
}

/** Paths below `src` of the modules that others can import, without what comes after the dot. */
export const publicOf = (folder: string): ReadonlyArray<string> => {
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest
  return globSync("**/*.ts", { cwd: join(folder, "src") })
    .map((file) => file.slice(0, -".ts".length))
    .filter((module) => isPublic(exports, module))
    .toSorted()
}

/** Whether the pattern that says most of a module lets it be imported. */
export const isPublic = (exports: Manifest["exports"], module: string): boolean => {
  const [closest] = Object.entries(exports)
    .filter(([pattern]) => pattern.endsWith("*") && `./${module}`.startsWith(pattern.slice(0, -1)))
    .toSorted(([one], [other]) => other.length - one.length)
  return closest !== undefined && closest[1] !== null
}

/** Whether a module only gives others by name. */
export const isIndex = (module: string): boolean => /(^|\/)index$/.test(module)
