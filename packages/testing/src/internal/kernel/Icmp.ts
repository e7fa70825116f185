/**
 * What a host answers to a datagram that no socket of it takes: rules 24, 77 and 78 of the UDP semantics.
 */
import { isErrno } from "./Errno.ts"
import type { Frame } from "./Sent.ts"
import type { Destination, Interface } from "./Topology.ts"

// The headers of IPv6 and ICMPv6, and those of the refused datagram.
const octets = 96
const nothing = new Uint8Array(0)

/** @internal The message, with the addresses and ports of the refused datagram turned round; undefined where none can be sent. */
export const portUnreachable = (
  refused: Frame,
  destination: Destination,
  seq: number,
  time: number
): Frame | undefined => {
  const from = egress(destination)
  if (from === undefined) return undefined
  return {
    seq,
    time,
    from,
    socket: 0,
    source: refused.to.address.text,
    isLinkLocal: refused.to.address.scope === "link",
    sourcePort: refused.to.port,
    to: { kind: "Icmp", address: destination.address, port: refused.sourcePort },
    ttl: 64,
    payload: nothing,
    fragments: 1,
    packet: octets,
    datagram: undefined
  }
}

const egress = (destination: Destination): Interface | undefined => {
  if (destination.kind === "Local") return destination.interface
  return destination.kind === "Remote" && !isErrno(destination.hop) ? destination.hop.interface : undefined
}
