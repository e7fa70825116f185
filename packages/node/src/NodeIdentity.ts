/**
 * The private key of a node in a file.
 *
 * @since 0.1.0
 */
import * as PeerKey from "@effect-discovery/core/PeerKey"
import * as TrustError from "@effect-discovery/core/TrustError"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as KeyFormat from "effect/crypto/KeyFormat"
import * as Signature from "effect/crypto/Signature"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as SecretFile from "./internal/SecretFile.ts"

/**
 * A node that signs what it announces.
 *
 * **Details**
 *
 * Neither printing nor inspecting it shows the private key (S-T5).
 *
 * @category models
 * @since 0.1.0
 */
export interface NodeIdentity {
  /** What others know it by. */
  readonly key: PeerKey.PeerKey
  /** What it signs with. */
  readonly privateKey: Signature.PrivateKey<Signature.Ed25519>
}

/**
 * Makes a new key in a file that is not there yet, which only its owner may read: PKCS #8 in PEM, as other tools write it.
 *
 * **Example**
 *
 * ```ts
 * import { NodeIdentity } from "@effect-discovery/node"
 * import { Console, Effect } from "effect"
 *
 * const program = NodeIdentity.create("node.key").pipe(
 *   Effect.flatMap(({ key }) => Console.log(`others know this node as ${key}`))
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const create = (file: string): Effect.Effect<NodeIdentity, TrustError.TrustError> =>
  withPlatform(Effect.gen(function*() {
    const signature = yield* Signature.Signature
    const files = { fs: yield* FileSystem.FileSystem, path: yield* Path.Path }
    const { privateKey } = yield* Effect.orDie(signature.generateKeyPair(Signature.ed25519))
    const pem = yield* Effect.orDie(KeyFormat.encode(format, privateKey))
    const identity = yield* identityOf(privateKey)
    yield* SecretFile.create(files, file, pem, identity.key.slice(0, 16))
    return identity
  }))

/**
 * Reads a key that `create` or another tool made.
 *
 * **Gotchas**
 *
 * A file that other users may read is refused with `KeyFileExposed`: the key in it is no secret. On Windows, where a mode tells nothing of
 * other users, none is refused.
 *
 * @category constructors
 * @since 0.1.0
 */
export const load = (file: string): Effect.Effect<NodeIdentity, TrustError.TrustError> =>
  withPlatform(Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const pem = yield* SecretFile.load(fs, file)
    const problem = "it holds no Ed25519 private key (PKCS #8 in PEM)"
    const privateKey = yield* KeyFormat.decodePrivate(format, Signature.ed25519, pem).pipe(
      // the cause could quote the file
      Effect.mapError(() => new TrustError.Corrupt({ file, where: "its text", problem })),
      Effect.catch(TrustError.make)
    )
    return yield* identityOf(privateKey)
  }))

/**
 * Reads the key in a file, or makes one if there is no such file.
 *
 * **Example** (Be the same node after every restart)
 *
 * ```ts
 * import { NodeIdentity } from "@effect-discovery/node"
 *
 * const identity = NodeIdentity.loadOrCreate("node.key")
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const loadOrCreate = (file: string): Effect.Effect<NodeIdentity, TrustError.TrustError> =>
  load(file).pipe(
    Effect.catchReason("TrustError", "KeyFileMissing", () => create(file)),
    // another program was faster
    Effect.catchReason("TrustError", "KeyFileExists", () => load(file))
  )

const format = KeyFormat.pem(KeyFormat.pkcs8)

const Platform = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, NodeCrypto.layer)

const withPlatform = Effect.provide(Platform)

const identityOf = Effect.fnUntraced(function*(privateKey: Signature.PrivateKey<Signature.Ed25519>) {
  const signature = yield* Signature.Signature
  const publicKey = yield* signature.publicKeyOf(privateKey)
  const identity: NodeIdentity = { key: PeerKey.fromBytes(yield* Signature.toBytes(publicKey)), privateKey }
  return identity
}, Effect.orDie)
