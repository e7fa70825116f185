/** A decoded message in the words of `reference.ts`. */
import { Result } from "effect"
import * as Message from "../../../src/protocol/mdns/Message.ts"
import * as Record from "../../../src/protocol/mdns/Record.ts"
import type * as Reference from "./reference.ts"

/** What our decoder makes of a datagram. */
export const decode = (payload: Uint8Array): Reference.Decoded => of(Message.decode(payload), payload)

/** What it made of one. */
export const of = (
  decoded: Result.Result<Message.Message, Message.Reason>,
  payload: Uint8Array
): Reference.Decoded => Result.isFailure(decoded) ? { reason: decoded.failure } : plain(decoded.success, payload)

/** The same, when everything was compared first and the datagram then written to. */
export const decodeCompared = (payload: Uint8Array): Reference.Decoded => {
  const datagram = payload.slice()
  const decoded = Message.decode(datagram)
  if (Result.isFailure(decoded)) return { reason: decoded.failure }
  const before = keysOf(decoded.success)
  datagram.fill(0xff)
  const after = plain(decoded.success, payload)
  if (keysOf(decoded.success) !== before || keysOf(copyOf(payload)) !== before) throw new Error("a key has changed")
  return after
}

const keysOf = ({ additionals, answers, authorities, questions }: Message.Message): string =>
  [...questions.map(({ name }) => name.key), ...[...answers, ...authorities, ...additionals].map(Record.key)].join("\n")

/** A message whose octets were looked at before any key. */
const copyOf = (payload: Uint8Array): Message.Message => {
  const message = Result.getOrThrow(Message.decode(payload))
  plain(message, payload)
  return message
}

const plain = (message: Message.Message, payload: Uint8Array): Reference.Decoded => ({
  id: message.id,
  // of the flags we keep only two; the reference has what was sent
  flags: payload[2]! << 8 & ~0x8200 | payload[3]! | (message.isResponse ? 0x8000 : 0) |
    (message.isTruncated ? 0x0200 : 0),
  questions: message.questions.map(({ class: class_, name, type, unicast }) => [
    hex(name.wire),
    type,
    unicast ? class_ | 0x8000 : class_
  ]),
  sections: [message.answers, message.authorities, message.additionals].map((records) => records.map(plainRecord)),
  skipped: message.skipped
})

const plainRecord = ({ class: class_, data, flush, name, ttl, type }: Record.Record): Reference.Plain => [
  hex(name.wire),
  type,
  flush ? class_ | 0x8000 : class_,
  ttl,
  hex(Record.octetsOf(data))
]

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex")
