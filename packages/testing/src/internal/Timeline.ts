/**
 * What is due when: a binary heap by time, then by order of arrival. Entries can be withdrawn.
 */

/** @internal */
export interface Entry<out A> {
  readonly at: number
  readonly order: number
  readonly value: A
  /** Where it stands in the heap, -1 once it has left. */
  slot: number
}

// Above every count of entries, far below 2^53: late entries come after all others of the same instant.
const late = 2 ** 52

/** @internal */
export const isLate = (entry: Entry<unknown>): boolean => entry.order >= late

const isBefore = (a: Entry<unknown>, b: Entry<unknown>): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/** @internal */
export class Timeline<A> {
  private readonly heap: Array<Entry<A>> = []
  private added = 0

  get size(): number {
    return this.heap.length
  }

  get first(): Entry<A> | undefined {
    return this.heap[0]
  }

  /** How many entries were ever added: the order of the next one. */
  get count(): number {
    return this.added
  }

  add(at: number, value: A, isLate = false): Entry<A> {
    const entry = { at, order: isLate ? late + this.added : this.added, value, slot: this.heap.length }
    this.added++
    this.heap.push(entry)
    this.rise(entry)
    return entry
  }

  takeFirst(): Entry<A> | undefined {
    const entry = this.heap[0]
    if (entry !== undefined) this.remove(entry)
    return entry
  }

  remove(entry: Entry<A>): void {
    const slot = entry.slot
    if (slot === -1) return
    entry.slot = -1
    const last = this.heap.pop()!
    if (last === entry) return
    this.place(last, slot)
    this.sink(last)
    this.rise(last)
  }

  /** The entries, soonest first. */
  toArray(): Array<Entry<A>> {
    return this.heap.toSorted((a, b) => a.at - b.at || a.order - b.order)
  }

  private place(entry: Entry<A>, slot: number): void {
    entry.slot = slot
    this.heap[slot] = entry
  }

  private rise(entry: Entry<A>): void {
    while (entry.slot > 0) {
      const parent = this.heap[(entry.slot - 1) >> 1]!
      if (!isBefore(entry, parent)) return
      const slot = parent.slot
      this.place(parent, entry.slot)
      this.place(entry, slot)
    }
  }

  private sink(entry: Entry<A>): void {
    for (let child = this.soonerChild(entry); child !== undefined; child = this.soonerChild(entry)) {
      const slot = child.slot
      this.place(child, entry.slot)
      this.place(entry, slot)
    }
  }

  private soonerChild(entry: Entry<A>): Entry<A> | undefined {
    const left = this.heap[2 * entry.slot + 1]
    const right = this.heap[2 * entry.slot + 2]
    const sooner = right !== undefined && isBefore(right, left!) ? right : left
    return sooner !== undefined && isBefore(sooner, entry) ? sooner : undefined
  }
}
