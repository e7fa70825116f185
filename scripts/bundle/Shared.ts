/**
 * Has what several files need of a module of Effect imported by one of them, which all others load anyway: to find a module anew for each file
 * that names it takes longer than to load most files. They get it by its names, so that bundlers leave out what is not used.
 */
import { posix } from "node:path"
import { parseSync } from "oxc-parser"

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** What a file imports. */
interface Imports {
  /** Other files, by path. */
  readonly files: ReadonlyArray<string>
  /** Whole modules of others. */
  readonly modules: ReadonlyArray<Import>
}

interface Import {
  readonly local: string
  readonly module: string
  /** Where it is declared. */
  readonly at: Node
  /** The members that are used, each with where; `undefined` when more is done with the module than that. */
  readonly members: ReadonlyArray<readonly [name: string, at: Node]> | undefined
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Files by path, rewritten. None of them may need itself. */
export const share = (files: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
  const imports = new Map(Array.from(files, ([path, text]) => [path, importsOf(path, text)]))
  const edits = new Map(Array.from(files.keys(), (path): [string, Array<Edit>] => [path, []]))
  const given = new Map<string, Map<string, string>>()
  for (const [path, { modules }] of imports) {
    const taken = new Map<string, Set<string>>()
    for (const each of modules) {
      const from = giverOf(imports, path, each.module)
      if (from === undefined || each.members === undefined) continue
      edits.get(path)!.push({ start: each.at.start, end: each.at.end + 1, text: "" })
      for (const [member, { end, start }] of each.members) {
        const name = nameOf(each.module, member)
        edits.get(path)!.push({ start, end, text: name })
        add(taken, from, name)
        given.set(from, give(given.get(from) ?? new Map(), name, `${member} ${each.module}`))
      }
    }
    edits.get(path)!.push({ start: 0, end: 0, text: importing(path, taken) })
  }
  for (const [path, names] of given) edits.get(path)!.push({ start: 0, end: 0, text: exporting(names) })
  return new Map(Array.from(files, ([path, text]) => [path, edit(text, edits.get(path)!)]))
}

const give = (self: Map<string, string>, name: string, what: string): Map<string, string> => {
  if ((self.get(name) ?? what) !== what) throw new Error(`${name} is both ${self.get(name)} and ${what}`)
  return self.set(name, what)
}

const add = (self: Map<string, Set<string>>, key: string, value: string): void => {
  self.set(key, (self.get(key) ?? new Set()).add(value))
}

/** The first file that is loaded before another one and has imported the module itself. */
const giverOf = (imports: ReadonlyMap<string, Imports>, path: string, module: string): string | undefined =>
  loadedBefore(imports, path).find((other) =>
    imports.get(other)!.modules.some((each) => each.module === module) &&
    giverOf(imports, other, module) === undefined
  )

const loadedBefore = (imports: ReadonlyMap<string, Imports>, path: string): ReadonlyArray<string> => {
  const loaded = new Set<string>()
  const visit = (file: string): void => {
    for (const next of imports.get(file)?.files ?? []) {
      if (loaded.has(next)) continue
      visit(next)
      loaded.add(next)
    }
  }
  visit(path)
  return [...loaded]
}

const nameOf = (module: string, member: string): string => `${posix.basename(module)}$${member}`

const importing = (path: string, taken: ReadonlyMap<string, ReadonlySet<string>>): string =>
  Array.from(taken, ([file, names]) => {
    const relative = posix.relative(posix.dirname(path), file)
    return `import { ${[...names].toSorted().join(", ")} } from "${relative.startsWith(".") ? "" : "./"}${relative}";\n`
  }).join("")

const exporting = (names: ReadonlyMap<string, string>): string => {
  const byModule = new Map<string, Set<string>>()
  for (const [name, what] of names) {
    const [member, module] = what.split(" ") as [string, string]
    add(byModule, module, `${member} as ${name}`)
  }
  return Array.from(
    byModule,
    ([module, members]) => `export { ${[...members].toSorted().join(", ")} } from "${module}";\n`
  ).join("")
}

const edit = (text: string, edits: ReadonlyArray<Edit>): string =>
  edits.toSorted((one, other) => other.start - one.start).reduce(
    (rest, { end, start, text }) => rest.slice(0, start) + text + rest.slice(end),
    text
  )

const importsOf = (path: string, text: string): Imports => {
  const body = parseSync("module.js", text).program.body as unknown as ReadonlyArray<Node>
  const sources = body.flatMap(({ source }) => isNode(source) ? [source["value"] as string] : [])
  const namespaces = body.filter(isNamespaceImport)
  const rest = body.filter((node) => !isNamespaceImport(node))
  return {
    files: sources.filter((source) => source.startsWith(".")).map((source) => posix.join(posix.dirname(path), source)),
    modules: namespaces.map((at) => {
      const local = ((at["specifiers"] as ReadonlyArray<Node>)[0]!["local"] as Node)["name"] as string
      return { local, module: (at["source"] as Node)["value"] as string, at, members: membersOf(rest, local) }
    })
  }
}

const isNamespaceImport = ({ source, specifiers, type }: Node): boolean =>
  type === "ImportDeclaration" && isNode(source) && !/^(\.|node:)/.test(source["value"] as string) &&
  (specifiers as ReadonlyArray<Node>)[0]?.type === "ImportNamespaceSpecifier"

/** Where the members of what has this name are used, if nothing else is done with it. */
const membersOf = (
  body: ReadonlyArray<Node>,
  local: string
): ReadonlyArray<readonly [name: string, at: Node]> | undefined => {
  const members: Array<readonly [name: string, at: Node]> = []
  let isWhole = false
  const visit = (node: Node): void => {
    if (node.type === "Identifier" && node["name"] === local) isWhole = true
    if (node.type === "MemberExpression" && node["computed"] === false) {
      const [object, property] = [node["object"] as Node, node["property"] as Node]
      if (object.type !== "Identifier" || object["name"] !== local) return visit(object)
      return void members.push([property["name"] as string, node])
    }
    // a key is no reference
    const isKeyed = node["computed"] === false && isNode(node["key"]) && node["shorthand"] !== true
    for (const [name, child] of Object.entries(node)) {
      if (isKeyed && name === "key") continue
      for (const each of Array.isArray(child) ? child : [child]) if (isNode(each)) visit(each)
    }
  }
  for (const node of body) visit(node)
  return isWhole ? undefined : members
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && "start" in value
