/**
 * What is kept by key: without a bound of its own for keys that the program has entered in its trust list, which is bounded; for all others,
 * whom anybody can make up, only so many, of which the one not renewed for longest goes.
 */
import type * as PeerKey from "../../../PeerKey.ts"

export interface Shelf<A> {
  readonly listed: Map<PeerKey.PeerKey, A>
  readonly others: Map<PeerKey.PeerKey, A>
  readonly capacity: number
}

export const make = <A>(capacity: number): Shelf<A> => ({ listed: new Map(), others: new Map(), capacity })

export const get = <A>(self: Shelf<A>, key: PeerKey.PeerKey): A | undefined =>
  self.listed.get(key) ?? self.others.get(key)

/** Keeps a value for a key, as the newest. */
export const put = <A>(self: Shelf<A>, key: PeerKey.PeerKey, value: A, isListed: boolean): void => {
  remove(self, key)
  if (isListed) return void self.listed.set(key, value)
  if (self.others.size >= self.capacity) self.others.delete(self.others.keys().next().value!)
  self.others.set(key, value)
}

export const remove = <A>(self: Shelf<A>, key: PeerKey.PeerKey): void => {
  self.listed.delete(key)
  self.others.delete(key)
}

/** Takes note that a key was entered in the list, or struck off it. */
export const settle = <A>(self: Shelf<A>, key: PeerKey.PeerKey, isListed: boolean): void => {
  const value = get(self, key)
  if (value !== undefined && self.listed.has(key) !== isListed) put(self, key, value, isListed)
}
