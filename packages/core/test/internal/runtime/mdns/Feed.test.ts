import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Fiber, Result } from "effect"
import * as Feed from "../../../../src/internal/runtime/mdns/Feed.ts"

const make = () =>
  Feed.make<string>({ keyOf: (news) => news.replace("-", "").charAt(0), isGone: (news) => news.startsWith("-") })

describe("pull", () => {
  it.effect("a slow reader gets the latest of each subject", () =>
    Effect.gen(function*() {
      const feed = make()
      for (const news of ["a1", "b1", "a2"]) Feed.tell(feed, news)

      assert.deepStrictEqual(yield* Feed.pull(feed), ["b1", "a2"])
    }))

  it.effect("of what came and went unseen nothing is told, of what was seen its end", () =>
    Effect.gen(function*() {
      const feed = make()
      for (const news of ["a1", "b1", "-b"]) Feed.tell(feed, news)
      const first = yield* Feed.pull(feed)
      for (const news of ["-a", "-b"]) Feed.tell(feed, news)

      assert.deepStrictEqual([first, yield* Feed.pull(feed)], [["a1"], ["-a"]])
    }))

  it.effect("waits for news", () =>
    Effect.gen(function*() {
      const feed = make()
      const fiber = yield* Effect.forkChild(Feed.pull(feed), { startImmediately: true })
      Feed.tell(feed, "a1")

      assert.deepStrictEqual(yield* Fiber.join(fiber), ["a1"])
    }))

  it.effect("ends when what waits has been read", () =>
    Effect.gen(function*() {
      const feed = make()
      Feed.tell(feed, "a1")
      Feed.end(feed, Cause.fail(Cause.Done()))
      const first = yield* Feed.pull(feed)

      assert.deepStrictEqual(first, ["a1"])
      assert.isTrue(Result.isFailure(yield* Effect.result(Feed.pull(feed))))
    }))
})
