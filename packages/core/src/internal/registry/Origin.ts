/**
 * Who a source address stands for, where it is counted how much comes from one host.
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"

/**
 * The address itself, but for IPv6 its /64, any address of which one host can take.
 *
 * Link-local addresses all have one prefix, that of every host on the link, and they are what link-scoped groups are heard from: those
 * are counted one by one.
 */
export const of = (address: string): string => {
  if (!address.includes(":") || linkLocal.test(address)) return address
  const ip = Result.getOrUndefined(NetAddress.ipFromString(address.replace(/%.*$/, "")))
  if (ip === undefined) return address
  // ::ffff:10.0.0.1 is 10.0.0.1
  const canonical = NetAddress.toCanonical(ip)
  if (NetAddress.isIpv4Address(canonical)) return NetAddress.formatIp(canonical)
  const prefix = NetAddress.ipv6ToSegments(canonical).slice(0, 4)
  return `${prefix.map((segment) => segment.toString(16)).join(":")}::/64`
}

/** A source address with its port, as people write it. */
export const format = (address: string, port: number): string =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`

// fe80::/10, as every system writes it
const linkLocal = /^fe[89ab]/
