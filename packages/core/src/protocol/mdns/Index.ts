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
  let offset = headerOctets
  const questions = uint16(payload, 4)
  for (let i = 0; i < questions; i++) {
    const owner = NameReader.read(payload, offset, payload.length)
    if (owner < 0) return NameReader.fault()
    offset = (owner >> 16) + 4
    if (offset > payload.length) return "truncated"
    if (i < maxQuestions) entries[i] = owner
  }
  found.questions = questions < maxQuestions ? questions : maxQuestions
  return readRecords(payload, offset)
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

/** Reads the records of all sections from an offset on. */
const readRecords = (payload: Uint8Array, from: number): Reason | undefined => {
  const { length } = payload
  const answers = uint16(payload, 6)
  const authorities = answers + uint16(payload, 8)
  const all = authorities + uint16(payload, 10)
  const most = all < maxRecords ? all : maxRecords
  let offset = from
  let entry = found.questions
  for (let i = 0; i < most; i++) {
    if (i === answers) found.answers = entry
    if (i === authorities) found.authorities = entry
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
  if (answers >= most) found.answers = entry
  if (authorities >= most) found.authorities = entry
  found.additionals = entry
  found.skipped = most - (entry - found.questions)
  return undefined
}

const uint16 = (payload: Uint8Array, offset: number): number => payload[offset]! << 8 | payload[offset + 1]!
