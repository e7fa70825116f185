/**
 * Joining and leaving groups: rules 57 to 61 and 64 of the UDP semantics.
 */
import type * as Address from "./Address.ts"
import type { Errno } from "./Errno.ts"
import type { Interface, Membership, Socket } from "./Topology.ts"

// Rule 60: igmp_max_memberships of Linux. IPv6 has no such limit.
const ipv4Limit = 20

/** @internal */
export const join = (socket: Socket, group: Address.Address, local: Interface | undefined): Errno | Membership => {
  if (group.kind !== "multicast" || group.family !== socket.family) return "EINVAL" // 57
  if (local === undefined) return "ENODEV" // 57, 58
  if (find(socket, group.text, local) !== undefined) return "EADDRINUSE" // 59
  if (socket.family === "IPv4" && socket.memberships.length >= ipv4Limit) return "ENOBUFS"
  const membership = { group: group.text, interface: local }
  socket.memberships.push(membership)
  local.groups.set(group.text, (local.groups.get(group.text) ?? 0) + 1)
  return membership
}

/** @internal */
export const leave = (socket: Socket, group: string, local: Interface): Errno | undefined => {
  const membership = find(socket, group, local)
  if (membership === undefined) return "EADDRNOTAVAIL" // 59
  socket.memberships.splice(socket.memberships.indexOf(membership), 1)
  const others = local.groups.get(group)! - 1
  if (others > 0) local.groups.set(group, others)
  else local.groups.delete(group)
  return undefined
}

/** @internal Rule 61: closing drops them all, and the host's interest with the last. */
export const leaveAll = (socket: Socket): void => {
  for (let last = socket.memberships.at(-1); last !== undefined; last = socket.memberships.at(-1)) {
    leave(socket, last.group, last.interface)
  }
}

/** @internal */
export const isJoined = (socket: Socket, group: string, local: Interface): boolean =>
  find(socket, group, local) !== undefined

const find = (socket: Socket, group: string, local: Interface): Membership | undefined =>
  socket.memberships.find((membership) => membership.group === group && membership.interface === local)
