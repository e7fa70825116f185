/**
 * Who has how many of all records.
 */
import * as Origins from "../../../internal/Origins.ts"
import * as Timers from "../../../internal/Timers.ts"
import type * as State from "./State.ts"

export const make = (secret: number): State.Sources => ({ byHost: Origins.make(secret), largest: undefined, size: 0 })

/** The source of an address; made if there is none. */
export const open = ({ byHost }: State.Sources, host: string): State.Source => {
  const known = Origins.get(byHost, host)
  if (known !== undefined) return known
  const source: State.Source = {
    origin: host,
    slot: -1,
    newest: undefined,
    pointers: undefined,
    size: 0,
    names: 0,
    era: 0
  }
  Origins.set(byHost, source)
  return source
}

/** Counts one more record of a source, or one less. */
export const count = (self: State.Sources, source: State.Source, by: 1 | -1): void => {
  self.size += by
  source.size += by
  if (self.largest !== undefined) rank(self.largest, source)
  if (source.size === 0) Origins.remove(self.byHost, source.origin)
  if (self.size === 0) self.largest = undefined
}

// nobody with a single record is ever the one who has too many
const rank = (largest: Timers.Timers<State.Source>, source: State.Source): void =>
  Timers.set(largest, source, source.size < 2 ? Infinity : -source.size)

const ranked = ({ byHost }: State.Sources): Timers.Timers<State.Source> => {
  const largest = Timers.make<State.Source>()
  for (const source of Origins.all(byHost)) rank(largest, source)
  return largest
}

/** A record of whoever has most that was heard latest, if that is more than `host` would have with one more. */
export const victimFor = (self: State.Sources, host: string): State.Entry | undefined => {
  self.largest ??= ranked(self)
  const most = self.largest.heap[0]
  const own = Origins.get(self.byHost, host)?.size ?? 0
  return most !== undefined && most.size > own + 1 ? most.newest?.first : undefined
}
