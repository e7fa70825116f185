/**
 * Resource records (RFC 1035, section 3.2.1; RFC 6762, section 10).
 */
import * as LazyData from "./LazyData.ts"
import * as Name from "./Name.ts"

/** Numbers of the types that are understood. All others are kept as octets. */
export const Type = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DNAME: 39,
  OPT: 41,
  NSEC: 47,
  ANY: 255
} as const

/** The class Internet. */
export const IN = 1
/** The class of a question that means any. */
export const ANY_CLASS = 255

/** Seconds that a record holds whose name or data is that of a host (RFC 6762, section 10). */
export const hostTtl = 120
/** Seconds that any other record holds. */
export const otherTtl = 4_500
/** Seconds beyond which no ttl is believed: a day. */
export const maxTtl = 86_400

/**
 * What a record says.
 *
 * `Pointer` is the data of PTR, CNAME, NS and DNAME, one name. `Opaque` is everything else; names that may be compressed in it are expanded.
 */
export type Data =
  | { readonly _tag: "Address"; readonly octets: Uint8Array }
  | { readonly _tag: "Pointer"; readonly target: Name.Name }
  | {
    readonly _tag: "Service"
    readonly priority: number
    readonly weight: number
    readonly port: number
    readonly target: Name.Name
  }
  | { readonly _tag: "Text"; readonly octets: Uint8Array }
  | { readonly _tag: "Denial"; readonly next: Name.Name; readonly types: ReadonlyArray<number> }
  | { readonly _tag: "Opaque"; readonly octets: Uint8Array }

/** A resource record. `class` is without its top bit, which is `flush`; `ttl` is in seconds. */
export interface Record {
  readonly name: Name.Name
  readonly type: number
  readonly class: number
  readonly flush: boolean
  readonly ttl: number
  readonly data: Data
}

/** The data as octets, names uncompressed and in the case they came in: what ties are broken by (RFC 6762, section 8.2). */
export const octetsOf = (data: Data): Uint8Array => {
  switch (data._tag) {
    case "Address":
    case "Text":
    case "Opaque":
      return data.octets
    case "Pointer":
      return data.target.wire
    case "Service": {
      const octets = new Uint8Array(6 + data.target.wire.length)
      new DataView(octets.buffer).setUint16(0, data.priority)
      new DataView(octets.buffer).setUint16(2, data.weight)
      new DataView(octets.buffer).setUint16(4, data.port)
      octets.set(data.target.wire, 6)
      return octets
    }
    case "Denial":
      return concatenate(data.next.wire, windowsOf(data.types))
  }
}

/** The types of an NSEC record: windows in order, each as long as its last type needs (RFC 4034, section 4.1.2). */
export const windowsOf = (types: ReadonlyArray<number>): Uint8Array => {
  let octets = new Uint8Array(0)
  for (const window of new Set(types.map((type) => type >> 8).toSorted((a, b) => a - b))) {
    octets = concatenate(octets, windowOf(window, types))
  }
  return octets
}

const windowOf = (window: number, types: ReadonlyArray<number>): Uint8Array<ArrayBuffer> => {
  let last = 0
  for (const type of types) if (type >> 8 === window && type > last) last = type
  const octets = new Uint8Array(3 + ((last & 0xff) >> 3))
  octets[0] = window
  octets[1] = octets.length - 2
  for (const type of types) if (type >> 8 === window) octets[2 + ((type & 0xff) >> 3)]! |= 0x80 >> (type & 7)
  return octets
}

const concatenate = (left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> => {
  const octets = new Uint8Array(left.length + right.length)
  octets.set(left)
  octets.set(right, left.length)
  return octets
}

const numbers = (priority: number, weight: number, port: number): string =>
  String.fromCharCode(priority >> 8, priority & 0xff, weight >> 8, weight & 0xff, port >> 8, port & 0xff)

/** What the data is compared by: as `octetsOf`, with names folded. */
export const dataKey = (data: Data): string => {
  switch (data._tag) {
    case "Pointer":
      return data.target.key
    case "Service":
      return numbers(data.priority, data.weight, data.port) + data.target.key
    case "Denial":
      return data.next.key + charactersOf(data.types)
    default:
      return LazyData.textOf(data)
  }
}

/** Types as text, a character each: in parts, since all that a function is applied to lies on the stack. */
export const charactersOf = (types: ReadonlyArray<number>): string => {
  if (types.length <= most) return String.fromCharCode.apply(undefined, types as Array<number>)
  let text = ""
  for (let from = 0; from < types.length; from += most) {
    text += String.fromCharCode.apply(undefined, types.slice(from, from + most))
  }
  return text
}

const most = 256

/** What a set of records is known by: name, type and class. */
export const setKey = (self: Pick<Record, "name" | "type" | "class">): string =>
  `${self.type} ${self.class} ${self.name.key}`

/** What a record is known by: its set and its data, whatever its ttl. */
export const key = (self: Record): string => `${setKey(self)} ${dataKey(self.data)}`

/** Whether two records say the same, whatever their ttl. */
export const isSame = (self: Record, that: Record): boolean =>
  self.type === that.type && self.class === that.class && Name.equals(self.name, that.name) &&
  dataKey(self.data) === dataKey(that.data)
