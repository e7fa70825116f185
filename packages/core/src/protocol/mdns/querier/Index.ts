/**
 * The records of a name that has many, besides in their order: by type and data, and by who said them first.
 *
 * An owner that changes what it says several times a second leaves what it said in the last two in the cache (RFC 6762, section 10.2), which is not to
 * be looked through for each record of that name that is heard.
 */
import * as Kept from "./Kept.ts"
import type * as State from "./State.ts"

export const make = (): State.Index => ({ byType: new Map(), sources: new Map(), size: 0 })

const keyOf = ({ kept, node, type }: State.Entry): string => Kept.keyOf(kept, type, node)

/** The record of a type with data of this key. */
export const find = ({ byType }: State.Index, type: number, key: string): State.Entry | undefined =>
  byType.get(type)?.get(key)

/** How many records there are of a type. */
export const countOf = ({ byType }: State.Index, type: number): number => byType.get(type)?.size ?? 0

/** The records of a type, in their order. */
export const ofType = ({ byType }: State.Index, type: number): Iterable<State.Entry> =>
  byType.get(type)?.values() ?? none

const none: ReadonlyArray<never> = []

/** Adds a record whose data no other of its type has. */
export const add = (self: State.Index, entry: State.Entry): void => {
  const { source, type } = entry
  const records = self.byType.get(type)
  if (records === undefined) self.byType.set(type, new Map([[keyOf(entry), entry]]))
  else records.set(keyOf(entry), entry)
  self.sources.set(source, (self.sources.get(source) ?? 0) + 1)
  self.size += 1
}

/** Takes out a record that is there. */
export const remove = (self: State.Index, entry: State.Entry): void => {
  const { source, type } = entry
  const records = self.byType.get(type)
  if (records?.delete(keyOf(entry)) !== true) return
  if (records.size === 0) self.byType.delete(type)
  const left = self.sources.get(source)! - 1
  if (left === 0) self.sources.delete(source)
  else self.sources.set(source, left)
  self.size -= 1
}
