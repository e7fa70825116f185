/**
 * DNS messages octet by octet, for scripted peers: by a writer of its own, that compresses nothing, checks nothing, and can write what is
 * wrong.
 */

/**
 * `a.b._http._tcp.local`; `\.` and `\\` stand for a dot and a backslash within a label. Or the labels, as text or octets; or the octets of
 * the whole name, for what is compressed or wrong.
 */
export type Name = string | ReadonlyArray<string | Uint8Array> | Uint8Array

/** Labels that end in a pointer to `offset`. */
export const compressed = (labels: ReadonlyArray<string>, offset: number): Uint8Array =>
  concat([...labels.map(label), u16(0xc000 | offset)])

/** A question; IN and QM unless it says otherwise. */
export interface Question {
  readonly name: Name
  readonly type: number
  readonly class?: number | undefined
  readonly unicast?: boolean | undefined
}

/** A record. `length` is what is written as the length of the data where that is to be wrong. */
export interface Record {
  readonly name: Name
  readonly type: number
  readonly class: number
  readonly flush: boolean
  readonly ttl: number
  readonly data: Uint8Array
  readonly length?: number | undefined
}

/** What the header says beside the counts: numbers of the fields of RFC 6762, section 18. */
export interface Header {
  readonly id?: number | undefined
  readonly qr?: 0 | 1 | undefined
  readonly opcode?: number | undefined
  readonly aa?: 0 | 1 | undefined
  readonly tc?: 0 | 1 | undefined
  readonly rd?: 0 | 1 | undefined
  readonly ra?: 0 | 1 | undefined
  readonly z?: 0 | 1 | undefined
  readonly ad?: 0 | 1 | undefined
  readonly cd?: 0 | 1 | undefined
  readonly rcode?: number | undefined
  /** The four counts, where they are to be wrong. */
  readonly counts?: readonly [number, number, number, number] | undefined
}

/** A message. */
export interface Message extends Header {
  readonly questions?: ReadonlyArray<Question> | undefined
  readonly answers?: ReadonlyArray<Record> | undefined
  readonly authorities?: ReadonlyArray<Record> | undefined
  readonly additionals?: ReadonlyArray<Record> | undefined
}

/** Numbers of types. */
export const Type = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  NSEC: 47,
  ANY: 255
} as const

/** A query: QR and AA clear. */
export const query = (message: Message): Uint8Array => encode({ qr: 0, ...message })

/** A response: QR and AA set. */
export const response = (message: Message): Uint8Array => encode({ qr: 1, aa: 1, ...message })

export const question = (name: Name, type: keyof typeof Type | number, options: Partial<Question> = {}): Question => ({
  ...options,
  name,
  type: numberOf(type)
})

/** What may be said of any record. */
export interface Options {
  readonly ttl?: number | undefined
  readonly flush?: boolean | undefined
  readonly class?: number | undefined
}

/** A record of any type, with the data as octets. */
export const raw = (name: Name, type: keyof typeof Type | number, data: Uint8Array, options: Options = {}): Record => ({
  name,
  type: numberOf(type),
  class: options.class ?? 1,
  flush: options.flush ?? false,
  ttl: options.ttl ?? 120,
  data
})

// by default as their owners announce them: pointers shared, all others unique (RFC 6762, sections 10 and 10.2)
export const ptr = (name: Name, target: Name, options: Options = {}): Record =>
  raw(name, "PTR", nameOf(target), { ttl: 4500, ...options })

export const srv = (
  name: Name,
  target: Name,
  port: number,
  options: Options & { readonly priority?: number; readonly weight?: number } = {}
): Record =>
  raw(
    name,
    "SRV",
    concat([u16(options.priority ?? 0), u16(options.weight ?? 0), u16(port), nameOf(target)]),
    { flush: true, ...options }
  )

/** Strings of a TXT record; without any, the one empty string that stands for none (RFC 6763, section 6.1). */
export const txt = (name: Name, strings: ReadonlyArray<string>, options: Options = {}): Record =>
  raw(name, "TXT", concat((strings.length === 0 ? [""] : strings).map((text) => label(text))), {
    ttl: 4500,
    flush: true,
    ...options
  })

