/**
 * Who may hold which address and port: rules 1 to 14 of the UDP semantics.
 */
import * as Seed from "@effect-discovery/core/Seed"
import type * as NetAddress from "effect/net/NetAddress"
import * as Address from "./Address.ts"
import type { Errno } from "./Errno.ts"
import * as Host from "./Host.ts"
import * as Socket from "./Socket.ts"
import type * as Topology from "./Topology.ts"

/** @internal */
export interface Claim extends Socket.Hold {
  readonly family: NetAddress.IpFamily
  readonly port: number
  readonly reuse: boolean
  readonly reusePort: boolean
}

const firstEphemeral = 32_768
const lastEphemeral = 60_999
const firstUnprivileged = 1024

/** @internal The port to hold, or why it cannot be held. */
export const port = (host: Topology.Host, claim: Claim): number | Errno => {
  const { bound, port } = claim
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return "ERR_SOCKET_BAD_PORT" // 16
  if (host.openSockets >= host.fileDescriptors) return "EMFILE" // 17
  if (bound.isMapped ? !claim.isDualStack : bound.family !== claim.family) return "EINVAL" // 12
  if (Address.isLinkScoped(bound) && Host.zone(host, bound) === undefined) return "EINVAL" // 11
  if (!isLocal(host, claim)) return "EADDRNOTAVAIL" // 4
  if (port === 0) return ephemeral(host, claim)
  if (port < firstUnprivileged && !host.isPrivileged) return "EACCES" // 6
  return isFree(host, claim, port) ? port : "EADDRINUSE" // 1, 2
}

// Rules 7, 8 and 15: any group, the broadcast addresses, and the address of an interface that is down. One of a link is that of its zone.
const isLocal = (host: Topology.Host, { bound }: Claim): boolean => {
  if (bound.kind === "unspecified" || bound.kind === "multicast" || bound.kind === "broadcast") return true
  return bound.scope === "link"
    ? Host.zone(host, bound)?.addresses.some(({ text }) => text === bound.text) === true
    : Host.owner(host, bound) !== undefined
}

// Rules 1 and 10. The first looked at that is in the way decides, whatever the others would say.
const isFree = (host: Topology.Host, claim: Claim, port: number): boolean => {
  const held = host.ports.get(port)
  if (held === undefined) return true
  const deciding = Socket.lookedUp(held).find((held) => !(held.reuse && claim.reuse) && overlap(held, claim))
  return deciding === undefined || (deciding.reusePort && claim.reusePort)
}

// Rules 2, 3 and 9. A zone binds to its interface.
const overlap = (held: Topology.Socket, claim: Claim): boolean => {
  const [here, there] = [held.bound, claim.bound]
  if (here.zone !== undefined && there.zone !== undefined && here.zone !== there.zone) return false
  if (here.family === there.family) {
    return Socket.isWildcard(held) || Socket.isWildcard(claim) || here.text === there.text
  }
  // one that got an IPv6 address by connecting still has IPv4 for who comes after it
  if (claim.family === "IPv4") return held.isDualStack && (Socket.isWildcard(held) || Socket.isWildcard(claim))
  return there.isMapped
    ? held.isDualStack && Socket.isWildcard(held)
    : claim.isDualStack && Socket.isWildcard(claim)
}

// Rule 5. Nobody is given a port that another holds, whatever the two would share.
const ephemeral = (host: Topology.Host, claim: Claim): number | Errno => {
  const alone = { ...claim, reuse: false, reusePort: false }
  const count = lastEphemeral - firstEphemeral + 1
  const [start, seed] = Seed.between(host.portSeed, 0, count - 1)
  host.portSeed = seed
  for (let i = 0; i < count; i++) {
    const port = firstEphemeral + ((start + i) % count)
    if (isFree(host, alone, port)) return port
  }
  return "EADDRINUSE"
}
