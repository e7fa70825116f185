import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as History from "../../../../src/internal/runtime/mdns/History.ts"

describe("a reader that adds to it at once", () => {
  it.effect("is no reason for another to be told in another order", () =>
    Effect.gen(function*() {
      const history = History.make<number>()
      const tell = (latest: number) => History.add(history, latest)
      const follow = (act: (latest: number) => void) =>
        Effect.forkScoped(Stream.runForEach(History.stream(history), (latest) => Effect.sync(() => act(latest))), {
          startImmediately: true
        })
      const told: Array<number> = []
      yield* follow((latest) => latest === 1 && tell(2))
      yield* follow((latest) => told.push(latest))
      tell(1)
      for (let turn = 0; turn < 4; turn++) yield* Effect.yieldNow

      assert.deepStrictEqual(told, [1, 2])
    }))
})
