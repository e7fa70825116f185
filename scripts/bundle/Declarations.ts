/**
 * The declarations of a package: those of its public modules, and of what their types are made of.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { type ImportDeclarationSpecifier, type ModuleExportName, parseSync, type Program } from "oxc-parser"
import * as SourceFile from "../boundaries/SourceFile.ts"

/** Writes them to a folder, from `build`. Comments are left where a user sees them: in public modules, and of what these name. */
export const write = (folder: string, modules: ReadonlyArray<string>, to: string): void => {
  const textOf = (module: string) => readFileSync(join(folder, "build", declarationOf(module)), "utf8")
  const named = namedBy(modules, textOf)
  for (const module of reachable(modules, textOf)) {
    const target = join(to, declarationOf(module))
    const text = textOf(module)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, modules.includes(module) ? text : withoutComments(text, named.get(module)))
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

/** What modules name of others, by module. */
const namedBy = (modules: ReadonlyArray<string>, textOf: (module: string) => string) => {
  const named = new Map<string, Set<string>>()
  for (const module of modules) {
    for (const [name, names] of namesIn(textOf(module))) {
      const path = join(dirname(module), name).replace(/\.ts$/, "")
      const known = named.get(path) ?? new Set()
      named.set(path, known)
      for (const each of names) known.add(each)
    }
  }
  return named
}

const namesIn = (text: string): ReadonlyArray<readonly [module: string, names: ReadonlyArray<string>]> =>
  parseSync("module.d.ts", text).program.body.flatMap((statement) => {
    switch (statement.type) {
      case "ImportDeclaration":
        return [
          [statement.source.value, statement.specifiers.flatMap((specifier) => namesOf(specifier, text))] as const
        ]
      case "ExportNamedDeclaration":
        return statement.source === null
          ? []
          : [[statement.source.value, statement.specifiers.map(({ local }) => nameOf(local))] as const]
      default:
        return []
    }
  })

const namesOf = (specifier: ImportDeclarationSpecifier, text: string): ReadonlyArray<string> =>
  specifier.type === "ImportSpecifier"
    ? [nameOf(specifier.imported)]
    : Array.from(text.matchAll(new RegExp(`\\b${specifier.local.name}\\.(\\w+)`, "g")), ([, name]) => name!)

const nameOf = (name: ModuleExportName): string => name.type === "Literal" ? name.value : name.name

/** A declaration without its comments, and the lines that had nothing else. What is `named`, and what that is made of, keeps its own. */
export const withoutComments = (text: string, named: ReadonlySet<string> = new Set()): string => {
  const { comments, program } = parseSync("module.d.ts", text)
  const kept = madeOf(named, declarationsIn(program, text))
  return comments
    .filter(({ end, start }) => !kept.some((declaration) => start >= declaration.start && end <= declaration.end))
    .toReversed()
    .reduce((rest, { end, start }) => {
      const before = rest.slice(0, start).replace(/[ \t]*$/, "")
      return before + (before === "" || before.endsWith("\n") ? rest.slice(end).replace(/^\r?\n/, "") : rest.slice(end))
    }, text)
}

/** A declaration with the comment before it. */
interface Declaration {
  readonly name: string
  readonly start: number
  readonly end: number
  readonly words: ReadonlySet<string>
}

const declarationsIn = ({ body }: Program, text: string): ReadonlyArray<Declaration> =>
  body.flatMap((statement, index) => {
    const { end, start } = statement
    const name = declaration.exec(text.slice(start, end))?.[1]
    if (name === undefined) return []
    const words = new Set(text.slice(start, end).match(/\w+/g))
    return [{ name, start: body[index - 1]?.end ?? 0, end, words }]
  })

const declaration =
  /^(?:export )?(?:declare )?(?:const|function|(?:abstract )?class|interface|type|enum|namespace) (\w+)/

const madeOf = (named: ReadonlySet<string>, all: ReadonlyArray<Declaration>): ReadonlyArray<Declaration> => {
  const kept = new Set(all.filter(({ name }) => named.has(name)))
  for (const { words } of kept) {
    for (const declaration of all) if (words.has(declaration.name)) kept.add(declaration)
  }
  return Array.from(kept)
}
