/**
 * Addresses as sockets see them: a text that identifies, and what kind of address it is.
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"

/** @internal */
export interface Address {
  /** In canonical form, without zone; that of IPv4 where the address is mapped. */
  readonly text: string
  readonly ip: NetAddress.IpAddress
  readonly family: NetAddress.IpFamily
  readonly kind: "unspecified" | "loopback" | "multicast" | "broadcast" | "unicast"
  /** How far an IPv6 address reaches. Those of IPv4 are all one. */
  readonly scope: "host" | "link" | "global"
  /** The interface's name or index after `%`. */
  readonly zone: string | undefined
  /** An IPv4 address as IPv6 sockets write it, `::ffff:a.b.c.d`. */
  readonly isMapped: boolean
}

/** @internal */
export const ofIp = (given: NetAddress.IpAddress, zone?: string): Address => {
  const ip = NetAddress.toCanonical(given)
  return {
    text: NetAddress.formatIp(ip),
    ip,
    family: NetAddress.familyOf(ip),
    kind: kindOf(ip),
    scope: scopeOf(ip),
    zone,
    isMapped: ip !== given
  }
}

/** @internal */
export const parse = (host: string): Address | undefined => {
  const percent = host.indexOf("%")
  const ip = NetAddress.ipFromString(percent === -1 ? host : host.slice(0, percent))
  if (Result.isFailure(ip)) return undefined
  return ofIp(ip.success, percent === -1 ? undefined : host.slice(percent + 1))
}

const kindOf = (ip: NetAddress.IpAddress): Address["kind"] => {
  if (NetAddress.isUnspecified(ip)) return "unspecified"
  if (NetAddress.isMulticast(ip)) return "multicast"
  if (NetAddress.isIpv4Address(ip) && NetAddress.isBroadcast(ip)) return "broadcast"
  return NetAddress.isLoopback(ip) ? "loopback" : "unicast"
}

// RFC 4291, sections 2.5.6 and 2.7: fe80::/10, and the second half of the octet after ff.
const scopeOf = (ip: NetAddress.IpAddress): Address["scope"] => {
  if (NetAddress.isIpv4Address(ip)) return "global"
  if (NetAddress.isLinkLocal(ip)) return "link"
  if (!NetAddress.isMulticast(ip)) return NetAddress.isLoopback(ip) ? "host" : "global"
  const scope = NetAddress.ipv6ToOctets(ip)[1]! & 0xf
  return scope <= 1 ? "host" : scope === 2 ? "link" : "global"
}

/** @internal Whether it means something on one interface only, so that it takes a zone (rule 11): a link-local address, or a group of such scope. */
export const isLinkScoped = ({ kind, scope }: Address): boolean =>
  scope === "link" || (kind === "multicast" && scope === "host")

/** @internal Whether a group is one of the link, whatever the ttl: 224.0.0.0/24 (rule 75), and those of IPv6 that say so. */
export const isLinkGroup = ({ family, scope, text }: Address): boolean =>
  family === "IPv4" ? text.startsWith("224.0.0.") : scope !== "global"

/** @internal */
export const wildcard = (family: NetAddress.IpFamily): Address =>
  ofIp(family === "IPv4" ? NetAddress.ipv4Unspecified : NetAddress.ipv6Unspecified)

/** @internal Whether a socket bound there can have IPv4 as well: an IPv6 socket on no address, or on a mapped one. */
export const isOfBoth = (family: NetAddress.IpFamily, address: NetAddress.IpAddress | undefined): boolean => {
  if (family === "IPv4") return false
  const bound = address && ofIp(address)
  return bound === undefined || bound.isMapped || bound.kind === "unspecified"
}

const mapped = "::ffff:"

/** @internal As a socket of that family tells it, without zone. */
export const format = (text: string, family: NetAddress.IpFamily): string =>
  family === "IPv6" && !text.includes(":") ? mapped + text : text

/** @internal */
export const formatPort = (host: string, port: number): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
