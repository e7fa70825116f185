/**
 * The shared key of a group: in a file, or from words.
 *
 * @since 0.1.0
 */
import type * as SignedBeacon from "@effect-discovery/core/protocol/SignedBeacon"
import * as TrustError from "@effect-discovery/core/TrustError"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Crypto from "node:crypto"
import * as SecretFile from "./internal/SecretFile.ts"

/**
 * Makes a new shared key in a file that is not there yet, which only its owner may read: 64 hexadecimal digits.
 *
 * **Example** (A key for a group, to be given to each of its members)
 *
 * ```ts
 * import { NodeSharedKey } from "@effect-discovery/node"
 *
 * const program = NodeSharedKey.create("group.key")
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const create = (file: string): Effect.Effect<SignedBeacon.SharedKey, TrustError.TrustError> =>
  Effect.gen(function*() {
    const random = yield* SecureRandom.SecureRandom
    const files = { fs: yield* FileSystem.FileSystem, path: yield* Path.Path }
    const octets = yield* random.randomBytes(sharedKeyOctets)
    const unique = Hex.encode(yield* random.randomBytes(8))
    yield* SecretFile.create(files, file, `${Hex.encode(octets)}\n`, unique)
    return redact(octets)
  }).pipe(Effect.provide(Platform))

/**
 * Reads the shared key in a file.
 *
 * **Gotchas**
 *
 * A file that other users may read is refused with `KeyFileExposed`: the key in it is no secret. On Windows, where a mode tells nothing of
 * other users, none is refused.
 *
 * **Example** (Announce within a group)
 *
 * ```ts
 * import { SignedBeacon } from "@effect-discovery/core/protocol"
 * import { NodeSharedKey } from "@effect-discovery/node"
 * import { Effect } from "effect"
 *
 * const source = Effect.map(
 *   NodeSharedKey.load("group.key"),
 *   (sharedKey) => SignedBeacon.source({ realm: "chat", group: { ring: [sharedKey] } })
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const load = (file: string): Effect.Effect<SignedBeacon.SharedKey, TrustError.TrustError> =>
  Effect.gen(function*() {
    const text = yield* SecretFile.load(yield* FileSystem.FileSystem, file)
    const octets = /^[0-9a-fA-F]{64}$/.test(text.trim()) ? Result.getOrUndefined(Hex.decode(text.trim())) : undefined
    if (octets === undefined) {
      const problem = "it holds no shared key, which is 64 hexadecimal digits"
      return yield* TrustError.make(new TrustError.Corrupt({ file, where: "its text", problem }))
    }
    return redact(octets)
  }).pipe(Effect.provide(Platform))

/**
 * A shared key from words that people agree on, the same for all who use them in one realm.
 *
 * **Details**
 *
 * It takes scrypt with N = 2^17, r = 8 and p = 1: 128 MiB and some tenths of a second, so that guessing is as dear. How the words are typed
 * makes no difference to the key, since they are taken in the normal form NFC.
 *
 * **Gotchas**
 *
 * Whoever records one sealed announcement can try words on it for as long as they like: random keys are better, and short words are none.
 * Throws on a realm that is none, and when there are no words.
 *
 * **Example**
 *
 * ```ts
 * import { SignedBeacon } from "@effect-discovery/core/protocol"
 * import { NodeSharedKey } from "@effect-discovery/node"
 * import { Config, Effect } from "effect"
 *
 * const source = Effect.gen(function*() {
 *   const words = yield* Config.Redacted("GROUP_WORDS")
 *   const sharedKey = yield* NodeSharedKey.fromPassphrase("chat", words)
 *   return SignedBeacon.source({ realm: "chat", group: { ring: [sharedKey] } })
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromPassphrase = (
  realm: string,
  words: Redacted.Redacted<string>
): Effect.Effect<SignedBeacon.SharedKey> => {
  const octets = Buffer.byteLength(realm)
  if (octets < 1 || octets > 63 || realm !== realm.normalize("NFC")) {
    throw new RangeError("A realm is 1 to 63 octets of UTF-8 in the normal form NFC")
  }
  if (Redacted.value(words) === "") throw new RangeError("There are no words to make a shared key of")
  return Effect.callback((resume) => {
    Crypto.scrypt(Redacted.value(words).normalize("NFC"), saltOf(realm), sharedKeyOctets, cost, (error, derived) => {
      resume(error === null ? Effect.succeed(redact(new Uint8Array(derived))) : Effect.die(error))
    })
  })
}

// twice what N and r take
const cost = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 2 ** 20 }

// members of a group have nothing else in common; the label, with zeros up to 16 octets, tells this use of scrypt from others
const saltOf = (realm: string): Uint8Array => Buffer.from(`${"LAN-PHRASE-v1".padEnd(16, "\0")}${realm}`)

const sharedKeyOctets = 32

const redact = (octets: Uint8Array): SignedBeacon.SharedKey => Redacted.make(octets, { label: "SharedKey" })

const Platform = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, NodeCrypto.layer)
