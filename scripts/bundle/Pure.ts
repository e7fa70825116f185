/**
 * Marks what a module calls when it is loaded as pure, so that another's bundler leaves out what is not used. Ours do nothing then
 * but make values, which `sideEffects` in the manifests promises of whole files.
 */
import { parseSync } from "oxc-parser"

interface Node {
  readonly type: string
  readonly start: number
  readonly [key: string]: unknown
}

const mark = "/* @__PURE__ */ "

/** The text of a module with a mark before every call that makes a value which loading it declares. */
export const annotate = (text: string): string => {
  const { program } = parseSync("module.js", text)
  const starts = [...new Set((program.body as unknown as ReadonlyArray<Node>).filter(isDeclaration).flatMap(callsOf))]
    .toSorted((one, other) => one - other)
  return starts.map((start, index) => mark + text.slice(start, starts[index + 1])).reduce(
    (whole, part) => whole + part,
    text.slice(0, starts[0])
  )
}

/** Where calls begin that are made at once to make a value, and neither by a function that is only made nor for their effect on a class. */
const callsOf = (node: Node): ReadonlyArray<number> => {
  if (isFunction(node) || node.type === "StaticBlock") return []
  const inner = Object.values(node).flatMap((child) =>
    (Array.isArray(child) ? child : [child]).filter(isNode).flatMap(callsOf)
  )
  return isCall(node) ? [node.start, ...inner] : inner
}

const isDeclaration = ({ type }: Node): boolean => type.endsWith("Declaration")

const isFunction = ({ type }: Node): boolean =>
  /^(ArrowFunctionExpression|FunctionExpression|FunctionDeclaration)$/.test(type)

const isCall = ({ type }: Node): boolean => type === "CallExpression" || type === "NewExpression"

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && "start" in value
