import {
  type Limits,
  type Peer,
  type PeerKey,
  Trust,
  TrustDocument,
  TrustEntry,
  TrustError,
  type TrustEvent,
  type TrustState,
  TrustStore
} from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Result, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as Given from "./internal/Given.ts"

const [ada, eve, grace] = [Given.key(1), Given.key(2), Given.key(3)] as const
const day = 86_400_000

const trusting = <A, E>(
  options: Trust.Options,
  program: Effect.Effect<A, E, Trust.Trust | Scope.Scope>,
  entries: ReadonlyArray<TrustEntry.TrustEntry> = []
) =>
  program.pipe(
    Effect.provide(Trust.layer(options).pipe(Layer.provide(TrustStore.layerMemory(entries))))
  )

/** What happens while a program runs. */
const follow = Effect.fnUntraced(function*() {
  const { changes } = yield* Trust.Trust
  const seen: Array<TrustEvent.TrustEvent> = []
  yield* Effect.forkScoped(Stream.runForEach(changes, (event) => Effect.sync(() => seen.push(event))), {
    startImmediately: true
  })
  return seen
})

const signed = (key = ada, options: Partial<Peer.Peer> = {}) =>
  Given.peer("ada", { key, authentication: "signed", ...options })

const sighting = (key = eve, options: Partial<TrustEvent.Sighting> = {}): TrustEvent.Sighting => ({
  key,
  name: "ada",
  realm: "demo",
  authentication: "signed",
  ...options
})

const reasonOf = <A>(effect: Effect.Effect<A, TrustError.TrustError>) =>
  Effect.map(Effect.flip(effect), ({ reason }) => reason._tag)

describe("isDialable", () => {
  const cases: ReadonlyArray<readonly [Trust.Options["policy"], Peer.Peer, Trust.DialableOptions, boolean]> = [
    ["strict", signed(), {}, true],
    ["strict", signed(grace), {}, false],
    ["strict", signed(Given.key(9)), {}, false],
    ["tofu", signed(), {}, true],
    ["tofu", signed(grace), {}, true],
    ["tofu", signed(Given.key(9)), {}, false],
    ["open", signed(Given.key(9)), {}, true],
    ["open", Given.peer("ada"), { allowClaimed: true }, false],
    ["group", signed(Given.key(9), { group: "52b6c968" }), {}, true],
    ["group", signed(), {}, false],
    ["group", Given.peer("ada", { authentication: "group" }), {}, true],
    ["strict", signed(ada, { authentication: "claimed" }), {}, false],
    ["strict", signed(ada, { authentication: "claimed" }), { allowClaimed: true }, true],
    ["strict", signed(Given.key(9), { authentication: "claimed" }), { allowClaimed: true }, false],
    ["strict", signed(ada, { authentication: "none" }), { allowClaimed: true }, false],
    ["strict", signed(grace, { authentication: "claimed" }), { allowClaimed: true }, false],
    ["tofu", signed(grace, { authentication: "claimed" }), { allowClaimed: true }, true],
    ["tofu", signed(grace, { authentication: "claimed" }), {}, false],
    ["open", signed(Given.key(9), { authentication: "claimed" }), { allowClaimed: true }, true],
    ["open", signed(Given.key(9), { authentication: "claimed" }), {}, false],
    ["group", signed(ada, { authentication: "claimed", group: "52b6c968" }), { allowClaimed: true }, false],
    // denied beats everything
    ["open", signed(eve, { authentication: "claimed" }), { allowClaimed: true }, false],
    ["group", signed(eve, { authentication: "group" }), {}, false],
    ["open", signed(eve), {}, false],
    ["group", signed(eve, { group: "52b6c968" }), {}, false],
    ["strict", signed(ada, { addresses: [] }), {}, false],
    ["strict", signed(ada, { addresses: [Given.address("224.0.0.1:80"), Given.address("10.0.0.1:0")] }), {}, false]
  ]

  it.effect.each(cases)("%s: S-U6, S-T2, case %#", ([policy, peer, options, expected]) =>
    trusting(
      { policy },
      Trust.Trust.useSync((trust) => assert.strictEqual(trust.isDialable(peer, options), expected)),
      [
        { key: ada, state: "trusted", addedAt: 0 },
        { key: eve, state: "denied", addedAt: 0 },
        { key: grace, state: "pinned", realm: "demo", name: "grace", addedAt: 0 }
      ]
    ))
})

