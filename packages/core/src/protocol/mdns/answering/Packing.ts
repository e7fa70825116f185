/**
 * Puts answers and what goes along with them into datagrams (RFC 6762, sections 10.2 and 17).
 */
import type * as Link from "../Link.ts"
import * as Record from "../Record.ts"
import * as Writer from "../Writer.ts"
import type * as Zone from "../Zone.ts"

/** Datagrams, and the records in them. */
export interface Packed {
  readonly payloads: ReadonlyArray<Uint8Array>
  readonly sent: ReadonlyArray<Zone.Owned>
}

const recordOctets = 10

/** Octets of an answer at most: its first name in full, the others as pointers to that. */
const octetsOf = (records: Zone.Part): number =>
  records.reduce(
    (sum, { record }, i) =>
      sum + (i === 0 ? record.name.wire.length : 2) + recordOctets + Record.octetsOf(record.data).length,
    0
  )

/** Whether an answer fits into what is left of a datagram. */
const isFitting = (writer: Writer.Writer, records: Zone.Part): boolean =>
  writer.length + octetsOf(records) <= writer.limit

/** Packs all of the answers, and of the additionals what still fits then. */
export const multicast = (
  link: Link.Link,
  answers: ReadonlyArray<Zone.Part>,
  additionals: ReadonlyArray<Zone.Part>
): Packed => {
  const payloads: Array<Uint8Array> = []
  const sent: Array<Zone.Owned> = []
  let writer = Writer.responseOn(link)
  const next = (): void => {
    if (Writer.isEmpty(writer)) return
    payloads.push(Writer.finish(writer))
    writer = Writer.responseOn(link)
  }
  for (const answer of answers) {
    if (!isFitting(writer, answer)) next()
    for (const owned of answer) {
      // a set that is longer than a datagram is sent in as many as it takes, at once
      if (!Writer.record(writer, "answers", owned.record)) {
        next()
        if (!Writer.record(writer, "answers", owned.record)) continue
      }
      sent.push(owned)
    }
  }
  for (const additional of additionals) sent.push(...addWhole(writer, "additionals", additional))
  const isLeft = !Writer.isEmpty(writer)
  const last = Writer.finish(writer)
  return { payloads: isLeft ? [...payloads, last] : payloads, sent }
}

/** Adds all records of an answer or none of them. */
export const addWhole = (
  writer: Writer.Writer,
  section: "answers" | "additionals",
  records: Zone.Part,
  options?: { readonly maxTtl: number }
): Zone.Part => {
  if (!isFitting(writer, records)) return []
  for (const { record } of records) {
    Writer.record(writer, section, record, {
      ttl: Math.min(record.ttl, options?.maxTtl ?? record.ttl),
      flush: options === undefined && record.flush
    })
  }
  return records
}
