import { Limits } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Registry from "../../../src/internal/runtime/Registry.ts"
import * as Given from "../Given.ts"

describe("fold", () => {
  it.effect("keeps whole milliseconds, which take no memory of their own", () =>
    Effect.gen(function*() {
      const registry = yield* Registry.make(Limits.defaults, {}, 1, () => {})
      yield* TestClock.adjust("2500 micros")
      registry.fold([Given.heard("ada", { ttl: 1_000 })])

      const { deadlines: { deadlines }, entries } = registry.state()
      const [entry] = entries.values()
      assert.strictEqual(entry?.evidence?.firstSeenAt, 2)
      assert.deepStrictEqual(deadlines, [1_018])
      assert.deepInclude(entry?.evidence?.lease, { seenAt: 2, expiresAt: 1_002 })
    }))
})
