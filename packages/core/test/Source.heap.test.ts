import { Announcement, Source } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")

const heapUsed = (): number => {
  collect()
  return process.memoryUsage().heapUsed
}

describe("manual", () => {
  it.effect("keeps little of what was announced for a while", () =>
    Effect.gen(function*() {
      const manual = Source.manual("invitation")
      const announce = Effect.fnUntraced(function*(count: number) {
        for (let i = 0; i < count; i++) {
          yield* manual.announce(Announcement.make({ name: `guest ${i}`, ttl: "1 second" }))
          yield* TestClock.adjust("100 millis")
        }
      })
      yield* announce(500)
      const before = heapUsed()
      yield* announce(20_000)

      assert.isBelow(heapUsed() - before, 2_000_000)
      yield* manual.withdraw("guest 0")
    }), 60_000)
})
