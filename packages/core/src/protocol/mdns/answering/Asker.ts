/**
 * Who asks, and how an answer may reach them.
 */
import * as Link from "../Link.ts"
import type * as Message from "../Message.ts"
import * as Writer from "../Writer.ts"

/** Who asks. */
export interface Asker {
  readonly origin: Link.Origin
  readonly id: number
  /** A program that knows no mDNS: it has asked from a port of its own (RFC 6762, section 6.7). */
  readonly isLegacy: boolean
}

export const of = ({ id }: Pick<Message.Message, "id">, origin: Link.Origin): Asker => ({
  origin,
  id,
  isLegacy: origin.source.port !== Link.port
})

/** Whether nothing is to be said to it: an answer by unicast would leave the link (RFC 6762, sections 5.5 and 6.7). */
export const isStranger = ({ isLegacy, origin }: Asker): boolean =>
  !origin.isOnLink && (isLegacy || !origin.isMulticast)

/**
 * Whether an answer by unicast is wanted, and reaches who wants it: it would be refused from off the link (RFC 6762, section 11), and
 * another program of this host shares the port with us (section 15.1).
 */
export const wantsUnicast = ({ origin }: Asker, { unicast }: Message.Question): boolean =>
  origin.isOnLink && !origin.isOwnAddress && (unicast || !origin.isMulticast)

/** Octets of an answer for each of the question's: so much may be sent to an address that may be forged. */
const amplification = 10
/** Octets of a reply that any DNS resolver takes (RFC 1035, section 4.2.1). */
const legacyOctets = 512

/** Octets of a reply by unicast at most. */
export const maxReply = (
  { isLegacy, origin }: Asker,
  questions: ReadonlyArray<Message.Question>,
  { maxPayload }: Link.Link
): number => {
  if (!isLegacy && origin.isMulticast) return maxPayload
  return Math.min(maxPayload, isLegacy ? legacyOctets : maxPayload, amplification * octetsOf(questions))
}

/** Octets that a query of these questions has at least. */
const octetsOf = (questions: ReadonlyArray<Message.Question>): number => {
  const writer = Writer.make({ limit: 9_000, kind: "query" })
  for (const question of questions) Writer.question(writer, question)
  return Writer.finish(writer).length
}
