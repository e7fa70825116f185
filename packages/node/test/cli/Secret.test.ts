import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Secret from "../../src/internal/cli/Secret.ts"
import * as Temporary from "../support/temporary.ts"

const isRefused = (text: string) =>
  Secret.refuse("--file", Option.some(text)).pipe(
    Effect.match({ onFailure: () => true, onSuccess: () => false }),
    Effect.provide(NodeFileSystem.layer)
  )

describe("refuse", () => {
  it.live.each([
    "5e".repeat(32),
    `${"a".repeat(43)}=`,
    `/${"a".repeat(42)}`,
    `//${"a".repeat(41)}`,
    `aaaa/${"b".repeat(38)}`,
    "-----BEGIN PRIVATE KEY-----"
  ])("%s", (text) => Effect.map(isRefused(text), assert.isTrue))

  it.live("no name of as many letters as a key, in a directory that there is", () =>
    Effect.gen(function*() {
      const directory = Path.join(Path.dirname(yield* Temporary.file("x")), "keys")
      Fs.mkdirSync(directory)
      const name = `${directory}/`.padEnd(43, "a")

      assert.isFalse(yield* isRefused(name))
    }))
})
