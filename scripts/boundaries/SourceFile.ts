/**
 * What one TypeScript file takes from outside itself: the modules it imports and the ambient names it uses.
 *
 * Read from the syntax tree, so comments, doc-comment examples and strings do not count.
 */
import { parseSync } from "oxc-parser"

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string
  readonly lineCount: number
  /** Every `import`, `export … from`, `import()` and `import("…")` type. */
  readonly imports: ReadonlyArray<Use>
  /** Names that the file does not declare: `process`, `Date.now`, `new Date`, `Date()`. */
  readonly ambient: ReadonlyArray<Use>
  /** Every regular expression; its name is the pattern. */
  readonly patterns: ReadonlyArray<Use & { readonly flags: string }>
  /** Every statement of the module that is no declaration, and is carried out when it is loaded; its name is its kind. */
  readonly effects: ReadonlyArray<Use>
}

export interface Use {
  readonly name: string
  readonly line: number
}

interface Node {
  readonly type: string
  readonly start: number
  readonly [key: string]: unknown
}

export const parse = (path: string, text: string): SourceFile => {
  const { errors, program } = parseSync(path, text)
  const [error] = errors
  if (error !== undefined) throw new Error(`${path}: ${error.message}`)

  const imports: Array<Use> = []
  const mentioned: Array<Use> = []
  const declared = new Set<string>()
  const patterns: Array<Use & { readonly flags: string }> = []
  walk(program as unknown as Node, (node, key) => {
    const line = lineAt(text, node.start)
    const specifier = importedModule(node)
    const regex = node["regex"] as { readonly pattern: string; readonly flags: string } | undefined
    if (regex !== undefined) patterns.push({ name: regex.pattern, flags: regex.flags, line })
    if (specifier !== undefined) imports.push({ name: specifier, line })
    if (isDeclaring(key)) patternNames(node).forEach((name) => declared.add(name))
    else mentions(node).forEach((name) => mentioned.push({ name, line }))
  })
  return {
    path,
    lineCount: text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
    imports,
    ambient: mentioned.filter(({ name }) => !declared.has(rootOf(name))),
    patterns,
    effects: (program.body as unknown as ReadonlyArray<Node>)
      .filter(({ directive, type }) => !/^(Import|Export|TS)|Declaration$/.test(type) && typeof directive !== "string")
      .map(({ start, type }) => ({ name: type, line: lineAt(text, start) }))
  }
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length

const walk = (node: Node, visit: (node: Node, key: string) => void, key = ""): void => {
  visit(node, key)
  for (const [childKey, child] of Object.entries(node)) {
    if (isPropertyName(node, childKey)) continue
    for (const item of Array.isArray(child) ? child : [child]) {
      if (isNode(item)) walk(item, visit, childKey)
    }
  }
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"

/** `name` in `object.name`, `{ name: 1 }`, `import { name as local }`: not a variable of that name. */
const isPropertyName = (parent: Node, key: string): boolean => {
  switch (key) {
    case "property":
    case "key":
      return parent["computed"] !== true
    case "right":
      return parent.type === "TSQualifiedName"
    case "imported":
    case "exported":
    case "label":
    case "meta":
      return true
    case "local":
      return parent.type === "ExportSpecifier"
    default:
      return false
  }
}

const importedModule = (node: Node): string | undefined => {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
    case "ImportExpression":
    case "TSImportType":
      return literal(node["source"])
    case "TSExternalModuleReference":
      return literal(node["expression"])
    default:
      return undefined
  }
}

const literal = (node: unknown): string | undefined =>
  isNode(node) && node.type === "Literal" && typeof node["value"] === "string" ? node["value"] : undefined

const isDeclaring = (key: string): boolean => key === "id" || key === "local" || key === "param" || key === "params"

const patternNames = (node: unknown): ReadonlyArray<string> => {
  if (!isNode(node)) return []
  switch (node.type) {
    case "Identifier":
      return [String(node["name"])]
    case "ObjectPattern":
      return (node["properties"] as ReadonlyArray<Node>).flatMap((property) =>
        patternNames(property["value"] ?? property)
      )
    case "ArrayPattern":
      return (node["elements"] as ReadonlyArray<unknown>).flatMap(patternNames)
    case "AssignmentPattern":
      return patternNames(node["left"])
    case "RestElement":
      return patternNames(node["argument"])
    default:
      return []
  }
}

const mentions = (node: Node): ReadonlyArray<string> => {
  switch (node.type) {
    case "NewExpression":
      return pathOf(node["callee"]).map((name) => `new ${name}`)
    case "CallExpression":
      return pathOf(node["callee"]).map((name) => `${name}()`)
    default:
      return pathOf(node)
  }
}

/** `a`, `a.b` and `a["b"]` as written, `globalThis.a` as `a`; nothing for any other expression. */
const pathOf = (node: unknown): ReadonlyArray<string> => {
  if (!isNode(node)) return []
  if (node.type === "Identifier") return [String(node["name"])]
  if (node.type !== "MemberExpression") return []
  const property = node["computed"] === true ? literal(node["property"]) : (node["property"] as Node)["name"]
  return pathOf(node["object"]).map((object) => object === "globalThis" ? String(property) : `${object}.${property}`)
}

const rootOf = (name: string): string => name.replace(/^new /, "").replace(/[.(].*$/, "")
