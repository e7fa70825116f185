/**
 * Puts hosts on segments: their interfaces, and who has which address.
 */
import * as Seed from "@effect-discovery/core/Seed"
import type * as IpInterface from "effect/net/IpInterface"
import { Wire } from "../links/Wire.ts"
import * as Host from "./Host.ts"
import * as ReceiveBuffer from "./ReceiveBuffer.ts"
import * as Reception from "./Reception.ts"
import type * as Topology from "./Topology.ts"

/** @internal */
export interface InterfaceOptions {
  readonly name: string
  readonly addresses: ReadonlyArray<IpInterface.IpInterface>
  readonly segment: Topology.Segment | undefined
  readonly mtu: number
}

/** @internal */
export interface HostOptions {
  readonly name: string
  readonly interfaces: ReadonlyArray<InterfaceOptions>
  readonly loopback: ReadonlyArray<IpInterface.IpInterface>
  readonly routes: ReadonlyArray<Topology.Route>
  readonly isPrivileged: boolean
  /** 1,024 by default. */
  readonly fileDescriptors?: number | undefined
  /** 212,992 by default. */
  readonly receiveBufferMaximum?: number | undefined
  readonly forwards: Topology.Forwards | undefined
}

const loopbackMtu = 65_536

/** @internal */
export const host = (id: number, seed: Seed.Seed, options: HostOptions): Topology.Host => {
  const { fileDescriptors = 1024, forwards, interfaces, isPrivileged, loopback, name, routes } = options
  const self: Topology.Host = {
    id,
    name,
    interfaces: [],
    numbered: 0,
    routes,
    isPrivileged,
    fileDescriptors,
    receiveBufferMaximum: options.receiveBufferMaximum ?? ReceiveBuffer.standardMaximum,
    forwards,
    owned: undefined,
    paths: new Map(),
    ports: new Map(),
    openSockets: 0,
    isOff: false,
    isPaused: false,
    handOver: undefined,
    destinations: new Map(),
    linkSeed: Seed.derive(seed, "links"),
    portSeed: Seed.derive(seed, `host/${name}/ports`),
    flowSeed: Seed.derive(seed, `host/${name}/flows`),
    copySeed: Seed.derive(seed, `host/${name}/copies`)
  }
  addInterface(self, { name: "lo", addresses: loopback, segment: undefined, mtu: loopbackMtu })
  for (const local of interfaces) addInterface(self, local)
  return self
}

/** @internal */
export const addInterface = (self: Topology.Host, options: InterfaceOptions): Topology.Interface => {
  const { addresses, mtu, name, segment } = options
  const local: Topology.Interface = {
    host: self,
    name,
    label: `${self.name}/${name}`,
    index: ++self.numbered,
    isInternal: segment === undefined,
    addresses: [],
    segment,
    groups: new Map(),
    listeners: new Map(),
    wire: new Wire(self.linkSeed, `${self.name}/${name}`),
    mtu,
    isUp: true,
    hasCarrier: true,
    isPresent: true
  }
  self.interfaces.push(local)
  segment?.interfaces.push(local)
  setAddresses(local, addresses.map(Host.localAddress))
  return local
}

/** @internal */
export const setAddresses = (
  local: Topology.Interface,
  addresses: ReadonlyArray<Topology.LocalAddress>
): void => {
  const owners = local.segment?.owners
  if (owners !== undefined) {
    for (const { text } of local.addresses) disown(owners, text, local)
    for (const { text } of addresses) owners.set(text, [...owners.get(text) ?? [], local])
  }
  local.addresses = addresses
  refresh(local.host)
}

const disown = (owners: Topology.Segment["owners"], text: string, local: Topology.Interface): void => {
  const others = owners.get(text)!.filter((other) => other !== local)
  if (others.length > 0) owners.set(text, others)
  else owners.delete(text)
}

/** @internal Forgets what a host knew by its interfaces, addresses and routes. */
export const refresh = (self: Topology.Host): void => {
  self.owned = undefined
  self.destinations.clear()
  Reception.forget(self)
}