export const a = (name: Name, address: string, options: Options = {}): Record =>
  raw(name, "A", Uint8Array.from(address.split(".").map(Number)), { flush: true, ...options })

export const aaaa = (name: Name, address: string, options: Options = {}): Record =>
  raw(name, "AAAA", ipv6(address), { flush: true, ...options })

/** A denial: these types and no others (RFC 6762, section 6.1), in as many blocks as they need. */
export const nsec = (
  name: Name,
  types: ReadonlyArray<number>,
  options: Options & { readonly next?: Name } = {}
): Record => {
  const blocks = new Set(types.length === 0 ? [0] : types.map((type) => type >> 8).toSorted((a, b) => a - b))
  const parts = Array.from(blocks, (block) => blockOf(block, types.filter((type) => type >> 8 === block)))
  return raw(name, "NSEC", concat([nameOf(options.next ?? name), ...parts]), { flush: true, ...options })
}

const blockOf = (block: number, types: ReadonlyArray<number>): Uint8Array => {
  const bitmap = new Uint8Array(Math.max(1, ...types.map((type) => ((type & 0xff) >> 3) + 1)))
  for (const type of types) bitmap[(type & 0xff) >> 3]! |= 0x80 >> (type & 7)
  return concat([Uint8Array.of(block, bitmap.length), bitmap])
}

/** The octets of a message. */
export const encode = (message: Message): Uint8Array => {
  const { additionals = [], answers = [], authorities = [], questions = [] } = message
  const counts = message.counts ?? [questions.length, answers.length, authorities.length, additionals.length]
  return concat([
    u16(message.id ?? 0),
    u16(flagsOf(message)),
    ...counts.map(u16),
    ...questions.map(encodeQuestion),
    ...[...answers, ...authorities, ...additionals].map(encodeRecord)
  ])
}

/** A name, uncompressed. */
export const nameOf = (name: Name): Uint8Array => {
  if (name instanceof Uint8Array) return name
  const labels = typeof name === "string" ? split(name) : name
  return concat([...labels.map(label), Uint8Array.of(0)])
}

export const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const octets = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    octets.set(part, at)
    at += part.length
  }
  return octets
}

export const u16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff)

/** The octets of an IPv6 address in text. */
export const ipv6 = (address: string): Uint8Array => {
  const [head = "", tail] = address.split("::")
  const groups = (text: string) => text === "" ? [] : text.split(":").map((group) => parseInt(group, 16))
  const [before, after] = [groups(head), tail === undefined ? [] : groups(tail)]
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length
  return concat([...before, ...Array.from({ length: zeros }, () => 0), ...after].map(u16))
}

const numberOf = (type: keyof typeof Type | number): number => typeof type === "number" ? type : Type[type]

const flagsOf = ({ aa = 0, ad = 0, cd = 0, opcode = 0, qr = 0, ra = 0, rcode = 0, rd = 0, tc = 0, z = 0 }: Header) =>
  (qr << 15) | (opcode << 11) | (aa << 10) | (tc << 9) | (rd << 8) | (ra << 7) | (z << 6) | (ad << 5) | (cd << 4) |
  rcode

const encodeQuestion = (self: Question): Uint8Array =>
  concat([nameOf(self.name), u16(self.type), u16((self.class ?? 1) | (self.unicast === true ? 0x8000 : 0))])

const encodeRecord = (self: Record): Uint8Array =>
  concat([
    nameOf(self.name),
    u16(self.type),
    u16(self.class | (self.flush ? 0x8000 : 0)),
    u16(self.ttl >>> 16),
    u16(self.ttl & 0xffff),
    u16(self.length ?? self.data.length),
    self.data
  ])

const split = (name: string): ReadonlyArray<string> =>
  Array.from(name.matchAll(/(?:[^.\\]|\\.)+/gs), ([text]) => text.replace(/\\(.)/gs, "$1"))

const utf8 = new TextEncoder()

const label = (text: string | Uint8Array): Uint8Array => {
  const octets = typeof text === "string" ? utf8.encode(text) : text
  return concat([Uint8Array.of(octets.length), octets])
}
