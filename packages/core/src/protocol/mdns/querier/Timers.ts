/**
 * Deadlines in order: a binary heap whose items know their place, so that one can be moved or taken out at any time.
 *
 * It never holds more than one deadline for an item, however often that changes.
 */

/** What has a deadline. Both fields are kept by this module; `slot` is -1 while the item waits for nothing. */
export interface Timer {
  at: number
  slot: number
}

/** The items that wait, the earliest first. */
export interface Timers<T extends Timer> {
  readonly heap: Array<T>
}

export const make = <T extends Timer>(): Timers<T> => ({ heap: [] })

/** The earliest deadline. */
export const next = <T extends Timer>(self: Timers<T>): number => self.heap[0]?.at ?? Infinity

/** Gives the item a deadline in place of the one that it has; `Infinity` is none. */
export const set = <T extends Timer>(self: Timers<T>, item: T, at: number): void => {
  if (at === Infinity) return clear(self, item)
  if (item.slot === -1) {
    item.slot = self.heap.length
    self.heap.push(item)
  }
  item.at = at
  settle(self, item)
}

/** Takes the item's deadline away. */
export const clear = <T extends Timer>(self: Timers<T>, item: T): void => {
  if (item.slot === -1) return
  const last = self.heap.pop()!
  if (last !== item) {
    self.heap[item.slot] = last
    last.slot = item.slot
    settle(self, last)
  }
  item.slot = -1
  item.at = Infinity
}

/** Takes out the earliest item that is due. */
export const takeDue = <T extends Timer>(self: Timers<T>, now: number): T | undefined => {
  const first = self.heap[0]
  if (first === undefined || first.at > now) return undefined
  clear(self, first)
  return first
}

/** The items that are due by then, in no order of their deadlines. */
export const dueBy = <T extends Timer>({ heap }: Timers<T>, at: number): ReadonlyArray<T> => {
  const due: Array<T> = []
  const visit = (slot: number): void => {
    const item = heap[slot]
    if (item === undefined || item.at > at) return
    due.push(item)
    visit(2 * slot + 1)
    visit(2 * slot + 2)
  }
  visit(0)
  return due
}

const settle = <T extends Timer>({ heap }: Timers<T>, item: T): void => {
  while (item.slot > 0 && heap[(item.slot - 1) >> 1]!.at > item.at) swap(heap, item, heap[(item.slot - 1) >> 1]!)
  for (let child = earlierChild(heap, item); child !== undefined && child.at < item.at;) {
    swap(heap, item, child)
    child = earlierChild(heap, item)
  }
}

const earlierChild = <T extends Timer>(heap: ReadonlyArray<T>, { slot }: T): T | undefined => {
  const left = heap[2 * slot + 1]
  const right = heap[2 * slot + 2]
  return left === undefined || right === undefined || left.at <= right.at ? left : right
}

const swap = <T extends Timer>(heap: Array<T>, a: T, b: T): void => {
  const slot = a.slot
  a.slot = b.slot
  b.slot = slot
  heap[a.slot] = a
  heap[b.slot] = b
}
