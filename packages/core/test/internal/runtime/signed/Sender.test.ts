import { Announcement, type Diagnostic, DiscoveryError, Limits, PeerKey, TrustError } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Semaphore } from "effect"
import { TestClock } from "effect/testing"
import * as Company from "../../../../src/internal/runtime/signed/Company.ts"
import type * as Identity from "../../../../src/internal/runtime/signed/Identity.ts"
import * as Sender from "../../../../src/internal/runtime/signed/Sender.ts"
import * as Stamps from "../../../../src/internal/runtime/signed/Stamps.ts"
import * as Carriage from "../../../../src/protocol/signedBeacon/Carriage.ts"
import * as Given from "../../Given.ts"

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
  readonly company?: Company.Company
  readonly carriage?: Carriage.Carriage
} = {}) {
  const told: Array<string> = []
  const ttls: Array<number> = []
  const reports: Array<Diagnostic.Report> = []
  const wait = { signing: Effect.void as Effect.Effect<void, TrustError.TrustError> }
  const authors = yield* Effect.forEach(
    Array.from({ length: own.authors ?? 1 }, (_, index) => index + 1),
    (octet) => Effect.map(identity(octet), (identity) => ({ identity, successor: undefined }))
  )
  const note = (what: string) => Effect.sync(() => void told.push(what))
  const sender = yield* Sender.make({
    source: "signed",
    inner: {
      validate: ({ name }) =>
        name.length > 9
          ? new DiscoveryError.InvalidAnnouncement({ source: "inner", field: "name", limit: "9" })
          : undefined,
      advertise: (key, announcement) =>
        Effect.suspend(() => {
          const envelope = announcement.attributes.bytes("sa")!
          ttls.push(envelope[60]! * 256 + envelope[61]!)
          return note(`${key} ${kinds[envelope[5]!]}`)
        }),
      withdraw: (key) => Effect.andThen(note(`${key} withdrawn`), withdrawing)
    },
    carriage: own.carriage ?? Carriage.whole({ frame: (envelope) => envelope }),
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
    company: own.company,
    settings: { limits: Limits.defaults, seed: 1, report: (report: Diagnostic.Report) => reports.push(report) } as never
  })
  return { sender, told, ttls, wait, reports }
})

const kinds: Record<number, string> = { 1: "announce", 2: "goodbye" }
const ada = Announcement.make({ name: "ada", port: 7_000 })

describe("advertise", () => {
  it.effect("says why nothing is announced, and goes on once it can", () =>
    Effect.gen(function*() {
      const { reports, sender, told, wait } = yield* given()
      yield* sender.advertise(1, ada)
      const cause = TrustError.make(new TrustError.Unwritable({ file: "stamps.json", cause: "full" }))
      wait.signing = Effect.fail(cause)
      yield* TestClock.adjust("30 seconds")
      wait.signing = Effect.void
      yield* TestClock.adjust("30 seconds")

      const { message } = cause
      assert.deepStrictEqual(reports, [
        { _tag: "AnnouncementRefused", source: "signed", reason: "SourceFailed", message }
      ])
      assert.deepStrictEqual(told, ["0 announce", "0 announce"])
    }))
})

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

describe("validate", () => {
  it.effect("asks of each key whether the carrying source takes what is announced by it", () =>
    Effect.gen(function*() {
      const validate = (authors: number, name: string) =>
        Effect.map(given({ authors, carriage: Carriage.attributes }), ({ sender }) =>
          sender.validate(Announcement.make({ name, port: 7_000 }))?.field)

      assert.strictEqual(yield* validate(1, "x".repeat(9)), undefined)
      // the second one goes by "… 2" there
      assert.strictEqual(yield* validate(2, "x".repeat(7)), undefined)
      assert.strictEqual(yield* validate(2, "x".repeat(8)), "name")
    }))
})

