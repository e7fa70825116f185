import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import * as Repetition from "../boundaries/Repetition.ts"
import * as Rules from "../boundaries/rules.ts"
import * as SourceFile from "../boundaries/SourceFile.ts"

type Files = Readonly<Record<string, string>>

const check = (files: Files): ReadonlyArray<string> =>
  Rules.check(Object.entries(files).map(([path, text]) => SourceFile.parse(path, text)))
    .map(({ file, line, rule }) => `${file}:${line} ${rule}`)

const clean: Files = {
  "packages/core/src/index.ts": `export * as Peer from "./Peer.ts"\nexport * as Discovery from "./Discovery.ts"\n`,
  "packages/core/src/Peer.ts": `import * as Option from "effect/Option"\n\nexport const none = Option.none()\n`,
  "packages/core/src/Discovery.ts":
    `import * as Effect from "effect/Effect"\nimport * as Peer from "./Peer.ts"\n\nexport const peers = Effect.succeed(Peer.none)\n`,
  "packages/core/src/internal/runtime/clock.ts": `export * as Clock from "effect/Clock"\n`,
  "packages/core/src/protocol/Beacon.ts":
    `import type * as Peer from "../Peer.ts"\n\nexport type Beacon = typeof Peer.none\n`,
  "packages/core/src/protocol/Mdns.ts":
    `import type { Beacon } from "./Beacon.ts"\nimport { parse } from "./Mdns/Name.ts"\n\nexport const mdns = (_: Beacon) => parse\n`,
  "packages/core/src/protocol/Mdns/Name.ts": `export const parse = 1\n`,
  "packages/core/src/protocol/index.ts": `export * as Beacon from "./Beacon.ts"\nexport * as Mdns from "./Mdns.ts"\n`,
  "packages/testing/src/Lan.ts":
    `import * as Effect from "effect/Effect"\nimport { Peer } from "@effect-discovery/core"\n\nexport const lan = Effect.succeed(Peer)\n`,
  "packages/node/src/NodeNetwork.ts":
    `import * as Net from "@effect/platform-node/NodeDatagramSocket"\nimport { networkInterfaces } from "node:os"\n\nexport const now = () => [Net, networkInterfaces(), Date.now(), process.pid, Buffer.alloc(1)]\n`
}

describe("a regular expression", () => {
  it.each([
    ["(a+)+$", "repeats a repetition"],
    ["(?:[a-z]*,)*", "repeats a repetition"],
    ["(a{2,}|b)*", "repeats a repetition"],
    ["((?:x\\d+)?y)+", "repeats a repetition"],
    ["\\s*\\s+$", "repeat the same characters"],
    ["^.*foo.*$", "repeat the same characters"],
    ["[a-z0-9]+-?\\w+", "repeat the same characters"],
    ["a+\\b.+", "repeat the same characters"],
    ["(?:ab)+(?=x)[bc]*", "repeat the same characters"],
    ["a)", "cannot be judged"]
  ])("S-P9 /%s/ %s, and is refused", (pattern, fault) => assert.include(Repetition.fault(pattern, "u") ?? "", fault))

  it.each([
    "^(.+) \\(([1-9]\\d{0,8})\\)$",
    "^(\\d+(?:\\.\\d+)?)\\s*(ms|s|m|h|d)$",
    "(?<=.)(?=(.{4})+$)",
    "^_[A-Za-z0-9_-]+\\._(tcp|udp)$",
    "[\\p{Cc}\\]]+\\u{1b}",
    "(a|b{3})+c?",
    "%.*$"
  ])("S-P9 /%s/ is safe", (pattern) => assert.isUndefined(Repetition.fault(pattern, "u")))

  it("S-P9 that takes long is refused wherever text from the wire may come", () => {
    const text = `export const isName = (name: string) => /^(\\w+\\.?)+$/.test(name)\n`
    const paths = ["packages/core/src/Name.ts", "packages/node/src/Name.ts", "packages/core/test/Name.ts"]

    assert.deepStrictEqual(check(Object.fromEntries(paths.map((path) => [path, text]))), [
      "packages/core/src/Name.ts:1 backtracking",
      "packages/node/src/Name.ts:1 backtracking"
    ])
  })
})

