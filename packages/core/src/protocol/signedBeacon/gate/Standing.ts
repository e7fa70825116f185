/**
 * What the program thinks of each key, and which keys have retired themselves.
 */
import type * as PeerKey from "../../../PeerKey.ts"
import type * as TrustState from "../../../TrustState.ts"

export interface Standing {
  /** The trust list, which its keeper bounds. */
  readonly states: Map<PeerKey.PeerKey, TrustState.TrustState>
  /** Also of keys that are not listed: of these the oldest goes when there is no room. */
  readonly retired: Set<PeerKey.PeerKey>
  readonly capacity: number
}

export const make = (capacity: number): Standing => ({ states: new Map(), retired: new Set(), capacity })

export const isListed = ({ states }: Standing, key: PeerKey.PeerKey): boolean => states.has(key)

export const isTrusted = (self: Standing, key: PeerKey.PeerKey): boolean =>
  self.states.get(key) === "trusted" && !self.retired.has(key)

export const isDenied = ({ retired, states }: Standing, key: PeerKey.PeerKey): boolean =>
  states.get(key) === "denied" || retired.has(key)

export const set = ({ states }: Standing, key: PeerKey.PeerKey, state: TrustState.TrustState): void => {
  if (state === "unknown") states.delete(key)
  else states.set(key, state)
}

/** A key is denied from now on, whatever the list says of it. */
export const retire = ({ capacity, retired, states }: Standing, key: PeerKey.PeerKey): void => {
  if (states.has(key)) states.set(key, "denied")
  if (retired.size >= capacity) retired.delete(retired.values().next().value!)
  retired.add(key)
}
