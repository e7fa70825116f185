import {
  PeerKey,
  Trust,
  TrustDocument,
  type TrustEntry,
  type TrustError,
  type TrustEvent,
  TrustStore
} from "@effect-discovery/core"
import { NodeTrust } from "@effect-discovery/node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Latch, Layer, Option, Stream } from "effect"
import { TestClock } from "effect/testing"
import Fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import * as Path from "node:path"
import { setImmediate, setTimeout } from "node:timers/promises"
import * as Temporary from "./support/temporary.ts"

const [ada, eve] = [1, 2].map((octet) => PeerKey.fromBytes(new Uint8Array(32).fill(octet))) as [
  PeerKey.PeerKey,
  PeerKey.PeerKey
]
const entry = (key: PeerKey.PeerKey, state: TrustEntry.TrustEntry["state"] = "trusted"): TrustEntry.TrustEntry => ({
  key,
  state,
  addedAt: 0
})
const put = (key: PeerKey.PeerKey) => ({ _tag: "Put", entry: entry(key) }) as const

const store = (file: string) =>
  Effect.map(Layer.build(Layer.fresh(NodeTrust.layerFile(file))), (context) => context.pipe((_) => _)).pipe(
    Effect.flatMap((context) => Effect.provide(TrustStore.TrustStore.use(Effect.succeed), context))
  )

const modeOf = (file: string) => (Fs.statSync(file).mode & 0o777).toString(8)

const reasonOf = <A>(effect: Effect.Effect<A, TrustError.TrustError>) =>
  Effect.map(Effect.flip(effect), ({ reason }) => reason)

/** Locks a file as another program does. Returns what holds the lock. */
const lockBy = (file: string, name: string): string => {
  const holder = Path.join(`${file}.lock`, name)
  Fs.mkdirSync(Path.dirname(holder))
  Fs.writeFileSync(holder, "")
  return holder
}

/** Waits for another program or thread, in real time. */
const until = (condition: () => boolean) =>
  Effect.sleep("10 millis").pipe(Effect.repeat({ until: () => condition() }), Effect.timeout("5 seconds"))

/** Waits for the system in real time, while the clock of the program goes a second at a time. */
const untilLater = (condition: () => boolean) =>
  Effect.andThen(TestClock.adjust("1 second"), Effect.promise(() => setTimeout(10))).pipe(
    Effect.repeat({ until: () => condition() })
  )

/** Has files watched by this, until the scope closes. */
const watchBy = (watch: typeof Fs.watch) => {
  const set = (watch: typeof Fs.watch) => {
    Fs.watch = watch
    syncBuiltinESMExports()
  }
  const { watch: real } = Fs
  return Effect.acquireRelease(Effect.sync(() => set(watch)), () => Effect.sync(() => set(real)))
}

/** Counts the watches that have begun and ended. */
const countWatches = Effect.suspend(() => {
  const count = { begun: 0, ended: 0 }
  const { watch } = Fs
  const counted = (...args: Parameters<typeof watch>) => {
    count.begun++
    return watch(...args).on("close", () => void count.ended++)
  }
  return Effect.as(watchBy(counted as typeof watch), count)
})

/** Lets all go on that waits for nothing real, and a second pass. */
const settle = Effect.gen(function*() {
  for (let turn = 0; turn < 50; turn++) yield* Effect.promise(() => setImmediate())
  yield* TestClock.adjust("1 second")
})

/** Counts how often a store says that its file may have changed. */
const countChanges = (file: string) =>
  Effect.gen(function*() {
    const seen = { times: 0 }
    const { changes } = yield* store(file)
    yield* Effect.forkScoped(Stream.runForEach(changes, () => Effect.sync(() => seen.times++)), {
      startImmediately: true
    })
    yield* untilLater(() => seen.times > 0)
    return seen
  })

