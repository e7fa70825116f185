/**
 * Sockets with a peer: rules 18, 76 to 80 and 82 of the UDP semantics.
 */
import * as Address from "./Address.ts"
import { type Errno, isErrno } from "./Errno.ts"
import * as Host from "./Host.ts"
import * as Route from "./Route.ts"
import type { Frame } from "./Sent.ts"
import * as Socket from "./Socket.ts"
import type * as Topology from "./Topology.ts"

/** @internal Sets the peer, and the local address that goes with it (rule 80). */
export const connect = (socket: Topology.Socket, host: string, port: number): Errno | undefined => {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return "ERR_SOCKET_BAD_PORT"
  const zoned = withZone(socket, Route.target(socket, host))
  if (zoned === undefined) return "EINVAL"
  const destination = Host.destination(socket.host, zoned)
  if (isErrno(destination)) return destination
  const route = Route.find(socket, destination)
  if (isErrno(route)) return route
  socket.peer = { host: zoned, address: destination.address, port }
  if (Socket.isWildcard(socket)) socket.bound = { ...route.source, zone: zoneOf(route) }
  return undefined
}

// A peer on a link takes an interface: that of the zone, else that the socket is bound to, else that groups are sent by.
const withZone = (socket: Topology.Socket, host: string): string | undefined => {
  const address = Address.parse(host)
  if (address === undefined || address.zone !== undefined || !Address.isLinkScoped(address)) return host
  const isChosen = address.kind === "multicast" && socket.multicastFamily === "IPv6"
  const device = Host.zone(socket.host, socket.bound) ?? (isChosen ? socket.multicastInterface : undefined)
  return device && `${host}%${device.index}`
}

const zoneOf = ({ interface: { index }, source }: Route.Route): string | undefined =>
  source.scope === "link" ? String(index) : undefined

/** @internal Its own address as the program sees it: rule 11 has the zone, rule 54 the mapped form. */
export const localHost = ({ bound, family, host }: Topology.Socket): string => {
  const text = Address.format(bound.text, family)
  return bound.zone === undefined || bound.kind === "multicast"
    ? text
    : `${text}%${Host.zone(host, bound)?.name ?? bound.zone}`
}

/** @internal The error that the next send fails with, once (rule 78). */
export const takeError = (socket: Topology.Socket): Errno | undefined => {
  const { error } = socket
  socket.error = undefined
  return error
}

/** @internal The socket that an ICMP message is about: the one that is connected to where it comes from. */
export const reportedTo = (host: Topology.Host, icmp: Frame): Topology.Socket | undefined =>
  host.ports.get(icmp.to.port)?.findLast((socket) =>
    socket.peer !== undefined && Socket.isFromPeer(socket, icmp) && Socket.hears(socket, icmp.to.address)
  )