describe("trust", () => {
  it.effect("S-T4 applies at once, and so does the removal", () =>
    trusting(
      {},
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        const events = yield* follow()
        yield* trust.trust(ada, { name: "ada" })
        assert.strictEqual(trust.stateOfUnsafe(ada), "trusted")
        assert.isTrue(yield* trust.remove(ada))
        assert.isFalse(yield* trust.remove(ada))
        yield* Effect.yieldNow

        assert.isFalse(trust.isDialable(signed()))
        assert.deepStrictEqual(events, [
          { _tag: "Granted", entry: { key: ada, state: "trusted", name: "ada", addedAt: 0 } },
          { _tag: "Revoked", entry: { key: ada, state: "trusted", name: "ada", addedAt: 0 }, reason: "Removed" }
        ])
      })
    ))

  it.effect("ends by itself, a month later if need be", () =>
    trusting(
      {},
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        const events = yield* follow()
        yield* trust.trust(ada, { until: 60 * day })
        yield* TestClock.adjust(60 * day - 1)
        assert.strictEqual(yield* trust.stateOf(ada), "trusted")
        yield* TestClock.adjust(1)

        assert.strictEqual(yield* trust.stateOf(ada), "unknown")
        assert.deepStrictEqual(yield* trust.entries, [])
        assert.deepStrictEqual(events.map((event) => "reason" in event ? event.reason : event._tag), [
          "Granted",
          "Expired"
        ])
      })
    ))

  it.effect("a denied key has to be removed first", () =>
    trusting(
      {},
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        yield* trust.trust(eve)
        yield* trust.deny(eve)
        assert.strictEqual(yield* reasonOf(trust.trust(eve)), "KeyDenied")
        assert.strictEqual(yield* reasonOf(trust.accept("demo", "eve", eve)), "KeyDenied")
        yield* trust.remove(eve)
        yield* trust.trust(eve)

        assert.strictEqual(trust.stateOfUnsafe(eve), "trusted")
      })
    ))

  it.effect("no more keys than the limit", () =>
    trusting(
      { limits: { trustEntries: 2 } },
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        yield* trust.trust(ada)
        yield* trust.deny(eve)
        assert.strictEqual(yield* reasonOf(trust.trust(grace)), "Full")
        assert.strictEqual(yield* reasonOf(trust.deny(grace)), "Full")
        assert.strictEqual(yield* reasonOf(trust.accept("demo", "grace", grace)), "Full")
        yield* trust.trust(ada, { name: "Ada" })

        assert.strictEqual((yield* trust.entries).length, 2)
      })
    ))

  it.effect.each<readonly [Trust.Grant, string]>([
    [{ name: "" }, "name"],
    [{ realm: "é".repeat(32) }, "realm"],
    [{ until: 1.5 }, "until"]
  ])("%j is refused, and nothing is changed", ([grant, field]) =>
    trusting(
      {},
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        const error = yield* Effect.flip(trust.trust(ada, grant))

        assert.include(error.message, field)
        assert.strictEqual(trust.stateOfUnsafe(ada), "unknown")
      })
    ))
})

describe("states", () => {
  it.effect("begins with what is thought now; a slow reader gets the latest", () =>
    trusting(
      {},
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        yield* trust.trust(ada)
        const got: Array<string> = []
        const fiber = yield* Effect.forkChild(
          Stream.runForEach(trust.states, ({ state }) => Effect.delay(Effect.sync(() => got.push(state)), 10)),
          { startImmediately: true }
        )
        yield* trust.remove(ada)
        yield* trust.deny(ada)
        yield* TestClock.adjust(100)
        yield* Fiber.interrupt(fiber)

        assert.deepStrictEqual(got, ["trusted", "denied"])
      })
    ))
})

