import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import * as Child from "./support/Child.ts"

const bin = join(import.meta.dirname, "../bin/discover.mjs")

// the one of util-linux gives a program a terminal; others of that name have other options
const hasTerminal = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") ?? false

/** Starts `discover watch` in a terminal of 80 columns, with room for the peers of other tests. */
const watchInTerminal = (...args: ReadonlyArray<string>) => {
  const command = [process.execPath, bin, "watch", "--interface", "lo", "--protocol", "json", ...args].join(" ")
  return Child.start("script", ["-qec", `stty cols 80 rows 100; exec ${command}`, "/dev/null"])
}

const hideCursor = "\u001b[?25l"
const showCursor = "\u001b[?25h"

if (!hasTerminal) console.warn("skipped, since a terminal needs script of util-linux")

describe.skipIf(!hasTerminal)("discover watch in a terminal", () => {
  it.live("shows a table of who is there", () =>
    Effect.gen(function*() {
      const name = Child.uniqueName()
      const watch = yield* watchInTerminal()
      yield* Child.discover("advertise", "--interface", "lo", "--protocol", "json", "--name", name, "--port", "4242")

      yield* watch.prints(/NAME +SOURCE +ADDRESSES +AGE +LEFT/)
      yield* watch.prints(new RegExp(`${name} +json +127.0.0.1:4242 +\\d+s +[67]s`))
      assert.isTrue(watch.stdout().startsWith(hideCursor))
    }), 60_000)

  it.live("leaves the cursor as it was after the time given", () =>
    Effect.gen(function*() {
      const watch = yield* watchInTerminal("--for", "500ms")

      assert.strictEqual(yield* watch.exit, 0)
      assert.isTrue(watch.stdout().endsWith(showCursor))
    }), 60_000)
})
