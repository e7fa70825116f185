import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, type Scope } from "effect"
import * as Outbox from "../../../src/internal/runtime/Outbox.ts"
import type * as Protocol from "../../../src/Protocol.ts"

const transmit = (...octets: Array<number>): Protocol.Transmit => ({
  _tag: "Transmit",
  payload: Uint8Array.from(octets),
  to: { _tag: "Broadcast", port: 4_000, isDirected: false }
})

const one = transmit(1)
const two = transmit(2)
const three = transmit(3)

interface Slow {
  readonly rounds: Array<Outbox.Round>
  /** Lets the write that is going on end. */
  readonly end: () => void
}

// each write takes until it is ended
const slowly = (outbox: Outbox.Outbox): Effect.Effect<Slow, never, Scope.Scope> =>
  Effect.gen(function*() {
    const rounds: Array<Outbox.Round> = []
    let writing = Deferred.makeUnsafe<void>()
    const write = (round: Outbox.Round) =>
      Effect.suspend(() => {
        rounds.push(round)
        writing = Deferred.makeUnsafe()
        return Effect.as(Deferred.await(writing), true)
      })
    yield* Effect.forkScoped(Outbox.run(outbox, write), { startImmediately: true })
    return { rounds, end: () => Deferred.doneUnsafe(writing, Effect.void) }
  })

const put = (outbox: Outbox.Outbox, transmits: Outbox.Round, isGoodbye?: boolean) =>
  Effect.forkChild(Outbox.put(outbox, transmits, isGoodbye ? transmits : []), { startImmediately: true })

describe("put", () => {
  it.effect("writes at once what comes first, and then all that came meanwhile, in order", () =>
    Effect.gen(function*() {
      const outbox = Outbox.make()
      const { end, rounds } = yield* slowly(outbox)
      yield* put(outbox, [one])
      assert.deepStrictEqual(rounds, [[one]])
      yield* put(outbox, [two, one])
      yield* put(outbox, [three])
      assert.strictEqual(rounds.length, 1)
      end()

      assert.deepStrictEqual(rounds, [[one], [two, one, three]])
    }))

  it.effect("waits until what was put in is written, and not for what came later", () =>
    Effect.gen(function*() {
      const outbox = Outbox.make()
      const { end } = yield* slowly(outbox)
      const first = yield* put(outbox, [one])
      const second = yield* put(outbox, [two])
      end()
      yield* Fiber.join(first)
      assert.isUndefined(second.pollUnsafe())
      end()

      yield* Fiber.join(second)
    }))

  it.effect("waits for nothing where nothing is put in", () => Outbox.put(Outbox.make(), []))

  it.effect("goes on when whoever put something in does not wait any more", () =>
    Effect.gen(function*() {
      const outbox = Outbox.make()
      const { end, rounds } = yield* slowly(outbox)
      const impatient = yield* put(outbox, [one])
      yield* put(outbox, [two])
      yield* Fiber.interrupt(impatient)
      end()

      assert.deepStrictEqual(rounds, [[one], [two]])
    }))
})

describe("settled", () => {
  it.effect("waits until the latest goodbye is written, and not for what came later", () =>
    Effect.gen(function*() {
      const outbox = Outbox.make()
      const { end } = yield* slowly(outbox)
      yield* Outbox.settled(outbox)
      yield* put(outbox, [one])
      assert.isFalse(Outbox.isAwaited(outbox))
      yield* put(outbox, [two], true)
      assert.isTrue(Outbox.isAwaited(outbox))
      end()
      assert.isFalse(Outbox.isAwaited(outbox))
      yield* put(outbox, [three])
      const settled = yield* Effect.forkChild(Outbox.settled(outbox), { startImmediately: true })
      assert.isUndefined(settled.pollUnsafe())
      end()

      yield* Fiber.join(settled)
    }))
})

describe("close", () => {
  it.effect("lets everyone go, and gives the goodbyes that were not written", () =>
    Effect.gen(function*() {
      const outbox = Outbox.make()
      yield* slowly(outbox)
      yield* put(outbox, [one], true)
      const waiting = yield* put(outbox, [two])
      const leaving = yield* put(outbox, [three], true)

      assert.deepStrictEqual(Outbox.close(outbox), [three])
      yield* Fiber.join(waiting)
      yield* Fiber.join(leaving)
      assert.deepStrictEqual(Outbox.close(outbox), [])
    }))

  it.effect("gives the goodbyes of a round that was not written, or not all of it", () =>
    Effect.gen(function*() {
      const outbox = Outbox.make()
      const writer = yield* Effect.forkChild(
        Outbox.run(outbox, (round) => round.includes(one) ? Effect.succeed(false) : Effect.never),
        { startImmediately: true }
      )
      yield* Outbox.put(outbox, [one], [one])
      yield* put(outbox, [three, two], true)
      yield* Fiber.interrupt(writer)

      assert.deepStrictEqual(Outbox.close(outbox), [one, three, two])
    }))

  it.effect("goodbyes alone are left to write after what could not be written", () =>
    Effect.gen(function*() {
      const outbox = Outbox.make()
      const rounds: Array<Outbox.Round> = []
      const failing = Deferred.makeUnsafe<boolean>()
      const write = (round: Outbox.Round) => Effect.suspend(() => (rounds.push(round), Deferred.await(failing)))
      yield* Effect.forkScoped(Outbox.run(outbox, write), { startImmediately: true })
      yield* put(outbox, [one])
      yield* put(outbox, [one, two])
      yield* put(outbox, [three], true)
      Deferred.doneUnsafe(failing, Effect.succeed(false))

      assert.deepStrictEqual(rounds, [[one], [three]])
      assert.deepStrictEqual(Outbox.close(outbox), [three])
    }))

  it.effect("nobody waits for what is not written after what could not be", () =>
    Effect.gen(function*() {
      const outbox = Outbox.make()
      const failing = Deferred.makeUnsafe<boolean>()
      yield* Effect.forkScoped(Outbox.run(outbox, () => Deferred.await(failing)), { startImmediately: true })
      yield* put(outbox, [one])
      const waiting = yield* put(outbox, [two])
      Deferred.doneUnsafe(failing, Effect.succeed(false))

      yield* Fiber.join(waiting)
    }))

  it.effect("lets those go whose write ends with the writer", () =>
    Effect.gen(function*() {
      const outbox = Outbox.make()
      const waiting = yield* Effect.scoped(
        Effect.andThen(slowly(outbox), Effect.forkDetach(Outbox.put(outbox, [one]), { startImmediately: true }))
      )

      yield* Fiber.join(waiting)
    }))
})
