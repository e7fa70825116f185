/**
 * The seal of a group, SG1: a whole signed datagram, encrypted with a key that the group has in common.
 *
 * The key of each message is the HMAC-SHA256 of `messageKeyInput` under the shared key, the cipher ChaCha20-Poly1305 with a nonce of zeros
 * and the header as additional data.
 */
import * as Hex from "effect/encoding/Hex"
import * as Result from "effect/Result"
import * as Envelope from "./Envelope.ts"
import * as Label from "./Label.ts"

/** A sealed datagram. Its octets are parts of it, which must not be written to afterwards. */
export interface Seal {
  /** Which shared key it takes to open: 8 lower-case hexadecimal digits. */
  readonly keyId: string
  readonly salt: Uint8Array
  /** The additional data. */
  readonly header: Uint8Array
  /** The ciphertext and its tag. */
  readonly sealed: Uint8Array
}

/** Why a datagram is not sealed: its length is none that a sealed one has, or what it says of itself is not this format. */
export type Reason = "size" | "format"

export const headerOctets = 28
export const tagOctets = 16
export const saltOctets = 16
export const keyIdOctets = 4
export const sharedKeyOctets = 32
export const minOctets = headerOctets + Envelope.minOctets + tagOctets
export const maxOctets = headerOctets + Envelope.maxOctets + tagOctets

const start = Uint8Array.of(0xd1, 0x53, 0xc0, 0x57, 1, 1, 0, 0)
const magic = start.subarray(0, 4)

/** Whether a datagram begins as a sealed one does: then it is sealed or nothing. */
export const isSealed = (datagram: Uint8Array): boolean => startsWith(datagram, magic)

const startsWith = (datagram: Uint8Array, octets: Uint8Array): boolean => {
  for (let i = 0; i < octets.length; i++) {
    if (datagram[i] !== octets[i]) return false
  }
  return true
}

/** Reads the header of a sealed datagram. */
export const decode = (datagram: Uint8Array): Result.Result<Seal, Reason> => {
  if (datagram.length < minOctets || datagram.length > maxOctets) return Result.fail("size")
  if (!startsWith(datagram, start)) return Result.fail("format")
  return Result.succeed({
    keyId: Hex.encode(datagram.subarray(8, 12)),
    salt: datagram.subarray(12, headerOctets),
    header: datagram.subarray(0, headerOctets),
    sealed: datagram.subarray(headerOctets)
  })
}

/** The header for a shared key and a salt never used before. Throws when they are none. */
export const encodeHeader = (keyId: string, salt: Uint8Array): Uint8Array => {
  if (salt.length !== saltOctets) throw new RangeError(`A salt has ${saltOctets} octets, not ${salt.length}`)
  return Label.concat(start, keyIdBytes(keyId), salt)
}

const keyIdBytes = (keyId: string): Uint8Array => {
  const octets = Result.getOrUndefined(Hex.decode(keyId))
  if (octets?.length !== keyIdOctets) throw new RangeError(`${keyId} is not the id of a shared key`)
  return octets
}

/** The datagram of a header and what was sealed with it, the tag included. */
export const encode = (header: Uint8Array, sealed: Uint8Array): Uint8Array => Label.concat(header, sealed)

/** What is hashed with SHA-256 for the id of a shared key, its first 4 octets. */
export const keyIdInput = (sharedKey: Uint8Array): Uint8Array => Label.concat(Label.make("LAN-KEYID-v1"), sharedKey)

/** What the HMAC-SHA256 of the shared key is taken of, for the key of one message. */
export const messageKeyInput = (salt: Uint8Array): Uint8Array => Label.concat(Label.make("LAN-SEAL-v1"), salt)
