import { Lease, Limits } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
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

  it.effect("tells of a peer that is over already before it tells that it is", () =>
    Effect.gen(function*() {
      const registry = yield* Registry.make(Limits.defaults, {}, 1, () => {})
      const told: Array<string> = []
      const follow = Stream.runForEach(registry.subscribers.stream, ({ _tag }) => Effect.sync(() => told.push(_tag)))
      for (const each of [registry.timer, registry.subscribers.gatherer, follow]) {
        yield* Effect.forkScoped(each, { startImmediately: true })
      }
      registry.fold([{ ...Given.heard("ada"), lease: Lease.make(5, -10) }])
      yield* Effect.repeat(Effect.yieldNow, { times: 50 })

      assert.deepStrictEqual(told, ["PeerDiscovered", "PeerLost"])
    }))

  it.effect("counts a peer that found no room once, though who is told of it tells the registry more at once", () =>
    Effect.gen(function*() {
      let count = 0
      const registry: Registry.Registry = yield* Registry.make(
        { ...Limits.defaults, unverifiedPeers: 1 },
        {},
        1,
        (_, more) => {
          count += more ?? 1
          if (count < 10) registry.fold([])
        }
      )
      registry.fold([Given.heard("ada"), Given.heard("grace")])

      assert.strictEqual(count, 1)
    }))
})
