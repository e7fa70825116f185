/**
 * The last stamps of this program's keys in a file.
 *
 * @since 0.1.0
 */
import * as PeerKey from "@effect-discovery/core/PeerKey"
import * as SignedBeacon from "@effect-discovery/core/protocol/SignedBeacon"
import * as TrustError from "@effect-discovery/core/TrustError"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import * as FileLock from "./internal/FileLock.ts"
import * as PrivateFile from "./internal/PrivateFile.ts"

/**
 * Keeps stamps in a file, so that a program that starts anew goes on after its last one though its clock went back meanwhile.
 *
 * **Details**
 *
 * It is written once a minute while a key announces, whole and in one step, and only its owner may read it. One that is damaged is never taken
 * for none: reading it fails with `Corrupt`. A program gives each of its keys one file, or all of them the same.
 *
 * **Gotchas**
 *
 * The directory must exist. A copy of the file that was put back is a clock that went back.
 *
 * **Example**
 *
 * ```ts
 * import { SignedBeacon } from "@effect-discovery/core/protocol"
 * import { NodeIdentity, NodeStampStore } from "@effect-discovery/node"
 * import { NodeCrypto } from "@effect/platform-node"
 * import { Effect } from "effect"
 *
 * const identity = NodeIdentity.loadOrCreate("node.key").pipe(
 *   Effect.flatMap(({ privateKey }) => SignedBeacon.fromPrivateKey(privateKey)),
 *   Effect.provide([NodeStampStore.layerFile("node.stamps"), NodeCrypto.layer])
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFile = (file: string): Layer.Layer<SignedBeacon.StampStore> =>
  Layer.effect(SignedBeacon.StampStore, make(file)).pipe(Layer.provide([NodeFileSystem.layer, NodePath.layer]))

const make = Effect.fnUntraced(function*(name: string) {
  const files: PrivateFile.Files = { fs: yield* FileSystem.FileSystem, path: yield* Path.Path }
  const one = Semaphore.makeUnsafe(1)
  const file = PrivateFile.resolve(files, name)
  const load = (key: PeerKey.PeerKey) =>
    Effect.map(
      Effect.flatMap(file, (file) => read(files, file)),
      (entries) => entries.find((entry) => entry.key === key)
    )
  const write = Effect.fnUntraced(function*(file: string, next: Entry) {
    const entries = yield* read(files, file)
    const kept = entries.find(({ key }) => key === next.key)
    if (kept !== undefined && (kept.ms - next.ms || kept.counter - next.counter) >= 0) return
    const stamps = [...entries.filter(({ key }) => key !== next.key), next]
    yield* Effect.mapError(
      PrivateFile.replace(files, file, new TextEncoder().encode(encode({ version: 1, stamps }))),
      (cause) => new TrustError.TrustError({ reason: new TrustError.Unwritable({ file, cause }) })
    )
  })
  return SignedBeacon.StampStore.of({
    load: (key) => Effect.map(load(key), (entry) => entry && { ms: entry.ms, counter: entry.counter }),
    save: (key, { counter, ms }) =>
      one.withPermit(Effect.flatMap(file, (file) => FileLock.locked(files, file, write(file, { key, ms, counter }))))
  })
})

const unsigned = (bits: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** bits - 1 }))

const Entry = Schema.Struct({ key: PeerKey.PeerKey, ms: unsigned(48), counter: unsigned(16) })
type Entry = typeof Entry.Type

const Document = Schema.fromJsonString(Schema.Struct({ version: Schema.Literal(1), stamps: Schema.Array(Entry) }))
const encode = Schema.encodeSync(Document)
const decode = Schema.decodeUnknownOption(Document, { onExcessProperty: "error" })

const read = (
  files: PrivateFile.Files,
  file: string
): Effect.Effect<ReadonlyArray<Entry>, TrustError.TrustError> =>
  files.fs.readFileString(file).pipe(
    Effect.flatMap((text) =>
      Option.match(decode(text), {
        onSome: ({ stamps }) => Effect.succeed(stamps),
        onNone: () => TrustError.make(corrupt(file))
      })
    ),
    Effect.catchTag("PlatformError", (cause) =>
      PrivateFile.isNotFound(cause)
        ? Effect.succeed([])
        : TrustError.make(new TrustError.Unreadable({ file, cause })))
  )

const corrupt = (file: string) =>
  new TrustError.Corrupt({ file, where: "its text", problem: "it is no list of stamps" })
