/**
 * Deadlines in order: a binary heap whose items know their place, so that one can be moved or taken out at any time.
 *
 * It never holds more than one deadline for an item, however often that changes.
 */

/** What has a deadline. Its place is kept by this module: -1 while the item waits for nothing. */
export interface Timer {
  slot: number
}

/** The items that wait, the earliest first, and their deadlines: side by side, since a number of its own would be an object to each item. */
export interface Timers<T extends Timer> {
  readonly heap: Array<T>
  readonly deadlines: Array<number>
}

export const make = <T extends Timer>(): Timers<T> => ({ heap: [], deadlines: [] })

/** The earliest deadline. */
export const next = <T extends Timer>(self: Timers<T>): number => self.deadlines[0] ?? Infinity

/** The deadline of an item; `Infinity` when it waits for nothing. */
export const of = <T extends Timer>({ deadlines }: Timers<T>, { slot }: Timer): number =>
  slot === -1 ? Infinity : deadlines[slot]!

/** Gives the item a deadline in place of the one that it has; `Infinity` is none. */
export const set = <T extends Timer>(self: Timers<T>, item: T, at: number): void => {
  if (at === Infinity) return clear(self, item)
  if (item.slot === -1) {
    item.slot = self.heap.length
    self.heap.push(item)
    self.deadlines.push(at)
  }
  settle(self, item, at)
}

/** Takes the item's deadline away. */
export const clear = <T extends Timer>(self: Timers<T>, item: T): void => {
  const { slot } = item
  if (slot === -1) return
  const last = self.heap.pop()!
  const at = self.deadlines.pop()!
  if (last !== item) {
    last.slot = slot
    settle(self, last, at)
  }
  item.slot = -1
}

/** Gives the place of an item, if it has one, to another that waits for nothing. */
export const replace = <T extends Timer>({ heap }: Timers<T>, item: T, by: T): void => {
  const { slot } = item
  if (slot === -1) return
  heap[slot] = by
  by.slot = slot
  item.slot = -1
}

/** Takes out the earliest item that is due. */
export const takeDue = <T extends Timer>(self: Timers<T>, now: number): T | undefined => {
  if (next(self) > now) return undefined
  const first = self.heap[0]!
  clear(self, first)
  return first
}

/** The items that are due by then, in no order of their deadlines. */
export const dueBy = <T extends Timer>({ deadlines, heap }: Timers<T>, at: number): ReadonlyArray<T> => {
  const due: Array<T> = []
  const visit = (slot: number): void => {
    if (slot >= heap.length || deadlines[slot]! > at) return
    due.push(heap[slot]!)
    visit(2 * slot + 1)
    visit(2 * slot + 2)
  }
  visit(0)
  return due
}

/** Puts an item where its deadline belongs, from the slot that it has. */
const settle = <T extends Timer>(self: Timers<T>, item: T, at: number): void =>
  put(self, sink(self, rise(self, item.slot, at), at), item, at)

const put = <T extends Timer>({ deadlines, heap }: Timers<T>, slot: number, item: T, at: number): void => {
  heap[slot] = item
  deadlines[slot] = at
  item.slot = slot
}

/** Moves those above a slot down that are later; gives the slot that is free then. */
const rise = <T extends Timer>(self: Timers<T>, from: number, at: number): number => {
  const { deadlines, heap } = self
  let slot = from
  while (slot > 0) {
    const above = (slot - 1) >> 1
    if (deadlines[above]! <= at) break
    put(self, slot, heap[above]!, deadlines[above]!)
    slot = above
  }
  return slot
}

/** Moves those below a slot up that are earlier; gives the slot that is free then. */
const sink = <T extends Timer>(self: Timers<T>, from: number, at: number): number => {
  const { deadlines, heap } = self
  let slot = from
  for (let child = earlierChild(deadlines, slot); child !== -1 && deadlines[child]! < at;) {
    put(self, slot, heap[child]!, deadlines[child]!)
    slot = child
    child = earlierChild(deadlines, slot)
  }
  return slot
}

const earlierChild = (deadlines: ReadonlyArray<number>, slot: number): number => {
  const left = 2 * slot + 1
  if (left >= deadlines.length) return -1
  const right = left + 1
  return right < deadlines.length && deadlines[right]! < deadlines[left]! ? right : left
}
