/**
 * Who has how many of the shared pointers of a name, which must share a room, so that a flood displaces itself and nobody else.
 *
 * What a source has is found by the source: most have one pointer of one name.
 */
import * as Timers from "../../../internal/Timers.ts"
import type * as State from "./State.ts"

type Portion = State.Entry | State.Share

const none: ReadonlyArray<Portion> = []

export const make = (): State.Shares => ({ largest: Timers.make(), size: 0 })

const portionsOf = ({ pointers }: State.Source): ReadonlyArray<Portion> => {
  if (pointers === undefined) return none
  return Array.isArray(pointers) ? pointers : [pointers]
}

const isOf = (portion: Portion, self: State.Shares): boolean =>
  ("entries" in portion ? portion.shares : portion.node.pointers?.shares) === self

const portionOf = (self: State.Shares, { pointers }: State.Source): Portion | undefined => {
  if (Array.isArray(pointers)) return pointers.find((portion) => isOf(portion, self))
  return pointers !== undefined && isOf(pointers, self) ? pointers : undefined
}

/** Puts one portion of a source in the place of another. */
const replace = (source: State.Source, before: Portion | undefined, after: Portion | undefined): void => {
  const others = portionsOf(source).filter((portion) => portion !== before)
  const all = after === undefined ? others : [...others, after]
  source.pointers = all.length > 1 ? all : all[0]
}

export const has = (self: State.Shares, source: State.Source): boolean => portionOf(self, source) !== undefined

export const add = (self: State.Shares, entry: State.Entry): void => {
  const { source } = entry
  const known = portionOf(self, source)
  self.size += 1
  if (known === undefined && source.pointers === undefined) {
    source.pointers = entry
    return
  }
  if (known === undefined) return replace(source, undefined, entry)
  const share = "entries" in known ? known : { slot: -1, shares: self, entries: [known] }
  if (share !== known) replace(source, known, share)
  share.entries.push(entry)
  Timers.set(self.largest, share, -share.entries.length)
}

export const remove = (self: State.Shares, entry: State.Entry): void => {
  const { source } = entry
  const portion = portionOf(self, source)
  if (portion === undefined) return
  if (portion === entry) replace(source, portion, undefined)
  else if ("entries" in portion) take(self, source, portion, entry)
  self.size -= 1
}

const take = (self: State.Shares, source: State.Source, share: State.Share, entry: State.Entry): void => {
  const { entries } = share
  // in a flood it is the newest that gives way
  entries.splice(entries.lastIndexOf(entry), 1)
  if (entries.length > 1) return Timers.set(self.largest, share, -entries.length)
  Timers.clear(self.largest, share)
  replace(source, share, entries[0])
}

/** The newest pointer of whoever has most, if that is more than `source` would have with one more. */
export const victimFor = (self: State.Shares, source: State.Source | undefined): State.Entry | undefined => {
  const most = self.largest.heap[0]
  const own = source && portionOf(self, source)
  const size = own === undefined ? 0 : "entries" in own ? own.entries.length : 1
  return most !== undefined && most.entries.length > size + 1 ? most.entries.at(-1) : undefined
}
