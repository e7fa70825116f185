/**
 * Who has how many of the records that must share a room, so that a flood displaces itself and nobody else.
 */
import type * as State from "./State.ts"
import * as Timers from "./Timers.ts"

/** The records of one source, the oldest first; ordered in the heap by how many there are. */
export interface Share extends Timers.Timer {
  readonly entries: Set<State.Entry>
}

export interface Shares {
  readonly byHost: Map<string, Share>
  /** The one with most records first. */
  readonly largest: Timers.Timers<Share>
  size: number
}

export const make = (): Shares => ({ byHost: new Map(), largest: Timers.make(), size: 0 })

export const add = (self: Shares, entry: State.Entry): void => {
  const share = self.byHost.get(entry.origin) ?? { entries: new Set(), at: Infinity, slot: -1 }
  share.entries.add(entry)
  self.byHost.set(entry.origin, share)
  self.size += 1
  Timers.set(self.largest, share, -share.entries.size)
}

export const remove = (self: Shares, entry: State.Entry): void => {
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
export const victimFor = (self: Shares, host: string): State.Entry | undefined => {
  const most = self.largest.heap[0]
  const own = self.byHost.get(host)?.entries.size ?? 0
  return most !== undefined && most.entries.size > own + 1 ? Array.from(most.entries).at(-1) : undefined
}
