/**
 * What was sent on the links, with the decoder of `Decoded`.
 */
import type { Journal, NetworkEvent } from "@effect-discovery/testing"
import * as Decoded from "./Decoded.ts"

/** A datagram as it left. `time` is in milliseconds since the network was made, with microseconds as fractions. */
export interface Sent {
  readonly time: number
  readonly host: string
  readonly interface: string
  readonly source: NetworkEvent.Endpoint
  readonly destination: NetworkEvent.Endpoint
  readonly isMulticast: boolean
  /** The ttl of IPv4, the hop limit of IPv6. */
  readonly ttl: number
  readonly payload: Uint8Array
  readonly message: Decoded.Message
}

/** All that is in the journal, in the order it was sent, but what systems answer by ICMP. */
export const of = (journal: Journal.Journal): ReadonlyArray<Sent> =>
  journal.events.filter(({ kind }) => kind === "send").flatMap(({ datagram }) => {
    const sent = journal.datagram(datagram!)!
    return sent.kind === "Icmp" ? [] : [sentOf(sent)]
  })

const sentOf = (datagram: NetworkEvent.Datagram): Sent => {
  let message: Decoded.Message | undefined
  return {
    time: datagram.time / 1000,
    host: datagram.host,
    interface: datagram.interface,
    source: datagram.source,
    destination: datagram.destination,
    isMulticast: datagram.kind === "Multicast",
    ttl: datagram.ttl,
    payload: datagram.payload,
    get message() {
      return message ??= Decoded.decode(datagram.payload)
    }
  }
}

const lower = (name: string): string => name.toLowerCase()

export const isQuery = ({ message }: Sent): boolean => message.qr === 0
export const isResponse = ({ message }: Sent): boolean => message.qr === 1
/** A query that proposes records (RFC 6762, section 8.2). */
export const isProbe = (sent: Sent): boolean => isQuery(sent) && sent.message.authorities.length > 0

/** Whether it asks for records of the name, of that type where there is one. */
export const asks = (name: string, type?: string) => ({ message }: Sent): boolean =>
  message.qr === 0 &&
  message.questions.some((question) =>
    lower(question.name) === lower(name) && (type === undefined || question.type === type)
  )

/** Whether it is a response with a record of the name, of that type where there is one, among all its sections. */
export const tells = (name: string, type?: string) => ({ message }: Sent): boolean =>
  message.qr === 1 &&
  Decoded.records(message).some((record) =>
    lower(record.name) === lower(name) && (type === undefined || record.type === type)
  )

/** Whether it is a response that answers so, in its answer section. */
export const answers = (name: string, type?: string) => ({ message }: Sent): boolean =>
  message.qr === 1 &&
  message.answers.some((record) => lower(record.name) === lower(name) && (type === undefined || record.type === type))

/** The records of all sections of all of them that have the name, and that type where there is one. */
export const recordsOf = (
  sent: ReadonlyArray<Sent>,
  name?: string,
  type?: string
): ReadonlyArray<Decoded.Record> =>
  sent.flatMap(({ message }) => Decoded.records(message)).filter((record) =>
    (name === undefined || lower(record.name) === lower(name)) && (type === undefined || record.type === type)
  )

/** The times between one and the next. */
export const gaps = (sent: ReadonlyArray<Sent>): ReadonlyArray<number> =>
  sent.slice(1).map(({ time }, i) => time - sent[i]!.time)

/** A datagram as a line, for messages of failures. */
export const line = (sent: Sent): string => {
  const { answers, additionals, authorities, qr, questions, tc } = sent.message
  const parts = [
    ...questions.map(({ name, type, unicast }) => `${name} ${type}?${unicast ? "QU" : ""}`),
    ...([["", answers], ["auth ", authorities], ["add ", additionals]] as const).flatMap(([section, records]) =>
      records.map((record) => `${section}${Decoded.line(record)} ${record.ttl}s${record.flush ? " flush" : ""}`)
    )
  ]
  const to = `${sent.destination.address}:${sent.destination.port}`
  return `${sent.time} ${sent.host}/${sent.interface} > ${to} ${qr === 1 ? "R" : "Q"}${tc === 1 ? " TC" : ""} ${
    parts.join(", ")
  }`
}
