/**
 * The 32 octets by which a node can be told from every other, whatever name and address it claims: an Ed25519 public key, or, in
 * Syncthing, the hash of a certificate.
 *
 * @since 0.1.0
 */
import type * as Brand from "effect/Brand"
import * as Hex from "effect/encoding/Hex"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/**
 * A key as text: 64 lower-case hexadecimal digits.
 *
 * **Gotchas**
 *
 * Only who holds the private half can prove it. On a peer whose `authentication` is `claimed` the key is a claim like any other.
 *
 * @category models
 * @since 0.1.0
 */
export type PeerKey = Brand.Branded<string, "@effect-discovery/core/PeerKey">

/**
 * Octets of a key.
 *
 * @category references
 * @since 0.1.0
 */
export const byteLength = 32

const pattern = /^[0-9a-f]{64}$/

/**
 * Schema of a `PeerKey`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const PeerKey = Schema.String.check(
  Schema.isPattern(pattern, { expected: "64 lower-case hexadecimal digits" })
).pipe(Schema.brand("@effect-discovery/core/PeerKey"))

/**
 * Whether a text is a key.
 *
 * @category guards
 * @since 0.1.0
 */
export const isPeerKey = (text: string): text is PeerKey => pattern.test(text)

/**
 * The key of these octets.
 *
 * **Gotchas**
 *
 * Throws unless there are 32 of them: whoever reads a key from the wire has checked that.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromBytes = (bytes: Uint8Array): PeerKey => {
  if (bytes.length !== byteLength) throw new RangeError(`A key has ${byteLength} octets, not ${bytes.length}`)
  return Hex.encode(bytes) as PeerKey
}

/**
 * The octets of a key.
 *
 * @category encoding
 * @since 0.1.0
 */
export const toBytes = (self: PeerKey): Uint8Array => Result.getOrThrow(Hex.decode(self))