describe("layerFile", () => {
  it.live("S-T4 a missing file is an empty list, and becomes one with mode 0600", () =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("trust.json")
      const { load, update } = yield* store(file)
      assert.deepStrictEqual(yield* load, [])
      yield* update([put(ada)])

      assert.deepStrictEqual(yield* load, [entry(ada)])
      assert.strictEqual(modeOf(file), "600")
      assert.deepStrictEqual(Fs.readdirSync(Path.dirname(file)), ["trust.json"])
    }))

  it.live("S-T4 a corrupt trust file stops start-up, and is not written over", () =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("trust.json")
      const damaged = TrustDocument.encode([entry(ada), entry(eve)]).replace(eve, eve.slice(1))
      Fs.writeFileSync(file, damaged, { mode: 0o600 })
      const trust = Trust.layer().pipe(Layer.provide(NodeTrust.layerFile(file)))
      const error = yield* Effect.flip(Layer.build(trust))
      assert.include(error.message, `${file} is damaged at entry 2, field key`)
      const { update } = yield* store(file)

      assert.strictEqual((yield* reasonOf(update([put(ada)])))._tag, "Corrupt")
      assert.strictEqual(Fs.readFileSync(file, "utf8"), damaged)
    }))

  it.live.each<[string, (file: string) => void, string]>([
    ["no UTF-8", (file) => Fs.writeFileSync(file, Uint8Array.of(0x7b, 0xff), { mode: 0o600 }), "Corrupt"],
    ["writable by others", (file) => (Fs.writeFileSync(file, "{}"), Fs.chmodSync(file, 0o620)), "OpenToOthers"],
    ["a directory", (file) => Fs.mkdirSync(file, { mode: 0o700 }), "Unreadable"]
  ])("S-T4 %s is an error as well", ([, prepare, reason]) =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("trust.json")
      prepare(file)
      const { load } = yield* store(file)

      assert.strictEqual((yield* reasonOf(load))._tag, reason)
    }))

  it.live("a directory that is not there is said to be the trouble", () =>
    Effect.gen(function*() {
      const { load, update } = yield* store(Path.join(yield* Temporary.file("none"), "trust.json"))
      assert.deepStrictEqual(yield* load, [])

      assert.include((yield* reasonOf(update([put(ada)]))).message, "Check that its directory exists")
    }))

  it.live("S-T4 a file is replaced where a link points to, and keeps its mode 0600", () =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("trust.json")
      const link = Path.join(Path.dirname(file), "link.json")
      Fs.writeFileSync(file, TrustDocument.encode([entry(eve)]), { mode: 0o644 })
      Fs.symlinkSync(file, link)
      const { update } = yield* store(link)
      yield* update([put(ada)])

      assert.isTrue(Fs.lstatSync(link).isSymbolicLink())
      assert.strictEqual(modeOf(file), "600")
      assert.deepStrictEqual((yield* (yield* store(file)).load).length, 2)
    }))

  it.live("writers take turns, and none undoes what another wrote", () =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("trust.json")
      const stores = yield* Effect.all([store(file), store(file)])
      const keys = Array.from({ length: 20 }, (_, at) => PeerKey.fromBytes(new Uint8Array(32).fill(at)))
      yield* Effect.forEach(keys, (key, at) => stores[at % 2]!.update([put(key)]), { concurrency: "unbounded" })

      assert.sameMembers((yield* stores[0].load).map(({ key }) => key), keys)
      assert.deepStrictEqual(Fs.readdirSync(Path.dirname(file)), ["trust.json"])
    }))

  it.live("the lock of a program that was killed is void after a while", () =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("trust.json")
      Fs.utimesSync(lockBy(file, "other"), 0, 0)
      const { load, update } = yield* store(file)
      yield* update([put(ada)])

      assert.deepStrictEqual(yield* load, [entry(ada)])
      assert.deepStrictEqual(Fs.readdirSync(Path.dirname(file)), ["trust.json"])
    }))

  it.live("S-T4 what another program writes applies without a restart", () =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("trust.json")
      const trust = yield* Effect.provide(
        Trust.Trust.use(Effect.succeed),
        yield* Layer.build(
          Trust.layer().pipe(Layer.provide(NodeTrust.layerFile(file)))
        )
      )
      const events: Array<TrustEvent.TrustEvent> = []
      yield* Effect.forkScoped(Stream.runForEach(trust.changes, (event) => Effect.sync(() => events.push(event))))
      const other = yield* store(file)
      yield* other.update([put(ada)])
      yield* until(() => trust.stateOfUnsafe(ada) === "trusted")
      yield* trust.trust(eve)
      yield* other.update([{ _tag: "Drop", key: ada }])
      yield* until(() => trust.stateOfUnsafe(ada) === "unknown")
      assert.deepStrictEqual((yield* other.load).map(({ key }) => key), [eve])
      // and a file that is damaged meanwhile takes nobody's trust away
      Fs.writeFileSync(file, "{")
      yield* until(() => events.some(({ _tag }) => _tag === "StoreFailed"))

      assert.strictEqual(trust.stateOfUnsafe(eve), "trusted")
      assert.deepStrictEqual(events.map(({ _tag }) => _tag), ["Granted", "Granted", "Revoked", "StoreFailed"])
    }))

  it.effect("a file is read every five seconds while the system has nothing more to watch with", () =>
    Effect.gen(function*() {
      yield* watchBy(() => {
        throw new Error("ENOSPC: System limit for number of file watchers reached")
      })
      const seen = yield* countChanges(yield* Temporary.file("trust.json"))

      yield* untilLater(() => seen.times > 3)
    }))

  it.effect("what is written to a directory that was put in the place of another is taken up", () =>
    Effect.gen(function*() {
      const file = Path.join(yield* Temporary.file("config"), "trust.json")
      Fs.mkdirSync(Path.dirname(file))
      const watches = yield* countWatches
      const seen = yield* countChanges(file)
      yield* untilLater(() => watches.begun === 1)
      Fs.rmdirSync(Path.dirname(file))
      yield* untilLater(() => watches.ended === 1)
      Fs.mkdirSync(Path.dirname(file))
      yield* untilLater(() => watches.begun === 2)
      yield* settle
      const before = seen.times
      Fs.writeFileSync(file, "{}", { mode: 0o600 })

      yield* untilLater(() => seen.times > before)
    }))

  it.effect("a file is read once more when the watch has begun", () =>
    Effect.gen(function*() {
      const mayBegin = Latch.makeUnsafe()
      const slow: FileSystem.WatchBackend["Service"] = {
        register: (_path, _info, options) =>
          Option.some(
            Stream.drain(Stream.fromEffect(Effect.andThen(mayBegin.await, Effect.sync(() => options?.onReady?.()))))
              .pipe(
                Stream.concat(Stream.never)
              )
          )
      }
      const seen = yield* Effect.provideService(
        countChanges(yield* Temporary.file("trust.json")),
        FileSystem.WatchBackend,
        slow
      )
      mayBegin.openUnsafe()

      yield* untilLater(() => seen.times > 1)
    }))
})
