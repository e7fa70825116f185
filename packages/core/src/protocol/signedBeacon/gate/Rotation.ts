/**
 * Which keys have named their successor, and which of these may be trusted without asking (S-T6).
 */
import type * as PeerKey from "../../../PeerKey.ts"
import type * as Output from "./Output.ts"
import * as Standing from "./Standing.ts"

/** Milliseconds between two hops of a chain, and between two successors of one key; and hops of one chain. */
const interval = 86_400_000
const maxHops = 4

/** A successor that has signed as well. */
interface Offer {
  readonly next: PeerKey.PeerKey
  readonly at: number
  readonly isAuto: boolean
}

/** How a key came to be trusted in the place of another one. */
interface Hop {
  readonly depth: number
  readonly at: number
}

/** What is known of trusted keys, whose number is bounded. */
export interface Rotation {
  readonly isAuto: boolean
  readonly offers: Map<PeerKey.PeerKey, Offer>
  /** The successor that a key got without asking: it gets no other. */
  readonly taken: Map<PeerKey.PeerKey, PeerKey.PeerKey>
  readonly hops: Map<PeerKey.PeerKey, Hop>
}

export const make = (isAuto: boolean): Rotation => ({ isAuto, offers: new Map(), taken: new Map(), hops: new Map() })

/** What is known of a successor: that it has signed, or that its key has named another one too short a while ago. */
export const judge = (
  { offers }: Rotation,
  key: PeerKey.PeerKey,
  next: PeerKey.PeerKey,
  now: number
): "proven" | "tooSoon" | "unknown" => {
  const known = offers.get(key)
  if (known?.next === next) return "proven"
  return known !== undefined && now - known.at < interval ? "tooSoon" : "unknown"
}

/** A trusted key names a successor that has signed. Returns what is to be said of it, if anything. */
export const offer = (
  self: Rotation,
  standing: Standing.Standing,
  key: PeerKey.PeerKey,
  next: PeerKey.PeerKey,
  now: number
): Output.RotationOffered | undefined => {
  if (Standing.isDenied(standing, next) || Standing.isTrusted(standing, next)) return undefined
  const isAuto = self.isAuto && isAllowed(self, key, next, now)
  const known = self.offers.get(key)
  if (known?.next === next && (known.isAuto || !isAuto)) return undefined
  self.offers.set(key, { next, at: now, isAuto })
  if (isAuto) hop(self, key, next, now)
  return { _tag: "RotationOffered", key, next, isAuto }
}

const isAllowed = (self: Rotation, key: PeerKey.PeerKey, next: PeerKey.PeerKey, now: number): boolean => {
  const taken = self.taken.get(key)
  const { at, depth } = self.hops.get(key) ?? { at: -Infinity, depth: 0 }
  return (taken === undefined || taken === next) && depth < maxHops && now - at >= interval
}

const hop = (self: Rotation, key: PeerKey.PeerKey, next: PeerKey.PeerKey, now: number): void => {
  self.taken.set(key, next)
  if (!self.hops.has(next)) self.hops.set(next, { depth: (self.hops.get(key)?.depth ?? 0) + 1, at: now })
}

/** Forgets a key that is not trusted any more. */
export const remove = (self: Rotation, key: PeerKey.PeerKey): void => {
  self.offers.delete(key)
  self.taken.delete(key)
  self.hops.delete(key)
}
