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
  for (let i = 0; i < byteLength; i++) {
    const octet = bytes[i]!
    digits[2 * i] = codes[octet >> 4]!
    digits[2 * i + 1] = codes[octet & 15]!
  }
  return String.fromCharCode.apply(null, digits) as PeerKey
}

// Every datagram that claims a key pays for this. A text put together digit by digit takes three times as long to make and look up.
const codes = Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0))
const digits = Array.from({ length: 2 * byteLength }, () => 0)

/**
 * The octets of a key.
 *
 * @category encoding
 * @since 0.1.0
 */
export const toBytes = (self: PeerKey): Uint8Array => Result.getOrThrow(Hex.decode(self))
