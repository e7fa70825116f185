/**
 * Things by where they came from.
 *
 * A `Map` has 28 octets for each slot and up to two slots for each key, and four where keys come and go for long, since one that is gone keeps its
 * slot. Here a slot has twelve, and one that is given up is free, however many follow each other. Looking for what is not there touches none of the
 * things, which among many are all misses of the processor's cache.
 */

/** Something that came from somewhere. */
export interface Item {
  readonly origin: string
}

/** At most one of each origin: in the slot that the hash of its origin tells, or in the next one that was free. */
export interface Origins<A extends Item> {
  /** What nobody outside knows, so that nobody can send what falls into one slot. */
  readonly secret: number
  /** 0 where a slot is free. As many slots as a power of two. */
  hashes: Int32Array
  items: Array<A | undefined>
  size: number
}

const fewest = 16

export const make = <A extends Item>(secret: number): Origins<A> => ({ secret, ...slots<A>(fewest), size: 0 })

const slots = <A extends Item>(count: number): Pick<Origins<A>, "hashes" | "items"> => ({
  hashes: new Int32Array(count),
  // oxlint-disable-next-line unicorn/no-new-array -- of exactly this many slots, and a tenth of the time
  items: new Array<A | undefined>(count).fill(undefined)
})

/** What came from there. */
export const get = <A extends Item>(self: Origins<A>, origin: string): A | undefined =>
  self.items[find(self, origin, hashOf(self, origin))]

/** Adds something, in the place of what came from there before. */
export const set = <A extends Item>(self: Origins<A>, item: A): void => {
  const hash = hashOf(self, item.origin)
  const slot = find(self, item.origin, hash)
  if (self.items[slot] === undefined) fill(self, slot, hash, item)
  else self.items[slot] = item
}

/** Adds something, unless something is there that came from there before; gives what was there. */
export const add = <A extends Item>(self: Origins<A>, item: A): A | undefined => {
  const hash = hashOf(self, item.origin)
  const slot = find(self, item.origin, hash)
  const known = self.items[slot]
  if (known === undefined) fill(self, slot, hash, item)
  return known
}

const fill = <A extends Item>(self: Origins<A>, slot: number, hash: number, item: A): void => {
  self.size++
  self.hashes[slot] = hash
  self.items[slot] = item
  if (5 * self.size > 4 * self.items.length) resize(self, 2 * self.items.length)
}

/** Takes out what came from there. */
export const remove = <A extends Item>(self: Origins<A>, origin: string): void => {
  const slot = find(self, origin, hashOf(self, origin))
  if (self.items[slot] !== undefined) empty(self, slot)
}

/** Takes out this very thing; whether it was there. */
export const take = <A extends Item>(self: Origins<A>, item: A): boolean => {
  const slot = find(self, item.origin, hashOf(self, item.origin))
  if (self.items[slot] !== item) return false
  empty(self, slot)
  return true
}

const empty = <A extends Item>(self: Origins<A>, slot: number): void => {
  self.size--
  vacate(self, slot)
  if (self.items.length > fewest && 10 * self.size < 3 * self.items.length) resize(self, self.items.length / 2)
}

/** Takes everything out. */
export const clear = <A extends Item>(self: Origins<A>): void => {
  Object.assign(self, slots<A>(fewest))
  self.size = 0
}

/** What is in a slot. After the last one comes the first again. */
export const inSlot = <A extends Item>({ items }: Origins<A>, slot: number): A | undefined =>
  items[slot & (items.length - 1)]

/** Everything, in no order. */
export const all = <A extends Item>({ items }: Origins<A>): ReadonlyArray<A> =>
  items.filter((item) => item !== undefined)

/** The slot of what came from there, or the free one where it would be. */
const find = <A extends Item>({ hashes, items }: Origins<A>, origin: string, hash: number): number => {
  const last = hashes.length - 1
  let slot = hash & last
  while (hashes[slot] !== 0 && (hashes[slot] !== hash || items[slot]!.origin !== origin)) slot = (slot + 1) & last
  return slot
}

// who stands behind a slot that is free, and would not have been sent on from there, moves up
const vacate = <A extends Item>({ hashes, items }: Origins<A>, from: number): void => {
  const last = hashes.length - 1
  let free = from
  for (let slot = (free + 1) & last; hashes[slot] !== 0; slot = (slot + 1) & last) {
    const wanted = hashes[slot]! & last
    if (((slot - wanted) & last) < ((slot - free) & last)) continue
    hashes[free] = hashes[slot]!
    items[free] = items[slot]
    free = slot
  }
  hashes[free] = 0
  items[free] = undefined
}

const resize = <A extends Item>(self: Origins<A>, count: number): void => {
  const before = { hashes: self.hashes, items: self.items }
  const { hashes, items } = Object.assign(self, slots<A>(count))
  for (let i = 0; i < before.hashes.length; i++) {
    const hash = before.hashes[i]!
    if (hash === 0) continue
    let slot = hash & (count - 1)
    while (hashes[slot] !== 0) slot = (slot + 1) & (count - 1)
    hashes[slot] = hash
    items[slot] = before.items[i]
  }
}

const hashOf = ({ secret }: { readonly secret: number }, origin: string): number => {
  let hash = secret
  for (let i = 0; i < origin.length; i++) {
    hash = Math.imul((hash << 13 | hash >>> 19) ^ origin.charCodeAt(i), 0x9e3779b1)
  }
  hash = Math.imul(hash ^ hash >>> 15, 0x85ebca6b)
  hash ^= hash >>> 13
  return hash === 0 ? 1 : hash
}
