import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Fiber, Result } from "effect"
import * as Feed from "../../../../src/internal/runtime/mdns/Feed.ts"

const make = () => Feed.make<string>((news) => news.startsWith("-"))

const tell = (feed: Feed.Feed<string>, news: string, group = "en0"): void =>
  Feed.tell(feed, group, news.replace("-", "").charAt(0), news)

describe("pull", () => {
  it.effect("a slow reader gets the latest of each subject", () =>
    Effect.gen(function*() {
      const feed = make()
      for (const news of ["a1", "b1", "a2"]) tell(feed, news)

      assert.deepStrictEqual(yield* Feed.pull(feed), ["b1", "a2"])
    }))

  it.effect("of what came and went unseen nothing is told, of what was seen its end", () =>
    Effect.gen(function*() {
      const feed = make()
      for (const news of ["a1", "b1", "-b"]) tell(feed, news)
      const first = yield* Feed.pull(feed)
      for (const news of ["-a", "-b"]) tell(feed, news)

      assert.deepStrictEqual([first, yield* Feed.pull(feed)], [["a1"], ["-a"]])
    }))

  it.effect("of what was seen and is there again its end is told before, and that alone when it has gone once more", () =>
    Effect.gen(function*() {
      const feed = make()
      for (const news of ["a1", "b1"]) tell(feed, news)
      const first = yield* Feed.pull(feed)
      for (const news of ["-a1", "a2", "a3", "-b1", "b2", "-b2"]) tell(feed, news)
      const second = yield* Feed.pull(feed)
      tell(feed, "-a3")

      assert.deepStrictEqual([first, second, yield* Feed.pull(feed)], [["a1", "b1"], ["-a1", "a3", "-b1"], ["-a3"]])
    }))

  it.effect("what one link says of a subject leaves alone what another says", () =>
    Effect.gen(function*() {
      const feed = make()
      tell(feed, "a1", "en0")
      tell(feed, "a2", "en1")
      const first = yield* Feed.pull(feed)
      tell(feed, "-a", "en1")
      tell(feed, "-a", "en1")
      const second = yield* Feed.pull(feed)
      tell(feed, "-a", "en1")
      tell(feed, "-a", "en0")

      assert.deepStrictEqual([first, second, yield* Feed.pull(feed)], [["a1", "a2"], ["-a"], ["-a"]])
    }))

  it.effect("waits for news", () =>
    Effect.gen(function*() {
      const feed = make()
      const fiber = yield* Effect.forkChild(Feed.pull(feed), { startImmediately: true })
      tell(feed, "a1")
      Feed.wake(feed)

      assert.deepStrictEqual(yield* Fiber.join(fiber), ["a1"])
    }))

  it.effect("gives at once all that was told before its reader was woken", () =>
    Effect.gen(function*() {
      const feed = make()
      const fiber = yield* Effect.forkChild(Feed.pull(feed), { startImmediately: true })
      Feed.wake(feed)
      for (const news of ["a1", "b1"]) tell(feed, news)
      Feed.wake(feed)

      assert.deepStrictEqual(yield* Fiber.join(fiber), ["a1", "b1"])
    }))

  it.effect("ends when what waits has been read", () =>
    Effect.gen(function*() {
      const feed = make()
      tell(feed, "a1")
      Feed.end(feed, Cause.fail(Cause.Done()))
      const first = yield* Feed.pull(feed)

      assert.deepStrictEqual(first, ["a1"])
      assert.isTrue(Result.isFailure(yield* Effect.result(Feed.pull(feed))))
    }))
})
