/**
 * Addresses of hosts as programs dial them.
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import * as Claim from "../../../Claim.ts"
import { isSameHost } from "../../../internal/Same.ts"
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

/** The addresses of a host on a link, as records say, with a port. */
export interface Places {
  readonly said: ReadonlyArray<Said>
  readonly link: Link.Link
  readonly port: number
  readonly addresses: ReadonlyArray<NetAddress.InetAddress>
}

/**
 * The addresses that records say, with a port: each once, IPv4 first and link-local IPv6 last, and none that nobody could dial (S-U6).
 *
 * A link-local IPv6 address means nothing without the link, so it gets the link's index as its scope. The latest serve again for the very same
 * records, whatever their port: a host may have many addresses, and be the host of many instances.
 */
export const fromRecords = (
  said: ReadonlyArray<Said>,
  port: number,
  link: Link.Link,
  latest?: Places | undefined
): Places => {
  if (latest !== undefined && latest.link === link && areSame(latest.said, said)) return latest
  const addresses: Array<NetAddress.InetAddress> = []
  for (let index = 0; index < said.length; index++) {
    const { data } = said[index]!
    const octets = data._tag === "Address" ? data.octets : none
    const ip = ipOf(octets)
    const address = ip && (isUsual(octets) ? toInet(ip, port, link) : dialable(ip, port, link, said[index]!.origin))
    if (address !== undefined) list(addresses, address)
  }
  // they are kept for long: a copy has no room for more
  return { said, link, port, addresses: addresses.slice() }
}

const none = new Uint8Array()

/**
 * Whether octets are an address of a private network or of a link (RFC 1918; RFC 4193; RFC 4291, section 2.5.6): what nearly all hosts say, and
 * anybody may dial.
 */
const isUsual = ({ 0: first, 1: second, length }: Uint8Array): boolean => {
  if (length === 4) return first === 10 || (first === 192 && second === 168) || (first === 172 && second! >> 4 === 1)
  return first === 0xfd || (first === 0xfe && second! >> 6 === 2)
}

const areSame = (self: ReadonlyArray<Said>, that: ReadonlyArray<Said>): boolean =>
  self.length === that.length && self.every((each, index) => each === that[index])

/** The same addresses with a port. */
export const atPort = (
  { addresses, link, port: known }: Places,
  port: number
): ReadonlyArray<NetAddress.InetAddress> =>
  port === known ? addresses : addresses.map(({ address }) => toInet(address, port, link))

/** Whether addresses are the same with a port. */
export const areAtPort = (
  self: ReadonlyArray<NetAddress.InetAddress>,
  { addresses }: Places,
  port: number
): boolean =>
  self.length === addresses.length &&
  self.every((address, index) => address.port === port && isSameHost(address, addresses[index]!))

// from the end, since records come in order
const list = (listed: Array<NetAddress.InetAddress>, newcomer: NetAddress.InetAddress): void => {
  let at = listed.length
  for (; at > 0; at--) {
    const order = compare(listed[at - 1]!.address, newcomer.address)
    if (order === 0) return
    if (order < 0) break
  }
  if (at === listed.length) listed.push(newcomer)
  else listed.splice(at, 0, newcomer)
}

const compare = (one: NetAddress.IpAddress, other: NetAddress.IpAddress): number => {
  const order = rank(one) - rank(other)
  if (order !== 0) return order
  const [text, otherText] = [NetAddress.formatIp(one), NetAddress.formatIp(other)]
  return text === otherText ? 0 : text < otherText ? -1 : 1
}

const dialable = (
  ip: NetAddress.IpAddress,
  port: number,
  link: Link.Link,
  origin: string
): NetAddress.InetAddress | undefined => {
  const address = toInet(ip, port, link)
  // it matters to loopback addresses only
  const from = NetAddress.isLoopback(NetAddress.toCanonical(ip))
    ? Result.getOrUndefined(NetAddress.ipFromString(origin))
    : undefined
  // a host without a port is asked for as such
  const judged = port === 0 ? NetAddress.inetAddressUnsafe(ip, 1) : address
  return Claim.isDialable(judged, from) ? address : undefined
}

const toInet = (address: NetAddress.IpAddress, port: number, link: Link.Link): NetAddress.InetAddress =>
  address._tag === "Ipv6Address" && NetAddress.isLinkLocal(address)
    ? Result.getOrThrow(NetAddress.inetAddressV6(address, port, { scopeId: link.index }))
    : NetAddress.inetAddressUnsafe(address, port)

const rank = (ip: NetAddress.IpAddress): number => ip._tag === "Ipv4Address" ? 0 : NetAddress.isLinkLocal(ip) ? 2 : 1
