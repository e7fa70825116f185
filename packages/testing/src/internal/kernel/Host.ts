/**
 * A host: its interfaces, the ports its sockets hold, and what it makes of a destination.
 */
import type * as Seed from "@effect-discovery/core/Seed"
import type * as IpInterface from "effect/net/IpInterface"
import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"
import * as Address from "./Address.ts"
import type { Socket } from "./Socket.ts"

/** @internal */
export interface LocalAddress extends Address.Address {
  readonly assigned: IpInterface.IpInterface
  readonly network: IpNetwork.IpNetwork
  /** The directed broadcast address of its network, where there is one. */
  readonly broadcast: string | undefined
}

/** @internal The wire that interfaces hang on. */
export interface Segment {
  readonly interfaces: Array<Interface>
  readonly owners: Map<string, Array<Interface>>
}

/** @internal */
export interface Interface {
  readonly host: Host
  readonly name: string
  /** `host/name`, as captures and logs show it. */
  readonly label: string
  readonly index: number
  readonly isInternal: boolean
  readonly addresses: ReadonlyArray<LocalAddress>
  readonly segment: Segment | undefined
  /** How many sockets of the host joined each group here. */
  readonly groups: Map<string, number>
  isUp: boolean
}

/** @internal */
export interface Host {
  readonly id: number
  readonly name: string
  readonly interfaces: Array<Interface>
  readonly hasDefaultRoute: boolean
  readonly isPrivileged: boolean
  /** In the order they were bound. */
  readonly ports: Map<number, Array<Socket>>
  readonly destinations: Map<string, Destination>
  portSeed: Seed.Seed
  copySeed: Seed.Seed
}

/** @internal Where a datagram would go, seen from one host. A missing interface is a missing route. */
export type Destination =
  | { readonly kind: "Multicast"; readonly address: Address.Address; readonly interface: Interface | undefined }
  | { readonly kind: "Broadcast"; readonly address: Address.Address; readonly interface: Interface | undefined }
  | { readonly kind: "Local"; readonly address: Address.Address; readonly interface: Interface }
  | { readonly kind: "Remote"; readonly address: Address.Address; readonly interface: Interface | undefined }

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
