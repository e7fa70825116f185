/**
 * Who may hold which address and port: rules 1 to 8 and 14 of the UDP semantics.
 */
import * as Seed from "@effect-discovery/core/Seed"
import type * as NetAddress from "effect/net/NetAddress"
import type * as Address from "./Address.ts"
import type { Errno } from "./Errno.ts"
import * as Host from "./Host.ts"
import type * as Topology from "./Topology.ts"

/** @internal */
export interface Claim {
  readonly family: NetAddress.IpFamily
  readonly address: Address.Address
  readonly port: number
  readonly reuse: boolean
}

const firstEphemeral = 32_768
const lastEphemeral = 60_999
const firstUnprivileged = 1024

/** @internal The port to hold, or why it cannot be held. */
export const port = (host: Topology.Host, claim: Claim): number | Errno => {
  if (!Number.isInteger(claim.port) || claim.port < 0 || claim.port > 65_535) return "ERR_SOCKET_BAD_PORT" // 16
  if (claim.address.family !== claim.family) return "EINVAL" // 12
  if (claim.address.scope === "link" && Host.zone(host, claim.address) === undefined) return "EINVAL" // 11
  if (!isLocal(host, claim.address)) return "EADDRNOTAVAIL" // 4
  if (claim.port === 0) return ephemeral(host, claim)
  if (claim.port < firstUnprivileged && !host.isPrivileged) return "EACCES" // 6
  return isFree(host, claim, claim.port) ? claim.port : "EADDRINUSE" // 1, 2
}

// Rules 7, 8 and 15: any group, the broadcast addresses, and the address of an interface that is down.
const isLocal = (host: Topology.Host, address: Address.Address): boolean =>
  address.kind === "unspecified" || address.kind === "multicast" || address.kind === "broadcast" ||
  Host.owner(host, address) !== undefined || Host.broadcastInterface(host, address) !== undefined

const isFree = (host: Topology.Host, claim: Claim, port: number): boolean =>
  (host.ports.get(port) ?? []).every((held) =>
    held.family !== claim.family || (held.reuse && claim.reuse) || !overlap(held.bound, claim.address)
  )

const overlap = (a: Address.Address, b: Address.Address): boolean =>
  a.kind === "unspecified" || b.kind === "unspecified" || (a.text === b.text && a.zone === b.zone) // 2, 3

// Rule 5. Nobody is given a port that another holds, whatever the two would share.
const ephemeral = (host: Topology.Host, claim: Claim): number | Errno => {
  const count = lastEphemeral - firstEphemeral + 1
  const [start, seed] = Seed.between(host.portSeed, 0, count - 1)
  host.portSeed = seed
  for (let i = 0; i < count; i++) {
    const port = firstEphemeral + ((start + i) % count)
    if (isFree(host, { ...claim, reuse: false }, port)) return port
  }
  return "EADDRINUSE"
}
