/**
 * The routing table of a host: its own networks by its addresses, and the routes that are configured.
 */
import * as IpNetwork from "effect/net/IpNetwork"
import type * as NetAddress from "effect/net/NetAddress"
import type * as Address from "./Address.ts"
import type { Errno } from "./Errno.ts"
import type { Hop, Host, Interface, Route } from "./Topology.ts"

/** @internal By the longest prefix; of equals its own network, then the first that is configured. Rules 26 and 27. */
export const find = (self: Host, address: Address.Address): Hop | Errno => {
  const own = onLink(self, address.ip)
  let length = own === undefined ? -1 : own.prefixLength
  let found: Hop | Errno = own === undefined ? "ENETUNREACH" : { interface: own.interface, gateway: undefined }
  for (const route of self.routes) {
    if (route.network.prefixLength <= length || !IpNetwork.contains(route.network, address.ip)) continue
    const hop = route.reject ?? hopOf(self, route)
    if (hop === undefined) continue
    length = route.network.prefixLength
    found = hop
  }
  return found
}

// Rule 98: what is down has no routes. What lost its carrier keeps them, and loses what is sent.
const hopOf = (self: Host, { by, via }: Route): Hop | undefined => {
  const local = via === undefined
    ? self.interfaces.find(({ isUp, name }) => isUp && name === by)
    : onLink(self, via.ip)?.interface
  return local && { interface: local, gateway: via?.text }
}

interface OnLink {
  readonly interface: Interface
  readonly prefixLength: number
}

const onLink = (self: Host, ip: NetAddress.IpAddress): OnLink | undefined => {
  let found: OnLink | undefined
  for (const local of self.interfaces) {
    for (const { network } of local.isUp ? local.addresses : []) {
      if (network.prefixLength <= (found?.prefixLength ?? -1) || !IpNetwork.contains(network, ip)) continue
      found = { interface: local, prefixLength: network.prefixLength }
    }
  }
  return found
}
