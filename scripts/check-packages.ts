/**
 * Checks each package as it would be published: packs it, looks at its size, lints the tarball and its types, then compiles against it
 * and loads it from a folder of installed packages, where Node does not strip types and only what was packed is there.
 */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { publicOf } from "./bundle/Modules.ts"

/** Octets that a package may have, packed. */
const largest = 300_000

const root = join(import.meta.dirname, "..")
const folder = mkdtempSync(join(tmpdir(), "packages-"))
const modules = join(folder, "node_modules")

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
  const target = join(modules, "@effect-discovery", name)
  mkdirSync(target, { recursive: true })
  run(target, "tar", "-xzf", tarball, "--strip-components=1")
}

const link = (name: string) => {
  mkdirSync(dirname(join(modules, name)), { recursive: true })
  symlinkSync(join(root, "packages/node/node_modules", name), join(modules, name))
}

/** Whether every declaration of theirs has all that it names: a program of its own imports each module that can be. */
const checkTypes = () => {
  const modules = ["core", "node", "testing"].flatMap((name) =>
    publicOf(join(root, "packages", name)).map((module) => `@effect-discovery/${name}/${module}`)
  )
  writeFileSync(join(folder, "consumer.ts"), modules.map((module) => `import ${JSON.stringify(module)}\n`).join(""))
  const options = {
    module: "NodeNext",
    target: "ES2023",
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ["node"]
  }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ files: ["consumer.ts"], compilerOptions: options }))
  run(root, "tsc", "-p", folder)
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
  for (const entry of ["core", "core/protocol", "testing", "node"]) {
    run(folder, "node", "--input-type=module", "-e", `await import("@effect-discovery/${entry}")`)
  }
  run(folder, "node", join(modules, "@effect-discovery/node/bin/discover.mjs"), "--help")
  console.log("packages: pack, install, compile and load, ok")
} finally {
  rmSync(folder, { recursive: true })
}
