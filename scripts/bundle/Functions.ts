/**
 * Declares as functions what a module declares as constants that are arrow functions. V8 parses all of an arrow function of a module when it is
 * loaded, and of a declared function only where it ends; they do the same but for `this`.
 */
import { parseSync } from "oxc-parser"

interface Arrow {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly async: boolean
  readonly params: ReadonlyArray<{ readonly end: number }>
  readonly body: { readonly type: string; readonly start: number }
}

interface Statement {
  readonly type: string
  readonly kind?: string
  readonly start: number
  readonly end: number
  readonly declarations?: ReadonlyArray<{
    readonly id: { readonly name: string }
    readonly init: Arrow | null
  }>
}

/** The text of a module with functions in place of constants. */
export const declare = (text: string): string => {
  const { program } = parseSync("module.js", text)
  let [declared, from] = ["", 0]
  for (const statement of program.body as unknown as ReadonlyArray<Statement>) {
    const [declarator, ...others] = statement.kind === "const" ? statement.declarations! : []
    if (declarator?.init?.type !== "ArrowFunctionExpression" || others.length > 0) continue
    const arrow = text.slice(declarator.init.start, declarator.init.end)
    if (/\b(this|arguments)\b/.test(arrow) || !isPlain(declarator.init, text)) continue
    declared += text.slice(from, statement.start) + functionOf(declarator.id.name, declarator.init, arrow)
    from = statement.end
  }
  return declared + text.slice(from)
}

// a comment could have an arrow as well, or end a line, and behind `return` that ends the statement
const isPlain = ({ body, params, start }: Arrow, text: string): boolean =>
  /^[^>]*=>[^>\n]*$/.test(text.slice(params.at(-1)?.end ?? start, body.start))

const functionOf = (name: string, { async, body, params, start }: Arrow, text: string): string => {
  // an arrow in a parameter is none of its own
  const at = text.indexOf("=>", params.length === 0 ? 0 : params.at(-1)!.end - start)
  const head = text.slice(async ? "async".length : 0, at).trim()
  const result = text.slice(at + "=>".length).trim()
  return `${async ? "async " : ""}function ${name}${head.startsWith("(") ? head : `(${head})`} ${
    body.type === "BlockStatement" ? result : `{\n\treturn ${result};\n}`
  }`
}
