/**
 * Packs questions and records into one datagram, with name compression (RFC 1035, section 4.1.4; RFC 6762, section 18.14).
 */
import * as Layout from "./Layout.ts"
import type * as Link from "./Link.ts"
import * as Message from "./Message.ts"
import * as Name from "./Name.ts"
import * as Record from "./Record.ts"
import * as Slate from "./Slate.ts"

/** How a writer is made. */
export interface Options {
  /** Octets of the datagram. */
  readonly limit: number
  /** Octets of the datagram when one record alone is longer than `limit`; as `limit` when absent. */
  readonly max?: number | undefined
  readonly kind: "query" | "response"
  /** Zero when absent, as in every multicast message. */
  readonly id?: number | undefined
  /** A reply to a querier that knows no mDNS: the targets of SRV are not compressed (RFC 6762, section 18.14). */
  readonly isLegacy?: boolean | undefined
}

export type Section = "answers" | "authorities" | "additionals"

/** A datagram that is being written. */
export interface Writer {
  readonly limit: number
  readonly max: number
  readonly isLegacy: boolean
  readonly slate: Slate.Slate
  /** Of questions and of the records of each section. */
  readonly counts: [number, number, number, number]
  length: number
  /** How long the entry at hand may make the datagram. */
  room: number
}

const sections = { answers: 1, authorities: 2, additionals: 3 } as const

export const make = ({ id = 0, isLegacy = false, kind, limit, max = limit }: Options): Writer => {
  const slate = Slate.take()
  slate.octets[0] = id >> 8
  slate.octets[1] = id & 0xff
  // a response is authoritative (RFC 6762, section 18.4); all other bits are zero
  slate.octets[2] = kind === "response" ? 0x84 : 0
  slate.octets[3] = 0
  return {
    limit: Math.min(limit, Message.maxOctets),
    max: Math.min(Math.max(limit, max), Message.maxOctets),
    isLegacy,
    slate,
    counts: [0, 0, 0, 0],
    length: Message.headerOctets,
    room: 0
  }
}

/** A response to all on a link, in one frame if it can be. The headers of IPv6 leave 20 octets less (RFC 6762, section 17). */
export const responseOn = ({ family, maxPayload }: Link.Link): Writer => {
  const max = family === "IPv4" ? Message.maxOctets : Message.maxOctets - 20
  return make({ kind: "response", limit: maxPayload, max })
}

/** Whether it has neither question nor record. */
export const isEmpty = (self: Writer): boolean => self.length === Message.headerOctets

/** Says that more known answers follow (TC). */
export const truncate = ({ slate }: Writer): void => {
  slate.octets[2]! |= 0x02
}

/** The datagram. The writer cannot be used any more. */
export const finish = ({ counts, length, slate }: Writer): Uint8Array => {
  for (let i = 0; i < 4; i++) {
    slate.octets[4 + 2 * i] = counts[i]! >> 8
    slate.octets[5 + 2 * i] = counts[i]! & 0xff
  }
  return Slate.tearOff(slate, length)
}

/** Adds a question, before any record; `false` when it does not fit, and then nothing is added. */
export const question = (self: Writer, { name, type, class: class_, unicast }: Message.Question): boolean => {
  begin(self, 0)
  self.room = self.limit
  const start = self.length
  const isWritten = putName(self, name, true) && reserve(self, 4)
  if (isWritten) {
    put16(self, type)
    put16(self, unicast ? class_ | 0x8000 : class_)
  }
  return end(self, 0, start, isWritten)
}

/**
 * Adds a record, after those of earlier sections; `false` when it does not fit, and then nothing is added.
 *
 * A record may make the datagram longer than its limit when no other is in it (RFC 6762, section 17).
 */
export const record = (
  self: Writer,
  section: Section,
  record: Record.Record,
  options?: { readonly ttl?: number | undefined; readonly flush?: boolean | undefined }
): boolean => {
  const index = sections[section]
  begin(self, index)
  self.room = self.counts[1] + self.counts[2] + self.counts[3] === 0 ? self.max : self.limit
  const start = self.length
  return end(self, index, start, putRecord(self, record, options?.ttl ?? record.ttl, options?.flush ?? record.flush))
}

/** Adds records that belong together, all or none; one alone may make the datagram longer than its limit as by `record`. */
export const records = (
  self: Writer,
  section: Section,
  records: ReadonlyArray<Record.Record>
): boolean => {
  if (records.length === 1) return record(self, section, records[0]!)
  const index = sections[section]
  begin(self, index)
  self.room = self.limit
  const start = self.length
  const isWritten = records.every((record) => putRecord(self, record, record.ttl, record.flush))
  return end(self, index, start, isWritten, records.length)
}

// sections follow each other on the wire, so they are written in order
const begin = (self: Writer, section: number): void => {
  for (let later = section + 1; later < 4; later++) {
    if (self.counts[later] !== 0) throw new Error("a section was written after a later one")
  }
  Slate.begin(self.slate)
}

const end = (self: Writer, section: number, start: number, isWritten: boolean, entries = 1): boolean => {
  if (isWritten) self.counts[section]! += entries
  else {
    self.length = start
    Slate.forget(self.slate)
  }
  return isWritten
}

