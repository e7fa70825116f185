/**
 * Files that only their owner may read: written whole or not at all.
 */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type * as PlatformError from "effect/PlatformError"

/** Access for the owner alone. */
export const mode = 0o600

/** What is needed to reach files. */
export interface Files {
  readonly fs: FileSystem.FileSystem
  readonly path: Path.Path
}

/** Whether something failed because there is no such file, or because there is one already. */
export const isNotFound = (error: PlatformError.PlatformError): boolean => error.reason._tag === "NotFound"
export const isTaken = (error: PlatformError.PlatformError): boolean => error.reason._tag === "AlreadyExists"

/**
 * The bits that let somebody read or write. On Windows, where lists of access say who may, they are those of a file that is not read-only, alike for
 * owner and others: there they tell nothing of others.
 */
export const permissions = (
  { mode }: Pick<FileSystem.File.Info, "mode">,
  platform: string = process.platform
): number => mode & (platform === "win32" ? 0o700 : 0o777)

/** Where a file really is: what a link points to is replaced, not the link. */
export const resolve = ({ fs, path }: Files, file: string): Effect.Effect<string> =>
  Effect.orElseSucceed(fs.realPath(file), () => path.resolve(file))

/** Writes a file that must not be there yet, and has it on the disk before it returns. */
export const create = (
  { fs }: Files,
  file: string,
  bytes: Uint8Array
): Effect.Effect<void, PlatformError.PlatformError> =>
  Effect.gen(function*() {
    const handle = yield* fs.open(file, { flag: "wx", mode })
    yield* Effect.onError(Effect.andThen(handle.writeAll(bytes), handle.sync), () => Effect.ignore(fs.remove(file)))
  }).pipe(Effect.scoped)

/**
 * Writes a file that must not be there yet, so that nobody ever reads half of it.
 */
export const createWhole = Effect.fnUntraced(function*(files: Files, file: string, bytes: Uint8Array, unique: string) {
  const { fs, path } = files
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${unique}`)
  yield* create(files, draft, bytes)
  yield* Effect.ensuring(
    Effect.catch(
      fs.link(draft, file),
      // not every file system has hard links
      (error) => isTaken(error) ? Effect.fail(error) : create(files, file, bytes)
    ),
    Effect.ignore(fs.remove(draft))
  )
})

/**
 * Puts a file in the place of another one in one step: who reads it gets all of the old one or all of the new one, even after the power
 * failed.
 */
export const replace = Effect.fnUntraced(function*(files: Files, file: string, bytes: Uint8Array) {
  const { fs, path } = files
  const directory = path.dirname(file)
  const draft = path.join(directory, `.${path.basename(file)}.new`)
  // left behind by a program that was killed; whoever writes holds the lock
  yield* Effect.ignore(fs.remove(draft))
  yield* create(files, draft, bytes)
  yield* Effect.onError(fs.rename(draft, file), () => Effect.ignore(fs.remove(draft)))
  // not every system can flush a directory
  yield* Effect.ignore(Effect.scoped(Effect.flatMap(fs.open(directory), (handle) => handle.sync)))
})
