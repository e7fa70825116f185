import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { ask, domain } from "./support/Play.ts"
import { forSeeds, row } from "./support/Row.ts"
import { ada, settled } from "./support/Settled.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

const known = (ttl = 4_500) => Wire.ptr(domain, ada, { ttl })
const rest = (message: Wire.Message) => Wire.query({ answers: [], ...message })

const pointers = (sent: ReadonlyArray<Tap.Sent>) => sent.filter(Tap.answers(domain, "PTR"))

describe("an answer that the querier knows", () => {
  row("M-7.1-1 is not given when it has half of our ttl left", (bench) =>
    Effect.gen(function*() {
      yield* settled(bench)
      yield* bench.peer().send(ask({ answers: [known(2_250)] }))
      yield* bench.silence(3_000)
    }))

  row("M-7.1-2 is given with its full ttl when it has less left", (bench) =>
    Effect.gen(function*() {
      yield* settled(bench)
      yield* bench.peer().send(ask({ answers: [known(2_249)] }))
      const sent = pointers(yield* bench.during(3_000))

      assert.deepStrictEqual(sent.map(({ message }) => message.answers.map(({ ttl }) => ttl)), [[4_500]])
    }))

  forSeeds(
    "M-7.2-3 is not given when a later datagram lists it, but to somebody else",
    (bench) =>
      Effect.gen(function*() {
        yield* settled(bench)
        for (const isAskedByAnother of [false, true]) {
          const since = yield* bench.now
          yield* bench.peer().send(ask({ tc: 1 }))
          yield* Effect.sleep(100)
          if (isAskedByAnother) yield* bench.peer().send(ask(), { from: "10.0.0.77" })
          yield* Effect.sleep(200)
          yield* bench.peer().send(rest({ answers: [known()] }))
          yield* Effect.sleep("3 seconds")

          assert.strictEqual(pointers(yield* bench.sent({ since })).length, isAskedByAnother ? 1 : 0)
        }
      }),
    undefined,
    { count: 20 }
  )

  forSeeds(
    "M-7.2-4 is waited for 400 to 500 ms after each datagram, but for two seconds at most",
    (bench) =>
      Effect.gen(function*() {
        yield* settled(bench)
        const since = yield* bench.now
        yield* bench.peer().send(ask({ tc: 1 }))
        for (let i = 0; i < 2; i++) {
          yield* Effect.sleep(300)
          yield* bench.peer().send(rest({ tc: 1 }))
        }
        yield* Effect.sleep("3 seconds")
        const [first] = pointers(yield* bench.sent({ since }))
        assert.isAtLeast(first!.time - since, 1_000)
        assert.isAtMost(first!.time - since, 1_100)

        const again = yield* bench.now
        yield* bench.peer().send(ask({ tc: 1 }))
        for (let i = 0; i < 10; i++) {
          yield* Effect.sleep(300)
          yield* bench.peer().send(rest({ tc: 1 }))
        }
        yield* Effect.sleep("3 seconds")
        const [capped] = pointers(yield* bench.sent({ since: again }))
        assert.isAtMost(capped!.time - again, 2_000)
      }),
    undefined,
    { count: 20 }
  )
})

describe("an answer that another host gives first", () => {
  forSeeds(
    "M-7.4-1 is not given again, unless the other's ttl is less",
    (bench) =>
      Effect.gen(function*() {
        yield* settled(bench)
        for (const ttl of [4_500, 4_499]) {
          yield* bench.peer().send(ask())
          yield* Effect.sleep(10)
          yield* bench.peer().send(Wire.response({ answers: [known(ttl)] }), { from: "10.0.0.77" })
          const sent = pointers(yield* bench.during(3_000))

          assert.strictEqual(sent.length, ttl === 4_500 ? 0 : 1)
        }
      }),
    undefined,
    { count: 20 }
  )
})
