import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import * as Example from "../docs/Example.ts"

const page = (...lines: ReadonlyArray<string>) => lines.join("\n")

describe("fromMarkdown", () => {
  it("each ts block is an example that knows its line", () => {
    const text = page(
      "# A page",
      "```ts",
      "const a = 1",
      "```",
      "```sh",
      "ls",
      "```",
      "",
      "```ts",
      "const b = 2",
      "```"
    )

    assert.deepStrictEqual(Example.fromMarkdown("README.md", text).examples, [
      { page: "README.md", line: 3, name: "example-1.ts", code: "const a = 1\n" },
      { page: "README.md", line: 10, name: "example-2.ts", code: "const b = 2\n" }
    ])
  })

  it("a first line `// name.ts` names the file", () => {
    const { examples } = Example.fromMarkdown("a.md", page("```ts", "// app.ts", "export {}", "```"))

    assert.deepStrictEqual(examples.map(({ line, name }) => [line, name]), [[2, "app.ts"]])
  })

  it("a block in a list loses its indentation", () => {
    const { examples } = Example.fromMarkdown(
      "a.md",
      page("- item", "  ```ts", "  if (a) {", "    b()", "  }", "  ```")
    )

    assert.deepStrictEqual(examples.map(({ code }) => code), ["if (a) {\n  b()\n}\n"])
  })

  it("a ts block inside another block is not an example", () => {
    assert.deepStrictEqual(Example.fromMarkdown("a.md", page("````md", "```ts", "a", "```", "````")).examples, [])
  })

  it.each(["ts no-check", "typescript", "ts twoslash"])("a %s block is refused", (info) => {
    const { examples, refused } = Example.fromMarkdown("a.md", page("", `\`\`\`${info}`, "a", "```"))

    assert.deepStrictEqual([examples.length, refused.map(({ line }) => line)], [0, [2]])
  })

  it("a second file of the same name is refused", () => {
    const block = ["```ts", "// app.ts", "```"]
    const { examples, refused } = Example.fromMarkdown("a.md", page(...block, ...block))

    assert.deepStrictEqual([examples.length, refused.map(({ line }) => line)], [1, [5]])
  })
})

describe("fromSource", () => {
  it("takes the examples of doc comments, and nothing from code or other comments", () => {
    const comment = ["/**", " * ```ts", " * const a = () => {", " *   return 1", " * }", " * ```", " */"]
    const text = page(...comment, "/*", "```ts", "```", "*/", "// ```ts", "export const fence = `", "/**", "```ts", "`")

    assert.deepStrictEqual(Example.fromSource("A.ts", text).examples, [
      { page: "A.ts", line: 3, name: "example-1.ts", code: "const a = () => {\n  return 1\n}\n" }
    ])
  })
})

describe("the command", () => {
  const root = join(import.meta.dirname, "../..")

  const run = (files: Readonly<Record<string, string>>) => {
    const folder = mkdtempSync(join(tmpdir(), "docs-"))
    try {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), text)
      }
      symlinkSync(join(root, "node_modules"), join(folder, "node_modules"))
      for (const file of ["package.json", "tsconfig.base.json"]) cpSync(join(root, file), join(folder, file))
      return spawnSync(process.execPath, [join(root, "scripts/check-docs.ts"), folder], { encoding: "utf8" })
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  const server = page(
    "```ts",
    "// server.ts",
    `import { Effect } from "effect"`,
    "",
    "export const port = Effect.succeed(1)",
    "```"
  )

  it("blocks of one page may import its named files", () => {
    const text = page(server, "", "```ts", `import { port } from "./server.ts"`, "", "export const same = port", "```")
    const { status, stderr, stdout } = run({ "docs/a.md": text })

    assert.deepStrictEqual([status, stdout, stderr], [0, "docs: 2 examples, ok\n", ""])
  })

  it("an error is reported at its line of the page, or of the source file", () => {
    const wrong = page("```ts", `export const n: number = "1"`, "```")
    const { status, stderr } = run({
      "README.md": `# Title\n\n${wrong}\n`,
      "packages/core/src/A.ts": `/**\n * ${wrong.replaceAll("\n", "\n * ")}\n */\nexport const a = 1\n`
    })

    assert.deepStrictEqual([status, stderr.trimEnd().split("\n")], [1, [
      "README.md:4 TS2322: Type 'string' is not assignable to type 'number'.",
      "packages/core/src/A.ts:3 TS2322: Type 'string' is not assignable to type 'number'."
    ]])
  })

  it("a test that fails is told of with its page", () => {
    const test = page("```ts", `import { assert, it } from "vitest"`, `it("is so", () => assert.isTrue(false))`, "```")
    const { status, stderr } = run({ "docs/a.md": test })

    assert.strictEqual(status, 1)
    assert.include(stderr, "docs/a.md/example-1.ts > is so")
  })

  it("a block that asks not to be checked fails", () => {
    const { status, stderr } = run({ "README.md": page("```ts no-check", "a", "```") })

    assert.strictEqual(status, 1)
    assert.include(stderr, "README.md:1 \"ts no-check\" is not supported")
  })
})
