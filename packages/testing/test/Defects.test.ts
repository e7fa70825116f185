import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, FiberSet, Layer, type Scope, Stream } from "effect"

const boom = () => {
  throw new TypeError("boom")
}

const dies = Effect.sync(boom)
const diesLater = Effect.delay(dies, "1 second")

const messages = (program: Effect.Effect<unknown, unknown, Scope.Scope>) =>
  Effect.map(Simulation.observe(program), ({ defects }) => defects.map(({ message }) => message))

const seen = ["TypeError: boom"]

describe("a defect of a fiber that nobody waits for", () => {
  it.effect("is reported with who, when and where", () =>
    Effect.gen(function*() {
      const program = Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make()
        const ada = lan.host("ada")
        yield* Effect.forkScoped(ada.run(Effect.withSpan(diesLater, "announce")))
        yield* Effect.sleep("2 seconds")
      })
      const { defects, exit } = yield* Simulation.observe(program)
      const [defect] = defects

      assert.isTrue(Exit.isSuccess(exit))
      assert.strictEqual(defects.length, 1)
      assert.match(defect!.fiber, /^fiber \d+ of ada in announce$/)
      assert.deepStrictEqual([defect!.elapsedMillis, defect!.message], [1000, "TypeError: boom"])
      assert.include(defect!.stack[0], "Defects.test.ts")
    }))

  for (
    const [name, fork] of Object.entries({
      child: Effect.forkChild,
      scoped: Effect.forkScoped,
      detached: Effect.forkDetach
    })
  ) {
    for (const startImmediately of [false, true]) {
      for (const [when, dying] of Object.entries({ "at once": dies, "later": diesLater })) {
        it.effect(`${name}, ${startImmediately ? "started at once" : "started later"}, dying ${when}`, () =>
          Effect.gen(function*() {
            const program = Effect.andThen(fork(dying, { startImmediately }), Effect.sleep("3 seconds"))
            assert.deepStrictEqual(yield* messages(program), seen)
          }))
      }
    }
  }

  it.effect("that a host started is reported", () =>
    Effect.gen(function*() {
      for (const dying of [dies, diesLater]) {
        const program = Effect.gen(function*() {
          const lan = yield* SimulatedNetwork.make()
          yield* lan.host("ada").start(dying)
          yield* Effect.sleep("2 seconds")
        })
        assert.deepStrictEqual(yield* messages(program), seen)
      }
    }))

  it.effect("whose defect reaches nobody through the one that waits for it is reported once", () =>
    Effect.gen(function*() {
      const loop = Effect.all([diesLater, Effect.never], { concurrency: 2 })
      assert.deepStrictEqual(yield* messages(Effect.andThen(Effect.forkScoped(loop), Effect.sleep("2 seconds"))), seen)
    }))

  it.effect("at most 16 are reported", () =>
    Effect.gen(function*() {
      const many = Effect.forEach(Array.from({ length: 50 }), (_, i) => Effect.forkDetach(Effect.die(i)))
      assert.strictEqual((yield* messages(Effect.andThen(many, Effect.sleep("1 second")))).length, 16)
    }))
})

