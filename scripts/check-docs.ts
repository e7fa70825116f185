/**
 * Type-checks every `ts` block of the pages, and of the doc comments of the packages, and runs those that are tests.
 *
 * A block that starts with `// name.ts` is a file that the other blocks of its page may import.
 *
 * `node scripts/check-docs.ts [root]`
 */
import { spawnSync } from "node:child_process"
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import * as Example from "./docs/Example.ts"

const PAGES = ["README.md", "docs/**/*.md", "packages/*/README.md"]
const SOURCES = "packages/*/src/**/*.ts"

const repository = join(import.meta.dirname, "..")
const root = resolve(process.argv[2] ?? repository)

const read = (path: string) => readFileSync(join(root, path), "utf8")

const pages = [
  ...globSync(PAGES, { cwd: root }).toSorted().map((path) => Example.fromMarkdown(path, read(path))),
  ...globSync(SOURCES, { cwd: root }).toSorted().map((path) => Example.fromSource(path, read(path)))
]
const examples = pages.flatMap((page) => page.examples)
const refused = pages.flatMap((page) => page.refused)

/** Writes each page's examples into a folder of its own, where `effect` and the packages resolve as in any program. */
const write = (folder: string): ReadonlyMap<string, Example.Example> => {
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig))
  return new Map(examples.map((example) => {
    const file = join(folder, example.page, example.name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, example.code)
    return [relative(root, file), example]
  }))
}

/** An example may end in a value that nobody uses; everything else is as strict as the packages are. */
const tsconfig = {
  extends: join(root, "tsconfig.base.json"),
  include: ["."],
  compilerOptions: {
    composite: false,
    emitDeclarationOnly: false,
    noEmit: true,
    noUnusedLocals: false,
    rootDir: root,
    tsBuildInfoFile: null,
    types: ["node"]
  }
}

const tsc = (folder: string): ReadonlyArray<string> => {
  const compiler = join(repository, "node_modules/typescript/bin/tsc")
  const { status, stderr, stdout } = spawnSync(process.execPath, [compiler, "-p", folder, "--pretty", "false"], {
    cwd: root,
    encoding: "utf8"
  })
  return status === 0 ? [] : `${stdout}${stderr}`.trimEnd().split("\n")
}

const isTest = ({ code }: Example.Example) => /from "(?:@effect\/)?vitest"/.test(code)

/** What a page says of its tests is so only where they pass. */
const vitest = (folder: string): ReadonlyArray<string> => {
  const include = examples.filter(isTest).map(({ name, page }) => `${page}/${name}`)
  if (include.length === 0) return []
  const config = join(folder, "vitest.config.ts")
  writeFileSync(config, `export default ${JSON.stringify({ test: { include, testTimeout: 60_000 } })}\n`)
  const runner = join(repository, "node_modules/vitest/vitest.mjs")
  const { status, stderr } = spawnSync(process.execPath, [runner, "run", "--root", folder, "--config", config], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" }
  })
  return status === 0 ? [] : stderr.trimEnd().split("\n")
}

/** Says where on its page the example's line is that the compiler names. */
const relocate = (line: string, written: ReadonlyMap<string, Example.Example>): string => {
  const [, file = "", row, message] = /^(.*?)\((\d+),\d+\): error (.*)$/.exec(line) ?? []
  const example = written.get(file)
  return example === undefined ? line : `${example.page}:${example.line + Number(row) - 1} ${message}`
}

mkdirSync(join(root, ".docs-check"), { recursive: true })
const folder = mkdtempSync(join(root, ".docs-check/run-"))
try {
  const written = write(folder)
  const wrong = [
    ...refused.map(({ line, page, reason }) => `${page}:${line} ${reason}.`),
    ...tsc(folder).map((line) => relocate(line, written))
  ]
  const errors = wrong.length === 0 ? vitest(folder) : wrong
  for (const error of errors) console.error(error)
  if (errors.length === 0) console.log(`docs: ${examples.length} examples, ok`)
  process.exitCode = errors.length === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true })
}
