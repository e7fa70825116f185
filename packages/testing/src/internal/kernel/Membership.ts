/**
 * Joining and leaving groups: rules 57 to 66 and 96 of the UDP semantics.
 *
 * A membership belongs to an interface. It outlives the interface, but not to any effect: one of the same name is another interface.
 */
import type * as NetAddress from "effect/net/NetAddress"
import type * as Address from "./Address.ts"
import type { Errno } from "./Errno.ts"
import type { Interest, Interface, Membership, Socket } from "./Topology.ts"

/** @internal What a socket asks to hear, or no longer to hear. */
export interface Wanted {
  readonly group: Address.Address
  /** Undefined where none was named that exists. */
  readonly interface: Interface | undefined
  /** The address that names the interface, where one does. */
  readonly by: string | undefined
  /** The only source to hear. */
  readonly source: string | undefined
}

// Rule 60: igmp_max_memberships and igmp_max_msf of Linux. IPv6 has no such limits.
const groupLimit = 20
const sourceLimit = 10

/** @internal Rules 57, 59 and 60, rule 63 with a source. */
export const join = (socket: Socket, wanted: Wanted): Errno | undefined => {
  const { group, interface: local, source } = wanted
  // the layer above the system looks at an index first (rule 90)
  if (local === undefined && wanted.by !== undefined && /^\d+$/.test(wanted.by)) return "ENODEV"
  if (group.kind !== "multicast") return "EINVAL"
  if (group.family === "IPv6" && socket.family === "IPv4") return "ENOPROTOOPT"
  if (local === undefined) return "ENODEV" // 58 too
  const isAnywhere = group.family === "IPv6" && wanted.by === undefined
  const held = isAnywhere
    ? socket.memberships.findLast((membership) => membership.group === group.text)
    : find(socket, group.text, local)
  if (source === undefined) return held === undefined ? add(socket, wanted, local) : "EADDRINUSE"
  return held === undefined ? add(socket, wanted, local) : addSource(socket, held, source)
}

const add = (socket: Socket, { by, group, source }: Wanted, local: Interface): Errno | undefined => {
  if (group.family === "IPv4" && count(socket, "IPv4") >= groupLimit) return "ENOBUFS"
  const sources = source === undefined ? undefined : new Set([source])
  hold(socket, { group: group.text, family: group.family, interface: local, by, sources })
  return undefined
}

// Another source joins those there are. A plain membership becomes one of this source: Linux does not mind, in this order.
const addSource = (socket: Socket, held: Membership, source: string): Errno | undefined => {
  const { family, sources } = held
  if (sources?.has(source)) return "EADDRNOTAVAIL"
  if (family === "IPv4" && sources !== undefined && sources.size >= sourceLimit) return "ENOBUFS"
  return replace(socket, held, { ...held, sources: new Set([...sources ?? [], source]) })
}

const count = (socket: Socket, family: NetAddress.IpFamily): number =>
  socket.memberships.filter((membership) => membership.family === family).length

/** @internal Rules 59, 65, 66 and 96: of several that are meant Linux leaves the one joined last. */
export const leave = (socket: Socket, wanted: Wanted): Errno | undefined => {
  if (wanted.group.family === "IPv4" && wanted.interface === undefined && wanted.by === undefined) return "ENODEV"
  const held = socket.memberships.findLast((membership) => names(wanted, membership))
  if (held === undefined) return "EADDRNOTAVAIL"
  if (wanted.interface === undefined && wanted.by !== undefined) return abandon(socket, held)
  return wanted.source === undefined ? release(socket, held) : leaveSource(socket, held, wanted.source)
}

// Rule 66: the address names the membership still, but no interface: that stays in the group.
const abandon = (socket: Socket, held: Membership): undefined => {
  socket.memberships.splice(socket.memberships.indexOf(held), 1)
}

const leaveSource = (socket: Socket, held: Membership, source: string): Errno | undefined => {
  if (held.sources?.has(source) !== true) return "EADDRNOTAVAIL"
  const rest = new Set(held.sources)
  rest.delete(source)
  return rest.size === 0 ? release(socket, held) : replace(socket, held, { ...held, sources: rest })
}

// The address of an interface names its membership even after it was removed from it (66); naming none means any of IPv6 (96).
const names = (wanted: Wanted, held: Membership): boolean => {
  if (held.group !== wanted.group.text) return false
  if (wanted.interface !== undefined) return held.interface === wanted.interface
  return wanted.by === undefined || held.by === wanted.by
}

/** @internal Rule 61: closing drops them all, and the host's interest with the last. */
export const leaveAll = (socket: Socket): void => {
  for (let last = socket.memberships.at(-1); last !== undefined; last = socket.memberships.at(-1)) release(socket, last)
}

/** @internal */
export const find = (socket: Socket, group: string, local: Interface): Membership | undefined =>
  socket.memberships.find((membership) => membership.group === group && membership.interface === local)

// Rule 47: every host is a member of these, always.
const allHosts = new Set(["224.0.0.1", "ff02::1"])

/** @internal Whether the host takes a datagram of that source to that group (rule 47). */
export const isAccepted = (local: Interface, group: string, source: string): boolean => {
  const interest = local.groups.get(group)
  return interest === undefined
    ? allHosts.has(group)
    : interest.all > 0 || interest.sources.has(source) || allHosts.has(group)
}

const hold = (socket: Socket, membership: Membership): void => {
  socket.memberships.push(membership)
  gain(membership)
}

const release = (socket: Socket, membership: Membership): undefined => {
  abandon(socket, membership)
  lose(membership)
}

// It keeps its place among those joined before and after it.
const replace = (socket: Socket, held: Membership, membership: Membership): undefined => {
  socket.memberships[socket.memberships.indexOf(held)] = membership
  lose(held)
  gain(membership)
}

const gain = ({ group, interface: { groups }, sources }: Membership): void => {
  const interest: Interest = groups.get(group) ?? { all: 0, sources: new Map() }
  groups.set(group, interest)
  if (sources === undefined) interest.all++
  else for (const source of sources) interest.sources.set(source, (interest.sources.get(source) ?? 0) + 1)
}

const lose = ({ group, interface: { groups }, sources }: Membership): void => {
  const interest = groups.get(group)!
  if (sources === undefined) interest.all--
  else for (const source of sources) forget(interest, source)
  if (interest.all === 0 && interest.sources.size === 0) groups.delete(group)
}

const forget = ({ sources }: Interest, source: string): void => {
  const others = sources.get(source)! - 1
  if (others > 0) sources.set(source, others)
  else sources.delete(source)
}