describe("among others", () => {
  const among = (count: number) => {
    const company = Company.make()
    for (let index = 0; index < count; index++) Company.add(company, Given.keyOf(index), `address ${index}`, Infinity)
    return company
  }

  it.effect("the first announcement is made within 50 ms, the next ones in the interval", () =>
    Effect.gen(function*() {
      const { sender, told, ttls } = yield* given({ company: among(3) })
      yield* sender.advertise(1, ada)
      assert.deepStrictEqual(told, [])
      yield* TestClock.adjust("50 millis")
      assert.strictEqual(told.length, 1)
      yield* TestClock.adjust("5 minutes")

      assert.strictEqual(told.length, 11)
      assert.deepStrictEqual(Array.from(new Set(ttls)), [90])
    }))

  it.effect("the interval and the ttl grow with the number of keys", () =>
    Effect.gen(function*() {
      const { sender, told, ttls } = yield* given({ company: among(9_999) })
      yield* sender.advertise(1, ada)
      yield* TestClock.adjust("50 minutes")

      assert.isTrue(told.length >= 4 && told.length <= 10, `${told.length}`)
      assert.deepStrictEqual(Array.from(new Set(ttls)), [2_250])
    }))

  it.effect("the next announcement comes sooner when most others have left", () =>
    Effect.gen(function*() {
      const company = among(9_999)
      const { sender, told } = yield* given({ company })
      yield* sender.advertise(1, ada)
      yield* TestClock.adjust("10 seconds")
      for (let index = 5; index < 9_999; index++) Company.remove(company, Given.keyOf(index))
      yield* TestClock.adjust("30 seconds")

      assert.deepStrictEqual(told, ["0 announce", "0 announce"])
    }))

  it.effect("a crowd that starts puts the first announcement off", () =>
    Effect.gen(function*() {
      const company = among(0)
      const { sender, told } = yield* given({ company })
      yield* sender.advertise(1, ada)
      for (let index = 0; index < 3; index++) Company.hear(company, `10.0.0.${index}`, 2)
      yield* TestClock.adjust("50 millis")
      assert.deepStrictEqual(told, [])
      yield* TestClock.adjust("30 seconds")

      assert.deepStrictEqual(told, ["0 announce"])
    }))

  it.effect("a change is announced at once, and what was never announced needs no goodbye", () =>
    Effect.gen(function*() {
      const { sender, told } = yield* given({ company: among(0) })
      yield* sender.advertise(1, ada)
      yield* sender.withdraw(1)
      assert.deepStrictEqual(told, [])
      yield* sender.advertise(1, ada)
      yield* TestClock.adjust("50 millis")
      yield* sender.advertise(1, Announcement.update(ada, { name: "Ada" }))

      assert.deepStrictEqual(told, ["0 announce", "0 announce"])
    }))
})

describe("company", () => {
  it("S-4 counts at most 16,384 keys, and none that no longer holds", () => {
    const company = Company.make()
    for (let index = 0; index < 20_000; index++) {
      Company.add(company, Given.keyOf(index), `address ${index}`, index < 100 ? 5 : Infinity)
      Company.hear(company, `address ${index}`, 0)
    }

    assert.strictEqual(Company.count(company, 4), 16_384)
    assert.strictEqual(Company.count(company, 5), 16_284)
    assert.isAtMost(company.addresses.size, 16_384)
  })

  it("S-4 counts at most 64 keys of one address, and others again when some of these are gone", () => {
    const company = Company.make()
    for (let index = 0; index < 100; index++) Company.add(company, Given.keyOf(index), "10.0.0.66", 5)
    assert.strictEqual(Company.count(company, 4), 64)
    Company.remove(company, Given.keyOf(0))
    assert.strictEqual(Company.count(company, 5), 0)
    for (let index = 0; index < 100; index++) Company.add(company, Given.keyOf(index), "10.0.0.66", 10)

    assert.strictEqual(Company.count(company, 9), 64)
  })
})
