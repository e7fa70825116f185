/**
 * Where everything lies in a message: it is read whole and judged, and nothing is made of it.
 *
 * So what is no message, or one that nobody wants, costs no object.
 */
import * as DataReader from "./DataReader.ts"
import * as NameReader from "./NameReader.ts"

/**
 * Why a datagram is no message.
 *
 * - `size`: longer than any datagram may be
 * - `header`: cut short in the header
 * - `opcode`, `rcode`: to be ignored in silence (RFC 6762, sections 18.3 and 18.11)
 * - `counts`: more questions or records than its octets can hold
 * - `truncated`: cut short behind the header
 * - `name`, `pointer`: a question or a record has a name that is none
 * - `budget`: reading its names takes more than any sound datagram needs
 */
export type Reason = "size" | "header" | "opcode" | "rcode" | "counts" | "truncated" | NameReader.Fault

/** Octets of the longest datagram (RFC 6762, section 17). */
export const maxOctets = 8_972
/** Octets of the header. */
export const headerOctets = 12
/** Questions and records that are read; what follows them is left alone (S-P4). */
export const maxQuestions = 64
export const maxRecords = 255

/** What was read last: how many entries there are up to the end of the questions and of each section, and how many records were left out (S-P5). */
export const found = { questions: 0, answers: 0, authorities: 0, additionals: 0, skipped: 0 }

const done = { offset: 0, entries: 0, records: 0 }
/** Of each entry, which is a question or a record, its name as it was read. */
const entries = new Int32Array(maxQuestions + maxRecords)

/** The offset that the name of an entry is known by. */
export const ownerOf = (entry: number): number => entries[entry]! & 0xffff

/** The offset behind the name of an entry. */
export const offsetOf = (entry: number): number => entries[entry]! >> 16

/** Reads a datagram; gives why it is no message. */
export const read = (payload: Uint8Array): Reason | undefined => {
  const fault = judge(payload)
  if (fault !== undefined) return fault
  NameReader.begin()
  return readQuestions(payload) ?? readSections(payload)
}

/** What can be told by the header. */
const judge = (payload: Uint8Array): Reason | undefined => {
  if (payload.length > maxOctets) return "size"
  if (payload.length < headerOctets) return "header"
  if ((payload[2]! & 0x78) !== 0) return "opcode"
  if ((payload[3]! & 0x0f) !== 0) return "rcode"
  const records = uint16(payload, 6) + uint16(payload, 8) + uint16(payload, 10)
  const room = payload.length - headerOctets
  return 5 * uint16(payload, 4) > room || 11 * records > room ? "counts" : undefined
}

const readQuestions = (payload: Uint8Array): Reason | undefined => {
  const { length } = payload
  const count = uint16(payload, 4)
  let offset = headerOctets
  for (let i = 0; i < count; i++) {
    const owner = NameReader.read(payload, offset, length)
    if (owner < 0) return NameReader.fault()
    offset = (owner >> 16) + 4
    if (offset > length) return "truncated"
    if (i < maxQuestions) entries[i] = owner
  }
  done.offset = offset
  done.entries = count < maxQuestions ? count : maxQuestions
  done.records = 0
  found.questions = done.entries
  return undefined
}

const readSections = (payload: Uint8Array): Reason | undefined => {
  const inAnswers = readRecords(payload, uint16(payload, 6))
  if (inAnswers !== undefined) return inAnswers
  found.answers = done.entries
  const inAuthorities = readRecords(payload, uint16(payload, 8))
  if (inAuthorities !== undefined) return inAuthorities
  found.authorities = done.entries
  const inAdditionals = readRecords(payload, uint16(payload, 10))
  found.additionals = done.entries
  found.skipped = done.records - (done.entries - found.questions)
  return inAdditionals
}

const readRecords = (payload: Uint8Array, count: number): Reason | undefined => {
  const { length } = payload
  const left = maxRecords - done.records
  const most = count < left ? count : left
  let { entries: entry, offset } = done
  for (let i = 0; i < most; i++) {
    const owner = NameReader.read(payload, offset, length)
    if (owner < 0) return NameReader.fault()
    const at = owner >> 16
    const start = at + 10
    if (start > length) return "truncated"
    offset = start + uint16(payload, at + 8)
    if (offset > length) return "truncated"
    if (DataReader.isSound(payload, uint16(payload, at), start, offset)) entries[entry++] = owner
    else if (NameReader.fault() === "budget") return "budget"
  }
  done.offset = offset
  done.entries = entry
  done.records += most
  return undefined
}

const uint16 = (payload: Uint8Array, offset: number): number => payload[offset]! << 8 | payload[offset + 1]!
