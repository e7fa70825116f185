/**
 * The declarations of a package: those of its public modules, and of what their types are made of.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { parseSync } from "oxc-parser"
import * as SourceFile from "../boundaries/SourceFile.ts"

/** Writes them to a folder, from `build`. Comments are left where a user sees them: in public modules, and in those they are made of. */
export const write = (folder: string, modules: ReadonlyArray<string>, to: string): void => {
  const textOf = (module: string) => readFileSync(join(folder, "build", declarationOf(module)), "utf8")
  const seen = new Set([...modules, ...modules.flatMap((module) => importsOf(module, textOf(module)))])
  for (const module of reachable(modules, textOf)) {
    const target = join(to, declarationOf(module))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, seen.has(module) ? textOf(module) : withoutComments(textOf(module)))
  }
}

const declarationOf = (module: string): string => `${module}.d.ts`

const reachable = (modules: ReadonlyArray<string>, textOf: (module: string) => string): ReadonlySet<string> => {
  const found = new Set<string>()
  const waiting = [...modules]
  for (let module = waiting.pop(); module !== undefined; module = waiting.pop()) {
    if (found.has(module)) continue
    found.add(module)
    waiting.push(...importsOf(module, textOf(module)))
  }
  return found
}

/** The modules of the same package that a declaration names. */
const importsOf = (module: string, text: string): ReadonlyArray<string> =>
  SourceFile.parse(declarationOf(module), text).imports
    .filter(({ name }) => name.startsWith("."))
    .map(({ name }) => join(dirname(module), name).replace(/\.ts$/, ""))

/** A declaration without its comments, and the lines that had nothing else. */
export const withoutComments = (text: string): string =>
  parseSync("module.d.ts", text).comments.toReversed().reduce((rest, { end, start }) => {
    const before = rest.slice(0, start).replace(/[ \t]*$/, "")
    return before + (before === "" || before.endsWith("\n") ? rest.slice(end).replace(/^\r?\n/, "") : rest.slice(end))
  }, text)
