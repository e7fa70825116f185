import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { DatagramSocket } from "effect/socket"
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
