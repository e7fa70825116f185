/**
 * Octets as base64url without padding, of which every content has one spelling (RFC 4648, sections 3.5 and 5).
 */
import * as Base64Url from "effect/encoding/Base64Url"
import * as Result from "effect/Result"

export const encode = (octets: Uint8Array): string => Base64Url.encode(octets)

const alphabet = /^[A-Za-z0-9_-]*$/

/** The octets, `undefined` for any other spelling than `encode` gives: padding, stray bits, a length or a character that is none. */
export const decode = (text: string): Uint8Array | undefined => {
  if (!alphabet.test(text)) return undefined
  const octets = Result.getOrUndefined(Base64Url.decode(text))
  return octets !== undefined && encode(octets) === text ? octets : undefined
}
