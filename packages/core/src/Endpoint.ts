/**
 * Where a protocol's datagrams go: a multicast group, or broadcast, with a port.
 *
 * @since 0.1.0
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"

/**
 * A multicast group and port. The group's family is the family of the sessions that serve it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Multicast {
  readonly _tag: "Multicast"
  /** The address of the group, IPv4 or IPv6. */
  readonly group: NetAddress.MulticastAddress
  /** The UDP port, 1 to 65535. */
  readonly port: number
  /** IP TTL or hop limit of what is sent; 1 keeps it on the link (S-A6). */
  readonly ttl: number
}

/**
 * IPv4 broadcast on a port: the directed broadcast address of the interface and the limited one, 255.255.255.255.
 *
 * @category models
 * @since 0.1.0
 */
export interface Broadcast {
  readonly _tag: "Broadcast"
  /** The UDP port, 1 to 65535. */
  readonly port: number
  /** Whether it goes to 255.255.255.255 only where the interface has no broadcast address of its own. */
  readonly isDirected?: boolean | undefined
}

/**
 * Where a protocol sends and listens.
 *
 * @category models
 * @since 0.1.0
 */
export type Endpoint = Multicast | Broadcast

/**
 * A multicast endpoint.
 *
 * **Gotchas**
 *
 * Throws when `group` is no multicast address or `port` no port: endpoints are constants of a program.
 *
 * @category constructors
 * @since 0.1.0
 */
export const multicast = (group: string, port: number, options?: { readonly ttl?: number | undefined }): Multicast => {
  checkPort(port)
  const address = Result.getOrUndefined(NetAddress.ipFromString(group))
  if (address === undefined || !NetAddress.isMulticast(address)) {
    throw new RangeError(`${group} is not the address of a multicast group, such as 239.1.2.3`)
  }
  return { _tag: "Multicast", group: address, port, ttl: options?.ttl ?? 1 }
}

/**
 * A broadcast endpoint. `isDirected` leaves out 255.255.255.255 on interfaces that have a broadcast address of their own.
 *
 * **Gotchas**
 *
 * Throws when `port` is no port.
 *
 * @category constructors
 * @since 0.1.0
 */
export const broadcast = (port: number, options?: { readonly isDirected?: boolean | undefined }): Broadcast => {
  checkPort(port)
  return { _tag: "Broadcast", port, ...(options?.isDirected === true ? { isDirected: true } : undefined) }
}

const checkPort = (port: number): void => {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new RangeError(`${port} is not a port from 1 to 65535`)
  }
}

/**
 * The address family an endpoint is served in. Broadcast exists in IPv4 only.
 *
 * @category getters
 * @since 0.1.0
 */
export const family = (self: Endpoint): NetAddress.IpFamily =>
  self._tag === "Broadcast" ? "IPv4" : NetAddress.familyOf(self.group)

/**
 * An endpoint as people write it: `230.1.1.1:45900`, `broadcast:21025`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const format = (self: Endpoint): string =>
  self._tag === "Broadcast"
    ? `broadcast:${self.port}`
    : NetAddress.formatInet(NetAddress.inetAddressUnsafe(self.group, self.port))
