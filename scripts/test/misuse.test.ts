import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { join } from "node:path"

const root = join(import.meta.dirname, "../..")
const fuzz = "packages/node/test/contract/fuzzProgram.ts"

describe("a program that is told what there is not", () => {
  it.each([
    ["scripts/conformance.ts --only mdns", "there is no table mdns; there are conformance and security"],
    [`${fuzz} --loopback many`, "usage: pnpm contract:fuzz"],
    [`${fuzz} --namespaces 100 --seed x`, "usage: pnpm contract:fuzz"],
    [fuzz, "usage: pnpm contract:fuzz"],
    ["scripts/soak.ts --for long", "long is no time"],
    ["scripts/soak.ts --programs 1", "1 is no number of programs"],
    ["scripts/soak.ts --seed x", "x is no seed"]
  ])("%s proves nothing, and says so", (command, said) => {
    const { status, stderr } = spawnSync(process.execPath, command.split(" "), { cwd: root, encoding: "utf8" })

    assert.strictEqual(status, 2)
    assert.include(stderr, said)
  })
})