describe("a defect that somebody learned of is not reported", () => {
  const both = (dying: Effect.Effect<never>): Record<string, Effect.Effect<unknown, unknown, Scope.Scope>> => ({
    "one that ends the program": dying,
    "one of a fiber that is joined": Effect.flatMap(Effect.forkChild(dying), Fiber.join),
    "one that was caught": Effect.exit(Effect.flatMap(Effect.forkChild(dying), Fiber.join)),
    "one of a fiber that is joined too late": Effect.gen(function*() {
      const fiber = yield* Effect.forkDetach(dying)
      yield* Effect.sleep("2 seconds")
      return yield* Effect.exit(Fiber.join(fiber))
    }),
    "one of a fiber that is awaited too late": Effect.gen(function*() {
      const fiber = yield* Effect.forkScoped(dying, { startImmediately: true })
      yield* Effect.sleep("2 seconds")
      return yield* Fiber.await(fiber)
    }),
    "Effect.all": Effect.exit(Effect.all([dying, Effect.never], { concurrency: 2 })),
    "Effect.forEach": Effect.exit(Effect.forEach([1, 2], () => dying, { concurrency: 2 })),
    "Effect.raceFirst": Effect.exit(Effect.raceFirst(dying, Effect.never)),
    "Effect.race": Effect.exit(Effect.race(dying, Effect.fail("no"))),
    "Effect.timeout": Effect.exit(Effect.timeout(dying, "1 minute")),
    "Effect.cached": Effect.flatMap(Effect.cached(Effect.andThen(Effect.yieldNow, dying)), Effect.exit),
    "Stream.mapEffect": Effect.exit(
      Stream.runDrain(Stream.mapEffect(Stream.range(1, 9), () => dying, { concurrency: 3 }))
    ),
    "Stream.merge": Effect.exit(Stream.runDrain(Stream.merge(Stream.fromEffect(dying), Stream.never))),
    "Stream.buffer": Effect.exit(Stream.runDrain(Stream.buffer(Stream.fromEffect(dying), { capacity: 4 }))),
    "Stream.flatMap": Effect.exit(
      Stream.runDrain(Stream.flatMap(Stream.range(1, 9), () => Stream.fromEffect(dying), { concurrency: 3 }))
    ),
    "Stream.zipLatest": Effect.exit(Stream.runDrain(Stream.zipLatest(Stream.fromEffect(dying), Stream.never))),
    "Stream.debounce": Effect.exit(Stream.runDrain(Stream.debounce(Stream.fromEffect(dying), "1 second"))),
    "Stream.groupedWithin": Effect.exit(Stream.runDrain(Stream.groupedWithin(Stream.fromEffect(dying), 4, "1 second"))),
    "Stream.interruptWhen": Effect.exit(Stream.runDrain(Stream.interruptWhen(Stream.never, dying))),
    "Stream.haltWhen": Effect.exit(Stream.runDrain(Stream.haltWhen(Stream.tick("2 seconds"), dying))),
    "Stream.share": Effect.gen(function*() {
      const shared = yield* Stream.share(Stream.fromEffect(dying), { capacity: 4 })
      return yield* Effect.exit(Stream.runDrain(shared))
    }),
    "Stream.toPull": Effect.exit(Effect.flatten(Stream.toPull(Stream.fromEffect(dying)))),
    "Stream.callback": Effect.exit(Stream.runDrain(Stream.callback(() => dying))),
    "a layer": Effect.exit(Effect.provide(Effect.void, Layer.merge(Layer.effectDiscard(dying), Layer.empty))),
    "a FiberSet": Effect.gen(function*() {
      const set = yield* FiberSet.make()
      yield* FiberSet.run(set, dying)
      return yield* Effect.exit(FiberSet.join(set))
    })
  })

  for (const [when, dying] of Object.entries({ "at once": dies, "later": diesLater })) {
    for (const [name, program] of Object.entries(both(dying))) {
      it.effect(`${name}, ${when}`, () =>
        Effect.gen(function*() {
          assert.deepStrictEqual(yield* messages(Effect.andThen(Effect.exit(program), Effect.sleep("1 second"))), [])
          assert.deepStrictEqual(yield* messages(program), [])
        }))
    }
  }

  it.effect("nor a failure, nor an interruption, nor what happens on a host that crashed", () =>
    Effect.gen(function*() {
      const program = Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make()
        const ada = lan.host("ada")
        yield* Effect.forkScoped(Effect.fail("no"))
        yield* Effect.flatMap(Effect.forkScoped(Effect.never), Fiber.interrupt)
        yield* ada.start(Effect.onInterrupt(Effect.never, () => Effect.die("late")))
        yield* ada.start(Effect.uninterruptible(diesLater))
        yield* Effect.sleep("500 millis")
        yield* ada.crash
        yield* Effect.sleep("2 seconds")
      })
      assert.deepStrictEqual(yield* messages(program), [])
    }))
})
