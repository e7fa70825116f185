/**
 * Checks each package as it would be published: packs it, looks at its size, lints the tarball and its types, then compiles against it,
 * also a library of its own, and loads it from a folder of installed packages, where Node does not strip types and only what was packed is there.
 */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { publicOf } from "./bundle/Modules.ts"

/** Octets that a package may have, packed. */
const largest = 300_000

const root = join(import.meta.dirname, "..")
const folder = mkdtempSync(join(tmpdir(), "packages-"))
const installed = join(folder, "node_modules")

const run = (cwd: string, command: string, ...args: ReadonlyArray<string>) => {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit" })
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: failed`)
}

const pack = (name: string) => {
  const tarball = join(folder, `${name}.tgz`)
  run(join(root, "packages", name), "pnpm", "--silent", "pack", "--out", tarball)
  const { size } = statSync(tarball)
  if (size > largest) throw new Error(`${name}: ${size} octets packed, of at most ${largest}`)
  return tarball
}

const install = (name: string, tarball: string) => {
  const target = join(installed, "@effect-discovery", name)
  mkdirSync(target, { recursive: true })
  run(target, "tar", "-xzf", tarball, "--strip-components=1")
}

const link = (name: string) => {
  mkdirSync(dirname(join(installed, name)), { recursive: true })
  symlinkSync(join(root, "packages/node/node_modules", name), join(installed, name))
}

const options = { module: "NodeNext", target: "ES2023", strict: true, types: ["node"] }

const compile = (file: string, text: string, more: object) => {
  writeFileSync(join(folder, file), text)
  const compilerOptions = { ...options, ...more }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ files: [file], compilerOptions }))
  run(root, "tsc", "-p", folder)
}

const modulesOf = (name: string) =>
  publicOf(join(root, "packages", name)).map((module) => `@effect-discovery/${name}/${module}`)

/** Whether every declaration of theirs has all that it names: a program of its own imports each module that can be. */
const checkTypes = () => {
  const modules = ["core", "node", "testing"].flatMap(modulesOf)
  const text = modules.map((module) => `import ${JSON.stringify(module)}\n`).join("")
  compile("consumer.ts", text, { noEmit: true, skipLibCheck: false })
}

// what is public but to this workspace alone is marked, in a comment of one line
const publicValue = /(?<!@internal.*\n)^export declare (?:const|function) (\w+)/gm

/**
 * Whether a library on top of them can be published: the compiler writes the types of what it exports with whatever module declares them, also
 * with one that nobody can import, and then they are `any` to others.
 */
const checkNames = () => {
  const modules = ["core", "node", "testing"].flatMap(modulesOf)
  const text = modules.map((module, i) => {
    const [, name, path] = /^@effect-discovery\/(\w+)\/(.+)$/.exec(module)!
    const declarations = readFileSync(join(installed, "@effect-discovery", name!, "dist", `${path}.d.ts`), "utf8")
    const types = Array.from(declarations.matchAll(/^export type (\w+) =/gm), ([, type]) => type)
    const values = Array.from(declarations.matchAll(publicValue), ([, value]) => value)
    return [
      `import * as M${i} from ${JSON.stringify(module)}`,
      ...values.map((value) => `export const v${i}${value} = M${i}.${value}`),
      ...types.map((type) => `export const m${i}${type} = (value: M${i}.${type}) => value`),
      ""
    ].join("\n")
  }).join("")
  compile("library.mts", text, { declaration: true, emitDeclarationOnly: true })
  const named = readFileSync(join(folder, "library.d.mts"), "utf8").matchAll(
    /import\("(@effect-discovery\/[^"]+)"\)\.\w+/g
  )
  const unnameable = new Set(
    Array.from(named).filter(([, module]) => !modules.includes(module!)).map(([type]) => type)
  )
  if (unnameable.size > 0) throw new Error(`what nobody can import: ${Array.from(unnameable).join(", ")}`)
}

try {
  for (const name of ["core", "testing", "node"]) {
    const tarball = pack(name)
    install(name, tarball)
    run(root, "publint", "run", tarball, "--strict")
    run(root, "attw", tarball, "--profile", "esm-only", "--no-emoji", "--no-summary", "--format", "table-flipped")
  }
  link("effect")
  link("@effect/platform-node")
  link("@types/node")
  checkTypes()
  checkNames()
  for (const entry of ["core", "core/protocol", "testing", "node"]) {
    run(folder, "node", "--input-type=module", "-e", `await import("@effect-discovery/${entry}")`)
  }
  run(folder, "node", join(installed, "@effect-discovery/node/bin/discover.mjs"), "--help")
  console.log("packages: pack, install, compile and load, ok")
} finally {
  rmSync(folder, { recursive: true })
}
