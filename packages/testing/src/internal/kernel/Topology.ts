/**
 * What there is on the network: hosts, their interfaces on segments, their sockets and memberships.
 */
import type * as Seed from "@effect-discovery/core/Seed"
import type * as IpInterface from "effect/net/IpInterface"
import type * as IpNetwork from "effect/net/IpNetwork"
import type * as NetAddress from "effect/net/NetAddress"
import type * as Address from "./Address.ts"
import type { Errno } from "./Errno.ts"
import type { Profile } from "./Profile.ts"

/** @internal */
export interface LocalAddress extends Address.Address {
  readonly assigned: IpInterface.IpInterface
  readonly network: IpNetwork.IpNetwork
  /** The directed broadcast address of its network, where there is one. */
  readonly broadcast: string | undefined
}

/** @internal The wire that interfaces hang on. */
export interface Segment {
  readonly name: string
  /** What its links do otherwise than those of the network. */
  readonly link: Partial<Profile> | undefined
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
  addresses: ReadonlyArray<LocalAddress>
  readonly segment: Segment | undefined
  /** How many sockets of the host joined each group here. */
  readonly groups: Map<string, number>
  /** The longest packet, in octets. */
  mtu: number
  isUp: boolean
}

/** @internal */
export interface Host {
  readonly id: number
  readonly name: string
  readonly interfaces: Array<Interface>
  /** Those that are configured; the ones to its own networks it has by its addresses. */
  readonly routes: ReadonlyArray<Route>
  readonly isPrivileged: boolean
  /** In the order they were bound. */
  readonly ports: Map<number, Array<Socket>>
  readonly destinations: Map<string, Destination>
  portSeed: Seed.Seed
  copySeed: Seed.Seed
}

/** @internal A route that is configured: by a gateway, by an interface, or refused. */
export interface Route {
  readonly network: IpNetwork.IpNetwork
  readonly via: Address.Address | undefined
  readonly by: string | undefined
  readonly reject: Errno | undefined
}

/** @internal The next interface on the way to a network, and the gateway on its segment, if any. */
export interface Hop {
  readonly interface: Interface
  readonly gateway: string | undefined
}

/** @internal Where a datagram would go, seen from one host. */
export type Destination =
  | { readonly kind: "Multicast"; readonly address: Address.Address; readonly interface: Interface | undefined }
  | { readonly kind: "Broadcast"; readonly address: Address.Address; readonly interface: Interface | undefined }
  | { readonly kind: "Local"; readonly address: Address.Address; readonly interface: Interface }
  | { readonly kind: "Remote"; readonly address: Address.Address; readonly hop: Hop | Errno }

/** @internal */
export interface Membership {
  readonly group: string
  readonly interface: Interface
}

/** @internal What became of a datagram at a socket: a full buffer loses it, or the oldest that it holds. */
export type Received = "kept" | "lost" | "displaced"

/** @internal */
export interface SocketOptions {
  readonly family: NetAddress.IpFamily
  readonly reuse: boolean
  readonly broadcast: boolean
  readonly multicastInterface: Interface | undefined
  readonly multicastTtl: number
  readonly multicastLoopback: boolean
  readonly receive: (payload: Uint8Array, host: string, port: number) => Received
}

/** @internal */
export interface Socket extends SocketOptions {
  readonly id: number
  readonly host: Host
  readonly bound: Address.Address
  readonly port: number
  readonly memberships: Array<Membership>
  isOpen: boolean
}
