/**
 * The records that a name stands for on one link.
 */
import type * as Name from "../Name.ts"
import * as Record from "../Record.ts"

/** A name with its records on one link. */
export interface Offer {
  readonly name: Name.Name
  /** Under the name, and ours alone. */
  readonly unique: ReadonlyArray<Record.Record>
  /** Ours alone under names of their own that nobody else can have, so that they need no probing (RFC 6762, section 8.1). */
  readonly reverse: ReadonlyArray<Record.Record>
  readonly shared: ReadonlyArray<Record.Record>
  /** By what is said together: a whole set of unique records (RFC 6762, section 10.2), or one shared record. */
  readonly parts: Parts
}

/** Records by what is said together. */
export type Parts = ReadonlyMap<string, ReadonlyArray<Record.Record>>

export const make = (records: {
  readonly name: Name.Name
  readonly unique: ReadonlyArray<Record.Record>
  readonly reverse?: ReadonlyArray<Record.Record>
  readonly shared: ReadonlyArray<Record.Record>
}): Offer => {
  const { name, reverse = [], shared, unique } = records
  return { name, unique, reverse, shared, parts: partsOf([...unique, ...reverse, ...shared]) }
}

/** The parts of records. */
export const partsOf = (records: Iterable<Record.Record>): Parts => {
  const parts = new Map<string, Array<Record.Record>>()
  for (const record of records) {
    const part = parts.get(partKey(record))
    if (part === undefined) parts.set(partKey(record), [record])
    else if (!part.some((known) => Record.isSame(known, record))) part.push(record)
  }
  return parts
}

/** What a part is known by. */
export const partKey = (record: Record.Record): string => record.flush ? Record.setKey(record) : Record.key(record)

/** The parts of `that` which `self` has not, or not as they are there. */
export const changes = (self: Offer, that: Offer): ReadonlySet<string> =>
  new Set(Array.from(that.parts).flatMap(([key, part]) => isSamePart(self.parts.get(key) ?? [], part) ? [] : [key]))

const isSamePart = (self: ReadonlyArray<Record.Record>, that: ReadonlyArray<Record.Record>): boolean =>
  self.length === that.length &&
  that.every((record) => self.some((known) => known.ttl === record.ttl && Record.isSame(known, record)))

/** The records of parts that `that` has no more. What is left of a set is told by announcing it anew, so it needs no goodbye (section 8.4). */
export const leaving = (self: Pick<Offer, "parts">, that: Pick<Offer, "parts">): ReadonlyArray<Record.Record> =>
  Array.from(self.parts).flatMap(([key, part]) => that.parts.has(key) ? [] : part)

/** The records of sets that `that` has too, but without them. */
export const replaced = (self: Pick<Offer, "parts">, that: Pick<Offer, "parts">): ReadonlyArray<Record.Record> =>
  Array.from(self.parts).flatMap(([key, part]) => {
    const kept = that.parts.get(key)
    return kept === undefined ? [] : part.filter((record) => !kept.some((other) => Record.isSame(other, record)))
  })

/** Whether the name would be taken, were somebody else to have the record: any but our own, of whatever type (section 8.1). */
export const isForeign = (self: Offer, record: Record.Record): boolean =>
  record.data._tag === "Denial"
    ? record.data.types.some((type) => type !== Record.Type.NSEC && !self.unique.some((own) => own.type === type))
    : !self.unique.some((own) => Record.isSame(own, record))

/** Whether a record contradicts ours: it is of a set of ours, and none of it (section 9). */
export const isContradicted = (self: Offer, record: Record.Record): boolean => {
  const set = self.unique.filter(({ class: class_, type }) => type === record.type && class_ === record.class)
  return set.length > 0 && !set.some((own) => Record.isSame(own, record))
}