describe("seenUnsafe", () => {
  it.effect("S-T1 a stranger is reported once an hour, and never dialed", () =>
    trusting(
      {},
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        const events = yield* follow()
        for (let minute = 0; minute < 120; minute++) {
          assert.strictEqual(trust.seenUnsafe(sighting()), "unknown")
          yield* TestClock.adjust("1 minute")
        }

        assert.deepStrictEqual(events.map(({ _tag }) => _tag), ["UntrustedSeen", "UntrustedSeen"])
        assert.deepStrictEqual(yield* trust.untrusted, [sighting()])
        assert.deepStrictEqual(yield* trust.entries, [])
        assert.isFalse(trust.isDialable(signed(eve)))
      })
    ))

  it.effect("S-T1 of any number of strangers the latest 256 are kept", () =>
    trusting(
      {},
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        for (let stranger = 0; stranger < 10_000; stranger++) trust.seenUnsafe(sighting(Given.keyOf(stranger)))
        const kept = yield* trust.untrusted

        assert.strictEqual(kept.length, 256)
        assert.strictEqual(kept.at(-1)?.key, Given.keyOf(9_999))
      })
    ))

  it.effect("whom the policy allows anyway is not reported, nor is a denied key", () =>
    trusting(
      { policy: "open" },
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        yield* trust.deny(eve)
        trust.seenUnsafe(sighting(eve))
        trust.seenUnsafe(sighting(grace))

        assert.deepStrictEqual(yield* trust.untrusted, [])
      })
    ))

  it.effect("pins the first key of a name when told to; another key for it is told of and not trusted", () =>
    trusting(
      { policy: "tofu", autoPin: true },
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        const events = yield* follow()
        assert.strictEqual(trust.seenUnsafe(sighting(ada, { authentication: "claimed" })), "unknown")
        assert.strictEqual(trust.seenUnsafe(sighting(ada)), "pinned")
        assert.strictEqual(trust.seenUnsafe(sighting(eve)), "unknown")
        assert.strictEqual(trust.seenUnsafe(sighting(eve)), "unknown")
        assert.strictEqual(trust.seenUnsafe(sighting(eve, { realm: "other" })), "pinned")
        assert.strictEqual(yield* reasonOf(trust.accept("demo", "ada", grace)), "NameTaken")
        yield* Effect.yieldNow

        assert.deepStrictEqual(events.map(({ _tag }) => _tag), ["UntrustedSeen", "Granted", "KeyChanged", "Granted"])
        assert.deepStrictEqual(events[2], { _tag: "KeyChanged", ...sighting(eve), pinned: ada })
      })
    ))

  it.effect("without being told, a name is pinned when it is accepted", () =>
    trusting(
      { policy: "tofu" },
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        assert.strictEqual(trust.seenUnsafe(sighting(ada)), "unknown")
        yield* trust.accept("demo", "ada", ada)

        assert.strictEqual(trust.seenUnsafe(sighting(ada)), "pinned")
        assert.isTrue(trust.isDialable(signed()))
      })
    ))

  it.effect("a name stays with the key that retired, until another is accepted for it", () =>
    trusting(
      { policy: "tofu", autoPin: true },
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        trust.seenUnsafe(sighting(ada))
        trust.retireUnsafe(ada)
        assert.strictEqual(trust.seenUnsafe(sighting(eve)), "unknown")
        yield* trust.accept("demo", "ada", grace)
        const seen = yield* follow()
        assert.strictEqual(trust.seenUnsafe(sighting(grace)), "pinned")
        assert.strictEqual(yield* reasonOf(trust.accept("demo", "ada", eve)), "NameTaken")
        yield* Effect.yieldNow

        assert.deepStrictEqual(seen, [])
      })
    ))

  it.effect("keys made for it fill half of the list at most", () =>
    trusting(
      { policy: "tofu", autoPin: true, limits: { trustEntries: 10 } },
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        for (let stranger = 0; stranger < 100; stranger++) {
          trust.seenUnsafe(sighting(Given.keyOf(stranger), { name: `n${stranger}` }))
        }

        assert.strictEqual((yield* trust.entries).length, 5)
        yield* trust.trust(ada)
      })
    ))
})

