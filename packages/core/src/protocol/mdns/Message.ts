/**
 * DNS messages as mDNS has them (RFC 6762, section 18).
 */
import * as Result from "effect/Result"
import * as DataReader from "./DataReader.ts"
import * as Index from "./Index.ts"
import type * as Name from "./Name.ts"
import * as NameReader from "./NameReader.ts"
import * as Record from "./Record.ts"

export { headerOctets, maxOctets, maxQuestions, maxRecords, type Reason } from "./Index.ts"

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

/** Why a datagram is no message, if it is none. Nothing is made to tell that. */
export const faultOf = (payload: Uint8Array): Index.Reason | undefined => Index.read(payload)

/**
 * Reads a datagram.
 *
 * Names and data are copied out of it when they are first looked at, so it must not be written to afterwards.
 */
export const decode = (payload: Uint8Array): Result.Result<Message, Index.Reason> => {
  const fault = Index.read(payload)
  if (fault !== undefined) return failures[fault]
  const message = messageOf(payload)
  NameReader.forgetNames()
  return Result.succeed(message)
}

/** Whether a datagram is a response, if it is a message. */
export const isResponse = (payload: Uint8Array): boolean => (payload[2]! & 0x80) !== 0

/** Whether a datagram tells of records of its sender, if it is a message: it is a response or a probe. */
export const isTelling = (payload: Uint8Array): boolean =>
  payload.length >= Index.headerOctets && (isResponse(payload) || uint16(payload, 8) > 0)

type Failures = { readonly [Reason in Index.Reason]: Result.Result<never, Reason> }

// made once, since whoever sends what is no message decides how often
const failures: Failures = {
  size: Result.fail("size"),
  header: Result.fail("header"),
  opcode: Result.fail("opcode"),
  rcode: Result.fail("rcode"),
  counts: Result.fail("counts"),
  truncated: Result.fail("truncated"),
  name: Result.fail("name"),
  pointer: Result.fail("pointer"),
  budget: Result.fail("budget")
}

const messageOf = (payload: Uint8Array): Message => {
  const { additionals, answers, authorities, questions, skipped } = Index.found
  return {
    id: uint16(payload, 0),
    isResponse: isResponse(payload),
    isTruncated: (payload[2]! & 0x02) !== 0,
    questions: questionsOf(payload, questions),
    answers: recordsOf(payload, questions, answers),
    authorities: recordsOf(payload, answers, authorities),
    additionals: recordsOf(payload, authorities, additionals),
    skipped
  }
}

const none: ReadonlyArray<never> = []

const questionsOf = (payload: Uint8Array, end: number): ReadonlyArray<Question> => {
  if (end === 0) return none
  const questions: Array<Question> = []
  for (let entry = 0; entry < end; entry++) questions.push(questionOf(payload, entry))
  return questions
}

const questionOf = (payload: Uint8Array, entry: number): Question => {
  const offset = Index.offsetOf(entry)
  const class_ = uint16(payload, offset + 2)
  return {
    name: NameReader.nameOf(payload, Index.ownerOf(entry)),
    type: uint16(payload, offset),
    class: class_ & 0x7fff,
    unicast: class_ >= 0x8000
  }
}

const recordsOf = (payload: Uint8Array, start: number, end: number): ReadonlyArray<Record.Record> => {
  if (start === end) return none
  // oxlint-disable-next-line unicorn/no-new-array -- the first that is pushed takes the room of 17
  const records = new Array<Record.Record>(end - start)
  for (let entry = start; entry < end; entry++) records[entry - start] = recordOf(payload, entry)
  return records
}

const recordOf = (payload: Uint8Array, entry: number): Record.Record => {
  const offset = Index.offsetOf(entry)
  const start = offset + 10
  const type = uint16(payload, offset)
  const class_ = uint16(payload, offset + 2)
  // the class of OPT is the size of a buffer (RFC 6891, section 6.1.2)
  const isSize = type === Record.Type.OPT
  return {
    name: NameReader.nameOf(payload, Index.ownerOf(entry)),
    type,
    class: isSize ? class_ : class_ & 0x7fff,
    flush: !isSize && class_ >= 0x8000,
    ttl: (uint16(payload, offset + 4) << 16 | uint16(payload, offset + 6)) >>> 0,
    data: DataReader.read(payload, type, start, start + uint16(payload, offset + 8))
  }
}

const uint16 = (payload: Uint8Array, offset: number): number => payload[offset]! << 8 | payload[offset + 1]!
