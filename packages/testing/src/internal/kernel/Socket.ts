/**
 * What a socket is bound to, and so what it can hear.
 */
import type * as NetAddress from "effect/net/NetAddress"
import type * as Address from "./Address.ts"
import * as Host from "./Host.ts"
import type { Frame } from "./Sent.ts"
import type { Interface, Socket, SocketOptions } from "./Topology.ts"

/** @internal What of a socket, or of one to be bound, tells which addresses it holds. */
export interface Hold {
  readonly bound: Address.Address
  readonly isDualStack: boolean
}

/** @internal Bound to one local unicast address: neither the wildcard, nor a group, nor a broadcast address. */
export const isSpecific = (self: Socket): boolean => self.bound.kind === "unicast" || self.bound.kind === "loopback"

/** @internal */
export const isWildcard = ({ bound }: Hold): boolean => bound.kind === "unspecified"

/** @internal Whether it has addresses of that family: only the IPv6 wildcard can have those of both. */
export const has = (self: Hold, family: NetAddress.IpFamily): boolean =>
  self.bound.family === family || (self.isDualStack && isWildcard(self))

/** @internal Whether it hears datagrams to that address. */
export const hears = (self: Hold, address: Address.Address): boolean =>
  isWildcard(self) ? has(self, address.family) : self.bound.text === address.text

/** @internal One that was just bound. */
export const make = (
  options: SocketOptions & Pick<Socket, "id" | "host" | "bound" | "port" | "capacity">
): Socket => ({
  ...options,
  peer: undefined,
  error: undefined,
  memberships: [],
  charged: 0,
  dropped: 0,
  isHandingOver: false,
  isOpen: true
})

/** @internal A socket that is bound with a zone hears that interface only. */
export const isInZone = ({ bound }: Hold, local: Interface): boolean =>
  bound.zone === undefined || Host.device(local.host, bound) === local

/** @internal An IPv6 socket has its hop limit for IPv6 only, and Node no way to set the other. */
export const ttl = (self: Socket, family: NetAddress.IpFamily, isMulticast: boolean): number => {
  if (self.family !== family) return isMulticast ? 1 : 64
  return isMulticast ? self.multicastTtl : self.ttl
}

/** @internal Whether a datagram is of the peer, if it has one (rules 18 and 79). */
export const isFromPeer = ({ peer }: Socket, frame: Frame): boolean =>
  peer === undefined || (peer.port === frame.sourcePort && peer.address.text === frame.source)

/** @internal In the order Linux looks at them (rule 20): the last bound first, then IPv6 ones with `reusePort`, the first bound first. */
export const lookedUp = (sockets: ReadonlyArray<Socket>): ReadonlyArray<Socket> =>
  sockets.some(isLate)
    ? [...sockets.filter((socket) => !isLate(socket)).toReversed(), ...sockets.filter(isLate)]
    : sockets.toReversed()

const isLate = ({ family, reusePort }: Socket): boolean => family === "IPv6" && reusePort
