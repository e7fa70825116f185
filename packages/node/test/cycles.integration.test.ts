import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import * as Child from "./support/Child.ts"

const program = join(import.meta.dirname, "support/cycles.ts")

describe("a thousand times opened and closed", () => {
  it.live(
    "discovery leaves no socket, timer, fiber or file behind, and the process ends",
    () =>
      Effect.gen(function*() {
        const child = yield* Child.start(process.execPath, [program, "lo", "1000"], { deadline: "2 minutes" })

        assert.strictEqual(yield* child.exit, 0)
        const { after, before } = JSON.parse(child.stdout())
        // others on this machine come and go as members of groups: only test/lan can tell about those
        assert.deepStrictEqual({ ...after, memberships: [] }, { ...before, memberships: [] })
        assert.deepInclude(after, { resources: before.resources, fibers: before.fibers })
        assert.notInclude(after.resources, "UDPWrap")
        assert.notInclude(after.resources, "Timeout")
      }),
    130_000
  )
})
