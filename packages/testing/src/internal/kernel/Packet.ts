/**
 * The packets that a datagram takes on a link: rules 37 to 39.
 */
import type * as NetAddress from "effect/net/NetAddress"

// Of an IP packet without options, of UDP, and of the extension by which IPv6 tells fragments.
const ipv4Header = 20
const ipv6Header = 40
const udpHeader = 8
const fragmentHeader = 8

const headerOf = (family: NetAddress.IpFamily): number => family === "IPv4" ? ipv4Header : ipv6Header

// Every fragment but the last carries a multiple of eight octets.
const capacity = (family: NetAddress.IpFamily, mtu: number): number =>
  (mtu - headerOf(family) - (family === "IPv6" ? fragmentHeader : 0)) & ~7

/** @internal How many it takes. */
export const count = (family: NetAddress.IpFamily, payload: number, mtu: number): number => {
  const size = udpHeader + payload
  return headerOf(family) + size <= mtu ? 1 : Math.ceil(size / capacity(family, mtu))
}

/** @internal The octets of the largest of them. */
export const largest = (family: NetAddress.IpFamily, payload: number, mtu: number): number => {
  const whole = headerOf(family) + udpHeader + payload
  if (whole <= mtu) return whole
  return headerOf(family) + (family === "IPv6" ? fragmentHeader : 0) + capacity(family, mtu)
}