describe("offerRotationUnsafe", () => {
  const rotating = { rotation: "auto", limits: { trustEntries: 64 } } as const

  it.effect("S-T6 a successor is told of, and trusted only when that was asked for", () =>
    trusting(
      {},
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        yield* trust.trust(ada)
        const events = yield* follow()
        trust.offerRotationUnsafe(ada, grace)
        trust.offerRotationUnsafe(ada, grace)
        trust.offerRotationUnsafe(eve, grace)
        yield* Effect.yieldNow

        assert.deepStrictEqual(events, [{ _tag: "RotationOffered", key: ada, next: grace, isTaken: false }])
        assert.strictEqual(trust.stateOfUnsafe(grace), "unknown")
      })
    ))

  it.effect("S-T6 the next key is trusted by way of the old one, which stays for 30 days", () =>
    trusting(
      rotating,
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        yield* trust.trust(ada, { name: "ada", realm: "demo" })
        trust.offerRotationUnsafe(ada, grace)
        assert.deepStrictEqual(yield* trust.entries, [
          { key: ada, state: "trusted", addedAt: 0, name: "ada", realm: "demo", until: 30 * day },
          { key: grace, state: "trusted", addedAt: 0, name: "ada", realm: "demo", via: ada, hops: 1 }
        ])
        yield* TestClock.adjust(30 * day)

        assert.deepStrictEqual([trust.stateOfUnsafe(ada), trust.stateOfUnsafe(grace)], ["unknown", "trusted"])
      })
    ))

  it.effect.each([Infinity, 1e20, 1e10 / 3])(
    "S-T6 S-T4 the list can be kept, for however long the old key stays: %d ms",
    (overlap) =>
      trusting(
        { rotation: "auto", overlap },
        Effect.gen(function*() {
          const trust = yield* Trust.Trust
          yield* trust.trust(ada)
          trust.offerRotationUnsafe(ada, eve)
          const entries = yield* trust.entries

          assert.deepStrictEqual(TrustDocument.decode(TrustDocument.encode(entries)), Result.succeed(entries))
          assert.strictEqual(entries[0]?.until, Math.min(Math.floor(overlap), 8.64e15))
        })
      )
  )

  it.effect("S-T6 at most one hop a day and four in a chain, and one successor a key", () =>
    trusting(
      rotating,
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        yield* trust.trust(Given.key(10))
        const states: Array<string> = []
        for (let hop = 10; hop < 16; hop++) {
          trust.offerRotationUnsafe(Given.key(hop), Given.key(hop + 1))
          trust.offerRotationUnsafe(Given.key(hop), Given.key(100 + hop))
          trust.offerRotationUnsafe(Given.key(hop + 1), Given.key(hop + 2))
          states.push(`${trust.stateOfUnsafe(Given.key(hop + 1))} ${trust.stateOfUnsafe(Given.key(hop + 2))}`)
          assert.strictEqual(trust.stateOfUnsafe(Given.key(100 + hop)), "unknown")
          yield* TestClock.adjust(day)
        }

        assert.deepStrictEqual(states, [
          ...Array.from({ length: 4 }, () => "trusted unknown"),
          "unknown unknown",
          "unknown unknown"
        ])
      })
    ))

  it.effect("S-T6 never to a denied key, nor for longer than the old key was trusted for", () =>
    trusting(
      rotating,
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        yield* trust.trust(ada, { until: day })
        yield* trust.deny(eve)
        trust.offerRotationUnsafe(ada, eve)
        assert.strictEqual(trust.stateOfUnsafe(eve), "denied")
        trust.offerRotationUnsafe(ada, grace)
        yield* TestClock.adjust(day)

        assert.deepStrictEqual([trust.stateOfUnsafe(ada), trust.stateOfUnsafe(grace)], ["unknown", "unknown"])
      })
    ))
})

describe("retireUnsafe", () => {
  it.effect("S-T7 denies a key for good", () =>
    trusting(
      {},
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        yield* trust.trust(ada)
        const events = yield* follow()
        trust.retireUnsafe(ada)
        trust.retireUnsafe(ada)
        yield* Effect.yieldNow

        assert.deepStrictEqual(events.map(({ _tag }) => _tag), ["Revoked", "Denied"])
        assert.strictEqual(trust.stateOfUnsafe(ada), "denied")
        assert.strictEqual(yield* reasonOf(trust.trust(ada)), "KeyRetired")
        assert.strictEqual(yield* reasonOf(trust.remove(ada)), "KeyRetired")
      })
    ))

  it.effect("S-T7 is kept in the store", () =>
    Effect.gen(function*() {
      const store = yield* TrustStore.TrustStore
      const trust = yield* Trust.Trust
      trust.retireUnsafe(ada)
      yield* TestClock.adjust("1 second")

      assert.deepStrictEqual(yield* store.load, [{ key: ada, state: "denied", addedAt: 0, isRetired: true }])
    }).pipe(Effect.provide(Trust.layer().pipe(Layer.provideMerge(TrustStore.layerMemory())))))

  it.effect("S-T7 keys made for it fill a quarter of the list at most", () =>
    trusting(
      { limits: { trustEntries: 8 } },
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        yield* trust.trust(ada)
        for (let stranger = 0; stranger < 100; stranger++) trust.retireUnsafe(Given.keyOf(stranger))
        assert.strictEqual((yield* trust.entries).length, 3)
        trust.retireUnsafe(ada)

        assert.strictEqual(trust.stateOfUnsafe(ada), "denied")
      })
    ))
})

