/**
 * The seal of a group: what its members say is for its members only (security notes, section 6.7).
 */
import * as Aead from "effect/crypto/Aead"
import type * as CryptoError from "effect/crypto/CryptoError"
import * as Digest from "effect/crypto/Digest"
import * as Mac from "effect/crypto/Mac"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as Redacted from "effect/Redacted"
import * as Seal from "../../../protocol/signedBeacon/Seal.ts"

/**
 * A key that the members of a group have in common: 32 octets that nobody can guess.
 *
 * @category models
 * @since 0.1.0
 */
export type SharedKey = Redacted.Redacted<Uint8Array>

/** The group of a ring of shared keys. */
export interface Group {
  /** The ids of the keys, the one to seal with first. */
  readonly ids: ReadonlyArray<string>
  readonly seal: (envelope: Uint8Array) => Effect.Effect<Uint8Array, CryptoError.CryptoError>
  /** What is inside, `undefined` when it cannot be opened with the key that it names. */
  readonly open: (seal: Seal.Seal) => Effect.Effect<Uint8Array | undefined>
}

/** Most keys of a ring, and what is wrong with one, `undefined` when nothing is. */
const mostKeys = 8
export const fault = (ring: ReadonlyArray<SharedKey>): string | undefined => {
  if (ring.length < 1 || ring.length > mostKeys) return `A ring has 1 to ${mostKeys} shared keys.`
  const keys = ring.map(Redacted.value)
  if (keys.some(({ length }) => length !== Seal.sharedKeyOctets)) {
    return `A shared key has ${Seal.sharedKeyOctets} octets.`
  }
  const isTwice = keys.some((key, index) => keys.slice(0, index).some((other) => Mac.timingSafeEqual(key, other)))
  return isTwice ? "A ring has each shared key once." : undefined
}

/** The id of a shared key. */
export const labelOf = (
  digest: Digest.Digest["Service"],
  shared: SharedKey
): Effect.Effect<string, CryptoError.CryptoError> =>
  Effect.map(
    digest.digest(Digest.sha256, Seal.keyIdInput(Redacted.value(shared))),
    (hash) => Hex.encode(hash.subarray(0, Seal.keyIdOctets))
  )

// each message has a key of its own
const nonce = new Uint8Array(12)

/** Makes the group of a sound ring. */
export const make = Effect.fnUntraced(function*(ring: ReadonlyArray<SharedKey>) {
  const [aead, digest, mac, random] = [
    yield* Aead.Aead,
    yield* Digest.Digest,
    yield* Mac.Mac,
    yield* SecureRandom.SecureRandom
  ]
  const keys = yield* Effect.forEach(ring, (shared) =>
    Effect.all([
      labelOf(digest, shared),
      Mac.key(Mac.hmacSha256, Redacted.value(shared))
    ]))
  const byId = new Map(keys)
  const [id, primary] = keys[0]!

  const messageKey = (key: Mac.Key, salt: Uint8Array) =>
    Effect.flatMap(mac.sign(key, Seal.messageKeyInput(salt)), (octets) => Aead.key(Aead.chacha20Poly1305, octets))

  const group: Group = {
    ids: keys.map(([id]) => id),
    seal: (envelope) =>
      Effect.gen(function*() {
        const salt = yield* random.randomBytes(Seal.saltOctets)
        const header = Seal.encodeHeader(id, salt)
        const key = yield* messageKey(primary, salt)
        return Seal.encode(header, yield* aead.encrypt(key, envelope, { nonce, aad: header }))
      }),
    open: ({ header, keyId, salt, sealed }) => {
      const key = byId.get(keyId)
      if (key === undefined) return Effect.undefined
      return messageKey(key, salt).pipe(
        Effect.flatMap((key) => aead.decrypt(key, sealed, { nonce, aad: header })),
        Effect.orElseSucceed(() => undefined)
      )
    }
  }
  return group
})
