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
  const scope = to.kind === "multicast" && to.scope === "host" ? "link" : to.scope
  return self.addresses.find((own) => own.family === to.family && own.scope === scope) ??
    self.addresses.find((own) => own.family === to.family)
}

/** @internal What the host sends from to an address of its own: the first IPv4 address of the same network, else that address. */
export const primary = (self: Interface, to: Address.Address): Address.Address =>
  to.family === "IPv6" ? to : self.addresses.find(({ network }) => IpNetwork.contains(network, to.ip)) ?? to

/** @internal */
export const loopbackOf = (self: Host): Interface => self.interfaces[0]!

/** @internal */
export const owner = (self: Host, address: Address.Address): Interface | undefined =>
  owned(self).get(address.text) ?? (address.kind === "loopback" ? loopbackOf(self) : undefined)

/** @internal Whether one of its interfaces, whichever, has the address (rule 22). */
export const owns = (self: Host, text: string): boolean => owned(self).has(text)

const owned = (self: Host): ReadonlyMap<string, Interface> => self.owned ??= byAddress(self)

// Of two interfaces with one address the first has it.
const byAddress = (self: Host): ReadonlyMap<string, Interface> => {
  const found = new Map<string, Interface>()
  for (const local of self.interfaces) {
    for (const { text } of local.addresses) if (!found.has(text)) found.set(text, local)
  }
  return found
}

/** @internal Where a group is reached that nobody chose an interface for: IPv6 has routes for them on all, and takes the first (rules 58, 67, 91). */
export const membershipInterface = (self: Host, group: Address.Address): Interface | undefined => {
  const routed = routedTo(self, group)
  return isErrno(routed) ? undefined : routed
}

const routedTo = (self: Host, address: Address.Address): Interface | Errno => {
  if (address.family === "IPv6") {
    return self.interfaces.find((local) => !local.isInternal && local.isUp) ?? "ENETUNREACH"
  }
  const hop = Routing.find(self, address)
  return isErrno(hop) ? hop : hop.interface
}

// Ten minutes, as on Linux; then a long one is tried again (RFC 1191, section 6.3).
const believed = 600_000_000

/** @internal Rule 38: how long packets to an address may be, as a router told. */
export const learnPath = (self: Host, address: string, mtu: number, now: number): void => {
  if (self.paths.size >= remembered) self.paths.clear()
  self.paths.set(address, { mtu, until: now + believed })
}

/** @internal The longest packet to an address that leaves by an interface. */
export const pathMtu = (self: Host, address: string, local: Interface, now: number): number => {
  const path = self.paths.size === 0 ? undefined : self.paths.get(address)
  return path === undefined || path.until <= now ? local.mtu : Math.min(path.mtu, local.mtu)
}

/** @internal The interface that an address's zone names. */
export const zone = (self: Host, { zone }: Address.Address): Interface | undefined =>
  zone === undefined
    ? undefined
    : self.interfaces.find((local) => isNamed(local) && (local.name === zone || String(local.index) === zone))

/** @internal The interface that an address's zone bound a socket to: that very one, whatever became of it, and no other of its name. */
export const device = (self: Host, { zone }: Address.Address): Interface | undefined =>
  zone === undefined ? undefined : self.interfaces.find(({ index }) => String(index) === zone)

/** @internal Whether IPv6 can name the interface: programs know those in the list with a link-local address (rules 90 and 97). */
export const isNamed = ({ addresses, hasCarrier, isUp }: Interface): boolean =>
  isUp && hasCarrier && addresses.some(({ family, scope }) => family === "IPv6" && scope === "link")

/** @internal Whose network's broadcast address it is. An interface that is down has none. */
export const broadcastInterface = (self: Host, address: Address.Address): Interface | undefined =>
  self.interfaces.find((local) => local.isUp && local.addresses.some((own) => own.broadcast === address.text))

/** @internal An address to bind to: one that is a broadcast address here counts as such (rule 8). */
export const asBound = (self: Host, address: Address.Address): Address.Address =>
  broadcastInterface(self, address) === undefined ? address : { ...address, kind: "broadcast" }

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
      return { kind: "Multicast", address, interface: zone(self, address), routed: routedTo(self, address) }
    case "broadcast":
      return { kind: "Broadcast", address, interface: undefined, routed: routedTo(self, address) }
    default:
      return unicast(self, address)
  }
}

const unicast = (self: Host, address: Address.Address): Destination => {
  const directed = broadcastInterface(self, address)
  if (directed !== undefined) return { kind: "Broadcast", address, interface: directed, routed: directed }
  const own = address.scope === "link" ? ownerOnLink(self, address) : owner(self, address)
  if (own !== undefined) return { kind: "Local", address, interface: own }
  return { kind: "Remote", address, hop: hop(self, address) }
}

const ownerOnLink = (self: Host, address: Address.Address): Interface | undefined => {
  const local = zone(self, address)
  return local?.addresses.some(({ text }) => text === address.text) ? local : undefined
}

// An address of one link is on the link its zone names.
const hop = (self: Host, address: Address.Address): Hop | Errno => {
  if (address.zone === undefined || address.scope !== "link") return Routing.find(self, address)
  const local = zone(self, address)
  return local?.isUp === true ? { interface: local, gateway: undefined } : "ENETUNREACH"
}

const loopbackIp = (family: NetAddress.IpFamily): NetAddress.IpAddress =>
  family === "IPv4" ? NetAddress.ipv4Loopback : NetAddress.ipv6Loopback
