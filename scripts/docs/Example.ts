/**
 * The `ts` code blocks of a page, or of the doc comments of a source file.
 */
import { parseSync } from "oxc-parser"

export interface Example {
  /** The page, or source file, that it stands in. */
  readonly page: string
  /** The line of the page that its first line stands on. */
  readonly line: number
  /** Its file name: as its first line says (`// name.ts`), else counted. */
  readonly name: string
  readonly code: string
}

export interface Refused {
  readonly page: string
  readonly line: number
  readonly reason: string
}

export interface Page {
  readonly examples: ReadonlyArray<Example>
  readonly refused: ReadonlyArray<Refused>
}

interface Line {
  readonly text: string
  readonly number: number
}

export const fromMarkdown = (page: string, text: string): Page => toPage(page, blocks(numbered(text, 1)))

export const fromSource = (page: string, text: string): Page =>
  toPage(page, docComments(page, text).flatMap((lines) => blocks(lines)))

interface Block {
  readonly info: string
  readonly fence: number
  readonly lines: ReadonlyArray<string>
}

const toPage = (page: string, found: ReadonlyArray<Block>): Page => {
  const examples: Array<Example> = []
  const refused: Array<Refused> = []
  for (const { fence, info, lines } of found.filter(isTypeScript)) {
    const name = nameOf(lines) ?? `example-${examples.length + 1}.ts`
    if (info !== "ts") {
      refused.push({ page, line: fence, reason: `"${info}" is not supported: every example is checked` })
    } else if (examples.some((example) => example.name === name)) {
      refused.push({ page, line: fence + 1, reason: `the page has another ${name}` })
    } else examples.push({ page, line: fence + 1, name, code: `${lines.join("\n")}\n` })
  }
  return { examples, refused }
}

const isTypeScript = ({ info }: Block): boolean => /^(ts|typescript)(\W|$)/.test(info)

const nameOf = (lines: ReadonlyArray<string>): string | undefined => /^\/\/ ([\w-]+\.ts)$/.exec(lines[0] ?? "")?.[1]

const blocks = (lines: ReadonlyArray<Line>): ReadonlyArray<Block> => {
  const found: Array<Block> = []
  let open:
    | { readonly fence: string; readonly indent: string; readonly block: Block & { lines: Array<string> } }
    | undefined
  for (const { number, text } of lines) {
    const [, indent = "", fence, info = ""] = /^(\s*)(`{3,})\s*([^`]*)$/.exec(text) ?? []
    if (open === undefined) {
      if (fence !== undefined) open = { fence, indent, block: { info: info.trim(), fence: number, lines: [] } }
    } else if (fence !== undefined && fence.length >= open.fence.length && info.trim() === "") {
      found.push(open.block)
      open = undefined
    } else {
      open.block.lines.push(text.startsWith(open.indent) ? text.slice(open.indent.length) : text.trimStart())
    }
  }
  return found
}

const docComments = (page: string, text: string): ReadonlyArray<ReadonlyArray<Line>> =>
  parseSync(page, text).comments
    .filter(({ type, value }) => type === "Block" && value.startsWith("*"))
    .map(({ start, value }) => numbered(value, text.slice(0, start).split("\n").length))
    .map((lines) => lines.map((line) => ({ ...line, text: line.text.replace(/^\s*\* ?/, "") })))

const numbered = (text: string, first: number): ReadonlyArray<Line> =>
  text.split(/\r?\n/).map((line, index) => ({ text: line, number: first + index }))
