/**
 * What a host knows of addresses: which are its own, and where a datagram to another would go.
 */
import type * as IpInterface from "effect/net/IpInterface"
import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"
import * as Address from "./Address.ts"
import type { Destination, Host, Interface, LocalAddress } from "./Topology.ts"

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

/** @internal The address an interface sends from. */
export const sourceOf = (self: Interface, family: NetAddress.IpFamily): string | undefined =>
  self.addresses.find((address) => address.family === family)?.text

/** @internal */
export const loopbackOf = (self: Host): Interface => self.interfaces[0]!

/** @internal */
export const owner = (self: Host, address: Address.Address): Interface | undefined =>
  self.interfaces.find((local) => local.addresses.some((own) => own.text === address.text)) ??
    (address.kind === "loopback" ? loopbackOf(self) : undefined)

/** @internal The interface of the default route, by which everything leaves that no other route takes. */
export const defaultInterface = (self: Host): Interface | undefined =>
  self.hasDefaultRoute ? self.interfaces.find((local) => !local.isInternal && local.isUp) : undefined

/** @internal */
export const withZone = (self: Host, zone: string): Interface | undefined =>
  self.interfaces.find((local) => local.name === zone || String(local.index) === zone)

/** @internal */
export const broadcastInterface = (self: Host, address: Address.Address): Interface | undefined =>
  self.interfaces.find((local) => local.addresses.some((own) => own.broadcast === address.text))

// A program sends to few destinations; one that sprays shall not fill memory.
const remembered = 4096

/** @internal */
export const destination = (self: Host, text: string): Destination | undefined => {
  const known = self.destinations.get(text)
  if (known !== undefined) return known
  const address = Address.parse(text)
  if (address === undefined) return undefined
  const found = classify(self, address)
  if (self.destinations.size >= remembered) self.destinations.clear()
  self.destinations.set(text, found)
  return found
}

const classify = (self: Host, address: Address.Address): Destination => {
  switch (address.kind) {
    case "unspecified": // rule 28
      return classify(self, Address.ofIp(loopbackIp(address.family)))
    case "multicast":
      return {
        kind: "Multicast",
        address,
        interface: address.zone === undefined ? undefined : withZone(self, address.zone)
      }
    case "broadcast":
      return { kind: "Broadcast", address, interface: undefined }
    default:
      return unicast(self, address)
  }
}

const unicast = (self: Host, address: Address.Address): Destination => {
  const directed = broadcastInterface(self, address)
  if (directed?.isUp === true) return { kind: "Broadcast", address, interface: directed }
  const own = owner(self, address)
  if (own !== undefined) return { kind: "Local", address, interface: own }
  return { kind: "Remote", address, interface: onLink(self, address) ?? defaultInterface(self) }
}

const onLink = (self: Host, address: Address.Address): Interface | undefined =>
  self.interfaces.find((local) =>
    local.isUp && (address.zone === undefined || withZone(self, address.zone) === local) &&
    local.addresses.some((own) => IpNetwork.contains(own.network, address.ip))
  )

const loopbackIp = (family: NetAddress.IpFamily): NetAddress.IpAddress =>
  family === "IPv4" ? NetAddress.ipv4Loopback : NetAddress.ipv6Loopback
