/**
 * What can happen to an interface, and what of it stays: rules 64, 65, 95 and 98.
 */
import type * as Topology from "./Topology.ts"
import * as Wiring from "./Wiring.ts"

/** @internal */
export type Change =
  | { readonly _tag: "Up"; readonly isUp: boolean }
  | { readonly _tag: "Carrier"; readonly isOn: boolean }
  | { readonly _tag: "Addresses"; readonly addresses: ReadonlyArray<Topology.LocalAddress> }
  | { readonly _tag: "Mtu"; readonly mtu: number }
  | {
    readonly _tag: "Move"
    readonly segment: Topology.Segment
    readonly addresses: ReadonlyArray<Topology.LocalAddress>
  }
  | { readonly _tag: "Remove" }

/** @internal Whether it would change anything. */
export const isNew = (local: Topology.Interface, change: Change): boolean => {
  switch (change._tag) {
    case "Up":
      return local.isUp !== change.isUp
    case "Carrier":
      return local.hasCarrier !== change.isOn
    case "Mtu":
      return local.mtu !== change.mtu
    default:
      return true
  }
}

/** @internal Whether it connects the interface anew. */
export const isReconnect = (change: Change): boolean =>
  (change._tag === "Up" && change.isUp) || (change._tag === "Carrier" && change.isOn) || change._tag === "Move"

/** @internal Why what an interface waits to send is lost by it: only with a carrier it remembers whom it asked for (rule 31). */
export const disconnects = (change: Change): "interface-down" | "no-carrier" | undefined => {
  switch (change._tag) {
    case "Up":
      return change.isUp ? undefined : "interface-down"
    case "Carrier":
      return change.isOn ? undefined : "no-carrier"
    case "Move":
      return "no-carrier"
    case "Remove":
      return "interface-down"
    default:
      return undefined
  }
}

/** @internal */
export const apply = (local: Topology.Interface, change: Change): void => {
  switch (change._tag) {
    case "Up":
      local.isUp = change.isUp
      return Wiring.setAddresses(local, change.isUp ? local.addresses : local.addresses.filter(survivesDown))
    case "Carrier":
      local.hasCarrier = change.isOn
      return
    case "Addresses":
      return Wiring.setAddresses(local, change.addresses)
    case "Mtu":
      local.mtu = change.mtu
      return
    case "Move":
      leave(local)
      local.segment = change.segment
      change.segment.interfaces.push(local)
      return Wiring.setAddresses(local, change.addresses)
    case "Remove":
      leave(local)
      local.isUp = false
      local.isPresent = false
      local.host.interfaces.splice(local.host.interfaces.indexOf(local), 1)
      return Wiring.refresh(local.host)
  }
}

// Rule 95: global IPv6 addresses are gone and do not come back by themselves.
const survivesDown = (address: Topology.LocalAddress): boolean =>
  address.family === "IPv4" || address.scope !== "global"

const leave = (local: Topology.Interface): void => {
  Wiring.setAddresses(local, [])
  const others = local.segment?.interfaces
  others?.splice(others.indexOf(local), 1)
}

/** @internal As the journal tells it. */
export const describe = (change: Change): string => {
  switch (change._tag) {
    case "Up":
      return change.isUp ? "up" : "down"
    case "Carrier":
      return change.isOn ? "carrier on" : "carrier off"
    case "Addresses":
      return `addresses ${listed(change.addresses)}`
    case "Mtu":
      return `mtu ${change.mtu}`
    case "Move":
      return `moved to ${change.segment.name} ${listed(change.addresses)}`
    case "Remove":
      return "removed"
  }
}

const listed = (addresses: ReadonlyArray<Topology.LocalAddress>): string =>
  addresses.map(({ text }) => text).join(" ") || "none"
