/**
 * What one announcement claims about a peer, once it is known where it came from.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as NetAddress from "effect/net/NetAddress"
import type * as Announcement from "./Announcement.ts"
import * as Attributes from "./Attributes.ts"
import * as AttributeMap from "./internal/AttributeMap.ts"
import * as Prefix from "./internal/Prefix.ts"
import { areSameAddresses, areSameAttributes, isSameAddress } from "./internal/Same.ts"
import type * as Limits from "./Limits.ts"
import * as NetworkInterface from "./NetworkInterface.ts"
import type * as Peer from "./Peer.ts"
import type * as PeerKey from "./PeerKey.ts"

/**
 * What a claim says of its node, and so of a peer: a `Peer` says it of itself.
 *
 * @category models
 * @since 0.1.0
 */
export interface Content {
  /** What people read; it need not be unique. */
  readonly name: string
  /** Where to reach the node, with the port of its service, in the order in which they were announced. */
  readonly addresses: ReadonlyArray<NetAddress.InetAddress>
  /** Those of the addresses announced that lie off the link they were announced on. */
  readonly offLink?: ReadonlyArray<NetAddress.InetAddress> | undefined
  /** Anything else that the node says of itself. */
  readonly attributes: Attributes.Attributes
  /** How far this is proven. */
  readonly authentication: Peer.Authentication
  /** The key that the claim is proven by, or names. */
  readonly key?: PeerKey.PeerKey | undefined
  /** The label of the group's key under which the claim came sealed. */
  readonly group?: string | undefined
}

/**
 * A claim about the node that its source knows as `identity`, holding for `ttl` milliseconds from when it was heard.
 *
 * @category models
 * @since 0.1.0
 */
export interface Claim extends Content {
  /** What its source tells nodes apart by. */
  readonly identity: string
  /** Milliseconds for which it holds from when it was heard; zero for a goodbye. */
  readonly ttl: number
}

/**
 * The claim that an announcement makes.
 *
 * **Details**
 *
 * An announcement without addresses means the address it came from, with the announced port, else with `port`. Addresses
 * that nobody could dial are left out (S-U6).
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromAnnouncement = (
  announcement: Announcement.Options,
  options: {
    readonly ttl: number
    readonly origin?: NetAddress.IpAddress | undefined
    readonly scopeId?: number | undefined
    readonly port?: number | undefined
  }
): Claim => ({
  identity: announcement.identity ?? announcement.name,
  name: announcement.name,
  addresses: addressesOf(announcement, options),
  attributes: announcement.attributes === undefined ? Attributes.empty : Attributes.make(announcement.attributes),
  ttl: announcement.ttl === undefined ? options.ttl : Duration.toMillis(announcement.ttl),
  authentication: announcement.authentication ?? "none",
  ...(announcement.key === undefined ? undefined : { key: announcement.key }),
  ...(announcement.group === undefined ? undefined : { group: announcement.group })
})

const addressesOf = (
  announcement: Announcement.Options,
  options: {
    readonly origin?: NetAddress.IpAddress | undefined
    readonly scopeId?: number | undefined
    readonly port?: number | undefined
  }
): ReadonlyArray<NetAddress.InetAddress> => {
  const { origin } = options
  const announced = announcement.addresses ?? []
  if (announced.length > 0) return announced.filter((address) => isDialable(address, origin))
  const port = announcement.port ?? options.port
  if (origin === undefined || port === undefined) return []
  const address: NetAddress.InetAddress = origin._tag === "Ipv6Address"
    ? NetAddress.inetAddressFromInputUnsafe({ address: origin, port, scopeId: options.scopeId ?? 0 })
    : NetAddress.inetAddressUnsafe(origin, port)
  return isDialable(address, origin) ? [address] : []
}

// 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 (RFC 5737) and 2001:db8::/32 (RFC 3849)
const isDocumentation = ({ 0: first, 1: second, 2: third, length }: ReadonlyArray<number>): boolean => {
  if (length === 8) return first === 0x2001 && second === 0xdb8
  switch (first) {
    case 192:
      return second === 0 && third === 2
    case 198:
      return second === 51 && third === 100
    case 203:
      return second === 0 && third === 113
    default:
      return false
  }
}

/**
 * Whether an announced address could be dialed (S-U6): it has a port, is unicast, is loopback only when it came from loopback,
 * and lies in no range reserved for documentation.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isDialable = (self: NetAddress.InetAddress, origin: NetAddress.IpAddress | undefined): boolean => {
  const address = toCanonical(self.address)
  const parts = Prefix.partsOf(address)
  if (self.port === 0 || !Prefix.isUnicast(parts)) return false
  if (NetAddress.isLoopback(address)) return origin === undefined || NetAddress.isLoopback(origin)
  return !isDocumentation(parts)
}

// ::ffff:127.0.0.1 is 127.0.0.1 to whoever dials it
const toCanonical = (address: NetAddress.IpAddress): NetAddress.IpAddress =>
  address._tag === "Ipv4Address" ? address : NetAddress.toCanonical(address)

/**
 * The claim as what the interface's link said: without its broadcast addresses, and with the addresses off the link marked as
 * `offLink`, which are not offered unless that is allowed (S-U6).
 *
 * **Details**
 *
 * On the link are the interface's networks, link-local addresses, and the one that the claim came from. What programs of this host tell
 * each other over loopback is taken as it is, and so is everything on an interface without addresses.
 *
 * @category operations
 * @since 0.1.0
 */
