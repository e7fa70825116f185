/**
 * What was proven by key where: the last claim of each node that a carrying source knows, by provenance.
 */
import type * as Claim from "../../../Claim.ts"
import type * as PeerKey from "../../../PeerKey.ts"
import type { Provenance } from "../../../Provenance.ts"

/** The places, the one that was longest without news first. */
export interface Places {
  readonly capacity: number
  readonly claims: Map<string, Claim.Claim>
}

/** No places. */
export const make = (capacity: number): Places => ({ capacity, claims: new Map() })

// none of the parts holds a line feed but the identity, which is last
const placeOf = ({ address, interface: name }: Provenance, identity: string): string =>
  `${name}\n${address}\n${identity}`

/** Notes what was proven. */
export const add = (self: Places, provenance: Provenance, identity: string, claim: Claim.Claim): void => {
  const place = placeOf(provenance, identity)
  self.claims.delete(place)
  self.claims.set(place, claim)
  if (self.claims.size > self.capacity) self.claims.delete(self.claims.keys().next().value!)
}

/** What was proven last by the node that the carrying source knows as `identity`. */
export const claimAt = (self: Places, provenance: Provenance, identity: string): Claim.Claim | undefined =>
  self.claims.get(placeOf(provenance, identity))

/** The key that has proven it. */
export const keyAt = (self: Places, provenance: Provenance, identity: string): PeerKey.PeerKey | undefined =>
  claimAt(self, provenance, identity)?.key

/** Forgets it. */
export const forget = (self: Places, provenance: Provenance, identity: string): void => {
  self.claims.delete(placeOf(provenance, identity))
}
