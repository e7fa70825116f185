/**
 * The nodes that sign, as far as one is concerned that wants to know how often to announce itself among them.
 */
import * as Latch from "effect/Latch"
import type * as PeerKey from "../../../PeerKey.ts"
import * as Arrivals from "../../../protocol/internal/crowd/Arrivals.ts"
import * as Pace from "../../../protocol/internal/crowd/Pace.ts"

/** A key that has proven itself: from where, and until when that holds. */
interface Member {
  readonly origin: string
  readonly until: number
}

/** Keys that have proven themselves, how many of each address, and addresses that were heard, proven or not. Updated in place. */
export interface Company {
  readonly keys: Map<PeerKey.PeerKey, Member>
  readonly origins: Map<string, number>
  readonly addresses: Set<string>
  readonly arrivals: Arrivals.Arrivals
  /** Opened by whatever may have the next announcement come sooner. */
  readonly news: Latch.Latch
}

export const make = (): Company => ({
  keys: new Map(),
  origins: new Map(),
  addresses: new Set(),
  arrivals: Arrivals.make(),
  news: Latch.makeUnsafe()
})

/** Something came from an address: in a crowd that starts, signatures are verified too late to tell of it. */
export const hear = (self: Company, address: string, now: number): void => {
  if (self.addresses.has(address)) return
  if (self.addresses.size >= Pace.mostCounted) self.addresses.clear()
  self.addresses.add(address)
  Arrivals.add(self.arrivals, now)
}

/** A key has proven itself. Anybody can make keys, so few of one address count. */
export const add = (self: Company, key: PeerKey.PeerKey, origin: string, until: number): void => {
  const { keys, origins } = self
  forget(self, key)
  const count = origins.get(origin) ?? 0
  if (keys.size >= Pace.mostCounted || count >= Pace.perOrigin) return
  keys.set(key, { origin, until })
  origins.set(origin, count + 1)
}

/** A key has said goodbye. */
export const remove = (self: Company, key: PeerKey.PeerKey): void => {
  forget(self, key)
  self.news.openUnsafe()
}

const forget = ({ keys, origins }: Company, key: PeerKey.PeerKey): void => {
  const known = keys.get(key)
  if (known === undefined) return
  keys.delete(key)
  const left = origins.get(known.origin)! - 1
  if (left === 0) origins.delete(known.origin)
  else origins.set(known.origin, left)
}

/** How many keys there are. */
export const count = (self: Company, now: number): number => {
  for (const [key, { until }] of self.keys) if (until <= now) forget(self, key)
  return self.keys.size
}
