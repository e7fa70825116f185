/**
 * What was proven by key where: the last claim of each node that a carrying source knows, by provenance, and whether the registry holds it.
 */
import type * as Claim from "../../../Claim.ts"
import type * as Lease from "../../../Lease.ts"
import type * as PeerKey from "../../../PeerKey.ts"
import type * as Stamp from "../../../protocol/signedBeacon/Stamp.ts"
import type { Provenance } from "../../../Provenance.ts"

/** What was proven at a place, and when its key signed it. */
export interface Proven {
  readonly claim: Claim.Claim
  readonly stamp: Stamp.Stamp
  readonly lease: Lease.Lease
}

/** The places, the one that was longest without news first. */
export interface Places {
  readonly capacity: number
  readonly proven: Map<string, Proven>
}

/** No places. */
export const make = (capacity: number): Places => ({ capacity, proven: new Map() })

// none of the parts holds a line feed but the identity, which is last
const placeOf = ({ address, interface: name }: Provenance, identity: string): string =>
  `${name}\n${address}\n${identity}`

/** Notes what was proven. */
export const add = (self: Places, provenance: Provenance, identity: string, proven: Proven): void => {
  const place = placeOf(provenance, identity)
  self.proven.delete(place)
  self.proven.set(place, proven)
  if (self.proven.size > self.capacity) self.proven.delete(self.proven.keys().next().value!)
}

/** What was proven last by the node that the carrying source knows as `identity`. */
export const at = (self: Places, provenance: Provenance, identity: string): Proven | undefined =>
  self.proven.get(placeOf(provenance, identity))

/** The key that has proven it. */
export const keyAt = (self: Places, provenance: Provenance, identity: string): PeerKey.PeerKey | undefined =>
  at(self, provenance, identity)?.claim.key

/** Whether the registry has heard of it, and holds it no longer: the peer made room for others. */
export const hasLapsed = ({ lease }: Proven): boolean => !lease.isPending && !lease.isHeld

/** Forgets it. */
export const forget = (self: Places, provenance: Provenance, identity: string): void => {
  self.proven.delete(placeOf(provenance, identity))
}
