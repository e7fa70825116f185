import { Discovery, DiscoveryEvent, PeerKey, Trust, TrustStore } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Queue, Stream } from "effect"
import * as News from "../../src/internal/cli/News.ts"
import { keyed, peer } from "./peer.ts"

const eve = PeerKey.fromBytes(new Uint8Array(32).fill(2))
const ada = keyed()

const TrustLive = Trust.layer().pipe(Layer.provide(TrustStore.layerMemory()))

/** Tells of these events one after another, each once the one before was taken, and returns the news of all of them. */
const newsOf = (
  count: number,
  act: (
    hear: (event: DiscoveryEvent.DiscoveryEvent) => Effect.Effect<void>
  ) => Effect.Effect<void, unknown, Trust.Trust>
) =>
  Effect.gen(function*() {
    const events = yield* Queue.unbounded<DiscoveryEvent.DiscoveryEvent>()
    const { items } = yield* News.open
    const discovery = Layer.mock(Discovery.Discovery, { stream: Stream.fromQueue(events) })
    const fiber = yield* Stream.runCollect(Stream.take(items, count)).pipe(
      Effect.provide(discovery),
      Effect.forkChild({ startImmediately: true })
    )
    const settle = Effect.repeat(Effect.yieldNow, { times: 50 })
    yield* settle
    yield* act((event) => Effect.andThen(Queue.offer(events, event), settle))
    return Array.from(yield* Fiber.join(fiber), ({ event, standing }) => ({
      name: event.peer.name,
      told: event._tag,
      changed: event._tag === "StandingChanged" ? event.changed : [],
      ...standing
    }))
  }).pipe(Effect.provide(TrustLive))

describe("items", () => {
  it.effect("a key that is trusted and denied while its peer is there is told of once each", () =>
    Effect.gen(function*() {
      const news = yield* newsOf(3, (hear) =>
        Effect.gen(function*() {
          const trust = yield* Trust.Trust
          yield* hear(DiscoveryEvent.discovered(ada))
          yield* trust.trust(ada.key!)
          yield* Effect.repeat(Effect.yieldNow, { times: 50 })
          yield* trust.deny(ada.key!)
        }))

      assert.deepStrictEqual(news.map(({ changed, state, told }) => [told, changed, state]), [
        ["PeerDiscovered", [], "unknown"],
        ["StandingChanged", ["trust"], "trusted"],
        ["StandingChanged", ["trust"], "denied"]
      ])
    }))

  it.effect("S-D4 peers become lookalikes once the one whose name they use is trusted", () =>
    Effect.gen(function*() {
      const news = yield* newsOf(5, (hear) =>
        Effect.gen(function*() {
          const trust = yield* Trust.Trust
          yield* hear(DiscoveryEvent.discovered(peer({ name: "ADA" })))
          yield* hear(DiscoveryEvent.discovered(ada))
          yield* trust.trust(ada.key!)
          yield* Effect.repeat(Effect.yieldNow, { times: 50 })
          yield* hear(DiscoveryEvent.discovered(keyed({ key: eve, name: "\u0430da" })))
        }))

      assert.deepStrictEqual(news.map(({ changed, isLookalike, name }) => [name, changed, isLookalike]), [
        ["ADA", [], false],
        ["ada", [], false],
        ["ADA", ["lookalike"], true],
        ["ada", ["trust"], false],
        ["\u0430da", [], true]
      ])
    }))
})
