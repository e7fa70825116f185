/**
 * A key that announces: its private half, its run of this process, and its stamps.
 */
import type * as CryptoError from "effect/crypto/CryptoError"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Signature from "effect/crypto/Signature"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Semaphore from "effect/Semaphore"
import * as PeerKey from "../../../PeerKey.ts"
import type * as TrustError from "../../../TrustError.ts"
import * as Stamps from "./Stamps.ts"
import * as StampStore from "./StampStore.ts"

/**
 * A key that announces.
 *
 * **Details**
 *
 * `key` is what peers know it by. `instance` tells this run of the program from the one before. Neither printing nor inspecting an identity
 * shows its private key, and no error holds it.
 *
 * **Gotchas**
 *
 * A key is one peer. A program that announces through several sources gives the same identity to each, so that they draw their stamps
 * from one sequence; two programs never share a key.
 *
 * @category models
 * @since 0.1.0
 */
export interface Identity {
  readonly key: PeerKey.PeerKey
  readonly instance: number
  readonly privateKey: Signature.PrivateKey<Signature.Ed25519>
  /** @internal */
  readonly stamps: Stamps.Stamps
}

/**
 * The identity of a private key: the 32 octets that RFC 8032 calls the seed.
 *
 * **Details**
 *
 * With a `StampStore` in its context the stamps go on after those of the run before. Without one they start at the wall clock, and peers
 * take no announcement of a program that starts anew with a clock that went back, until it has passed the old time.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromSeed = (
  seed: Redacted.Redacted<Uint8Array>
): Effect.Effect<
  Identity,
  CryptoError.CryptoError | TrustError.TrustError,
  Signature.Signature | SecureRandom.SecureRandom
> => Effect.flatMap(Signature.privateKey(Signature.ed25519, Redacted.value(seed)), fromPrivateKey)

/**
 * A new identity, with a key that nobody has had before. `Signature.toBytes` of its `privateKey` is what a program keeps of it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const generate: Effect.Effect<
  Identity,
  CryptoError.CryptoError | TrustError.TrustError,
  Signature.Signature | SecureRandom.SecureRandom
> = Effect.flatMap(
  Signature.Signature.use((signature) => signature.generateKeyPair(Signature.ed25519)),
  ({ privateKey }) => fromPrivateKey(privateKey)
)

/**
 * The identity of a private key of `effect/crypto`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromPrivateKey = Effect.fnUntraced(function*(privateKey: Signature.PrivateKey<Signature.Ed25519>) {
  const publicKey = yield* Signature.Signature.use((signature) => signature.publicKeyOf(privateKey))
  const key = PeerKey.fromBytes(yield* Signature.toBytes(publicKey))
  const store = Option.getOrUndefined(yield* Effect.serviceOption(StampStore.StampStore))
  const identity: Identity = {
    key,
    instance: yield* drawInstance,
    privateKey,
    stamps: yield* Stamps.make({ key, store, lock: Semaphore.makeUnsafe(1) })
  }
  return identity
})

// zero is none
const drawInstance: Effect.Effect<number, never, SecureRandom.SecureRandom> = SecureRandom.SecureRandom.use((random) =>
  random.intBetween(1, 0xffff_ffff)
)
