/**
 * Files with a secret in them: made once, for their owner alone, and refused when others may read them.
 */
import * as TrustError from "@effect-discovery/core/TrustError"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import * as PrivateFile from "./PrivateFile.ts"

/** Writes a secret to a file that must not be there yet. `unique` names the draft, and tells nothing of the secret. */
export const create = (
  files: PrivateFile.Files,
  file: string,
  text: string,
  unique: string
): Effect.Effect<void, TrustError.TrustError> =>
  PrivateFile.createWhole(files, file, new TextEncoder().encode(text), unique).pipe(
    Effect.catch((cause) => failedToCreate(file, cause))
  )

/** Reads a secret. */
export const load = (fs: FileSystem.FileSystem, file: string): Effect.Effect<string, TrustError.TrustError> =>
  Effect.catchTag(read(fs, file), "PlatformError", (cause) => failedToLoad(file, cause))

const octetsAtMost = 4_096

// what is judged is the file that is read, whatever becomes of its name meanwhile
const read = Effect.fnUntraced(function*(fs: FileSystem.FileSystem, file: string) {
  const handle = yield* fs.open(file)
  const mode = PrivateFile.permissions(yield* handle.stat)
  if ((mode & 0o077) !== 0) {
    return yield* TrustError.make(new TrustError.KeyFileExposed({ file, mode: mode.toString(8) }))
  }
  const bytes = new Uint8Array(octetsAtMost)
  const length = yield* handle.read(bytes)
  return new TextDecoder().decode(bytes.subarray(0, length))
}, Effect.scoped)

const failedToCreate = (file: string, cause: PlatformError.PlatformError) =>
  TrustError.make(
    PrivateFile.isTaken(cause) ? new TrustError.KeyFileExists({ file }) : new TrustError.Unwritable({ file, cause })
  )

const failedToLoad = (file: string, cause: PlatformError.PlatformError) =>
  TrustError.make(
    PrivateFile.isNotFound(cause) ? new TrustError.KeyFileMissing({ file }) : new TrustError.Unreadable({ file, cause })
  )
