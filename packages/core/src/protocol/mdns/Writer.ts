/**
 * Packs questions and records into one datagram, with name compression (RFC 1035, section 4.1.4; RFC 6762, section 18.14).
 */
import * as Layout from "./Layout.ts"
import type * as Message from "./Message.ts"
import * as Name from "./Name.ts"
import * as Record from "./Record.ts"

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
  /** Offsets of the names and their suffixes that were written, by a hash of their octets. */
  readonly suffixes: Map<number, number>
  /** The hashes that the entry at hand has added, to be taken back if it does not fit. */
  readonly added: Array<number>
  /** Of questions and of the records of each section. */
  readonly counts: [number, number, number, number]
  octets: Uint8Array
  length: number
  /** How long the entry at hand may make the datagram. */
  room: number
}

const headerOctets = 12
const sections = { answers: 1, authorities: 2, additionals: 3 } as const

export const make = (options: Options): Writer => {
  const octets = new Uint8Array(512)
  octets[0] = (options.id ?? 0) >> 8
  octets[1] = (options.id ?? 0) & 0xff
  // a response is authoritative (RFC 6762, section 18.4); all other bits are zero
  octets[2] = options.kind === "response" ? 0x84 : 0
  return {
    limit: options.limit,
    max: Math.max(options.limit, options.max ?? 0),
    isLegacy: options.isLegacy === true,
    suffixes: new Map(),
    added: [],
    counts: [0, 0, 0, 0],
    octets,
    length: headerOctets,
    room: 0
  }
}

/** Whether it has neither question nor record. */
export const isEmpty = (self: Writer): boolean => self.length === headerOctets

/** Says that more known answers follow (TC). */
export const truncate = (self: Writer): void => {
  self.octets[2]! |= 0x02
}

/** The datagram. */
export const finish = (self: Writer): Uint8Array => {
  for (let i = 0; i < 4; i++) {
    self.octets[4 + 2 * i] = self.counts[i]! >> 8
    self.octets[5 + 2 * i] = self.counts[i]! & 0xff
  }
  return self.octets.slice(0, self.length)
}

/** Adds a question, before any record; `false` when it does not fit, and then nothing is added. */
export const question = (self: Writer, { name, type, class: class_, unicast }: Message.Question): boolean => {
  begin(self, 0)
  self.room = self.limit
  const start = self.length
  const isWritten = putName(self, name.wire, 0, true) && reserve(self, 4)
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

// sections follow each other on the wire, so they are written in order
const begin = (self: Writer, section: number): void => {
  for (let later = section + 1; later < 4; later++) {
    if (self.counts[later] !== 0) throw new Error("a section was written after a later one")
  }
  self.added.length = 0
}

const end = (self: Writer, section: number, start: number, isWritten: boolean): boolean => {
  if (isWritten) self.counts[section]! += 1
  else {
    self.length = start
    for (const hash of self.added) self.suffixes.delete(hash)
  }
  return isWritten
}

const putRecord = (self: Writer, record: Record.Record, ttl: number, flush: boolean): boolean => {
  if (!putName(self, record.name.wire, 0, true) || !reserve(self, 10)) return false
  put16(self, record.type)
  put16(self, flush && record.type !== Record.Type.OPT ? record.class | 0x8000 : record.class)
  put16(self, ttl >>> 16)
  put16(self, ttl & 0xffff)
  const at = self.length
  put16(self, 0)
  if (!putData(self, record)) return false
  const length = self.length - at - 2
  self.octets[at] = length >> 8
  self.octets[at + 1] = length & 0xff
  return true
}

const putData = (self: Writer, { data, type }: Record.Record): boolean => {
  switch (data._tag) {
    case "Pointer":
      return putName(self, data.target.wire, 0, isPointer(type))
    case "Service":
      if (!reserve(self, 6)) return false
      put16(self, data.priority)
      put16(self, data.weight)
      put16(self, data.port)
      return putName(self, data.target.wire, 0, !self.isLegacy)
    case "Denial":
      return putName(self, data.next.wire, 0, true) && putOctets(self, Record.octetsOf(data), data.next.wire.length)
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
    if (!putName(self, octets, offset, true)) return false
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

/** Writes the name at `start` of `wire`; one of more than 255 octets never fits. */
const putName = (self: Writer, wire: Uint8Array, start: number, isCompressed: boolean): boolean => {
  const begun = self.length
  let offset = start
  while (wire[offset] !== 0) {
    const hash = hashOf(wire, offset)
    const known = self.suffixes.get(hash)
    if (known === undefined) {
      if (self.length <= 0x3fff) remember(self, hash)
    } else if (isCompressed && known < begun && isAt(self, known, wire, offset)) {
      if (!reserve(self, 2)) return false
      put16(self, 0xc000 | known)
      return true
    }
    const after = offset + wire[offset]! + 1
    if (after - start > Name.maxOctets || !reserve(self, after - offset)) return false
    while (offset < after) self.octets[self.length++] = wire[offset++]!
  }
  if (!reserve(self, 1)) return false
  self.octets[self.length++] = 0
  return true
}

const remember = (self: Writer, hash: number): void => {
  self.suffixes.set(hash, self.length)
  self.added.push(hash)
}

// FNV-1a of the name that begins at an offset
const hashOf = (wire: Uint8Array, start: number): number => {
  let hash = 0x811c9dc5
  for (let i = start; i < wire.length; i++) hash = Math.imul(hash ^ wire[i]!, 0x01000193)
  return hash
}

/** Whether the name written at `at` has the very octets of that in `wire` at `offset`: the case of letters is kept. */
const isAt = ({ octets }: Writer, at: number, wire: Uint8Array, offset: number): boolean => {
  for (;;) {
    while (octets[at]! >= 0xc0) at = (octets[at]! & 0x3f) << 8 | octets[at + 1]!
    const length = octets[at]!
    for (let i = 0; i <= length; i++) {
      if (octets[at + i] !== wire[offset + i]) return false
    }
    if (length === 0) return true
    at += length + 1
    offset += length + 1
  }
}

const putOctets = (self: Writer, octets: Uint8Array, from: number): boolean => {
  if (!reserve(self, octets.length - from)) return false
  for (let i = from; i < octets.length; i++) self.octets[self.length++] = octets[i]!
  return true
}

const put16 = (self: Writer, value: number): void => {
  self.octets[self.length++] = value >> 8
  self.octets[self.length++] = value & 0xff
}

/** Whether so many more octets fit; there is room for them then. */
const reserve = (self: Writer, octets: number): boolean => {
  const length = self.length + octets
  if (length > self.room) return false
  if (length > self.octets.length) {
    const grown = new Uint8Array(Math.max(length, Math.min(self.max, 2 * self.octets.length)))
    grown.set(self.octets)
    self.octets = grown
  }
  return true
}
