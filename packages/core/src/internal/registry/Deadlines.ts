/**
 * A binary heap of things that fall due, each of which knows its own place, so that any of them can be moved or taken out.
 */

/** Something with a deadline; `slot` is its index in the heap, -1 while outside. */
export interface Due {
  dueAt: number
  slot: number
}

/** The heap: the first element falls due first. */
export type Deadlines<A extends Due> = Array<A>

/** When the first element falls due. */
export const nextAt = <A extends Due>(self: Deadlines<A>): number => self.length === 0 ? Infinity : self[0]!.dueAt

/** Adds an element. */
export const add = <A extends Due>(self: Deadlines<A>, item: A): void => {
  item.slot = self.length
  self.push(item)
  rise(self, item)
}

/** Takes an element out. */
export const remove = <A extends Due>(self: Deadlines<A>, item: A): void => {
  const { slot } = item
  const last = self.pop()!
  item.slot = -1
  if (last === item) return
  last.slot = slot
  self[slot] = last
  rise(self, last)
  sink(self, last)
}

/** Gives an element another deadline. */
export const move = <A extends Due>(self: Deadlines<A>, item: A, dueAt: number): void => {
  const isEarlier = dueAt < item.dueAt
  item.dueAt = dueAt
  if (isEarlier) rise(self, item)
  else sink(self, item)
}

const rise = <A extends Due>(self: Deadlines<A>, item: A): void => {
  let slot = item.slot
  while (slot > 0) {
    const parentSlot = (slot - 1) >> 1
    const parent = self[parentSlot]!
    if (parent.dueAt <= item.dueAt) break
    self[slot] = parent
    parent.slot = slot
    slot = parentSlot
  }
  self[slot] = item
  item.slot = slot
}

const sink = <A extends Due>(self: Deadlines<A>, item: A): void => {
  let slot = item.slot
  const { length } = self
  while (true) {
    let childSlot = 2 * slot + 1
    if (childSlot >= length) break
    if (childSlot + 1 < length && self[childSlot + 1]!.dueAt < self[childSlot]!.dueAt) childSlot++
    const child = self[childSlot]!
    if (child.dueAt >= item.dueAt) break
    self[slot] = child
    child.slot = slot
    slot = childSlot
  }
  self[slot] = item
  item.slot = slot
}
