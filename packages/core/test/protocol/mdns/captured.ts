/** The captured messages under `test/fixtures/mdns`, and how to read what is expected of them. */
import { Result } from "effect"
import * as Message from "../../../src/protocol/mdns/Message.ts"
import * as Name from "../../../src/protocol/mdns/Name.ts"
import * as Record from "../../../src/protocol/mdns/Record.ts"
import * as Writer from "../../../src/protocol/mdns/Writer.ts"
import * as Vectors from "../vectors.ts"

interface ExpectedRecord {
  readonly name: string
  readonly type: string
  readonly class?: number
  readonly flush?: boolean
  readonly ttl?: number
  readonly data: unknown
}

/** What a captured message says. */
export interface Expected {
  readonly id: number
  readonly qr: number
  readonly tc: number
  readonly questions: ReadonlyArray<
    { readonly name: string; readonly type: string; readonly class: number; readonly qu: boolean }
  >
  readonly answers: ReadonlyArray<ExpectedRecord>
  readonly authorities: ReadonlyArray<ExpectedRecord>
  readonly additionals: ReadonlyArray<ExpectedRecord>
}

export const captured = Vectors.captured<Expected>("mdns")
export const malformed = Vectors.malformed("mdns")

export const fromHex = (hex: string): Uint8Array => Vectors.fromHex(hex.replaceAll(/\s/g, ""))

/** A message as the fixtures write it down. */
export const describe = (message: Message.Message) => ({
  id: message.id,
  qr: message.isResponse ? 1 : 0,
  tc: message.isTruncated ? 1 : 0,
  questions: message.questions.map(({ class: class_, name, type, unicast }) => ({
    name: Name.format(name),
    type: typeName(type),
    class: class_,
    qu: unicast
  })),
  answers: message.answers.map(describeRecord),
  authorities: message.authorities.map(describeRecord),
  additionals: message.additionals.map(describeRecord)
})

const typeNames = new Map(Object.entries(Record.Type).map(([name, type]) => [type as number, name]))

const typeName = (type: number): string => typeNames.get(type) ?? `TYPE${type}`

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex")

const describeRecord = (record: Record.Record): ExpectedRecord => {
  const name = Name.format(record.name)
  const type = typeName(record.type)
  if (record.type === Record.Type.OPT) {
    const extRcodeFlags = record.ttl.toString(16).padStart(8, "0")
    return { name, type, udpSize: record.class, extRcodeFlags, optionsHex: hex(Record.octetsOf(record.data)) } as never
  }
  const { class: class_, data, flush, ttl } = record
  return { name, type, class: class_, flush, ttl, data: describeData(data) }
}

const describeData = (data: Record.Data): unknown => {
  switch (data._tag) {
    case "Address":
      return data.octets.length === 4 ? data.octets.join(".") : ipv6(data.octets)
    case "Pointer":
      return Name.format(data.target)
    case "Service":
      return { priority: data.priority, weight: data.weight, port: data.port, target: Name.format(data.target) }
    case "Text":
      return { strings: strings(data.octets).map((octets) => Name.toText(octets)) }
    case "Denial":
      return { next: Name.format(data.next), types: data.types.map(typeName) }
    case "Opaque":
      return { hex: hex(data.octets) }
  }
}

// in its canonical form, as the address of a URL
const ipv6 = (octets: Uint8Array): string => {
  const groups = hex(octets).match(/.{4}/g)!.join(":")
  return new URL(`http://[${groups}]`).hostname.slice(1, -1)
}

const strings = (octets: Uint8Array): ReadonlyArray<Uint8Array> => {
  const strings: Array<Uint8Array> = []
  for (let offset = 0; offset < octets.length; offset += octets[offset]! + 1) {
    strings.push(octets.subarray(offset + 1, offset + 1 + octets[offset]!))
  }
  return strings
}

/** Writes a message as it is, with names compressed. */
export const encode = (message: Message.Message): Uint8Array => {
  const kind = message.isResponse ? "response" : "query"
  const writer = Writer.make({ limit: Message.maxOctets, kind, id: message.id })
  const isWritten = [
    ...message.questions.map((question) => Writer.question(writer, question)),
    ...message.answers.map((record) => Writer.record(writer, "answers", record)),
    ...message.authorities.map((record) => Writer.record(writer, "authorities", record)),
    ...message.additionals.map((record) => Writer.record(writer, "additionals", record))
  ]
  if (isWritten.includes(false)) throw new Error("the message is too long")
  if (message.isTruncated) Writer.truncate(writer)
  return Writer.finish(writer)
}

/** Reads a message that must be one. */
export const decode = (payload: Uint8Array): Message.Message => Result.getOrThrow(Message.decode(payload))