const putRecord = (self: Writer, record: Record.Record, ttl: number, flush: boolean): boolean => {
  if (!putName(self, record.name, true) || !reserve(self, 10)) return false
  put16(self, record.type)
  put16(self, flush && record.type !== Record.Type.OPT ? record.class | 0x8000 : record.class)
  put16(self, ttl >>> 16)
  put16(self, ttl & 0xffff)
  const at = self.length
  put16(self, 0)
  if (!putData(self, record)) return false
  const length = self.length - at - 2
  self.slate.octets[at] = length >> 8
  self.slate.octets[at + 1] = length & 0xff
  return true
}

const putData = (self: Writer, { data, type }: Record.Record): boolean => {
  switch (data._tag) {
    case "Pointer":
      return putName(self, data.target, isPointer(type))
    case "Service":
      if (!reserve(self, 6)) return false
      put16(self, data.priority)
      put16(self, data.weight)
      put16(self, data.port)
      return putName(self, data.target, !self.isLegacy)
    case "Denial":
      return putName(self, data.next, true) && putTypes(self, data.types)
    case "Opaque": {
      const layout = Layout.of(type)
      return layout?.isCompressible === true ? putLaidOut(self, data.octets, layout) : putOctets(self, data.octets, 0)
    }
    default:
      return putOctets(self, data.octets, 0)
  }
}

const isPointer = (type: number): boolean =>
  type === Record.Type.PTR || type === Record.Type.CNAME || type === Record.Type.NS || type === Record.Type.DNAME

const putLaidOut = (self: Writer, octets: Uint8Array, { after, before, names }: Layout.Layout): boolean => {
  let offset = before
  for (let i = 0; i < names; i++) offset = endOfName(octets, offset)
  // not what its type says: then it goes as it is
  if (offset + after !== octets.length) return putOctets(self, octets, 0)
  if (!putOctets(self, octets.subarray(0, before), 0)) return false
  offset = before
  for (let i = 0; i < names; i++) {
    if (!putLabels(self, octets, offset, true)) return false
    offset = endOfName(octets, offset)
  }
  return putOctets(self, octets, offset)
}

const endOfName = (octets: Uint8Array, start: number): number => {
  let offset = start
  while (offset < octets.length && octets[offset] !== 0) {
    if (octets[offset]! > 63) return Infinity
    offset += octets[offset]! + 1
  }
  return offset < octets.length && offset - start <= Name.maxOctets ? offset + 1 : Infinity
}

const putName = (self: Writer, name: Name.Name, isCompressed: boolean): boolean => {
  const known = isCompressed ? Slate.offsetOf(self.slate, name) : undefined
  if (known !== undefined) return putPointer(self, known)
  const at = self.length
  const isWritten = putLabels(self, name.wire, 0, isCompressed)
  if (isWritten) Slate.remember(self.slate, name, at)
  return isWritten
}

const putPointer = (self: Writer, offset: number): boolean => {
  if (!reserve(self, 2)) return false
  put16(self, 0xc000 | offset)
  return true
}

/** Writes the name at `start` of `wire`; one of more than 255 octets never fits. */
const putLabels = (self: Writer, wire: Uint8Array, start: number, isCompressed: boolean): boolean => {
  const { octets } = self.slate
  const begun = self.length
  const end = endOfName(wire, start)
  if (end - start > Name.maxOctets + 1) return false
  const count = Slate.measure(self.slate, wire, start, end)
  for (let label = 0, offset = start; label < count; label++) {
    const known = Slate.find(self.slate, wire, label, self.length)
    // a name of which only a part is written yet cannot be pointed to
    if (isCompressed && known < begun) return putPointer(self, known)
    const length = wire[offset]! + 1
    if (!reserve(self, length)) return false
    const after = offset + length
    for (let to = self.length; offset < after;) octets[to++] = wire[offset++]!
    self.length += length
  }
  if (!reserve(self, 1)) return false
  octets[self.length++] = 0
  return true
}

const putOctets = (self: Writer, source: Uint8Array, from: number): boolean => {
  const length = source.length - from
  if (!reserve(self, length)) return false
  const { octets } = self.slate
  const start = self.length
  // which is worth a call only when there are many
  if (from === 0 && length > 32) octets.set(source, start)
  else for (let i = 0; i < length; i++) octets[start + i] = source[from + i]!
  self.length += length
  return true
}

const putTypes = (self: Writer, types: ReadonlyArray<number>): boolean => {
  let last = -1
  for (const type of types) if (type > last) last = type
  // one window, as in all but the strangest networks
  if (last === -1 || last > 255) return putOctets(self, Record.windowsOf(types), 0)
  const length = (last >> 3) + 1
  if (!reserve(self, 2 + length)) return false
  const { octets } = self.slate
  const first = self.length + 2
  octets[first - 2] = 0
  octets[first - 1] = length
  for (let i = 0; i < length; i++) octets[first + i] = 0
  for (const type of types) octets[first + (type >> 3)]! |= 0x80 >> (type & 7)
  self.length = first + length
  return true
}

const put16 = (self: Writer, value: number): void => {
  const { length, slate: { octets } } = self
  octets[length] = value >> 8
  octets[length + 1] = value & 0xff
  self.length = length + 2
}

/** Whether so many more octets fit. */
const reserve = (self: Writer, octets: number): boolean => self.length + octets <= self.room