export const onLink = <A extends Content>(
  self: A,
  networkInterface: NetworkInterface.NetworkInterface,
  options: { readonly source: string; readonly allowOffLink: boolean }
): A => {
  if (networkInterface.isInternal || networkInterface.addresses.length === 0) return self
  const isAt = (place: Place) => ({ address }: NetAddress.InetAddress) =>
    placeOf(address, networkInterface, options.source) === place
  // as nearly every claim
  if (self.addresses.every(isAt("near"))) return self
  const near = self.addresses.filter(isAt("near"))
  const far = self.addresses.filter(isAt("far"))
  const addresses = options.allowOffLink ? [...near, ...far] : near
  return { ...self, addresses, ...(far.length === 0 ? undefined : { offLink: far }) }
}

type Place = "near" | "far" | "broadcast"

const placeOf = (
  address: NetAddress.IpAddress,
  networkInterface: NetworkInterface.NetworkInterface,
  source: string
): Place => {
  const ip = toCanonical(address)
  if (NetworkInterface.isBroadcast(networkInterface, ip)) return "broadcast"
  const isNear = NetworkInterface.isOnLink(networkInterface, ip) || NetAddress.isLinkLocal(ip) ||
    NetAddress.formatIp(ip) === source.replace(/%.*$/, "")
  return isNear ? "near" : "far"
}

/**
 * The claim with all its addresses again, to be judged for another state of the interface; those that were marked as `offLink` come last.
 *
 * @category operations
 * @since 0.1.0
 */
export const unlinked = (self: Content): Content => {
  const { offLink: far, ...rest } = self
  if (far === undefined) return self
  const near = self.addresses.filter((address) => !far.some((other) => isSameAddress(address, other)))
  return { ...rest, addresses: [...near, ...far] }
}

/**
 * The part of a claim that is beyond its limit, `undefined` when all is within. An identity has a character at least, and a ttl is no less than
 * nothing: the registry could not tell when one that is no number ends, nor anything else after it.
 *
 * @category predicates
 * @since 0.1.0
 */
export const excess = (self: Claim, limits: Limits.Limits): "name" | "ttl" | "attributes" | undefined => {
  const { identity, name, ttl } = self
  if (identity === "" || isLonger(name, limits.nameBytes) || isLonger(identity, limits.nameBytes)) return "name"
  if (Number.isNaN(ttl) || ttl < 0) return "ttl"
  return AttributeMap.isWithin(self.attributes, limits.attributesPerPeer, limits.attributesBytes)
    ? undefined
    : "attributes"
}

const utf8 = new TextEncoder()

// a UTF-16 unit takes one to three octets, so most names need no encoding to be judged
const isLonger = (text: string, octets: number): boolean =>
  text.length > octets || (text.length * 3 > octets && utf8.encode(text).length > octets)

/**
 * Whether two claims say the same of a peer, whatever their ttl.
 *
 * @category comparing
 * @since 0.1.0
 */
export const isSame = <A extends Content>(self: A, that: A): boolean =>
  self === that ||
  (self.name === that.name && self.authentication === that.authentication && self.key === that.key &&
    self.group === that.group &&
    areSameAddresses(self.addresses, that.addresses) &&
    areSameAddresses(self.offLink ?? none, that.offLink ?? none) && areSameAttributes(self.attributes, that.attributes))

const none: ReadonlyArray<NetAddress.InetAddress> = []
