/**
 * What `Attributes` is made of: a map, or what a map can be read from when somebody looks.
 *
 * Most attributes of most peers are never looked at, and as they came they take a fifth of the memory.
 */
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import * as Inspectable from "effect/Inspectable"

export const TypeId = "~@effect-discovery/core/Attributes"

/**
 * The value of an attribute: text, bytes, or `true` for a key without one.
 *
 * @category models
 * @since 0.1.0
 */
export type Value = string | Uint8Array | true

/** Values by key, in the order of announcement. */
export type Values = ReadonlyMap<string, Value>

const utf8 = new TextEncoder()
// `ignoreBOM` keeps a leading U+FEFF as data (S-P6)
const lossy = new TextDecoder("utf-8", { ignoreBOM: true })

/** How attributes are read from text, one character an octet. */
export interface Reader {
  readonly read: (text: string) => Values
  /** How many there are at most. */
  readonly most: (text: string) => number
  /** Whether two texts surely have other keys or values; `false` says nothing. */
  readonly differ: (self: string, that: string) => boolean
}

/** Attributes, as they are defined in public. */
export class AttributeMap implements Equal.Equal, Iterable<readonly [key: string, value: string]> {
  declare readonly values: Values
  readonly #text: string | undefined
  readonly #reader: Reader | undefined

  constructor(values: Values | undefined, text?: string, reader?: Reader) {
    this.#text = text
    this.#reader = reader
    if (values === undefined) Object.defineProperty(this, "values", whenLookedAt)
    else this.values = values
  }
  // of all, and no field of each
  get [TypeId](): typeof TypeId {
    return TypeId
  }
  get size(): number {
    return this.values.size
  }
  get(key: string): string | undefined {
    const value = this.values.get(key)
    if (value === true) return ""
    return value === undefined || typeof value === "string" ? value : lossy.decode(value)
  }
  bytes(key: string): Uint8Array | undefined {
    const value = this.values.get(key)
    if (value === undefined) return undefined
    return value instanceof Uint8Array ? new Uint8Array(value) : utf8.encode(value === true ? "" : value)
  }
  has(key: string): boolean {
    return this.values.has(key)
  }
  isFlag(key: string): boolean {
    return this.values.get(key) === true
  }
  keys(): Iterable<string> {
    return this.values.keys()
  }
  *[Symbol.iterator](): Iterator<readonly [string, string]> {
    for (const key of this.values.keys()) yield [key, this.get(key)!]
  }
  toJSON(): Readonly<Record<string, string>> {
    const record: Record<string, string> = Object.create(null)
    for (const [key, value] of this) record[key] = value
    return record
  }
  // `console.log` shows what they say, and not what they are read from
  [Inspectable.NodeInspectSymbol](): unknown {
    return this.toJSON()
  }
  [Equal.symbol](that: Equal.Equal): boolean {
    if (!(that instanceof AttributeMap)) return false
    if (this.#text !== undefined && that.#text !== undefined && this.#reader === that.#reader) {
      if (this.#text === that.#text) return true
      if (this.#reader!.differ(this.#text, that.#text)) return false
    }
    return areSame(this.values, that.values)
  }
  [Hash.symbol](): number {
    let hash = this.size
    for (const [key, value] of this) hash ^= Hash.combine(Hash.string(key), Hash.string(value))
    return hash
  }

  static read(self: AttributeMap): Values {
    return self.#reader!.read(self.#text!)
  }

  static isWithin(self: AttributeMap, count: number, octets: number): boolean {
    const text = self.#text
    return text !== undefined && text.length <= octets && self.#reader!.most(text) <= count
  }
}

// whoever looks at one value looks at the next
let latest: { readonly of: AttributeMap; readonly values: Values } | undefined

const readOnce = (self: AttributeMap): Values => {
  if (latest?.of !== self) latest = { of: self, values: AttributeMap.read(self) }
  return latest.values
}

// one descriptor for all, so that none takes memory of its own; a property, to whoever compares or prints attributes
const whenLookedAt: PropertyDescriptor = {
  enumerable: true,
  get(this: AttributeMap): Values {
    return readOnce(this)
  }
}

const areSame = (self: Values, that: Values): boolean => {
  if (self.size !== that.size) return false
  for (const [key, value] of self) {
    const other = that.get(key)
    if (other === undefined || !isSameValue(value, other)) return false
  }
  return true
}

// text is always held as a string, so a string never equals bytes
const isSameValue = (self: Value, that: Value): boolean =>
  self instanceof Uint8Array && that instanceof Uint8Array
    ? self.length === that.length && self.every((byte, index) => byte === that[index])
    : self === that

/** A value as it is held: as text, if it is that. */
export const toValue = (value: Value): Value => {
  if (typeof value === "string" || value === true) return value
  // not with a fatal decoder: what it throws takes ten times as long, for every value that is no text
  const decoded = lossy.decode(value)
  if (!decoded.includes("\ufffd") || isSameValue(utf8.encode(decoded), value)) return decoded
  // a copy, which the `slice` of a Node.js buffer would not be
  return new Uint8Array(value)
}

/** Attributes of values that are held as they are. */
export const make = (values: Values): AttributeMap => new AttributeMap(values)

/** Attributes that are read from a text whenever somebody looks. */
export const lazy = (text: string, reader: Reader): AttributeMap => new AttributeMap(undefined, text, reader)

/** What can be looked at of attributes, whoever made them. */
interface Readable {
  readonly size: number
  readonly keys: () => Iterable<string>
  readonly bytes: (key: string) => Uint8Array | undefined
}

/** Whether attributes are so few and so short; what cannot have more need not be read to be judged. */
export const isWithin = (self: Readable, count: number, octets: number): boolean =>
  (self instanceof AttributeMap &&
    (AttributeMap.isWithin(self, count, octets) || isSurelyWithin(self, count, octets))) ||
  (self.size <= count && byteLength(self) <= octets)

// a UTF-16 unit takes one to three octets, so most need no encoding to be judged
const isSurelyWithin = ({ values }: AttributeMap, count: number, octets: number): boolean => {
  if (values.size > count) return false
  let most = 0
  for (const [key, value] of values) {
    most += 3 * key.length
    if (value !== true) most += typeof value === "string" ? 3 * value.length : value.length
  }
  return most <= octets
}

/** The octets that keys and values take together. */
export const byteLength = (self: Readable): number => {
  let length = 0
  for (const key of self.keys()) length += utf8.encode(key).length + self.bytes(key)!.length
  return length
}