describe("check", () => {
  it("a clean tree has no violation", () => {
    assert.deepStrictEqual(check(clean), [])
  })

  it.each([
    `import { WebSocket } from "ws"`,
    `import type { Socket } from "node:dgram"`,
    `export * from "@effect/platform-node"`,
    `import * as Lan from "@effect-discovery/testing"`,
    `export const load = () => import("node:os")`,
    `export type Socket = import("node:dgram").Socket`,
    `import { lan } from "../../testing/src/Lan.ts"`
  ])("core may not depend on more than effect: %s", (line) => {
    assert.deepStrictEqual(check({ "packages/core/src/Peer.ts": `\n${line}\n` }), [
      "packages/core/src/Peer.ts:2 dependency"
    ])
  })

  it("testing may depend on core and effect only", () => {
    const text = `import "@effect-discovery/node"\nimport "@effect/vitest"\nimport "@effect-discovery/core/Peer"\n`

    assert.deepStrictEqual(check({ "packages/testing/src/Lan.ts": text }), [
      "packages/testing/src/Lan.ts:1 dependency",
      "packages/testing/src/Lan.ts:2 dependency"
    ])
  })

  it("node may not depend on testing or on other packages", () => {
    const text = `import "@effect-discovery/testing"\nimport "multicast-dns"\nimport "node:dgram"\n`

    assert.deepStrictEqual(check({ "packages/node/src/Node.ts": text }), [
      "packages/node/src/Node.ts:1 dependency",
      "packages/node/src/Node.ts:2 dependency"
    ])
  })

  it.each([
    "Buffer.from([])",
    "process.env",
    "globalThis.process.env",
    "setTimeout(run, 1)",
    "setInterval(run, 1)",
    "setImmediate(run)",
    "queueMicrotask(run)",
    "globalThis.queueMicrotask(run)",
    "performance.now()",
    "Date.now()",
    `Date["now"]()`,
    "new Date(0)",
    "Date()",
    "Math.random()",
    "[].map(Math.random)",
    "crypto.randomUUID()",
    "{ crypto }"
  ])("core and testing may not use %s", (expression) => {
    const text = `declare const run: () => void\nexport const value = ${expression}\n`

    assert.deepStrictEqual(check({ "packages/core/src/Discovery.ts": text, "packages/testing/src/Lan.ts": text }), [
      "packages/core/src/Discovery.ts:2 ambient",
      "packages/testing/src/Lan.ts:2 ambient"
    ])
  })

  it("S-P11 what looks up names and fetches is in no package", () => {
    const uses = ["dns", "dns/promises", "http", "https", "tls"].map((name) => `import * as It from "node:${name}"`)
    const text = `${uses.join("\n")}\nexport const get = () => [It, fetch("http://a"), new WebSocket("ws://a")]\n`
    const violations = check({ "packages/core/src/Discovery.ts": text, "packages/node/src/NodeNetwork.ts": text })

    assert.deepStrictEqual(violations.filter((line) => line.endsWith("dependency")).length, 10)
    assert.deepStrictEqual(violations.filter((line) => line.endsWith("ambient")).length, 2)
  })

  it("an ambient type counts, and a name of the file's own does not", () => {
    const own = `export const f = ({ process }: { process: () => void }, crypto: string) => [process(), crypto]\n`

    assert.deepStrictEqual(check({ "packages/core/src/A.ts": own }), [])
    assert.deepStrictEqual(check({ "packages/core/src/A.ts": "export type A = Buffer\n" }), [
      "packages/core/src/A.ts:1 ambient"
    ])
  })

  it("members, comments, examples and strings do not count", () => {
    const text = `/**
 * \`\`\`ts
 * import { Effect } from "effect"
 * setTimeout(() => Date.now(), 1)
 * \`\`\`
 */
export const node = { process: 1, crypto: "Math.random()" } // Buffer
export const ids = [node.process, node.crypto]
`
    assert.deepStrictEqual(check({ "packages/core/src/A.ts": text }), [])
  })

  it.each([
    "Effect",
    "Stream",
    "Layer",
    "Scope",
    "Ref",
    "Queue",
    "PubSub",
    "Fiber",
    "FiberMap",
    "Clock",
    "Random",
    "Schedule",
    "socket",
    "socket/DatagramSocket"
  ])("core is pure: it has no effect/%s", (module) => {
    const text = `import type * as Module from "effect/${module}"\n`

    assert.deepStrictEqual(check({ "packages/core/src/Peer.ts": text }), ["packages/core/src/Peer.ts:1 pure-core"])
    assert.deepStrictEqual(check({ "packages/core/src/internal/runtime/run.ts": text }), [])
  })

  it("a protocol may not import another", () => {
    const files = {
      "packages/core/src/protocol/Mdns.ts": `import { x } from "./Peerage.ts"\n`,
      "packages/core/src/protocol/Mdns/Name.ts": `export * from "../Peerage/Text.ts"\nimport "../Beacon.ts"\n`,
      "packages/core/src/protocol/Beacon.ts": `import "./index.ts"\n`
    }

    assert.deepStrictEqual(check(files), [
      "packages/core/src/protocol/Mdns.ts:1 protocol",
      "packages/core/src/protocol/Mdns/Name.ts:1 protocol",
      "packages/core/src/protocol/Beacon.ts:1 protocol"
    ])
  })

  it("a profile may import the protocol that it is one of, and not the other way round", () => {
    const files = {
      "packages/core/src/protocol/Libp2p.ts": `import { x } from "./Mdns/Name.ts"\nimport "./Peerage.ts"\n`,
      "packages/core/src/protocol/Mdns.ts": `import "./Libp2p.ts"\n`
    }

    assert.deepStrictEqual(check(files), [
      "packages/core/src/protocol/Libp2p.ts:2 protocol",
      "packages/core/src/protocol/Mdns.ts:1 protocol"
    ])
  })

  it("internals are closed, to tests and examples as well", () => {
    const files = {
      "examples/src/a.ts": `import "@effect-discovery/core/internal/runtime/run"\n`,
      "packages/node/test/a.test.ts": `import "@effect-discovery/core/protocol/internal/bytes"\n`
    }

    assert.deepStrictEqual(check(files), ["examples/src/a.ts:1 internal", "packages/node/test/a.test.ts:1 internal"])
  })

  it("a cycle is found once, through type imports too", () => {
    const files = {
      "packages/core/src/A.ts": `export * as D from "./D.ts"\nimport type { B } from "./B.ts"\n`,
      "packages/core/src/B.ts": `import { C } from "./internal/C.ts"\n`,
      "packages/core/src/internal/C.ts": `export type C = import("../A.ts").A\n`,
      "packages/core/src/D.ts": ""
    }

    assert.deepStrictEqual(check(files), ["packages/core/src/A.ts:2 cycle"])
  })

  it("a file has at most 450 lines", () => {
    const lines = (count: number) => ({ "packages/node/src/A.ts": "export {}\n".repeat(count) })

    assert.deepStrictEqual(check(lines(450)), [])
    assert.deepStrictEqual(check(lines(451)), ["packages/node/src/A.ts:451 length"])
  })

  it("a module does nothing when it is loaded, but for the program itself", () => {
    const text = `"use strict"\nconst known = new Map()\nknown.set(1, 2)\nexport { known }\nif (known) throw 1\n`

    assert.deepStrictEqual(check({ "packages/core/src/A.ts": text, "packages/node/src/main.ts": text }), [
      "packages/core/src/A.ts:3 effects",
      "packages/core/src/A.ts:5 effects"
    ])
  })

  it("library source may not import the barrel", () => {
    const text = `import { Option } from "effect"\n`

    assert.deepStrictEqual(check({ "packages/core/src/A.ts": text, "examples/src/a.ts": text }), [
      "packages/core/src/A.ts:1 barrel"
    ])
  })
})

