/**
 * A local network interface, and the predicates that choose among them.
 *
 * @since 0.1.0
 */
import type * as IpInterface from "effect/net/IpInterface"
import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"
import * as Prefix from "./internal/Prefix.ts"
import * as Prefixes from "./internal/Prefixes.ts"

/**
 * A local interface that is up, with its addresses.
 *
 * @category models
 * @since 0.1.0
 */
export interface NetworkInterface {
  /** As the system calls it, such as `eth0`. */
  readonly name: string
  /** The system's number for it, the scope id of its link-local IPv6 addresses; 0 where unknown. */
  readonly index: number
  /** Whether it is the loopback interface. */
  readonly isInternal: boolean
  /** With the lengths of their prefixes. */
  readonly addresses: ReadonlyArray<IpInterface.IpInterface>
}

/**
 * A choice among interfaces.
 *
 * @category models
 * @since 0.1.0
 */
export type Predicate = (self: NetworkInterface) => boolean

// Point-to-point links, VPNs, container and virtual-machine bridges (S-V3).
const virtualPrefixes = [
  "tun",
  "tap",
  "utun",
  "wg",
  "ppp",
  "docker",
  "br-",
  "veth",
  "virbr",
  "vEthernet",
  "awdl",
  "llw"
]

/**
 * The default choice: neither loopback, nor a tunnel, nor a container or virtual-machine bridge.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isUsable: Predicate = (self) =>
  !self.isInternal && !virtualPrefixes.some((prefix) => self.name.startsWith(prefix))

/**
 * Only the loopback interface: for demos, tests, and programs that find each other on one machine.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isLoopback: Predicate = (self) => self.isInternal

/**
 * The interfaces with these names.
 *
 * @category predicates
 * @since 0.1.0
 */
export const named = (...names: ReadonlyArray<string>): Predicate => (self) => names.includes(self.name)

/**
 * The first address of a family, the one a session sends from.
 *
 * @category getters
 * @since 0.1.0
 */
export const addressOf = (self: NetworkInterface, family: NetAddress.IpFamily): IpInterface.IpInterface | undefined =>
  self.addresses.find((address) => NetAddress.familyOf(address.address) === family)

/**
 * Whether an address lies in one of the interface's prefixes.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isOnLink = (self: NetworkInterface, address: NetAddress.IpAddress): boolean =>
  Prefixes.contain(self, Prefix.partsOf(address))

/**
 * Whether an address is the directed broadcast of one of the interface's networks.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isBroadcast = (self: NetworkInterface, address: NetAddress.IpAddress): boolean => {
  const parts = Prefix.partsOf(address)
  return Prefixes.of(self).some((prefix) => Prefix.isBroadcast(prefix, parts))
}

/** A /31 or /32 has no directed broadcast address (RFC 3021). */
const mostBroadcast = 30

/**
 * Whether an address means something on one link only, so that it takes the index of an interface to use it: an IPv6 link-local
 * address, or a group of interface or link scope (RFC 4291, section 2.7).
 *
 * @category predicates
 * @since 0.1.0
 */
export const isLinkScoped = (address: NetAddress.IpAddress): address is NetAddress.Ipv6Address =>
  NetAddress.isIpv6Address(address) &&
  (NetAddress.isLinkLocal(address) ||
    (NetAddress.isMulticast(address) && (NetAddress.ipv6ToSegments(address)[0] & 0xf) <= 2))

const networkOf = (self: IpInterface.IpInterface) => IpNetwork.fromAddressUnsafe(self.address, self.prefixLength)

/**
 * The addresses a broadcast leaves by on this interface: its directed broadcast, and 255.255.255.255 except on loopback, where
 * sending off the host fails (UDP semantics, rules 29 and 88). `isDirected` leaves out the limited one where there is another.
 *
 * @category getters
 * @since 0.1.0
 */
export const broadcastAddresses = (
  self: NetworkInterface,
  options?: { readonly isDirected?: boolean | undefined }
): ReadonlyArray<NetAddress.Ipv4Address> => {
  const networks = self.addresses.filter(({ address }) => NetAddress.isIpv4Address(address)).map(networkOf)
  if (networks.length === 0) return []
  const directed = networks.filter(({ prefixLength }) => prefixLength <= mostBroadcast)
    .map((network) => IpNetwork.lastAddress(network) as NetAddress.Ipv4Address)
  const isEnough = self.isInternal || (options?.isDirected === true && directed.length > 0)
  const all = isEnough ? directed : [...directed, NetAddress.ipv4Broadcast]
  return Array.from(new Map(all.map((address) => [NetAddress.formatIp(address), address])).values())
}

/**
 * Whether two states of an interface serve a session alike: same name, index and addresses.
 *
 * @category comparing
 * @since 0.1.0
 */
export const key = (self: NetworkInterface): string =>
  `${self.name}#${self.index}:${
    self.addresses.map((a) => `${NetAddress.formatIp(a.address)}/${a.prefixLength}`).join(",")
  }`
