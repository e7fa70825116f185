/**
 * What a topology amounts to, in the terms of the kernel.
 */
import type * as IpInterface from "effect/net/IpInterface"
import type { Forwards, Route } from "../kernel/Topology.ts"
import type * as Link from "../links/Data.ts"
import type { AddressPool } from "./AddressPool.ts"

/** @internal */
export interface Segment {
  readonly name: string
  readonly pool: AddressPool
  readonly mtu: number
  /** Undefined where its links are as all others. */
  readonly link: Link.Link | undefined
}

/** @internal */
export interface Interface {
  readonly name: string
  readonly segment: Segment
  readonly addresses: ReadonlyArray<IpInterface.IpInterface>
  readonly mtu: number
}

/** @internal */
export interface Host {
  readonly name: string
  readonly interfaces: ReadonlyArray<Interface>
  readonly routes: ReadonlyArray<Route>
  readonly isPrivileged: boolean
  readonly fileDescriptors?: number | undefined
  readonly receiveBufferMaximum?: number | undefined
  readonly forwards: Forwards | undefined
}

/** @internal */
export interface Plan {
  readonly segments: ReadonlyMap<string, Segment>
  readonly hosts: ReadonlyArray<Host>
  readonly routers: ReadonlyArray<Host>
}
