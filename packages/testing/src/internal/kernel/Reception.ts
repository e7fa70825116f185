/**
 * Which sockets of a host get a datagram: rules 18 to 21, 47 to 52, 54, 56, 63, 79 and 85.
 */
import * as Seed from "@effect-discovery/core/Seed"
import type * as Address from "./Address.ts"
import * as Membership from "./Membership.ts"
import type { Addressed, Frame } from "./Sent.ts"
import * as Socket from "./Socket.ts"
import type * as Topology from "./Topology.ts"

/** @internal Whether it is for one host, and no other takes it. */
export const isForOne = ({ kind }: Addressed): boolean => kind === "Unicast" || kind === "Icmp"

/** @internal Why nobody gets it. */
export type Refusal = "not-joined" | "no-listener" | "not-peer"

/** @internal Those that get a copy, or why nobody does. */
export const find = (
  local: Topology.Interface,
  frame: Frame,
  isStrict: boolean
): ReadonlyArray<Topology.Socket> | Refusal => {
  const { to } = frame
  if (to.kind === "Multicast" && !Membership.isAccepted(local, to.address.text, frame.source)) return "not-joined"
  const { isChoosy, sockets } = listeners(local, to, isStrict)
  if (sockets.length === 0) return "no-listener"
  if (!isChoosy) return sockets
  const chosen = to.kind === "Unicast" ? choose(sockets, frame, local) : sockets.filter(admits(frame, local))
  return chosen.length === 0 ? "not-peer" : chosen
}

/** @internal Forgets who hears what: a socket or a membership came or went, or an interface changed. */
export const forget = (host: Topology.Host): void => {
  for (const { listeners } of host.interfaces) listeners.clear()
}

// Addresses that a port is sent to are few; one who makes them up shall not fill memory.
const remembered = 256
const none: Topology.Listeners = { sockets: [], isChoosy: false }

const listeners = (local: Topology.Interface, to: Addressed, isStrict: boolean): Topology.Listeners => {
  const known = local.listeners.get(to.port)?.get(to.address.text)
  if (known !== undefined) return known
  const bound = local.host.ports.get(to.port)
  if (bound === undefined) return none
  const found = listen(bound.filter((socket) => Socket.isInZone(socket, local)), local, to, isStrict)
  const byAddress = local.listeners.get(to.port) ?? new Map<string, Topology.Listeners>()
  if (byAddress.size >= remembered) byAddress.clear()
  byAddress.set(to.address.text, found)
  local.listeners.set(to.port, byAddress)
  return found
}

const listen = (
  bound: ReadonlyArray<Topology.Socket>,
  local: Topology.Interface,
  to: Addressed,
  isStrict: boolean
): Topology.Listeners => {
  const hearing = bound.filter((socket) =>
    Socket.hears(socket, to.address) && (to.kind !== "Multicast" || isMember(socket, to.address, local, isStrict))
  )
  return to.kind === "Unicast"
    ? unicast(hearing, to)
    : { sockets: hearing, isChoosy: hearing.some(isSelective(to, local)) }
}

// Rule 49, on Linux: whoever did not join here hears as well, only not IPv4 on an IPv6 socket (rule 54).
const isMember = (
  socket: Topology.Socket,
  group: Address.Address,
  local: Topology.Interface,
  isStrict: boolean
): boolean => (!isStrict && group.family === socket.family) || Membership.find(socket, group.text, local) !== undefined

const isSelective = (to: Addressed, local: Topology.Interface) => (socket: Topology.Socket): boolean =>
  socket.peer !== undefined || Membership.find(socket, to.address.text, local)?.sources !== undefined

// Rules 63 and 79.
const admits = (frame: Frame, local: Topology.Interface) => (socket: Topology.Socket): boolean => {
  const sources = Membership.find(socket, frame.to.address.text, local)?.sources
  return Socket.isFromPeer(socket, frame) && (sources === undefined || sources.has(frame.source))
}

// Those with a peer, and those of the first rank: several only where they take turns (rule 21).
const unicast = (hearing: ReadonlyArray<Topology.Socket>, to: Addressed): Topology.Listeners => {
  const connected = hearing.filter((socket) => socket.peer !== undefined)
  const others = hearing.filter((socket) => socket.peer === undefined)
  const first = Socket.lookedUp(others).reduce<Topology.Socket | undefined>(
    (best, socket) => best === undefined || rank(socket, to) > rank(best, to) ? socket : best,
    undefined
  )
  const equals = first === undefined ? [] : others.filter((socket) => socket === first || takeTurns(socket, first))
  const sockets = [...connected, ...equals]
  return { sockets, isChoosy: connected.length > 0 || sockets.length > 1 }
}

// Rule 19.
const rank = (socket: Topology.Socket, to: Addressed): number =>
  (Socket.isWildcard(socket) ? 0 : 2) + (socket.family === to.address.family ? 1 : 0)

const takeTurns = (a: Topology.Socket, b: Topology.Socket): boolean =>
  a.reusePort && b.reusePort && a.family === b.family && a.isDualStack === b.isDualStack &&
  a.bound.text === b.bound.text

const choose = (
  sockets: ReadonlyArray<Topology.Socket>,
  frame: Frame,
  local: Topology.Interface
): ReadonlyArray<Topology.Socket> => {
  const connected = sockets.findLast((socket) => socket.peer !== undefined && Socket.isFromPeer(socket, frame))
  if (connected !== undefined) return [connected]
  const others = sockets.filter((socket) => socket.peer === undefined)
  return others.length < 2 ? others : [others[turn(local.host, frame, others.length)]!]
}

// Rule 21: always the same for the same addresses and ports.
const turn = ({ flowSeed }: Topology.Host, { source, sourcePort, to }: Frame, count: number): number => {
  const flow = Seed.derive(flowSeed, `${source}/${sourcePort}/${to.address.text}/${to.port}`)
  return Math.floor(Seed.next(flow)[0] * count)
}
