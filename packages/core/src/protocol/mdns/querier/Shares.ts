/**
 * Who has how many of the records that must share a room, so that a flood displaces itself and nobody else.
 */
import * as Timers from "./Timers.ts"

/** What came from somewhere. */
interface Sourced {
  readonly source: object
}

/** The records of one source, the oldest first; ordered in the heap by how many there are. */
class Share<T> implements Timers.Timer {
  slot = -1
  readonly entries: Set<T>

  constructor(entries: ReadonlyArray<T>) {
    this.entries = new Set(entries)
  }
}

export interface Shares<T> {
  /** The records of each source; one is as a rule all that it has. */
  readonly bySource: Map<object, T | Share<T>>
  /** The one with most records first, of those with several. */
  readonly largest: Timers.Timers<Share<T>>
  size: number
}

export const make = <T extends Sourced>(): Shares<T> => ({ bySource: new Map(), largest: Timers.make(), size: 0 })

export const has = <T extends Sourced>({ bySource }: Shares<T>, source: object): boolean => bySource.has(source)

export const add = <T extends Sourced>(self: Shares<T>, entry: T): void => {
  const known = self.bySource.get(entry.source)
  self.size += 1
  if (known === undefined) return void self.bySource.set(entry.source, entry)
  const share = known instanceof Share ? known : new Share([known])
  self.bySource.set(entry.source, share)
  share.entries.add(entry)
  Timers.set(self.largest, share, -share.entries.size)
}

export const remove = <T extends Sourced>(self: Shares<T>, entry: T): void => {
  const share = self.bySource.get(entry.source)
  if (share === entry) self.bySource.delete(entry.source)
  else if (!(share instanceof Share) || !share.entries.delete(entry)) return
  else reduce(self, entry.source, share)
  self.size -= 1
}

const reduce = <T extends Sourced>(self: Shares<T>, source: object, share: Share<T>): void => {
  if (share.entries.size > 1) return Timers.set(self.largest, share, -share.entries.size)
  Timers.clear(self.largest, share)
  for (const entry of share.entries) self.bySource.set(source, entry)
}

/** The newest record of whoever has most, if that is more than `source` would have with one more. */
export const victimFor = <T extends Sourced>(self: Shares<T>, source: object | undefined): T | undefined => {
  const most = self.largest.heap[0]
  const own = source && self.bySource.get(source)
  const size = own instanceof Share ? own.entries.size : own === undefined ? 0 : 1
  return most !== undefined && most.entries.size > size + 1 ? Array.from(most.entries).at(-1) : undefined
}
