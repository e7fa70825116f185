/**
 * Addresses as sockets see them: a text that identifies, and what kind of address it is.
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"

/** @internal */
export interface Address {
  /** In canonical form, without zone. */
  readonly text: string
  readonly ip: NetAddress.IpAddress
  readonly family: NetAddress.IpFamily
  readonly kind: "unspecified" | "loopback" | "multicast" | "broadcast" | "unicast"
  /** The interface's name or index after `%`. */
  readonly zone: string | undefined
}

/** @internal */
export const ofIp = (ip: NetAddress.IpAddress, zone?: string): Address => ({
  text: NetAddress.formatIp(ip),
  ip,
  family: NetAddress.familyOf(ip),
  kind: kindOf(ip),
  zone
})

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

/** @internal */
export const wildcard = (family: NetAddress.IpFamily): Address =>
  ofIp(family === "IPv4" ? NetAddress.ipv4Unspecified : NetAddress.ipv6Unspecified)

/** @internal */
export const formatPort = (host: string, port: number): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