describe("floors", () => {
  const floor = (ms: number, counter = 0): TrustEntry.Floor => ({ ms, counter, instance: 1 })

  it.effect("rise only, and only of keys with an entry", () =>
    trusting(
      {},
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        yield* trust.trust(ada)
        trust.raiseFloorUnsafe(ada, floor(5, 1))
        trust.raiseFloorUnsafe(ada, floor(5))
        trust.raiseFloorUnsafe(ada, floor(4, 9))
        trust.raiseFloorUnsafe(eve, floor(5))
        assert.deepStrictEqual(yield* trust.floors, [[ada, floor(5, 1)]])
        yield* trust.resetFloor(ada)

        assert.deepStrictEqual(yield* trust.floors, [])
      })
    ))

  it.effect("are kept with their entries, every 30 seconds and when the layer closes", () =>
    Effect.gen(function*() {
      const store = yield* TrustStore.TrustStore
      const kept = Effect.map(store.load, (entries) => entries.map((entry) => entry.floor?.ms))
      yield* Effect.gen(function*() {
        const trust = yield* Trust.Trust
        yield* trust.trust(ada)
        trust.raiseFloorUnsafe(ada, floor(5))
        assert.deepStrictEqual(yield* kept, [undefined])
        yield* TestClock.adjust("31 seconds")
        assert.deepStrictEqual(yield* kept, [5])
        trust.raiseFloorUnsafe(ada, floor(6))
      }).pipe(Effect.provide(Trust.layer()))

      assert.deepStrictEqual(yield* kept, [6])
    }).pipe(Effect.provide(TrustStore.layerMemory())))

  it.effect("S-6.4 that are urgent are kept at once, with what waits, and a retirement is as well", () =>
    Effect.gen(function*() {
      const { kept, store } = recording([ada, grace])
      yield* Effect.gen(function*() {
        const trust = yield* Trust.Trust
        trust.raiseFloorUnsafe(grace, floor(4))
        yield* TestClock.adjust("2 seconds")
        trust.raiseFloorUnsafe(ada, floor(5), { isUrgent: true })
        yield* TestClock.adjust(0)
        assert.deepStrictEqual(kept, [["Floor", "Floor"]])
        trust.retireUnsafe(eve)
        yield* TestClock.adjust("1 second")

        assert.deepStrictEqual(kept, [["Floor", "Floor"], ["Put"]])
      }).pipe(Effect.provide(Trust.layer().pipe(Layer.provide(store))))
    }))

  it.effect("a flood of urgent ones writes the store once a second, with the last of each key", () =>
    Effect.gen(function*() {
      const { kept, store } = recording([ada, grace])
      yield* Effect.gen(function*() {
        const trust = yield* Trust.Trust
        for (let ms = 1; ms <= 1_000; ms++) {
          trust.raiseFloorUnsafe(ms % 2 === 0 ? ada : grace, floor(ms), { isUrgent: true })
          yield* TestClock.adjust("10 millis")
        }
        yield* TestClock.adjust("1 second")

        assert.strictEqual(kept.length, 11)
        assert.isTrue(kept.every(({ length }) => length <= 2))
        assert.deepStrictEqual((yield* trust.floors).map(([, { ms }]) => ms), [1_000, 999])
      }).pipe(Effect.provide(Trust.layer().pipe(Layer.provide(store))))
    }))

  /** A store of trusted keys that keeps count of what it is given. */
  const recording = (trusted: ReadonlyArray<PeerKey.PeerKey>) => {
    const kept: Array<ReadonlyArray<TrustEntry.Change["_tag"]>> = []
    let entries = trusted.map((key): TrustEntry.TrustEntry => ({ key, state: "trusted", addedAt: 0 }))
    const store = Layer.mock(TrustStore.TrustStore, {
      load: Effect.sync(() => entries),
      update: (changes) =>
        Effect.sync(() => {
          kept.push(changes.map(({ _tag }) => _tag))
          return entries = [...TrustEntry.apply(entries, changes)]
        }),
      changes: Stream.never
    })
    return { kept, store }
  }
})

