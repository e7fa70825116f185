/**
 * DNS messages as mDNS has them (RFC 6762, section 18).
 */
import * as Result from "effect/Result"
import * as DataReader from "./DataReader.ts"
import type * as Name from "./Name.ts"
import * as NameReader from "./NameReader.ts"
import * as Record from "./Record.ts"

/** A question. `class` is without its top bit, which is `unicast`: an answer by unicast is welcome (QU). */
export interface Question {
  readonly name: Name.Name
  readonly type: number
  readonly class: number
  readonly unicast: boolean
}

/** A message. */
export interface Message {
  readonly id: number
  /** Whether it is a response (QR). */
  readonly isResponse: boolean
  /** TC: in a query, more known answers follow. */
  readonly isTruncated: boolean
  readonly questions: ReadonlyArray<Question>
  readonly answers: ReadonlyArray<Record.Record>
  readonly authorities: ReadonlyArray<Record.Record>
  readonly additionals: ReadonlyArray<Record.Record>
  /** Records that were left out since their data is not what their type says (S-P5). */
  readonly skipped: number
}

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

// one for all datagrams: it keeps nothing between them
const names = NameReader.make()

/**
 * Reads a datagram.
 *
 * Names and data are copied out of it when they are first looked at, so it must not be written to afterwards.
 */
export const decode = (payload: Uint8Array): Result.Result<Message, Reason> => {
  const fault = judge(payload)
  if (fault !== undefined) return Result.fail(fault)
  NameReader.begin(names, payload)
  const decoded = read({ payload, offset: headerOctets, records: 0, skipped: 0, fault: undefined })
  NameReader.end(names)
  return decoded
}

/** What can be told by the header. */
const judge = (payload: Uint8Array): Reason | undefined => {
  if (payload.length > maxOctets) return "size"
  if (payload.length < headerOctets) return "header"
  const flags = uint16(payload, 2)
  if ((flags & 0x7800) !== 0) return "opcode"
  if ((flags & 0x000f) !== 0) return "rcode"
  const records = uint16(payload, 6) + uint16(payload, 8) + uint16(payload, 10)
  const room = payload.length - headerOctets
  return 5 * uint16(payload, 4) > room || 11 * records > room ? "counts" : undefined
}

interface Decoder {
  readonly payload: Uint8Array
  offset: number
  records: number
  skipped: number
  fault: Reason | undefined
}

const read = (decoder: Decoder): Result.Result<Message, Reason> => {
  const { payload } = decoder
  const flags = payload[2]!
  const questions = readQuestions(decoder, uint16(payload, 4))
  const answers = readRecords(decoder, uint16(payload, 6))
  const authorities = readRecords(decoder, uint16(payload, 8))
  const additionals = readRecords(decoder, uint16(payload, 10))
  if (decoder.fault !== undefined) return Result.fail(decoder.fault)
  return Result.succeed({
    id: uint16(payload, 0),
    isResponse: (flags & 0x80) !== 0,
    isTruncated: (flags & 0x02) !== 0,
    questions,
    answers,
    authorities,
    additionals,
    skipped: decoder.skipped
  })
}

const none: ReadonlyArray<never> = []

const readQuestions = (self: Decoder, count: number): ReadonlyArray<Question> => {
  if (count === 0) return none
  const questions: Array<Question> = []
  for (let i = 0; i < count && self.fault === undefined; i++) {
    const question = readQuestion(self)
    if (question !== undefined && questions.length < maxQuestions) questions.push(question)
  }
  return questions
}

const readQuestion = (self: Decoder): Question | undefined => {
  const { payload } = self
  const name = readOwner(self, 4)
  if (name === undefined) return undefined
  const type = uint16(payload, self.offset)
  const class_ = uint16(payload, self.offset + 2)
  self.offset += 4
  return { name, type, class: class_ & 0x7fff, unicast: class_ >= 0x8000 }
}

/** Reads the name of a question or record, behind which `rest` octets must be there. */
const readOwner = (self: Decoder, rest: number): Name.Name | undefined => {
  const name = NameReader.read(names, self.offset, self.payload.length)
  if (name === undefined) self.fault = names.fault
  else if (names.next + rest > self.payload.length) self.fault = "truncated"
  else {
    self.offset = names.next
    return name
  }
  return undefined
}

const readRecords = (self: Decoder, count: number): ReadonlyArray<Record.Record> => {
  if (count === 0) return none
  const records: Array<Record.Record> = []
  for (let i = 0; i < count && self.fault === undefined && self.records < maxRecords; i++) {
    self.records += 1
    const record = readRecord(self)
    if (record !== undefined) records.push(record)
  }
  return records
}

const readRecord = (self: Decoder): Record.Record | undefined => {
  const { payload } = self
  const name = readOwner(self, 10)
  if (name === undefined) return undefined
  const { offset } = self
  const start = offset + 10
  const end = start + uint16(payload, offset + 8)
  if (end > payload.length) {
    self.fault = "truncated"
    return undefined
  }
  self.offset = end
  const type = uint16(payload, offset)
  const class_ = uint16(payload, offset + 2)
  const data = DataReader.read(names, type, start, end)
  if (data === undefined) return skip(self)
  const ttl = (uint16(payload, offset + 4) << 16 | uint16(payload, offset + 6)) >>> 0
  // the class of OPT is the size of a buffer (RFC 6891, section 6.1.2)
  return type === Record.Type.OPT
    ? { name, type, class: class_, flush: false, ttl, data }
    : { name, type, class: class_ & 0x7fff, flush: class_ >= 0x8000, ttl, data }
}

const skip = (self: Decoder): undefined => {
  self.skipped += 1
  if (names.fault === "budget") self.fault = "budget"
}

const uint16 = (payload: Uint8Array, offset: number): number => payload[offset]! << 8 | payload[offset + 1]!
