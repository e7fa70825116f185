import { assert, describe, it } from "@effect/vitest"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Example from "../docs/Example.ts"

const root = join(import.meta.dirname, "../..")
const find = (...patterns: ReadonlyArray<string>) =>
  globSync(patterns, { cwd: root }).toSorted().map((path) => [path, readFileSync(join(root, path), "utf8")] as const)

const onPages = find("README.md", "docs/**/*.md", "packages/*/README.md").flatMap(([path, text]) =>
  Example.fromMarkdown(path, text).examples.map(({ code, name }) => [`${path}/${name}`, code] as const)
)
// on simulated networks alone every name is the program's own
const programs = [...find("examples/src/*.ts"), ...onPages]
  .filter(([, text]) => /from "@effect-discovery\/node"/.test(text))

/** What a program prints of what was heard, each as the call of `Console.log` that does, where nothing is done about the terminal. */
const unescaped = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/Console\.log\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/g), ([call]) => call).filter((call) =>
    /\b(?:peer|service|found|event|sighting)\b(?!")/.test(
      call.replaceAll(
        /Display\.\w+\((?:[^()]|\([^()]*\))*\)|String\(\w+\.addresses[^)]*\)|"[^"]*"|\b_tag\b|event\._tag|(?:\w+\.)+(?:port|authentication|key|sources|addresses)\b/g,
        ""
      )
    )
  )

describe("examples", () => {
  it("S-D5 there are programs that print what others announce", () => {
    assert.isAbove(programs.filter(([, text]) => text.includes("Display.")).length, 8)
  })

  it.each(programs)("S-D5 %s escapes for the terminal whatever it prints of names", (_, text) => {
    assert.deepStrictEqual(unescaped(text), [])
  })

  it.each([
    "Console.log(peer.name)",
    "Console.log(`${peer.id} came`)",
    "Console.log(Display.display(peer.name), service.id)",
    "Console.log(JSON.stringify(Peer.toJson(event.peer)))"
  ])("S-D5 %s would not be one", (text) => assert.deepStrictEqual(unescaped(text), [text]))
})
