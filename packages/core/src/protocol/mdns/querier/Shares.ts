/**
 * Who has how many of the records that must share a room, so that a flood displaces itself and nobody else.
 */
import * as Timers from "./Timers.ts"

/** What came from somewhere. */
interface Sourced {
  readonly origin: string
}

/** The records of one source, the oldest first; ordered in the heap by how many there are. */
export interface Share<T> extends Timers.Timer {
  readonly entries: Set<T>
}

export interface Shares<T> {
  readonly byHost: Map<string, Share<T>>
  /** The one with most records first. */
  readonly largest: Timers.Timers<Share<T>>
  size: number
}

export const make = <T extends Sourced>(): Shares<T> => ({ byHost: new Map(), largest: Timers.make(), size: 0 })

export const add = <T extends Sourced>(self: Shares<T>, entry: T): void => {
  const share = self.byHost.get(entry.origin) ?? { entries: new Set<T>(), at: Infinity, slot: -1 }
  share.entries.add(entry)
  self.byHost.set(entry.origin, share)
  self.size += 1
  Timers.set(self.largest, share, -share.entries.size)
}

export const remove = <T extends Sourced>(self: Shares<T>, entry: T): void => {
  const share = self.byHost.get(entry.origin)
  if (share?.entries.delete(entry) !== true) return
  self.size -= 1
  if (share.entries.size > 0) Timers.set(self.largest, share, -share.entries.size)
  else {
    Timers.clear(self.largest, share)
    self.byHost.delete(entry.origin)
  }
}

/** The newest record of whoever has most, if that is more than `host` would have with one more. */
export const victimFor = <T extends Sourced>(self: Shares<T>, host: string): T | undefined => {
  const most = self.largest.heap[0]
  const own = self.byHost.get(host)?.entries.size ?? 0
  return most !== undefined && most.entries.size > own + 1 ? Array.from(most.entries).at(-1) : undefined
}
