import { DiscoveryEvent } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as Subscribers from "../../../src/internal/runtime/Subscribers.ts"
import * as Given from "../Given.ts"

const event = (name: string) => DiscoveryEvent.discovered(Given.peer(name))

/** A subscriber that writes down the names in each chunk that it gets. */
const follow = Effect.fnUntraced(function*() {
  const subscribers = Subscribers.make(() => [], 1_024)
  const chunks: Array<string> = []
  yield* Effect.forkScoped(subscribers.gatherer, { startImmediately: true })
  yield* Stream.runForEachArray(
    subscribers.stream,
    (events) => Effect.sync(() => chunks.push(events.map(({ peer }) => peer.name).join()))
  ).pipe(
    Effect.forkScoped({ startImmediately: true })
  )
  return { subscribers, chunks }
})

const turns = (times: number) => Effect.repeat(Effect.yieldNow, { times })

describe("publish", () => {
  it.effect("tells a change at once when there was none in the last millisecond", () =>
    Effect.gen(function*() {
      const { chunks, subscribers } = yield* follow()
      subscribers.publish([event("ada")], 0)
      subscribers.publish([event("grace")], 1)

      assert.deepStrictEqual(chunks, ["ada", "grace"])
    }))

  it.effect("gathers what follows within a millisecond, and tells it though no time passes", () =>
    Effect.gen(function*() {
      const { chunks, subscribers } = yield* follow()
      subscribers.publish([event("ada")], 0)
      subscribers.publish([event("grace")], 0.2)
      subscribers.publish([event("edsger")], 0.4)
      assert.deepStrictEqual(chunks, ["ada"])
      yield* turns(20)

      assert.deepStrictEqual(chunks, ["ada", "grace,edsger"])
    }))
})
