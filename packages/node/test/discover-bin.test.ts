import { assert, describe, it } from "@effect/vitest"
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

/** Makes this Node say that it is version 20, which the Node it starts does not inherit. */
const OLD_NODE = "data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.11.1' })"

/** A workspace with the command's real start file, and `main` for its program. */
const workspace = (main: string) => {
  const folder = mkdtempSync(join(tmpdir(), "discover-"))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  cpSync(join(import.meta.dirname, "../bin"), join(folder, "packages/node/bin"), { recursive: true })
  cpSync(join(import.meta.dirname, "../package.json"), join(folder, "packages/node/package.json"))
  write("packages/node/src/main.ts", main)
  return {
    bin: join(folder, "packages/node/bin/discover.mjs"),
    pinNode: () => {
      mkdirSync(join(folder, "node_modules/node/bin"), { recursive: true })
      symlinkSync(process.execPath, join(folder, "node_modules/node/bin/node"))
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true })
  }
}

/** Makes a program tell what it loaded of the protocols. */
const TELL_LOADED = `data:text/javascript,${
  encodeURIComponent(`
    import { registerHooks } from "node:module"
    const loaded = []
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
    const names = () => loaded.map((url) => /\\/protocol\\/(\\w+)\\.ts$/.exec(url)?.[1]).filter((name) => name !== undefined)
    process.on("exit", () => console.error(names().sort().join(" ")))
  `)
}`

const run = (...args: ReadonlyArray<string>) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" })
  return { status, stderr, stdout }
}

const printArguments =
  `const args: Array<string> = process.argv.slice(2)\nconsole.log(args.join(" "))\nprocess.exitCode = 3\n`

describe("discover", () => {
  it("runs the sources, with the arguments and the exit code", () => {
    using it = workspace(printArguments)

    assert.deepStrictEqual(run(it.bin, "watch", "--json"), { status: 3, stdout: "watch --json\n", stderr: "" })
  })

  it("an older Node hands over to the one that the workspace pins", () => {
    using it = workspace(printArguments)
    it.pinNode()

    assert.deepStrictEqual(run("--import", OLD_NODE, it.bin, "watch"), { status: 3, stdout: "watch\n", stderr: "" })
  })

  it("an older Node says so where none is pinned", () => {
    using it = workspace(printArguments)

    assert.deepStrictEqual(run("--import", OLD_NODE, it.bin, "watch"), {
      status: 1,
      stdout: "",
      stderr: "discover needs Node.js 22.19 or newer, and this is 20.11.1.\n"
    })
  })

  it("a signal reaches the Node that took over", async () => {
    using it = workspace(
      `process.on("SIGTERM", () => process.exit(7))\nsetInterval(() => {}, 1000)\nconsole.log("ready")\n`
    )
    it.pinNode()
    const child = spawn(process.execPath, ["--import", OLD_NODE, it.bin])
    await once(child.stdout, "data")
    child.kill("SIGTERM")

    assert.deepStrictEqual(await once(child, "exit"), [7, null])
  })

  it("loads the protocols that are chosen, and Syncthing's to read its ids", () => {
    const bin = join(import.meta.dirname, "../bin/discover.mjs")
    const loadedBy = (...args: ReadonlyArray<string>) =>
      run("--import", TELL_LOADED, bin, ...args).stderr.trim().split("\n").at(-1)

    assert.strictEqual(loadedBy("--version"), "Beacon Syncthing")
    assert.strictEqual(
      loadedBy("watch", "--protocol", "peerage", "--interface", "lo", "--for", "1ms"),
      "Beacon Peerage Syncthing"
    )
  })
})
