/**
 * What is in a datagram, by a decoder that is not the library's.
 */
import * as DnsPacket from "dns-packet"

export interface Question {
  readonly name: string
  readonly type: string
  readonly class: number
  readonly unicast: boolean
}

/** A record. `data` is what `dns-packet` makes of it, with octets where it knows no better. */
export interface Record {
  readonly name: string
  readonly type: string
  readonly class: number
  readonly flush: boolean
  readonly ttl: number
  readonly data: unknown
}

export interface Header {
  readonly id: number
  readonly qr: number
  readonly opcode: number
  readonly aa: number
  readonly tc: number
  readonly rd: number
  readonly ra: number
  readonly z: number
  readonly ad: number
  readonly cd: number
  readonly rcode: number
}

export interface Message extends Header {
  readonly questions: ReadonlyArray<Question>
  readonly answers: ReadonlyArray<Record>
  readonly authorities: ReadonlyArray<Record>
  readonly additionals: ReadonlyArray<Record>
}

/** Throws where the octets are no message: nothing that we send may be that. */
export const decode = (payload: Uint8Array): Message => {
  const packet = DnsPacket.decode(Buffer.from(payload))
  return {
    ...headerOf(payload),
    questions: (packet.questions ?? []).map(question),
    answers: (packet.answers ?? []).map(record),
    authorities: (packet.authorities ?? []).map(record),
    additionals: (packet.additionals ?? []).map(record)
  }
}

/** The records of all sections. */
export const records = (self: Message): ReadonlyArray<Record> => [
  ...self.answers,
  ...self.authorities,
  ...self.additionals
]

/** A record as a line: `Ada._http._tcp.local SRV ada.local:80`. Names in the case they have. */
export const line = (self: Record): string => `${self.name} ${self.type} ${text(self)}`

const text = ({ data, type }: Record): string => {
  if (type === "SRV") {
    const { port, target } = data as DnsPacket.SrvData
    return `${target}:${port}`
  }
  if (type === "TXT") return strings(data).join(" ")
  if (type === "NSEC") return (data as { readonly rrtypes: ReadonlyArray<string> }).rrtypes.join(" ")
  return typeof data === "string" ? data : JSON.stringify(data)
}

/** The strings of a TXT record. */
export const strings = (data: unknown): ReadonlyArray<string> =>
  (Array.isArray(data) ? data : [data]).map((value) => Buffer.isBuffer(value) ? value.toString("utf8") : String(value))

const headerOf = (payload: Uint8Array): Header => {
  const [id, flags] = [(payload[0]! << 8) | payload[1]!, (payload[2]! << 8) | payload[3]!]
  const bit = (at: number) => (flags >> at) & 1
  return {
    id,
    qr: bit(15),
    opcode: (flags >> 11) & 15,
    aa: bit(10),
    tc: bit(9),
    rd: bit(8),
    ra: bit(7),
    z: bit(6),
    ad: bit(5),
    cd: bit(4),
    rcode: flags & 15
  }
}

const classes: { readonly [name: string]: number } = { IN: 1, CS: 2, CH: 3, HS: 4, ANY: 255 }

// one that it does not know is `UNKNOWN_` and its number
const classOf = (name: string | undefined): number => classes[name ?? "IN"] ?? Number(name!.split("_")[1])

const question = (self: DnsPacket.Question): Question => {
  const number = classOf(self.class)
  return { name: self.name, type: self.type, class: number & 0x7fff, unicast: number >= 0x8000 }
}

const record = (self: DnsPacket.Answer): Record => {
  const fields = self as {
    readonly class?: string
    readonly flush?: boolean
    readonly ttl?: number
    readonly data: unknown
  }
  return {
    name: self.name,
    type: self.type,
    class: self.type === "OPT" ? 0 : classOf(fields.class) & 0x7fff,
    flush: fields.flush === true,
    ttl: fields.ttl ?? 0,
    data: fields.data
  }
}
