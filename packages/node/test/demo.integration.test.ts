import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import * as Child from "./support/Child.ts"

const demo = join(import.meta.dirname, "../../../scripts/demo.ts")

describe("the demo", () => {
  it.live("ends by itself, well, having shown everything that happens to peers", () =>
    Effect.gen(function*() {
      const child = yield* Child.start(process.execPath, [demo])

      assert.strictEqual(yield* child.exit, 0)
      assert.strictEqual(child.stderr(), "")
      const [events = ""] = child.stdout().split("PEER ")
      assert.isAtLeast(events.match(/  discovered  /g)?.length ?? 0, 4)
      assert.match(events, /  updated     json:barbara-.* status=ready load=0.7$/m)
      assert.match(events, /  lost        json:barbara-.* Goodbye$/m)
      assert.match(events, /  lost        json:ada-.* Expired$/m)
    }), 60_000)
})