describe("changes", () => {
  it.effect("who has fallen behind misses the oldest, and nobody else misses anything", () =>
    trusting(
      { limits: { trustEntries: 2_000 } },
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        const seen = yield* follow()
        const late: Array<TrustEvent.TrustEvent> = []
        yield* Effect.forkScoped(
          Stream.runForEach(trust.changes, (event) =>
            Effect.andThen(Effect.sleep("1 second"), Effect.sync(() => late.push(event)))),
          { startImmediately: true }
        )
        for (let index = 0; index < 1_500; index++) {
          yield* trust.trust(Given.keyOf(index))
        }
        yield* TestClock.adjust("1 hour")

        const last = seen.at(-1)
        assert.strictEqual(seen.length, 1_500)
        assert.isBelow(late.length, 1_500)
        assert.deepStrictEqual(late.at(-1), last)
      })
    ))
})

describe("who follows trust", () => {
  it.effect("and changes it at once leaves all others with what is so", () =>
    trusting(
      {},
      Effect.gen(function*() {
        const trust = yield* Trust.Trust
        const follow = <E>(act: (standing: TrustState.Standing) => Effect.Effect<unknown, E>) =>
          Effect.forkScoped(Stream.runForEach(trust.states, act), { startImmediately: true })
        const seen: Array<TrustState.TrustState> = []
        yield* follow(({ key, state }) => state === "trusted" ? trust.deny(key) : Effect.void)
        yield* follow(({ state }) => Effect.sync(() => seen.push(state)))
        yield* trust.trust(ada)

        assert.strictEqual(seen.at(-1), "denied")
      })
    ))
})

describe("who follows changes", () => {
  it.effect("and acts on one at once is told of after all that was told together", () =>
    Effect.gen(function*() {
      const [trust, { update }] = [yield* Trust.make(), yield* TrustStore.TrustStore]
      yield* Effect.forkScoped(
        Stream.runForEach(
          trust.changes,
          ({ _tag }) => _tag === "Granted" ? Effect.ignore(trust.deny(ada)) : Effect.void
        ),
        { startImmediately: true }
      )
      const told: Array<string> = []
      yield* Effect.forkScoped(Stream.runForEach(trust.changes, ({ _tag }) => Effect.sync(() => told.push(_tag))), {
        startImmediately: true
      })
      yield* update([{ _tag: "Put", entry: { key: ada, state: "trusted", addedAt: 0, until: 0 } }])
      yield* trust.deny(eve)
      yield* Effect.yieldNow

      assert.deepStrictEqual(told, ["Denied", "Granted", "Revoked", "Denied"])
    }).pipe(Effect.provide(TrustStore.layerMemory())))
})

