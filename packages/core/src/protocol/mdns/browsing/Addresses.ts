/**
 * Addresses of hosts as programs dial them.
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import * as Claim from "../../../Claim.ts"
import type * as Link from "../Link.ts"
import type * as Record from "../Record.ts"

/** What the data of an A or AAAA record says, `undefined` when it is of no such length. */
const ipOf = (octets: Uint8Array): NetAddress.IpAddress | undefined => {
  if (octets.length === 4) return NetAddress.ipv4FromBytesUnsafe(octets)
  return octets.length === 16 ? NetAddress.ipv6FromBytesUnsafe(octets) : undefined
}

/** The data of a record, and who said it first. */
export interface Said {
  readonly data: Record.Data
  readonly origin: string
}

/**
 * The addresses that records say, with a port: each once, IPv4 first and link-local IPv6 last, and none that nobody could dial (S-U6).
 *
 * A link-local IPv6 address means nothing without the link, so it gets the link's index as its scope.
 */
export const fromRecords = (
  said: ReadonlyArray<Said>,
  port: number,
  link: Link.Link
): ReadonlyArray<NetAddress.InetAddress> => {
  const addresses = new Map<string, NetAddress.InetAddress>()
  for (const { data, origin } of said) {
    const ip = data._tag === "Address" ? ipOf(data.octets) : undefined
    if (ip === undefined) continue
    const address = dialable(ip, port, link, origin)
    if (address !== undefined) addresses.set(`${rank(ip)} ${NetAddress.formatIp(ip)}`, address)
  }
  return Array.from(addresses).toSorted(([a], [b]) => a < b ? -1 : 1).map(([, address]) => address)
}

const dialable = (
  ip: NetAddress.IpAddress,
  port: number,
  link: Link.Link,
  origin: string
): NetAddress.InetAddress | undefined => {
  const scopeId = NetAddress.isIpv6Address(ip) && NetAddress.isLinkLocal(ip) ? link.index : undefined
  const address = NetAddress.inetAddressFromInputUnsafe(
    scopeId === undefined ? { address: ip, port } : { address: ip, port, scopeId }
  )
  // it matters to loopback addresses only
  const from = NetAddress.isLoopback(NetAddress.toCanonical(ip))
    ? Result.getOrUndefined(NetAddress.ipFromString(origin))
    : undefined
  // a host without a port is asked for as such
  const judged = port === 0 ? NetAddress.inetAddressUnsafe(ip, 1) : address
  return Claim.isDialable(judged, from) ? address : undefined
}

const rank = (ip: NetAddress.IpAddress): number => NetAddress.isIpv4Address(ip) ? 0 : NetAddress.isLinkLocal(ip) ? 2 : 1
