/**
 * The declarations of a package: those of its public modules, and of what their types are made of.
 */
import { copyFileSync, mkdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import * as SourceFile from "../boundaries/SourceFile.ts"

/** Copies them from `build` to `dist`. */
export const write = (folder: string, modules: ReadonlyArray<string>): void => {
  for (const module of reachable(join(folder, "build"), modules)) {
    const target = join(folder, "dist", declarationOf(module))
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(join(folder, "build", declarationOf(module)), target)
  }
}

const declarationOf = (module: string): string => `${module}.d.ts`

const reachable = (build: string, modules: ReadonlyArray<string>): ReadonlySet<string> => {
  const found = new Set<string>()
  const waiting = [...modules]
  for (let module = waiting.pop(); module !== undefined; module = waiting.pop()) {
    if (found.has(module)) continue
    found.add(module)
    const text = readFileSync(join(build, declarationOf(module)), "utf8")
    const own = SourceFile.parse(declarationOf(module), text).imports.filter(({ name }) => name.startsWith("."))
    waiting.push(...own.map(({ name }) => join(dirname(module), name).replace(/\.ts$/, "")))
  }
  return found
}
