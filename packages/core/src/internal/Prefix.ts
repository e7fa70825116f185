/**
 * The network of an interface, ready to be asked of every datagram that is decoded: `IpNetwork` makes three arrays of octets for each
 * question.
 */
import type * as IpInterface from "effect/net/IpInterface"
import * as NetAddress from "effect/net/NetAddress"

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
  NetAddress.isIpv4Address(address) ? NetAddress.ipv4ToOctets(address) : NetAddress.ipv6ToSegments(address)

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
