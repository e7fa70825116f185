/**
 * One interface in one address family: where a group is heard and a socket sends.
 */
import type * as IpInterface from "effect/net/IpInterface"
import type * as NetAddress from "effect/net/NetAddress"

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
