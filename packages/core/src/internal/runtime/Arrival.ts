/**
 * Where a datagram came from, and whether it is one of this link.
 */
import type * as NetAddress from "effect/net/NetAddress"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import * as NetworkInterface from "../../NetworkInterface.ts"
import * as Prefix from "../Prefix.ts"
import * as Prefixes from "../Prefixes.ts"

/** The interfaces that a datagram can be of. */
export interface Surroundings {
  /** The interface of the socket as it is now. */
  readonly networkInterface: () => NetworkInterface.NetworkInterface
  /** Every interface of the host, to tell whose link a datagram came from. */
  readonly interfaces: () => ReadonlyArray<NetworkInterface.NetworkInterface>
}

/** The address a datagram came from, `undefined` when it is none: the platform throws on zones that were not there when the socket was opened. */
export const sourceOf = (datagram: DatagramSocket.Datagram): NetAddress.InetAddress | undefined => {
  try {
    return datagram.address
  } catch {
    return undefined
  }
}

/**
 * Whether a datagram came by the link of the socket that has it, by that of another interface, or from afar.
 *
 * A socket bound to a group or to all addresses hears every interface on which any socket of the host has joined (UDP semantics,
 * rules 49 and 85), so the source's prefix tells the link; of a link-local one, which has the same prefix everywhere, the zone does
 * (rule 92). A source of no prefix at all can be on the link only by multicast.
 */
export const linkOf = (
  self: Surroundings,
  source: NetAddress.InetAddress,
  isMulticast: boolean
): "accept" | "ignore" | "off-link" | "port" => {
  // it says that it has none (RFC 768), and no system sends an answer there
  if (source.port === 0) return "port"
  const networkInterface = self.networkInterface()
  const { address } = source
  if ("scopeId" in source && source.scopeId !== 0 && networkInterface.index !== 0) {
    return source.scopeId === networkInterface.index ? "accept" : "ignore"
  }
  if (NetworkInterface.isOnLink(networkInterface, address)) return "accept"
  if (self.interfaces().some((other) => NetworkInterface.isOnLink(other, address))) return "ignore"
  return isMulticast ? "accept" : "off-link"
}

/**
 * Whether the text of a source tells that the datagram came by the link of another interface: what `linkOf` ignores, found without making an
 * address. It is asked of all that is no repeat before anything else is, so that a flood on one link is none on the others.
 */
export const isElsewhere = (self: Surroundings, host: string): boolean => {
  const networkInterface = self.networkInterface()
  const zoneAt = host.indexOf("%")
  if (zoneAt !== -1 && networkInterface.index !== 0) return isOtherZone(self, networkInterface, host.slice(zoneAt + 1))
  const parts = Prefix.partsOfText(zoneAt === -1 ? host : host.slice(0, zoneAt))
  if (parts === undefined || Prefixes.contain(networkInterface, parts)) return false
  for (const other of self.interfaces()) if (Prefixes.contain(other, parts)) return true
  return false
}

// some systems write a zone as a name, some as a number; one that is of no interface we know is for `sourceOf` to judge
const isOtherZone = (self: Surroundings, { index }: NetworkInterface.NetworkInterface, zone: string): boolean =>
  self.interfaces().some((other) =>
    other.index !== index && (other.name === zone || (other.index !== 0 && String(other.index) === zone))
  )