describe("two programs with one list, of which one has not read yet what the other wrote", () => {
  /** Both have read that ada is trusted. */
  const both = <A, E>(
    program: (
      ours: Trust.Trust["Service"],
      theirs: Trust.Trust["Service"]
    ) => Effect.Effect<A, E, TrustStore.TrustStore>
  ) =>
    Effect.gen(function*() {
      return yield* program(yield* Trust.make(), yield* Trust.make())
    }).pipe(Effect.provide(TrustStore.layerMemory([{ key: ada, state: "trusted", addedAt: 0 }])))

  /** A store that keeps nothing until there is room. */
  const onFullDisk = (entries: ReadonlyArray<TrustEntry.TrustEntry>) => {
    const disk = { entries, isFull: true }
    const store = Layer.mock(TrustStore.TrustStore, {
      load: Effect.sync(() => disk.entries),
      update: (changes) =>
        Effect.suspend(() =>
          disk.isFull
            ? TrustError.make(new TrustError.Unwritable({ file: "trust.json", cause: "full" }))
            : Effect.sync(() => disk.entries = TrustEntry.apply(disk.entries, changes))
        ),
      changes: Stream.never
    })
    return { disk, store }
  }

  it.effect("what one has denied the other does not trust again", () =>
    both((ours, theirs) =>
      Effect.gen(function*() {
        yield* ours.deny(ada)
        yield* theirs.accept("demo", "ada", ada)

        assert.strictEqual(theirs.stateOfUnsafe(ada), "denied")
        assert.deepStrictEqual((yield* (yield* TrustStore.TrustStore).load).map(({ state }) => state), ["denied"])
      })
    ))

  for (const act of ["remove", "resetFloor"] as const) {
    it.effect(`what one has denied stays so, whatever the other does: ${act}`, () =>
      both((ours, theirs) =>
        Effect.gen(function*() {
          theirs.raiseFloorUnsafe(ada, { ms: 5, counter: 0, instance: 1 })
          yield* ours.deny(ada)
          yield* theirs[act](ada)

          assert.strictEqual(theirs.stateOfUnsafe(ada), "denied")
        })
      ))
  }

  it.effect("what one has denied is told of as that by the other", () =>
    both((ours, theirs) =>
      Effect.gen(function*() {
        const told = yield* theirs.changes.pipe(
          Stream.filter((event) => "entry" in event && event.entry.key === ada),
          Stream.take(2),
          Stream.runCollect,
          Effect.forkChild({ startImmediately: true })
        )
        yield* ours.deny(ada)
        yield* theirs.trust(eve)

        const [revoked, denied] = yield* Fiber.join(told)
        assert.deepInclude(revoked, { _tag: "Revoked", reason: "Denied" })
        assert.strictEqual(denied?._tag, "Denied")
      })
    ))

  it.effect("what one has denied the other tells of after what itself has decided", () =>
    both((ours, theirs) =>
      Effect.gen(function*() {
        const told = yield* theirs.changes.pipe(
          Stream.map(({ _tag }) => _tag),
          Stream.take(3),
          Stream.runCollect,
          Effect.forkChild({ startImmediately: true })
        )
        yield* Effect.yieldNow
        yield* ours.deny(eve)
        yield* theirs.trust(eve)

        assert.deepStrictEqual(yield* Fiber.join(told), ["Granted", "Revoked", "Denied"])
      })
    ))

  it.effect("what one has denied does not end when the other's entry would have ended", () =>
    Effect.gen(function*() {
      const [ours, theirs] = [yield* Trust.make(), yield* Trust.make()]
      yield* ours.deny(ada)
      yield* TestClock.adjust("1 minute")

      assert.strictEqual(theirs.stateOfUnsafe(ada), "denied")
    }).pipe(Effect.provide(TrustStore.layerMemory([{ key: ada, state: "trusted", addedAt: 0, until: 30_000 }]))))

  it.effect("a denial that was known is gone, though the key was trusted meanwhile and the store failed", () =>
    Effect.gen(function*() {
      const { disk, store } = onFullDisk([{ key: ada, state: "denied", addedAt: 0 }])
      const trust = yield* Effect.provide(Trust.make(), store)
      yield* Effect.exit(trust.remove(ada))
      yield* Effect.exit(trust.trust(ada))
      disk.isFull = false
      yield* trust.remove(ada)

      assert.deepStrictEqual(disk.entries, [])
    }))

  it.effect("the successors of two days are kept, though the store failed meanwhile", () =>
    Effect.gen(function*() {
      const { disk, store } = onFullDisk([{ key: ada, state: "trusted", addedAt: 0 }])
      const trust = yield* Effect.provide(Trust.make({ rotation: "auto" }), store)
      trust.offerRotationUnsafe(ada, grace)
      yield* TestClock.adjust("1 day")
      trust.offerRotationUnsafe(grace, eve)
      disk.isFull = false
      yield* TestClock.adjust("1 minute")

      assert.deepStrictEqual(disk.entries.map(({ key }) => key), [ada, grace, eve])
      assert.deepStrictEqual(yield* trust.entries, disk.entries)
    }))

  for (const act of ["remove", "deny"] as const) {
    it.effect(`a key of which one is rid has the other trust neither it nor the successor that it names: ${act}`, () =>
      Effect.gen(function*() {
        const [ours, theirs] = [yield* Trust.make(), yield* Trust.make({ rotation: "auto" })]
        yield* ours[act](ada)
        theirs.offerRotationUnsafe(ada, grace)
        yield* TestClock.adjust("1 second")

        assert.deepStrictEqual((yield* theirs.entries).filter(({ state }) => state !== "denied"), [])
        assert.deepStrictEqual(yield* (yield* TrustStore.TrustStore).load, yield* ours.entries)
      }).pipe(Effect.provide(TrustStore.layerMemory([{ key: ada, state: "trusted", addedAt: 0 }]))))
  }

  it.effect("a successor is trusted of a key that was trusted a moment ago", () =>
    Effect.gen(function*() {
      const trust = yield* Trust.make({ rotation: "auto" })
      const trusting = yield* Effect.forkChild(trust.trust(ada), { startImmediately: true })
      trust.offerRotationUnsafe(ada, grace)
      trust.raiseFloorUnsafe(ada, { ms: 5, counter: 0, instance: 1 })
      yield* Fiber.join(trusting)
      yield* TestClock.adjust("1 minute")

      const entries = yield* (yield* TrustStore.TrustStore).load
      assert.deepStrictEqual(new Set(entries.map(({ key }) => key)), new Set([ada, grace]))
      assert.strictEqual((yield* trust.entries).length, 2)
    }).pipe(Effect.provide(TrustStore.layerMemory())))

  it.effect("both have the name held by the key that was written first", () =>
    both((ours, theirs) =>
      Effect.gen(function*() {
        yield* ours.accept("demo", "ada", grace)
        yield* theirs.accept("demo", "ada", eve)
        const { reason } = yield* Effect.flip(theirs.accept("demo", "ada", ada))

        assert.deepInclude(reason, { _tag: "NameTaken", pinned: grace })
      })
    ))

  it.effect("what was retired stays so, though the other removes it", () =>
    both((ours, theirs) =>
      Effect.gen(function*() {
        ours.retireUnsafe(ada)
        yield* TestClock.adjust("1 second")
        yield* theirs.remove(ada)

        assert.strictEqual(yield* reasonOf(theirs.trust(ada)), "KeyRetired")
      })
    ))

  it.effect("the floor that one has kept does not sink, unless it is reset", () =>
    both((ours, theirs) =>
      Effect.gen(function*() {
        const stored = Effect.flatMap(TrustStore.TrustStore, ({ load }) => load)
        const floor = { ms: 5, counter: 0, instance: 1 }
        ours.raiseFloorUnsafe(ada, floor, { isUrgent: true })
        yield* TestClock.adjust("1 second")
        yield* theirs.trust(ada, { name: "ada" })
        assert.deepStrictEqual((yield* stored).map(({ floor }) => floor), [floor])
        yield* theirs.resetFloor(ada)

        assert.deepStrictEqual(yield* stored, [{ key: ada, state: "trusted", name: "ada", addedAt: 0 }])
      })
    ))
})

