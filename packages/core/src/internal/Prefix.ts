/**
 * The network of an interface, ready to be asked of every datagram that is decoded: `IpNetwork` makes three arrays of octets for each
 * question.
 */
import type * as IpInterface from "effect/net/IpInterface"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"

/** A network, part by part: an IPv4 address has four of 8 bits, an IPv6 address eight of 16. */
export interface Prefix {
  readonly masks: ReadonlyArray<number>
  readonly parts: ReadonlyArray<number>
  /** Whether its last address is a directed broadcast: not in IPv6, nor in a /31 or /32 (RFC 3021). */
  readonly hasBroadcast: boolean
}

const mostBroadcast = 30

/** The network that an interface's address is of. */
export const of = ({ address, prefixLength }: IpInterface.IpInterface): Prefix => {
  const parts = partsOf(address)
  const width = widthOf(parts)
  const masks = parts.map((_, index) => {
    const free = Math.min(width, Math.max(0, (index + 1) * width - prefixLength))
    return (2 ** width - 1) & ~(2 ** free - 1)
  })
  const hasBroadcast = NetAddress.isIpv4Address(address) && prefixLength <= mostBroadcast
  return { masks, parts: parts.map((part, index) => part & masks[index]!), hasBroadcast }
}

/** The parts of an address. */
export const partsOf = (address: NetAddress.IpAddress): ReadonlyArray<number> =>
  address._tag === "Ipv4Address" ? NetAddress.ipv4ToOctets(address) : NetAddress.ipv6ToSegments(address)

/** Whether an address of these parts is one of a single host. `NetAddress` asks seven times what kind of address it is before it tells. */
export const isUnicast = (parts: ReadonlyArray<number>): boolean => {
  const first = parts[0]!
  if (parts.every((part) => part === 0)) return false
  return parts.length === 4 ? first >> 4 !== 0xe && parts.some((part) => part !== 0xff) : first >> 8 !== 0xff
}

/** The parts of an address as systems write it, without making one; `undefined` of other text. */
export const partsOfText = (text: string): ReadonlyArray<number> | undefined =>
  text.includes(":") ? segmentsOf(text) : octetsOf(text)

const dot = 46
const colon = 58

const octetsOf = (text: string): ReadonlyArray<number> | undefined => {
  const octets = [0, 0, 0, 0]
  let index = 0
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit === dot - 48) index++
    else if (digit < 0 || digit > 9 || index > 3) return undefined
    else octets[index] = octets[index]! * 10 + digit
  }
  return index === 3 ? octets : undefined
}

const segmentsOf = (text: string): ReadonlyArray<number> | undefined => {
  const segments = [0, 0, 0, 0, 0, 0, 0, 0]
  let index = 0
  let gap: number | undefined
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at)
    if (character !== colon) {
      const digit = hexadecimalOf(character)
      // one that ends as an IPv4 address does is seldom
      if (digit === undefined || index > 7) return slowly(text)
      segments[index] = (segments[index]! << 4) | digit
    } else if (text.charCodeAt(at + 1) !== colon) index++
    else {
      if (at > 0) index++
      gap = index
      at++
    }
  }
  if (gap === undefined) return index === 7 ? segments : undefined
  // what comes after the gap is at the end
  const after = text.endsWith("::") ? 0 : index + 1 - gap
  segments.copyWithin(8 - after, gap, gap + after).fill(0, gap, 8 - after)
  return segments
}

const hexadecimalOf = (character: number): number | undefined => {
  if (character >= 48 && character <= 57) return character - 48
  const letter = character | 0x20
  return letter >= 97 && letter <= 102 ? letter - 87 : undefined
}

const slowly = (text: string): ReadonlyArray<number> | undefined => {
  const ip = Result.getOrUndefined(NetAddress.ipFromString(text))
  return ip && partsOf(ip)
}

const widthOf = (parts: ReadonlyArray<number>): number => parts.length === 4 ? 8 : 16

/** Whether an address of these parts lies in it. */
export const contains = (self: Prefix, parts: ReadonlyArray<number>): boolean => {
  if (parts.length !== self.parts.length) return false
  for (let index = 0; index < parts.length; index++) {
    if ((parts[index]! & self.masks[index]!) !== self.parts[index]) return false
  }
  return true
}

/** Whether an address of these parts is its directed broadcast. */
export const isBroadcast = (self: Prefix, parts: ReadonlyArray<number>): boolean =>
  self.hasBroadcast && parts.length === self.parts.length &&
  parts.every((part, index) => part === (self.parts[index]! | (~self.masks[index]! & 0xff)))
