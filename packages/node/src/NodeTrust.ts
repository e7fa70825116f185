/**
 * The trust list in a file.
 *
 * @since 0.1.0
 */
import * as TrustDocument from "@effect-discovery/core/TrustDocument"
import * as TrustEntry from "@effect-discovery/core/TrustEntry"
import * as TrustError from "@effect-discovery/core/TrustError"
import * as TrustStore from "@effect-discovery/core/TrustStore"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import type * as PlatformError from "effect/PlatformError"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import * as FileLock from "./internal/FileLock.ts"
import * as PrivateFile from "./internal/PrivateFile.ts"

/**
 * Keeps the trust list in a file that only its owner may read and write.
 *
 * **Details**
 *
 * A file that is not there yet is an empty list. One that is damaged is never taken for one: reading it fails with `Corrupt`, which
 * says where, and it is never written over. A change replaces the whole file in one step. Programs that write one file take turns, and
 * each applies its changes to what the others have written; what they write is taken up within a moment, without a restart: the
 * directory is watched, and read anew every five seconds while it cannot be.
 *
 * **Gotchas**
 *
 * The directory must exist. A file that other users may write is refused with `OpenToOthers`: they could have put any key on the list. On
 * Windows, where a mode tells nothing of other users, none is refused.
 *
 * **Example**
 *
 * ```ts
 * import { Trust } from "@effect-discovery/core"
 * import { NodeTrust } from "@effect-discovery/node"
 * import { Layer } from "effect"
 *
 * const TrustLive = Trust.layer().pipe(Layer.provide(NodeTrust.layerFile("trust.json")))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFile = (file: string): Layer.Layer<TrustStore.TrustStore> =>
  Layer.effect(TrustStore.TrustStore, make(file)).pipe(Layer.provide([NodeFileSystem.layer, NodePath.layer]))

// far more than the longest list has
const octetsAtMost = 16_777_216

const make = Effect.fnUntraced(function*(name: string) {
  const files: PrivateFile.Files = { fs: yield* FileSystem.FileSystem, path: yield* Path.Path }
  const one = Semaphore.makeUnsafe(1)
  const file = PrivateFile.resolve(files, name)
  const load = Effect.flatMap(file, (file) => read(files, file))

  const write = Effect.fnUntraced(function*(file: string, changes: ReadonlyArray<TrustEntry.Change>) {
    const entries = TrustEntry.apply(yield* read(files, file), changes)
    const bytes = new TextEncoder().encode(TrustDocument.encode(entries))
    yield* Effect.mapError(PrivateFile.replace(files, file, bytes), (cause) => unwritable(file, cause))
    return entries
  })
  return TrustStore.TrustStore.of({
    load,
    update: (changes) =>
      one.withPermit(Effect.flatMap(file, (file) => FileLock.locked(files, file, write(file, changes)))),
    changes: Stream.unwrap(Effect.map(file, (file) => watch(files, file)))
  })
})

const unwritable = (file: string, cause: unknown) =>
  new TrustError.TrustError({ reason: new TrustError.Unwritable({ file, cause }) })

const read = Effect.fnUntraced(
  function*(files: PrivateFile.Files, file: string) {
    const info = yield* absent(files.fs.stat(file))
    if (info === undefined) return []
    const permissions = PrivateFile.permissions(info)
    if ((permissions & 0o022) !== 0) {
      return yield* TrustError.make(new TrustError.OpenToOthers({ file, mode: permissions.toString(8) }))
    }
    if (info.size > octetsAtMost) return yield* corrupt(file, { where: "its end", problem: "it is too long" })
    const bytes = yield* absent(files.fs.readFile(file))
    return bytes === undefined ? [] : yield* decode(file, bytes)
  },
  (effect, _, file) =>
    Effect.catchTag(effect, "PlatformError", (cause) => TrustError.make(new TrustError.Unreadable({ file, cause })))
)

const absent = <A, R>(effect: Effect.Effect<A, PlatformError.PlatformError, R>) =>
  Effect.catchIf(effect, PrivateFile.isNotFound, () => Effect.undefined)

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const decode = (file: string, bytes: Uint8Array) =>
  Result.try({ try: () => utf8.decode(bytes), catch: () => ({ where: "some octet", problem: "no UTF-8" }) }).pipe(
    Result.flatMap(TrustDocument.decode),
    Result.match({ onSuccess: Effect.succeed, onFailure: (fault) => corrupt(file, fault) })
  )

const corrupt = (file: string, { problem, where }: TrustDocument.Fault) =>
  TrustError.make(new TrustError.Corrupt({ file, where, problem }))

// A file that is replaced is another file, so it is its directory that is watched, and a directory in its place is watched anew. What was
// written before the watch had begun is found out by reading once more.
const watch = ({ fs, path }: PrivateFile.Files, file: string): Stream.Stream<void> => {
  const directory = path.dirname(file)
  const isOf = (event: { readonly path: string }, file: string) => path.basename(event.path) === path.basename(file)
  return Stream.suspend(() => {
    const begun = Latch.makeUnsafe()
    const events = fs.watch(directory, { onReady: () => begun.openUnsafe() }).pipe(
      // the system may have no more to watch with, at which `fs.watch` throws
      Stream.catchDefect((cause) => Stream.fail(cause)),
      // a directory tells of itself when it is removed or gets another name, and then of nothing more
      Stream.takeUntil((event) => isOf(event, directory)),
      Stream.filter((event) => isOf(event, file))
    )
    return Stream.merge(Stream.fromEffect(begun.await), events, { haltStrategy: "right" })
  }).pipe(
    Stream.map(() => undefined),
    Stream.prepend([undefined]),
    Stream.debounce("50 millis"),
    Stream.repeat(Schedule.spaced("5 seconds")),
    Stream.retry(Schedule.spaced("5 seconds")),
    Stream.orDie
  )
}
