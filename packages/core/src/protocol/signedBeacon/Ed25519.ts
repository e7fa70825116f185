/**
 * What a signature and its key have to be before they are worth verifying. Verifiers differ in it (RFC 8032, section 5.1.7, leaves it open),
 * and a signature must not be good to some and bad to others.
 */
import * as Hex from "effect/encoding/Hex"
import * as Result from "effect/Result"

export const signatureOctets = 64

const octets = (hex: string): Uint8Array => Result.getOrThrow(Hex.decode(hex))

/** L, the order of the base point, and p, the prime of the field, as they are encoded: the last octet is the highest. */
const order = octets("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
const prime = octets("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")

/**
 * The y of the points whose order divides 8, without the sign of x. With either sign these are 14 encodings: 8 canonical ones, and 6 that
 * are not, since x is 0 or y not below p.
 */
const smallOrder = new Set([
  // order 4, also as p
  "0000000000000000000000000000000000000000000000000000000000000000",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  // the identity, also as p + 1
  "0100000000000000000000000000000000000000000000000000000000000000",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  // order 2
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  // order 8
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
])

/** Whether a key must not be verified against: of small order, so that anybody can sign under it, or not below p. */
export const isWeakKey = (key: Uint8Array): boolean => isWeakPoint(key)

/** Whether a signature is the only one of its kind: S below L, and R below p and not of small order. */
export const isCanonicalSignature = (signature: Uint8Array): boolean =>
  signature.length === signatureOctets &&
  isBelow(signature.subarray(32), order, 0xff) &&
  !isWeakPoint(signature.subarray(0, 32))

const isWeakPoint = (point: Uint8Array): boolean => !isBelow(point, prime, 0x7f) || smallOrder.has(yOf(point))

const yOf = (point: Uint8Array): string => {
  const y = new Uint8Array(point)
  y[31]! &= 0x7f
  return Hex.encode(y)
}

/** Compares numbers of 32 octets, lowest first, with a mask for the highest one. */
const isBelow = (self: Uint8Array, limit: Uint8Array, mask: number): boolean => {
  for (let i = 31; i >= 0; i--) {
    const octet = i === 31 ? self[i]! & mask : self[i]!
    if (octet !== limit[i]!) return octet < limit[i]!
  }
  return false
}
