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

/**
 * A number that tells most datagrams apart, whole and small enough to need no object. Long ones are sampled: whoever makes datagrams that it
 * does not tell apart has them compared, and no more.
 */
export const mark = (payload: Uint8Array): number => {
  const { length } = payload
  const step = 4 * (1 + (length >> 9))
  let mark = length
  for (let i = 0; i + 3 < length; i += step) {
    const word = payload[i]! | payload[i + 1]! << 8 | payload[i + 2]! << 16 | payload[i + 3]! << 24
    mark = Math.imul((mark << 13 | mark >>> 19) ^ word, 0x9e3779b1)
  }
  for (let i = Math.max(0, length - 3); i < length; i++) mark = Math.imul(mark ^ payload[i]!, 0x01000193)
  return mark >> 2
}

/** What tells a datagram of a port from others without looking at its octets. */
export const tag = (port: number, payload: Uint8Array): number => port << 15 | mark(payload) & 0x7fff

/** The port of a tag. */
export const portOf = (tag: number): number => tag >>> 15

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
