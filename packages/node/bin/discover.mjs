#!/usr/bin/env node
// The `discover` command. The exports map says which file "@effect-discovery/node/main" is: src/main.ts in the
// workspace, where Node strips the types, and dist/main.js once published.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const [major, minor] = process.versions.node.split(".").map(Number)

if (major > 22 || (major === 22 && minor >= 19)) {
  await import("@effect-discovery/node/main")
} else {
  runOnPinnedNode(fileURLToPath(import.meta.url))
}

// A workspace pins a newer Node as the npm package `node`: the program goes on there.
function runOnPinnedNode(program) {
  const node = findPinnedNode(dirname(program))
  if (node === undefined) {
    console.error(`discover needs Node.js 22.19 or newer, and this is ${process.versions.node}.`)
    process.exit(1)
  }
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: "inherit" })
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  child.on("exit", (code) => process.exit(code ?? 1))
}

function findPinnedNode(folder) {
  const candidate = join(folder, "node_modules", "node", "bin", "node")
  if (existsSync(candidate)) return candidate
  const parent = dirname(folder)
  return parent === folder ? undefined : findPinnedNode(parent)
}
