/**
 * Checks each package as it would be published: packs it, lints the tarball and its types, then loads it from a folder
 * of installed packages, where Node does not strip types and only what was packed is there.
 */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

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

try {
  for (const name of ["core", "testing", "node"]) {
    const tarball = pack(name)
    install(name, tarball)
    run(root, "publint", "run", tarball, "--strict")
    run(root, "attw", tarball, "--profile", "esm-only", "--no-emoji", "--no-summary", "--format", "table-flipped")
  }
  link("effect")
  link("@effect/platform-node")
  for (const entry of ["core", "core/protocol", "testing", "node"]) {
    run(folder, "node", "--input-type=module", "-e", `await import("@effect-discovery/${entry}")`)
  }
  run(folder, "node", join(modules, "@effect-discovery/node/bin/discover.mjs"), "--help")
  console.log("packages: pack, install and load, ok")
} finally {
  rmSync(folder, { recursive: true })
}
