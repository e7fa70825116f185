import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber } from "effect"
import { DatagramSocket } from "effect/socket"
import { TestClock } from "effect/testing"
import * as Sockets from "../../../src/internal/runtime/Sockets.ts"

/** A socket on which datagrams arrive together, and the sizes of the batches in which they are taken, each for so many milliseconds. */
const open = Effect.fnUntraced(function*(milliseconds: number) {
  let events: DatagramSocket.BackingEvents | undefined
  const backing: DatagramSocket.BackingSocket = {
    address: { host: "10.0.0.1", port: 9 },
    send: (_payload, _to, done) => done(),
    sendMany: (_payloads, _to, done) => done(),
    joinMulticast: () => Effect.succeed(() => Effect.void),
    close: () => {}
  }
  const socket = yield* DatagramSocket.makeFromBackingSocket((given) =>
    Effect.sync(() => {
      events = given
      return backing
    }), {})
  const reader = yield* socket.reader
  const sizes: Array<number> = []
  let now = 0
  const taking = Sockets.forEachBatch(reader, () => now, (datagrams) => {
    sizes.push(datagrams.length)
    now += milliseconds
    return Effect.void
  })
  yield* Effect.forkScoped(taking, { startImmediately: true })
  const arrive = (count: number) =>
    Effect.gen(function*() {
      for (let i = 0; i < count; i++) events!.onPacket(Uint8Array.of(i), "10.0.0.7", 9)
      for (let i = 0; i < 10; i++) yield* Effect.yieldNow
    })
  const wait = (milliseconds: number) => {
    now += milliseconds
  }
  return { sizes, arrive, wait }
})

describe("forEachBatch", () => {
  it.effect("gathers what comes while a burst lasts, however long each batch takes", () =>
    Effect.gen(function*() {
      const { arrive, sizes } = yield* open(5)
      yield* arrive(32)
      yield* arrive(32)

      assert.deepStrictEqual(sizes, [1, 1, 30, 1, 31])
    }))

  it.effect("does not wait for others where one comes now and then", () =>
    Effect.gen(function*() {
      const { arrive, sizes, wait } = yield* open(0)
      for (let i = 0; i < 3; i++) {
        wait(1)
        yield* arrive(2)
      }

      assert.deepStrictEqual(sizes, [1, 1, 1, 1, 1, 1])
    }))
})

describe("eachInTime", () => {
  const patience = { limit: 1_000, least: 500, isUrgent: () => false }

  /** Writes that take so many milliseconds each, and what becomes of them within a limit of one second. */
  const write = (...durations: ReadonlyArray<number>) => writeUrgently(Infinity, ...durations)

  /** The same where others cannot wait any longer from that time on. */
  const writeUrgently = (since: number, ...durations: ReadonlyArray<number>) =>
    Effect.gen(function*() {
      const clock = yield* Clock.clockWith(Effect.succeed)
      const now = () => clock.currentTimeMillisUnsafe()
      const done: Array<number> = []
      const writes = durations.map((duration) =>
        Effect.andThen(Effect.sleep(duration), Effect.sync(() => done.push(duration)))
      )
      const fiber = yield* Effect.forkChild(
        Effect.exit(Sockets.eachInTime(writes, { ...patience, clock: now, isUrgent: () => now() >= since }))
      )
      yield* TestClock.adjust("1 minute")
      return { exit: yield* Fiber.join(fiber), done }
    })

  it.effect("gives each write the whole time", () =>
    Effect.gen(function*() {
      const { done, exit } = yield* write(600, 999, 0, 600)

      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(done, [600, 999, 0, 600])
    }))

  it.effect("fails when one takes longer, and writes none after it", () =>
    Effect.gen(function*() {
      const { done, exit } = yield* write(600, 1_001, 0)

      assert.isTrue(Exit.isFailure(exit))
      assert.deepStrictEqual(done, [600])
    }))

  for (const [since, duration] of [[0, 501], [400, 501], [501, 1_001]] as const) {
    it.effect(`fails with one of ${duration} ms for which nobody can wait after ${since} ms`, () =>
      Effect.gen(function*() {
        const { done, exit } = yield* writeUrgently(since, duration - 2, duration)

        assert.isTrue(Exit.isFailure(exit))
        assert.deepStrictEqual(done, [duration - 2])
      }))
  }

  it.effect("has one timer for all that are written at once", () =>
    Effect.gen(function*() {
      const clock = yield* Clock.clockWith(Effect.succeed)
      let sleeps = 0
      const sleep: Clock.Clock["sleep"] = (duration) => Effect.suspend(() => (sleeps++, clock.sleep(duration)))
      const writes = Array.from({ length: 8 }, () => Effect.yieldNow)
      yield* Effect.provideService(Sockets.eachInTime(writes, { ...patience, clock: () => 0 }), Clock.Clock, {
        ...clock,
        sleep
      })

      assert.strictEqual(sleeps, 1)
    }))
})
