import { NodeFileSystem, NodePath } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, FileSystem, Latch, Layer, Path, Random } from "effect"
import * as Fs from "node:fs"
import { dirname, join } from "node:path"
import * as FileLock from "../src/internal/FileLock.ts"
import * as Temporary from "./support/temporary.ts"

const realFiles = Effect.gen(function*() {
  return { fs: yield* FileSystem.FileSystem, path: yield* Path.Path }
}).pipe(Effect.provide(Layer.merge(NodeFileSystem.layer, NodePath.layer)))

/** Files of a system that is slow now and then, so that whatever may come between two steps does. */
const slowFiles = Effect.gen(function*() {
  const { fs, path } = yield* realFiles
  const later =
    <Arguments extends ReadonlyArray<any>, A, E, R>(act: (...args: Arguments) => Effect.Effect<A, E, R>) =>
    (...args: Arguments): Effect.Effect<A, E, R> =>
      Effect.flatMap(Random.nextIntBetween(0, 60), (wait) => Effect.delay(act(...args), `${wait} millis`))
  const { open, readDirectory, remove, rename, stat } = fs
  const slow = {
    open: later(open),
    readDirectory: later(readDirectory),
    remove: later(remove),
    rename: later(rename),
    stat: later(stat)
  }
  return { fs: { ...fs, ...slow } as FileSystem.FileSystem, path }
})

/** A lock that a program left which was killed, long ago or at this time in seconds. */
const leave = (file: string, at = 0): void => {
  const holder = join(`${file}.lock`, "killed")
  Fs.mkdirSync(dirname(holder))
  Fs.writeFileSync(holder, "")
  Fs.utimesSync(holder, at, at)
}

describe("locked", () => {
  it.live("of many who find a lock stale at once, one at a time holds the next", () =>
    Effect.gen(function*() {
      const files = yield* slowFiles
      const file = yield* Temporary.file("trust.json")
      const holders = { now: 0, most: 0, turns: 0 }
      const hold = Effect.acquireUseRelease(
        Effect.sync(() => holders.most = Math.max(holders.most, ++holders.now)),
        () => Effect.sleep("40 millis"),
        () => Effect.sync(() => (holders.now--, holders.turns++))
      )
      for (let round = 0; round < 5; round++) {
        leave(file)
        yield* Effect.all(Array.from({ length: 5 }, () => FileLock.locked(files, file, hold)), {
          concurrency: "unbounded"
        })
      }

      assert.deepStrictEqual(holders, { now: 0, most: 1, turns: 25 })
      assert.deepStrictEqual(Fs.readdirSync(dirname(file)), [])
    }), 30_000)

  it.live("a lock that was left before the clock was set back is void", () =>
    Effect.gen(function*() {
      const files = yield* slowFiles
      const file = yield* Temporary.file("stamps.json")
      const tomorrow = (yield* Clock.currentTimeMillis) / 1_000 + 86_400
      leave(file, tomorrow)

      assert.strictEqual(yield* FileLock.locked(files, file, Effect.succeed("held")), "held")
    }))

  it.live("who held a lock that was broken meanwhile leaves the next one alone", () =>
    Effect.gen(function*() {
      const files = yield* slowFiles
      const file = yield* Temporary.file("trust.json")
      const lock = `${file}.lock`
      const stoodStill = Effect.sync(() => {
        for (const name of Fs.readdirSync(lock)) Fs.rmSync(join(lock, name))
        Fs.writeFileSync(join(lock, "next"), "")
      })
      yield* FileLock.locked(files, file, stoodStill)

      assert.deepStrictEqual(Fs.readdirSync(lock), ["next"])
    }))

  it.live("who waits for its turn has left nothing behind, and can be interrupted", () =>
    Effect.gen(function*() {
      const { fs, path } = yield* realFiles
      const file = yield* Temporary.file("trust.json")
      const looked = Latch.makeUnsafe()
      let looks = 0
      const readDirectory = (place: string) =>
        Effect.tap(fs.readDirectory(place), () => Effect.sync(() => (looks++, looked.openUnsafe())))
      leave(file, (yield* Clock.currentTimeMillis) / 1_000)
      const waiting = yield* Effect.forkChild(
        FileLock.locked({ fs: { ...fs, readDirectory }, path }, file, Effect.void),
        { startImmediately: true }
      )
      yield* looked.await
      const left = Fs.readdirSync(dirname(file))
      yield* Fiber.interrupt(waiting)

      assert.deepStrictEqual([left, Fs.readdirSync(dirname(file))], [["trust.json.lock"], ["trust.json.lock"]])
      // of the hundreds until it would give up
      assert.isBelow(looks, 100)
    }))

  it.live("nothing is left of a lock whose holder fails, or that cannot be taken", () =>
    Effect.gen(function*() {
      const files = yield* slowFiles
      const file = yield* Temporary.file("trust.json")
      const plain = join(dirname(file), "plain")
      Fs.writeFileSync(plain, "")
      const [failed, ...unwritable] = yield* Effect.all([
        Effect.exit(FileLock.locked(files, file, Effect.die("full"))),
        Effect.flip(FileLock.locked(files, join(dirname(file), "none", "trust.json"), Effect.void)),
        Effect.flip(FileLock.locked(files, join(plain, "trust.json"), Effect.void))
      ])

      assert.deepStrictEqual(failed, Exit.die("full"))
      assert.deepStrictEqual(unwritable.map(({ reason }) => reason._tag), ["Unwritable", "Unwritable"])
      assert.deepStrictEqual(Fs.readdirSync(dirname(file)), ["plain"])
    }))
})
