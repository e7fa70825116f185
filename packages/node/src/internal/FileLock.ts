/**
 * Locks beside files, by which programs that write one file take turns.
 *
 * A lock is a directory with a file in it whose name nobody else uses. It is put in its place whole, which fails while another one is there
 * that is not empty, and it is void once its file is gone. So whoever ends a lock, its holder or who finds it stale, ends that one and
 * never the next: of many who find it stale, one holds the next.
 */
import * as TrustError from "@effect-discovery/core/TrustError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as PlatformError from "effect/PlatformError"
import * as Fs from "node:fs"
import * as PrivateFile from "./PrivateFile.ts"

interface Lock {
  /** Where it is while it holds. */
  readonly place: string
  /** Where it is until then, and the name of the file in it. */
  readonly draft: string
  readonly name: string
}

const attempts = 250
const pause = "20 millis"
const staleAfter = 30_000

/**
 * Keeps other programs from writing a file meanwhile. The lock of a program that was killed is void after half a minute; so is that of one
 * which stood still for as long, and which may then undo what others have written since.
 */
export const locked = <A, E, R>(
  files: PrivateFile.Files,
  file: string,
  write: Effect.Effect<A, E, R>
): Effect.Effect<A, E | TrustError.TrustError, R> => {
  const place = `${file}.lock`
  const unwritable = (cause: PlatformError.PlatformError) => TrustError.make(new TrustError.Unwritable({ file, cause }))
  // who waits for its turn can be interrupted, who has just taken the lock cannot
  return Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const wait = Effect.andThen(breakStale(files, place), restore(Effect.sleep(pause)))
      const lock = yield* Effect.catch(acquire(files, place), unwritable).pipe(
        Effect.tap((lock) => lock === undefined ? wait : Effect.void),
        Effect.repeat({ until: (lock) => lock !== undefined, times: attempts })
      )
      if (lock === undefined) return yield* TrustError.make(new TrustError.Locked({ file, lock: place }))
      return yield* Effect.ensuring(restore(write), release(files, lock))
    })
  )
}

// Nothing is prepared while another one holds it: a program that is ended while it waits leaves nothing behind.
const acquire = Effect.fnUntraced(function*(files: PrivateFile.Files, place: string) {
  // where nobody can tell, preparing says why
  if (yield* Effect.orElseSucceed(files.fs.exists(place), () => false)) return undefined
  const lock = yield* prepare(files, place)
  return yield* take(files, lock).pipe(
    Effect.as(lock),
    Effect.onError(() => Effect.ignore(files.fs.remove(lock.draft, { recursive: true }))),
    Effect.catchIf(isTaken, () => Effect.undefined)
  )
})

const prepare = Effect.fnUntraced(function*({ fs, path }: PrivateFile.Files, place: string) {
  const draft = yield* fs.makeTempDirectory({
    directory: path.dirname(place),
    prefix: `.${path.basename(place)}.`
  })
  const name = path.basename(draft)
  yield* Effect.onError(
    fs.writeFile(path.join(draft, name), new Uint8Array(), { mode: PrivateFile.mode }),
    () => Effect.ignore(fs.remove(draft, { recursive: true }))
  )
  const lock: Lock = { place, draft, name }
  return lock
})

// it is stale half a minute after it was taken, not after it was prepared
const take = Effect.fnUntraced(function*({ fs, path }: PrivateFile.Files, { draft, name, place }: Lock) {
  const now = new Date(yield* Clock.currentTimeMillis)
  yield* fs.utimes(path.join(draft, name), now, now)
  yield* fs.rename(draft, place)
})

// systems call a directory in the way by many names; where it could be prepared, nothing else is in the way
const isTaken = (error: PlatformError.PlatformError): boolean => !PrivateFile.isNotFound(error)

const release = ({ fs, path }: PrivateFile.Files, { name, place }: Lock): Effect.Effect<void> =>
  Effect.andThen(Effect.ignore(fs.remove(path.join(place, name))), removeEmpty(place))

const breakStale = Effect.fnUntraced(function*({ fs, path }: PrivateFile.Files, place: string) {
  const now = yield* Clock.currentTimeMillis
  for (const name of yield* fs.readDirectory(place)) {
    const holder = path.join(place, name)
    const { mtime } = yield* fs.stat(holder)
    // one of later was taken before the clock was set back, as that of a machine without a battery is when it starts
    if (!Option.exists(mtime, (at) => Math.abs(now - at.getTime()) > staleAfter)) return
    yield* fs.remove(holder)
  }
  yield* removeEmpty(place)
}, (effect) => Effect.ignore(effect))

// `FileSystem` removes no directory without all that is in it
const removeEmpty = (directory: string): Effect.Effect<void> =>
  Effect.ignore(Effect.tryPromise(() => Fs.promises.rmdir(directory)))
