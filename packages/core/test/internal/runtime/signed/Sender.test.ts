import { Announcement, DiscoveryError, Limits, PeerKey } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Semaphore } from "effect"
import { TestClock } from "effect/testing"
import type * as Identity from "../../../../src/internal/runtime/signed/Identity.ts"
import * as Sender from "../../../../src/internal/runtime/signed/Sender.ts"
import * as Stamps from "../../../../src/internal/runtime/signed/Stamps.ts"
import * as Carriage from "../../../../src/protocol/signedBeacon/Carriage.ts"

const identity = (octet: number) =>
  Effect.map(
    Stamps.make({
      key: PeerKey.fromBytes(new Uint8Array(32).fill(octet)),
      store: undefined,
      lock: Semaphore.makeUnsafe(1)
    }),
    (stamps) => ({ key: stamps.options.key, instance: 1, privateKey: {}, stamps }) as unknown as Identity.Identity
  )

/** A sender whose signatures take as long as `signing` says, over a source that notes what it is told and takes `withdrawing` for a goodbye. */
const given = Effect.fnUntraced(function*({ withdrawing = Effect.void, ...own }: {
  readonly authors?: number
  readonly withdrawing?: Effect.Effect<void>
} = {}) {
  const told: Array<string> = []
  const wait = { signing: Effect.void as Effect.Effect<void> }
  const authors = yield* Effect.forEach(
    Array.from({ length: own.authors ?? 1 }, (_, index) => index + 1),
    (octet) => Effect.map(identity(octet), (identity) => ({ identity, successor: undefined }))
  )
  const note = (what: string) => Effect.sync(() => void told.push(what))
  const sender = yield* Sender.make({
    source: "signed",
    inner: {
      validate: () => undefined,
      advertise: (key, announcement) => note(`${key} ${kinds[announcement.attributes.bytes("sa")![5]!]}`),
      withdraw: (key) => Effect.andThen(note(`${key} withdrawn`), withdrawing)
    },
    carriage: Carriage.whole({ frame: (envelope) => envelope }),
    signer: {
      realm: "demo",
      realmTag: new Uint8Array(8),
      signature: { sign: () => Effect.as(Effect.suspend(() => wait.signing), new Uint8Array(64)) } as never,
      group: undefined,
      instance: 1,
      isClocked: () => true
    },
    authors,
    retired: [],
    statement: { transport: "tcp", handshakeKey: undefined },
    ttl: 90,
    interval: { min: 30_000, max: 30_000 },
    settings: { limits: Limits.defaults, seed: 1, report: () => {} } as never
  })
  return { sender, told, wait }
})

const kinds: Record<number, string> = { 1: "announce", 2: "goodbye" }
const ada = Announcement.make({ name: "ada", port: 7_000 })

describe("withdraw", () => {
  it.effect("what was being signed is not announced afterwards", () =>
    Effect.gen(function*() {
      const { sender, told, wait } = yield* given()
      yield* sender.advertise(1, ada)
      wait.signing = Effect.sleep("5 seconds")
      yield* TestClock.adjust("30 seconds")
      wait.signing = Effect.void
      const withdrawal = yield* Effect.forkChild(sender.withdraw(1), { startImmediately: true })
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(withdrawal)

      assert.deepStrictEqual(told, ["0 announce", "0 withdrawn"])
    }))

  it.effect("what is advertised next goes on, though the goodbye before it was late", () =>
    Effect.gen(function*() {
      const { sender, told, wait } = yield* given()
      yield* sender.advertise(1, ada)
      wait.signing = Effect.sleep("100 millis")
      const withdrawal = yield* Effect.forkChild(sender.withdraw(1), { startImmediately: true })
      const next = yield* Effect.forkChild(sender.advertise(2, ada), { startImmediately: true })
      yield* TestClock.adjust("1 second")
      yield* Effect.andThen(Fiber.join(withdrawal), Fiber.join(next))
      wait.signing = Effect.void

      assert.deepStrictEqual(told, ["0 announce", "0 goodbye", "0 announce"])
    }))

  it.effect("takes no longer than goodbyes may, with two keys and a source that is stuck", () =>
    Effect.gen(function*() {
      const { sender, told, wait } = yield* given({ authors: 2, withdrawing: Effect.never })
      yield* sender.advertise(1, ada)
      wait.signing = Effect.never
      const before = yield* Clock.currentTimeMillis
      const withdrawal = yield* Effect.forkChild(sender.withdraw(1), { startImmediately: true })
      yield* TestClock.adjust(Limits.defaults.goodbye)
      yield* Fiber.join(withdrawal)

      assert.strictEqual(yield* Clock.currentTimeMillis, before + Limits.defaults.goodbye)
      assert.deepStrictEqual(told, ["0 announce", "1 announce", "0 withdrawn", "1 withdrawn"])
    }))
})

describe("advertise", () => {
  it.effect("refuses a second announcement, and takes one once the first is withdrawn", () =>
    Effect.gen(function*() {
      const { sender } = yield* given()
      yield* sender.advertise(1, ada)
      const error = yield* Effect.flip(sender.advertise(2, ada))
      yield* sender.withdraw(1)
      yield* sender.advertise(2, ada)

      assert.instanceOf(error.reason, DiscoveryError.Unsupported)
    }))
})
