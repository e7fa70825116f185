/**
 * A socket: what it is bound to, its options and its memberships.
 */
import type * as NetAddress from "effect/net/NetAddress"
import type * as Address from "./Address.ts"
import type { Host, Interface } from "./Host.ts"

/** @internal */
export interface Membership {
  readonly group: string
  readonly interface: Interface
}

/** @internal What became of a datagram at a socket: a full buffer loses it, or the oldest that it holds. */
export type Received = "kept" | "lost" | "displaced"

/** @internal */
export interface Options {
  readonly family: NetAddress.IpFamily
  readonly reuse: boolean
  readonly broadcast: boolean
  readonly multicastInterface: Interface | undefined
  readonly multicastTtl: number
  readonly multicastLoopback: boolean
  readonly receive: (payload: Uint8Array, host: string, port: number) => Received
}

/** @internal */
export interface Socket extends Options {
  readonly id: number
  readonly host: Host
  readonly bound: Address.Address
  readonly port: number
  readonly memberships: Array<Membership>
  isOpen: boolean
}

/** @internal Bound to one local unicast address: neither the wildcard, nor a group, nor a broadcast address. */
export const isSpecific = (self: Socket): boolean => self.bound.kind === "unicast" || self.bound.kind === "loopback"

/** @internal */
export const isWildcard = (self: Socket): boolean => self.bound.kind === "unspecified"
