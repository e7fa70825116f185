/**
 * By which interface a datagram leaves, and from which address: rules 23 to 30, 67, 68, 82 to 84, 91, 93 and 98.
 */
import type * as NetAddress from "effect/net/NetAddress"
import type * as Address from "./Address.ts"
import { type Errno, isErrno } from "./Errno.ts"
import * as Host from "./Host.ts"
import * as Socket from "./Socket.ts"
import type * as Topology from "./Topology.ts"

/** @internal */
export interface Route {
  readonly interface: Topology.Interface
  readonly source: Address.Address
}

/** @internal Where a datagram goes that is sent to an address. `0.0.0.0` is the address that the socket is bound to, if any (rule 28). */
export const target = (socket: Topology.Socket, to: string): string =>
  to === "0.0.0.0" && Socket.isSpecific(socket) ? socket.bound.text : to

/** @internal */
export const find = (socket: Topology.Socket, destination: Topology.Destination): Route | Errno => {
  const mismatch = familyError(socket, destination.address)
  if (mismatch !== undefined) return mismatch
  const local = egress(socket, destination)
  if (isErrno(local)) return local // 27
  if (isElsewhere(socket, destination, local)) return "ENETUNREACH"
  if (!ownsBound(socket)) return "ENETUNREACH" // 98
  if (destination.kind !== "Local" && !isLed(socket, destination) && !local.isUp) return "ENETUNREACH" // 26, 67, 98
  if (isLoopback4(socket) && !local.isInternal && destination.kind !== "Local") return "EINVAL" // 29
  if (destination.kind === "Broadcast" && !socket.broadcast) return "EACCES" // 82
  const source = sourceOf(socket, destination, local)
  return source === undefined ? "ENETUNREACH" : { interface: local, source }
}

// Rule 32. An IPv4 destination of an IPv6 socket is mapped, and takes a socket that has IPv4.
const familyError = (socket: Topology.Socket, { family, isMapped }: Address.Address): Errno | undefined => {
  if (isMapped ? socket.family === "IPv4" : family !== socket.family) return "EINVAL"
  if (Socket.has(socket, family)) return undefined
  return isMapped ? "ENETUNREACH" : "EAFNOSUPPORT"
}

// An IPv6 one may send where it wants, and nobody takes it.
const isLoopback4 = ({ bound }: Topology.Socket): boolean => bound.kind === "loopback" && bound.family === "IPv4"

// What is bound with a zone reaches nobody by another interface, and nobody at all once its own is gone.
const isElsewhere = (
  { bound, host }: Topology.Socket,
  { address }: Topology.Destination,
  local: Topology.Interface
): boolean => bound.zone !== undefined && address.zone === undefined && Host.device(host, bound) !== local

// Where nothing but the bound address leads, Linux does not look whether the interface is up; what is sent is lost.
const isLed = (socket: Topology.Socket, destination: Topology.Destination): boolean =>
  (destination.kind === "Broadcast" ||
    (destination.kind === "Multicast" && chosen(socket, destination.address.family) === undefined)) &&
  destination.interface === undefined && destination.address.family === "IPv4" && byBoundAddress(socket) !== undefined

// Rule 98: what is bound to an address that was removed reaches nobody. IPv6 does not look at it.
const ownsBound = (socket: Topology.Socket): boolean =>
  !Socket.isSpecific(socket) || socket.bound.family === "IPv6" ||
  Host.owner(socket.host, socket.bound) !== undefined

const egress = (socket: Topology.Socket, destination: Topology.Destination): Topology.Interface | Errno => {
  switch (destination.kind) {
    case "Local":
      return destination.interface
    case "Remote":
      return isErrno(destination.hop) ? destination.hop : destination.hop.interface
    case "Multicast": // 67
      return destination.interface ?? chosen(socket, destination.address.family) ?? byBoundAddress(socket) ??
        destination.routed
    case "Broadcast": // 83, 84
      return destination.interface ?? byBoundAddress(socket) ?? destination.routed
  }
}

// Rule 54: a dual-stack socket sends IPv4 multicast by an IPv4 choice only, and IPv6 by one of an index.
const chosen = (socket: Topology.Socket, family: NetAddress.IpFamily): Topology.Interface | Errno | undefined => {
  const local = socket.multicastFamily === family ? socket.multicastInterface : undefined
  return local && (staleness(socket, local) ?? local)
}

// Rule 70: the choice is of an address and of a number, and one of them may be gone without the other.
const staleness = (socket: Topology.Socket, local: Topology.Interface): Errno | undefined => {
  const { bound, host, multicastSource } = socket
  const source = Socket.isSpecific(socket) ? bound : multicastSource
  if (source?.family === "IPv4" && Host.owner(host, source) === undefined) return "ENETUNREACH"
  if (local.isPresent) return undefined
  return source?.family === "IPv4" || host.interfaces.some(({ name }) => name === local.name)
    ? "ENODEV"
    : "ENETUNREACH"
}

// A zone binds to its interface, an IPv4 address leads by the one that has it, and an IPv6 address nowhere.
const byBoundAddress = (socket: Topology.Socket): Topology.Interface | undefined =>
  Host.device(socket.host, socket.bound) ??
    (socket.bound.family === "IPv4" && Socket.isSpecific(socket) ? Host.owner(socket.host, socket.bound) : undefined)

// Rules 25, 30, 68: the bound address, else that of the interface; what stays on the host comes from where it goes.
const sourceOf = (
  socket: Topology.Socket,
  destination: Topology.Destination,
  local: Topology.Interface
): Address.Address | undefined => {
  if (Socket.isSpecific(socket)) return socket.bound
  if (destination.kind === "Local" && destination.address.kind !== "loopback") {
    return Host.primary(local, destination.address)
  }
  if (destination.kind === "Multicast" && local === socket.multicastInterface) {
    const { multicastSource } = socket
    if (multicastSource?.family === destination.address.family) return multicastSource
  }
  return Host.sourceOf(local, destination.address)
}
