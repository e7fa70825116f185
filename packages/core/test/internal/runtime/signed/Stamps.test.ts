import { PeerKey, TrustError } from "@effect-discovery/core"
import type { SignedBeacon } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Semaphore } from "effect"
import { TestClock } from "effect/testing"
import * as Stamps from "../../../../src/internal/runtime/signed/Stamps.ts"
import * as Stamp from "../../../../src/protocol/signedBeacon/Stamp.ts"

const key = PeerKey.fromBytes(new Uint8Array(32))

const kept = () => {
  const saved: Array<Stamp.Stamp> = []
  const store: SignedBeacon.StampStore["Service"] = {
    load: () => Effect.sync(() => saved.at(-1)),
    save: (_, stamp) => Effect.sync(() => void saved.push(stamp))
  }
  return { saved, store }
}

const start = (store?: SignedBeacon.StampStore["Service"]) => Stamps.make({ key, store, lock: Semaphore.makeUnsafe(1) })

describe("stamps", () => {
  it.effect("follow the clock, and count when it does not", () =>
    Effect.gen(function*() {
      const stamps = yield* start()
      yield* TestClock.setTime(5_000)
      const first = [yield* Stamps.next(stamps), yield* Stamps.next(stamps)]
      yield* TestClock.adjust(1)

      assert.deepStrictEqual([...first, yield* Stamps.next(stamps)], [
        { ms: 5_000, counter: 0 },
        { ms: 5_000, counter: 1 },
        { ms: 5_001, counter: 0 }
      ])
    }))

  it.effect("S-6.4 increase for ever, through restarts and with a clock that goes back", () =>
    Effect.gen(function*() {
      const { saved, store } = kept()
      let last: Stamp.Stamp = { ms: -1, counter: 0 }
      for (let run = 0; run < 20; run++) {
        const stamps = yield* start(store)
        yield* TestClock.setTime(1_000_000 - run * 30_000)
        for (let i = 0; i < 50; i++) {
          const next = yield* Stamps.next(stamps)
          assert.isAbove(Stamp.compare(next, last), 0)
          assert.isBelow(Stamp.compare(next, saved.at(-1)!), 0)
          last = next
          yield* TestClock.adjust(run * 100)
        }
      }
    }))

  it.effect("are saved a minute ahead, so once a minute and not for each", () =>
    Effect.gen(function*() {
      const { saved, store } = kept()
      const stamps = yield* start(store)
      for (let second = 0; second < 600; second++) {
        yield* Stamps.next(stamps)
        yield* TestClock.adjust("1 second")
      }

      assert.strictEqual(saved.length, 10)
    }))

  it.effect("are not far ahead of the clock, however often the program starts anew", () =>
    Effect.gen(function*() {
      const { store } = kept()
      yield* TestClock.setTime(1_000_000)
      for (let run = 0; run < 100; run++) {
        const { ms } = yield* Stamps.next(yield* start(store))
        assert.isAtMost(ms, 1_000_000 + run * 1_000 + 61_000)
        yield* TestClock.adjust("1 second")
      }
    }))

  it.effect("none is given that could not be saved, and the next try may succeed", () =>
    Effect.gen(function*() {
      const { saved, store } = kept()
      const full = TrustError.make(new TrustError.Unwritable({ file: "stamps", cause: "full" }))
      let isFull = true
      const stamps = yield* start({
        ...store,
        save: (key, stamp) => Effect.suspend(() => isFull ? Effect.fail(full) : store.save(key, stamp))
      })
      assert.strictEqual(yield* Effect.flip(Stamps.next(stamps)), full)
      isFull = false
      const stamp = yield* Stamps.next(stamps)

      assert.isBelow(Stamp.compare(stamp, saved[0]!), 0)
    }))

  it.effect("two at once are two", () =>
    Effect.gen(function*() {
      const stamps = yield* start(kept().store)
      const all = yield* Effect.all(Array.from({ length: 10 }, () => Stamps.next(stamps)), { concurrency: "unbounded" })

      assert.strictEqual(new Set(all.map(({ counter, ms }) => `${ms}/${counter}`)).size, 10)
    }))
})
