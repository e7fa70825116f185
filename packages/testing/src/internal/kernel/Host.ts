/**
 * What a host knows of addresses: which are its own, and where a datagram to another would go.
 */
import type * as IpInterface from "effect/net/IpInterface"
import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"
import * as Address from "./Address.ts"
import { type Errno, isErrno } from "./Errno.ts"
import * as Routing from "./Routing.ts"
import type { Destination, Hop, Host, Interface, LocalAddress } from "./Topology.ts"

/** @internal */
export const localAddress = (assigned: IpInterface.IpInterface): LocalAddress => {
  const network = IpNetwork.fromInterface(assigned)
  const hasBroadcast = NetAddress.isIpv4Address(assigned.address) && assigned.prefixLength <= 30
  return {
    ...Address.ofIp(assigned.address),
    assigned,
    network,
    broadcast: hasBroadcast ? NetAddress.formatIp(IpNetwork.lastAddress(network)) : undefined
  }
}

/** @internal The address an interface sends from, of the scope of where it goes (rule 93). */
export const sourceOf = (self: Interface, to: Address.Address): Address.Address | undefined => {
  const own = self.addresses.filter((address) => address.family === to.family)
  return own.find((address) => address.scope === to.scope) ?? own[0]
}

/** @internal */
export const loopbackOf = (self: Host): Interface => self.interfaces[0]!

/** @internal */
export const owner = (self: Host, address: Address.Address): Interface | undefined =>
  self.interfaces.find((local) => local.addresses.some((own) => own.text === address.text)) ??
    (address.kind === "loopback" ? loopbackOf(self) : undefined)

/** @internal Where a group is reached that nobody chose an interface for: IPv6 has routes for them on all, and takes the first (rules 58, 67, 91). */
export const multicastInterface = (self: Host, group: Address.Address): Interface | undefined =>
  group.family === "IPv6"
    ? self.interfaces.find((local) => !local.isInternal && local.isUp)
    : routeInterface(self, group)

/** @internal By which interface the routing table leads there. */
export const routeInterface = (self: Host, address: Address.Address): Interface | undefined => {
  const hop = Routing.find(self, address)
  return isErrno(hop) ? undefined : hop.interface
}

/** @internal The interface that an address's zone names. */
export const zone = (self: Host, { zone }: Address.Address): Interface | undefined =>
  zone === undefined ? undefined : self.interfaces.find(({ index, name }) => name === zone || String(index) === zone)

/** @internal */
export const broadcastInterface = (self: Host, address: Address.Address): Interface | undefined =>
  self.interfaces.find((local) => local.addresses.some((own) => own.broadcast === address.text))

// A program sends to few destinations; one that sprays shall not fill memory.
const remembered = 4096

/** @internal */
export const destination = (self: Host, text: string): Destination | Errno => {
  const known = self.destinations.get(text)
  if (known !== undefined) return known
  const address = Address.parse(text)
  if (address === undefined) return "EINVAL"
  if (!isZoned(self, address)) return "ENODEV"
  const found = classify(self, address)
  if (self.destinations.size >= remembered) self.destinations.clear()
  self.destinations.set(text, found)
  return found
}

// Rule 33: the system takes a missing or wrong zone for some interface and loses the datagram; a library has to reject it.
const isZoned = (self: Host, address: Address.Address): boolean =>
  address.zone === undefined
    ? address.scope !== "link" || address.kind === "multicast"
    : zone(self, address) !== undefined

const classify = (self: Host, address: Address.Address): Destination => {
  switch (address.kind) {
    case "unspecified": // rule 28
      return classify(self, { ...Address.ofIp(loopbackIp(address.family)), isMapped: address.isMapped })
    case "multicast":
      return { kind: "Multicast", address, interface: zone(self, address) }
    case "broadcast":
      return { kind: "Broadcast", address, interface: undefined }
    default:
      return unicast(self, address)
  }
}

const unicast = (self: Host, address: Address.Address): Destination => {
  const directed = broadcastInterface(self, address)
  if (directed !== undefined) return { kind: "Broadcast", address, interface: directed }
  const own = owner(self, address)
  if (own !== undefined) return { kind: "Local", address, interface: own }
  return { kind: "Remote", address, hop: hop(self, address) }
}

// An address of one link is on the link its zone names.
const hop = (self: Host, address: Address.Address): Hop | Errno => {
  if (address.zone === undefined || address.scope !== "link") return Routing.find(self, address)
  const local = zone(self, address)
  return local?.isUp === true ? { interface: local, gateway: undefined } : "ENETUNREACH"
}

const loopbackIp = (family: NetAddress.IpFamily): NetAddress.IpAddress =>
  family === "IPv4" ? NetAddress.ipv4Loopback : NetAddress.ipv6Loopback
