/**
 * Copies of datagrams, to recognise those that have the same octets.
 */
import * as Latin1 from "./Latin1.ts"

/** A short datagram as text of as many characters, which takes the least memory; a longer one as octets, which are compared faster. */
export type Copy = string | Uint8Array

const longestText = 64

/** A copy, which changes no more. */
export const of = (payload: Uint8Array): Copy =>
  payload.length > longestText ? new Uint8Array(payload) : Latin1.fromOctets(payload, 0, payload.length)

/** Octets of the platform that compare themselves, as those of Node.js do. */
interface Comparable {
  readonly equals?: ((octets: Uint8Array) => boolean) | undefined
}

/** Whether a datagram has the octets of the copy. */
export const isOf = (self: Copy, payload: Uint8Array): boolean => {
  const { length } = self
  if (length !== payload.length) return false
  if (typeof self === "string") {
    for (let i = 0; i < length; i++) if (self.charCodeAt(i) !== payload[i]) return false
    return true
  }
  const native: Comparable = payload as Comparable
  if (typeof native.equals === "function") return native.equals(self)
  for (let i = 0; i < length; i++) if (self[i] !== payload[i]) return false
  return true
}
