/**
 * Which trusted keys have named a successor that has signed as well (S-T6). Whether it is trusted is not decided here.
 */
import type * as PeerKey from "../../../PeerKey.ts"

/** Milliseconds before a key may name another successor. */
const interval = 86_400_000

interface Named {
  readonly next: PeerKey.PeerKey
  readonly at: number
}

/** The last successor of each trusted key, whose number is bounded. */
export type Rotation = Map<PeerKey.PeerKey, Named>

export const make = (): Rotation => new Map()

/** What is known of a successor: that it has signed, or that its key has named another one too short a while ago. */
export const judge = (
  self: Rotation,
  key: PeerKey.PeerKey,
  next: PeerKey.PeerKey,
  now: number
): "proven" | "tooSoon" | "unknown" => {
  const known = self.get(key)
  if (known?.next === next) return "proven"
  return known !== undefined && now - known.at < interval ? "tooSoon" : "unknown"
}

/** A successor has signed. */
export const prove = (self: Rotation, key: PeerKey.PeerKey, next: PeerKey.PeerKey, now: number): void => {
  self.set(key, { next, at: now })
}

/** Forgets a key that is not trusted any more. */
export const remove = (self: Rotation, key: PeerKey.PeerKey): void => {
  self.delete(key)
}
