/**
 * Where an envelope was heard, and what a report of it needs: what the gate hands back with all that it says of the envelope.
 */
import * as NetAddress from "effect/net/NetAddress"
import type * as NetworkInterface from "../../../NetworkInterface.ts"
import type * as PeerRegistry from "../../../PeerRegistry.ts"
import type * as Gate from "../../../protocol/signedBeacon/Gate.ts"

/** An origin with what came from it. */
export interface Heard extends Gate.Origin {
  readonly from: NetAddress.InetAddress
  /** The interface as it was then. */
  readonly networkInterface: NetworkInterface.NetworkInterface | undefined
  /** What the carrying source knows the node as. */
  readonly identity: string
  readonly candidates: ReadonlyArray<NetAddress.InetAddress>
  readonly payload: Uint8Array
}

/** Where the envelope of a claim was heard, `undefined` when the claim comes from no address. */
export const make = (
  { claim, networkInterface, provenance }: PeerRegistry.Announced,
  payload: Uint8Array,
  hasCandidates: boolean
): Heard | undefined => {
  const from = hasCandidates ? fromOf(provenance.address, claim.addresses) : claim.addresses[0]
  return from === undefined ? undefined : {
    ...provenance,
    port: from.port,
    from,
    networkInterface,
    identity: claim.identity,
    candidates: hasCandidates ? claim.addresses : [],
    payload
  }
}

// of other sources than carriers only the host is known, and the scope that its link-local addresses have
const fromOf = (
  host: string,
  addresses: ReadonlyArray<NetAddress.InetAddress>
): NetAddress.InetAddress | undefined => {
  const address = NetAddress.ipFromString(host.replace(/%.*$/, ""))
  if (address._tag === "Failure") return undefined
  const ip = address.success
  const same = addresses.find((each) => NetAddress.formatIp(each.address) === NetAddress.formatIp(ip))
  if (same !== undefined) return same
  const scopeId = addresses.reduce((scope, each) => scope || ("scopeId" in each ? each.scopeId : 0), 0)
  return NetAddress.inetAddressFromInputUnsafe(
    NetAddress.isIpv6Address(ip) ? { address: ip, port: 0, scopeId } : { address: ip, port: 0 }
  )
}
