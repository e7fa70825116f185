/**
 * Which sockets of a host get a datagram: rules 18 to 20, 47 to 51 and 85.
 */
import type * as Address from "./Address.ts"
import * as Host from "./Host.ts"
import * as Membership from "./Membership.ts"
import * as Socket from "./Socket.ts"
import type * as Topology from "./Topology.ts"

/** @internal */
export interface Addressed {
  readonly kind: "Multicast" | "Broadcast" | "Unicast"
  readonly address: Address.Address
  readonly port: number
}

// Rule 47: every host is a member of these, always.
const allHosts = new Set(["224.0.0.1", "ff02::1"])

/** @internal Those that get a copy, or why nobody does. */
export const find = (
  local: Topology.Interface,
  to: Addressed,
  isStrict: boolean
): ReadonlyArray<Topology.Socket> | "not-joined" | "no-listener" => {
  if (to.kind === "Multicast" && !local.groups.has(to.address.text) && !allHosts.has(to.address.text)) {
    return "not-joined"
  }
  const bound = (local.host.ports.get(to.port) ?? []).filter((socket) =>
    socket.family === to.address.family && isInZone(socket, local)
  )
  const found = to.kind === "Unicast" ? unicast(bound, to) : copies(bound, local, to, isStrict)
  return found.length === 0 ? "no-listener" : found
}

// a socket that is bound with a zone hears that interface only
const isInZone = ({ bound }: Topology.Socket, local: Topology.Interface): boolean =>
  bound.zone === undefined || Host.zone(local.host, bound) === local

// Rule 19: a specific address before the wildcard; rule 20: among equals the last bound.
const unicast = (bound: ReadonlyArray<Topology.Socket>, to: Addressed): ReadonlyArray<Topology.Socket> => {
  const one = bound.findLast((socket) => socket.bound.text === to.address.text) ?? bound.findLast(Socket.isWildcard)
  return one === undefined ? [] : [one]
}

// Rules 48, 50 and 85; rule 49: on Linux also to wildcard sockets that never joined.
const copies = (
  bound: ReadonlyArray<Topology.Socket>,
  local: Topology.Interface,
  to: Addressed,
  isStrict: boolean
): ReadonlyArray<Topology.Socket> =>
  bound.filter((socket) =>
    (Socket.isWildcard(socket) || socket.bound.text === to.address.text) &&
    (!isStrict || to.kind !== "Multicast" || Membership.isJoined(socket, to.address.text, local))
  )