describe("the command", () => {
  const root = join(import.meta.dirname, "../..")

  const run = (files: Files) => {
    const folder = mkdtempSync(join(tmpdir(), "boundaries-"))
    try {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), text)
      }
      symlinkSync(join(root, "node_modules"), join(folder, "node_modules"))
      return spawnSync(process.execPath, [join(root, "scripts/check-boundaries.ts"), folder], { encoding: "utf8" })
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  it("a clean tree exits with 0 and one line", () => {
    const { status, stderr, stdout } = run(clean)

    assert.deepStrictEqual([status, stdout, stderr], [0, `boundaries: ${Object.keys(clean).length} files, ok\n`, ""])
  })

  it("violations exit with 1, each with its file and line", () => {
    const { status, stderr, stdout } = run({
      ...clean,
      "packages/core/src/Peer.ts": `\nexport const none = Date.now()\n`
    })

    assert.deepStrictEqual([status, stdout, stderr], [
      1,
      "",
      "packages/core/src/Peer.ts:2 ambient: Date.now is not for portable code: take it as an argument.\n"
    ])
  })

  it("a browser bundle of core may not import from node:", () => {
    const { status, stderr } = run({
      ...clean,
      "packages/core/src/Peer.ts": `import { hostname } from "node:os"\n\nexport const none = hostname()\n`
    })

    assert.strictEqual(status, 1)
    assert.include(
      stderr,
      `packages/core/src/index.ts:1 browser: a bundle of this file for a browser imports "node:os".`
    )
  })
})
