/**
 * Addresses as Syncthing announces them: `scheme://host:port`, where no host, or an unspecified one, stands for wherever the announcement
 * came from.
 *
 * Host names are never looked up (S-P10, S-P11): they stay in the URL, and give no address.
 *
 * @since 0.1.0
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"

/** A URL, taken apart. */
export interface Url {
  readonly text: string
  readonly scheme: string
  /** The address that it names; `undefined` for a host name. */
  readonly ip: NetAddress.IpAddress | undefined
  /** Whether it names no host, or an unspecified one. */
  readonly isOpen: boolean
  readonly port: number
  /** What follows the port. */
  readonly rest: string
}

/** The URL that a text is; `undefined` when it is none, or has no port. */
export const parse = (text: string): Url | undefined => {
  const colon = text.indexOf("://")
  if (colon < 1 || !isPrintable(text) || !isScheme(text, colon)) return undefined
  const start = colon + 3
  const end = authorityEnd(text, start)
  const host = hostEnd(text, start, end)
  if (host === undefined) return undefined
  const port = portOf(text.slice(host + 1, end))
  const named = ipOf(text.slice(start, host))
  if (port === undefined || named === undefined) return undefined
  const ip = named === "name" ? undefined : named
  return {
    text,
    scheme: text.slice(0, colon).toLowerCase(),
    ip,
    isOpen: ip !== undefined && NetAddress.isUnspecified(NetAddress.toCanonical(ip)),
    port,
    rest: text.slice(end)
  }
}

const isPrintable = (text: string): boolean => {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit <= 0x20 || unit >= 0x7f) return false
  }
  return true
}

const isLetter = (unit: number): boolean => (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a
const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39

// RFC 3986, section 3.1
const isScheme = (text: string, end: number): boolean => {
  if (!isLetter(text.charCodeAt(0))) return false
  for (let at = 1; at < end; at++) {
    const unit = text.charCodeAt(at)
    if (!isLetter(unit) && !isDigit(unit) && !"+-.".includes(text[at]!)) return false
  }
  return true
}

const authorityEnd = (text: string, start: number): number => {
  for (let at = start; at < text.length; at++) if ("/?#".includes(text[at]!)) return at
  return text.length
}

// where the colon before the port is
const hostEnd = (text: string, start: number, end: number): number | undefined => {
  if (text[start] !== "[") {
    const colon = text.indexOf(":", start)
    return colon === -1 || colon >= end ? undefined : colon
  }
  const bracket = text.indexOf("]", start)
  return bracket === -1 || bracket >= end || text[bracket + 1] !== ":" ? undefined : bracket + 1
}

const portOf = (text: string): number | undefined => {
  if (text.length < 1 || text.length > 5) return undefined
  for (let at = 0; at < text.length; at++) if (!isDigit(text.charCodeAt(at))) return undefined
  const port = Number(text)
  return port <= 65_535 ? port : undefined
}

const ipOf = (host: string): NetAddress.IpAddress | "name" | undefined => {
  if (host === "") return NetAddress.ipv4Unspecified
  if (host.startsWith("[")) {
    // the zone is one of the sender's, and means nothing here
    const [literal = ""] = host.slice(1, -1).split("%", 1)
    return Result.getOrUndefined(NetAddress.ipv6FromString(literal))
  }
  const ip = NetAddress.ipv4FromString(host)
  if (Result.isSuccess(ip)) return ip.success
  return isName(host) ? "name" : undefined
}

// a name that ends in a number is an address to some who resolve it, though not to us
const isName = (host: string): boolean => {
  for (let at = 0; at < host.length; at++) {
    const unit = host.charCodeAt(at)
    if (!isLetter(unit) && !isDigit(unit) && !"-._".includes(host[at]!)) return false
  }
  const last = host.slice(host.lastIndexOf(".") + 1)
  return last !== "" && !isDigit(last.charCodeAt(0))
}

const familyOfScheme = (scheme: string): NetAddress.IpFamily | undefined =>
  scheme.endsWith("4") ? "IPv4" : scheme.endsWith("6") ? "IPv6" : undefined

const suits = ({ scheme }: Url, address: NetAddress.IpAddress): boolean => {
  const family = familyOfScheme(scheme)
  return family === undefined || family === NetAddress.familyOf(address)
}

/**
 * The URL with the place that it came from for an open host; as it is when it names a host. `undefined` when it is of the other family
 * than that place.
 */
export const complete = (self: Url, source: NetAddress.InetAddress): string | undefined => {
  if (!self.isOpen) return self.text
  if (!suits(self, source.address)) return undefined
  return `${self.scheme}://${hostOf(source)}:${self.port}${self.rest}`
}

// in a URL the mark before a zone is itself escaped (RFC 6874, section 2)
const hostOf = (address: NetAddress.InetAddress): string => {
  const host = NetAddress.formatHost(address)
  return NetAddress.isIpv6Address(address.address) ? `[${host.replace("%", "%25")}]` : host
}

// by which a device is reached itself: a relay's address is not the device's
const direct: ReadonlySet<string> = new Set(["tcp", "tcp4", "tcp6", "quic", "quic4", "quic6"])

/** Where the device can be dialed by this URL, heard from there; `undefined` when nowhere without more being known. */
export const addressOf = (self: Url, source: NetAddress.InetAddress): NetAddress.InetAddress | undefined => {
  const { ip, port } = self
  if (ip === undefined || port === 0 || !direct.has(self.scheme)) return undefined
  const address = self.isOpen ? source.address : ip
  if (!suits(self, address)) return undefined
  if (NetAddress.isIpv4Address(address)) return NetAddress.inetAddressUnsafe(address, port)
  const scopeId = NetAddress.isLinkLocal(address) && source._tag === "InetAddressV6" ? source.scopeId : 0
  // a link-local address of no link is none
  if (NetAddress.isLinkLocal(address) && scopeId === 0) return undefined
  return NetAddress.inetAddressFromInputUnsafe({ address, port, scopeId })
}

/** Whether a URL stands for this address of its device, one of those that it was heard from. */
export const stands = (self: Url, address: NetAddress.InetAddress): boolean =>
  self.isOpen && self.port === address.port && suits(self, address.address)

/** The URL as it may be announced: relays without the parameters that are for the device alone. */
export const announceable = (self: Url): Url | undefined => {
  const { ip: named, port, scheme } = self
  if (port === 0) return undefined
  // ::ffff:127.0.0.1 is 127.0.0.1 to whoever dials it
  const ip = named && NetAddress.toCanonical(named)
  if (ip !== undefined && !self.isOpen && (!NetAddress.isUnicast(ip) || NetAddress.isLoopback(ip))) return undefined
  return scheme === "relay" ? parse(withoutSecrets(self)) : self
}

const withoutSecrets = ({ rest, text }: Url): string => {
  const base = text.slice(0, text.length - rest.length)
  const [beforeFragment = ""] = rest.split("#", 1)
  const question = beforeFragment.indexOf("?")
  const path = question === -1 ? beforeFragment : beforeFragment.slice(0, question)
  const id = question === -1
    ? undefined
    : beforeFragment.slice(question + 1).split("&").find((each) => each.startsWith("id="))
  return `${base}${path}${id === undefined ? "" : `?${id}`}`
}

/** A URL of an address. */
export const of = (scheme: string, address: NetAddress.InetAddress): string =>
  // the zone is ours, and means nothing to others
  `${scheme}://${NetAddress.formatUrlHost(address.address)}:${address.port}`
