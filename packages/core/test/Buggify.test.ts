import { Announcement, Buggify, Discovery, Source } from "@effect-discovery/core"
import { Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Stream } from "effect"

describe("point", () => {
  it.effect("nothing happens unless somebody decides so", () =>
    Effect.gen(function*() {
      const decided = Effect.provideService(
        Effect.all([Buggify.point("a"), Buggify.point("b")]),
        Buggify.Buggify,
        (site) => site === "a"
      )

      assert.strictEqual(yield* Buggify.point("a"), false)
      assert.deepStrictEqual(yield* decided, [true, false])
    }))
})

describe("inject", () => {
  it.effect("runs the misfortune only where it fires, and fails as that does", () =>
    Effect.gen(function*() {
      const misfortune = Buggify.inject("a", Effect.fail("no"))
      const fired = yield* Effect.flip(Effect.provideService(misfortune, Buggify.Buggify, () => true))

      assert.strictEqual(yield* misfortune, undefined)
      assert.strictEqual(fired, "no")
    }))

  it.effect("a slow subscriber hears later what it would have heard", () =>
    Simulation.run(Effect.gen(function*() {
      const manual = Source.manual("list")
      const firstAt = Stream.runHead(Discovery.stream).pipe(
        Effect.andThen(Clock.currentTimeMillis),
        Effect.tap(Effect.yieldNow)
      )
      const program = Effect.gen(function*() {
        yield* Effect.forkChild(Effect.delay(manual.announce(Announcement.make({ name: "ada" })), "1 second"))
        return yield* firstAt
      }).pipe(Effect.provide(Discovery.layer({ sources: [manual] })))

      assert.strictEqual(
        yield* Effect.provideService(program, Buggify.Buggify, (site) => site === "subscriber.slow"),
        1300
      )
    })))
})
