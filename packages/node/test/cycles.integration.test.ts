import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import * as Child from "./support/Child.ts"

const program = join(import.meta.dirname, "support/cycles.ts")

describe("opened and closed hundreds of times", () => {
  for (const [what, count] of [["discovery", 1_000], ["mdns", 200], ["workers", 300]] as const) {
    it.live(
      `${what} leaves no socket, timer, fiber or file behind, and the process ends`,
      () =>
        Effect.gen(function*() {
          const child = yield* Child.start(process.execPath, [program, "lo", String(count), what], {
            deadline: "2 minutes"
          })

          assert.strictEqual(yield* child.exit, 0)
          const { after, before } = JSON.parse(child.stdout())
          // others on this machine come and go as members of groups: only test/lan can tell about those
          assert.deepInclude(after, { resources: before.resources, fibers: before.fibers })
          // what the loader had open at first may be closed by now
          assert.isAtMost(after.files, before.files)
          assert.notInclude(after.resources, "UDPWrap")
          assert.notInclude(after.resources, "Timeout")
        }),
      130_000
    )
  }
})
