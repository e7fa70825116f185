/**
 * DNS messages as mDNS has them (RFC 6762, section 18).
 */
import type * as Name from "./Name.ts"
import type * as Record from "./Record.ts"

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

/** Octets of the longest datagram (RFC 6762, section 17). */
export const maxOctets = 8_972