describe("layer", () => {
  it.effect(
    "a store that is stuck keeps it open for a second at most, whatever it is doing",
    () =>
      Effect.gen(function*() {
        const store = Layer.mock(TrustStore.TrustStore, {
          load: Effect.succeed([{ key: ada, state: "trusted", addedAt: 0 } as const]),
          update: () => Effect.uninterruptible(Effect.never),
          changes: Stream.never
        })
        const scope = yield* Scope.make()
        const context = yield* Layer.buildWithScope(Trust.layer().pipe(Layer.provide(store)), scope)
        const trust = Context.get(context, Trust.Trust)
        const waiting = yield* Effect.forkChild(trust.trust(eve), { startImmediately: true })
        trust.retireUnsafe(ada)
        yield* TestClock.adjust("1 minute")
        trust.raiseFloorUnsafe(ada, { ms: 1, counter: 0, instance: 1 })
        const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
        yield* TestClock.adjust("1 second")

        assert.isDefined(closing.pollUnsafe())
        yield* Fiber.interrupt(waiting)
      }),
    2_000
  )

  it.effect("the policy open is warned of by the first event", () =>
    trusting(
      { policy: "open" },
      Effect.gen(function*() {
        const events = yield* follow()
        assert.deepStrictEqual(events, [{ _tag: "OpenToAll" }])
      })
    ))

  it.effect("a store that fails stops the start (S-T4)", () =>
    Effect.gen(function*() {
      const broken = Layer.mock(TrustStore.TrustStore, {
        load: TrustError.make(new TrustError.Corrupt({ file: "trust.json", where: "line 3", problem: "no JSON" }))
      })
      const error = yield* Effect.flip(Layer.build(Trust.layer().pipe(Layer.provide(broken))))

      assert.include(error.message, "trust.json is damaged at line 3")
    }))

  it.effect("more entries than the limit stop the start, and limits must be positive", () =>
    Effect.gen(function*() {
      const entries = [ada, eve].map((key) => ({ key, state: "trusted", addedAt: 0 }) as const)
      const start = (limits: Partial<Limits.Limits>) =>
        Effect.flip(Layer.build(Trust.layer({ limits }).pipe(Layer.provide(TrustStore.layerMemory(entries)))))

      assert.strictEqual((yield* start({ trustEntries: 1 })).reason._tag, "Full")
      assert.strictEqual((yield* start({ trustEntries: 0 })).reason._tag, "Unsupported")
    }))
})
