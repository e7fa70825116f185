/**
 * The nodes that sign, as far as one is concerned that wants to know how often to announce itself among them.
 */
import type * as PeerKey from "../../../PeerKey.ts"
import * as Arrivals from "../../../protocol/internal/crowd/Arrivals.ts"
import * as Pace from "../../../protocol/internal/crowd/Pace.ts"

/** Keys that have proven themselves with the time until which they hold, and addresses that were heard, proven or not. Updated in place. */
export interface Company {
  readonly keys: Map<PeerKey.PeerKey, number>
  readonly addresses: Set<string>
  readonly arrivals: Arrivals.Arrivals
}

export const make = (): Company => ({ keys: new Map(), addresses: new Set(), arrivals: Arrivals.make() })

/** Something came from an address: in a crowd that starts, signatures are verified too late to tell of it. */
export const hear = (self: Company, address: string, now: number): void => {
  if (self.addresses.has(address)) return
  if (self.addresses.size >= Pace.mostCounted) self.addresses.clear()
  self.addresses.add(address)
  Arrivals.add(self.arrivals, now)
}

/** A key has proven itself. */
export const add = (self: Company, key: PeerKey.PeerKey, until: number): void => {
  if (self.keys.has(key) || self.keys.size < Pace.mostCounted) self.keys.set(key, until)
}

/** A key has said goodbye. */
export const remove = (self: Company, key: PeerKey.PeerKey): void => {
  self.keys.delete(key)
}

/** How many keys there are. */
export const count = ({ keys }: Company, now: number): number => {
  for (const [key, until] of keys) if (until <= now) keys.delete(key)
  return keys.size
}
