/**
 * One interface in one address family: where a group is heard and a socket sends.
 */
import type * as IpInterface from "effect/net/IpInterface"
import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"

/** The port of every full participant (RFC 6762, section 5.2). */
export const port = 5_353

/** A link that is up. */
export interface Link {
  /** `eth0/IPv4`: what the link is known by for as long as it is up. */
  readonly key: string
  /** The interface's name and index. */
  readonly interface: string
  readonly index: number
  readonly family: NetAddress.IpFamily
  /** Every address of the interface, of both families: what is announced here. */
  readonly addresses: ReadonlyArray<IpInterface.IpInterface>
  /** Octets of payload that fit into one frame. */
  readonly maxPayload: number
  /** Whether answers by unicast reach us: we are the only one on the port (RFC 6762, section 15.1). */
  readonly isPortOwned: boolean
}

/** The networks that it is in. */
export const networks = ({ addresses }: Link): ReadonlyArray<IpNetwork.IpNetwork> =>
  addresses.map(({ address, prefixLength }) => IpNetwork.fromAddressUnsafe(address, prefixLength))

/** Those of its networks that tell it from other links: link-local addresses are everywhere. */
export const home = (link: Link): ReadonlyArray<IpNetwork.IpNetwork> =>
  networks(link).filter(({ address }) => !NetAddress.isLinkLocal(address))

/** Whether two that are told by these networks may be one. */
export const areTogether = (
  some: ReadonlyArray<IpNetwork.IpNetwork>,
  others: ReadonlyArray<IpNetwork.IpNetwork>
): boolean =>
  some.length === 0 || others.length === 0 ||
  some.some((one) => others.some((other) => IpNetwork.overlaps(one, other)))

/** Where a datagram came from, and how. */
export interface Origin {
  readonly source: NetAddress.InetAddress
  /** The source's address as text, without zone: a key for state by source. */
  readonly host: string
  /** Whether it came by the group; otherwise it was sent to us alone. */
  readonly isMulticast: boolean
  /** Whether the source lies in a prefix of the interface, or is link-local. */
  readonly isOnLink: boolean
  /** Whether the source is one of our own addresses, on any link: ourselves or another process of this host. */
  readonly isOwnAddress: boolean
}
