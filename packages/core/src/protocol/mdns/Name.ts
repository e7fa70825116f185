/**
 * Domain names as mDNS has them: labels of any octets, compared without regard to the case of ASCII letters (RFC 6762, section 16).
 *
 * A name keeps the octets that it came with. Its `key` is what names are looked up and compared by: one character for each octet of the
 * uncompressed wire form, with ASCII capitals folded. Text is only for people and programs' interfaces, never for identity (S-P6).
 */
import * as Result from "effect/Result"
import * as Getters from "../../internal/Getters.ts"
import * as Latin1 from "../../internal/Latin1.ts"

/** A domain name. */
export interface Name {
  /** The uncompressed wire form: labels with their length octets, and the final zero. 1 to 256 octets. */
  readonly wire: Uint8Array
  /** What the name is compared by. */
  readonly key: string
}

/** Why labels or text make no name. */
export type Fault = "empty label" | "label longer than 63 octets" | "name longer than 255 octets" | "escape"

/** Octets of the longest name, its final zero not counted (RFC 6762, appendix C). */
export const maxOctets = 255

const encoder = new TextEncoder()
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** In place of an offset: that its own octets are the wire form. */
const asWire = -1

/**
 * A name whose wire form and key are made when they are first asked for.
 *
 * One that was read from a datagram holds on to it until then: most names of most datagrams are never looked at.
 */
class Lazy implements Name {
  static {
    Getters.expose(this.prototype, "wire", "key")
  }

  /** The wire form, the datagram that the name lies in, or, once there is a key, which of its letters are capitals. */
  #held: Uint8Array | number
  /** Where it lies in the datagram, or that it has its wire form. */
  #start: number
  readonly #length: number
  #key: string | undefined

  constructor(octets: Uint8Array, start: number, length: number, key: string | undefined) {
    this.#held = octets
    this.#start = start
    this.#length = length
    this.#key = key
  }

  get wire(): Uint8Array {
    const held = this.#held
    if (typeof held !== "number" && this.#start === asWire) return held
    const wire = typeof held === "number"
      ? spell(Latin1.toOctets(this.#key!), held)
      : expand(held, this.#start, this.#length)
    this.#held = wire
    this.#start = asWire
    return wire
  }

  get key(): string {
    return this.#key ??= Lazy.readKey(this)
  }

  /** Which of its letters are capitals, if that is known. */
  static capitalsOf(self: Lazy): number | undefined {
    return typeof self.#held === "number" ? self.#held : undefined
  }

  // and lets go of the datagram: a name that has been looked up may be kept
  static readKey(self: Lazy): string {
    const characters = Latin1.room(self.#length)
    const octets = self.#held as Uint8Array
    if (self.#start === asWire) fold(octets, characters)
    else {
      const capitals = foldDatagram(octets, self.#start, characters)
      self.#held = capitals === beyond ? expand(octets, self.#start, self.#length) : capitals
      self.#start = asWire
    }
    return Latin1.text(characters)
  }
}

/** The name of `length` octets at `start` of a datagram, in which its labels and pointers are known to be sound. */
export const fromDatagram = (datagram: Uint8Array, start: number, length: number): Name =>
  new Lazy(datagram, start, length, undefined)

/** Takes an uncompressed wire form that is known to be sound. */
export const fromWire = (wire: Uint8Array): Name => new Lazy(wire, asWire, wire.length, undefined)

/** Which letters of a name are capitals: a bit for each of its first 32 octets, or, if there are others, all octets as text. */
type Spelling = number | string

/** A name that is kept for long: it has no octets of its own, which are made each time they are asked for. */
export class Kept implements Name {
  static {
    Getters.expose(this.prototype, "wire")
  }

  readonly key: string
  readonly #spelling: Spelling

  constructor(name: Name) {
    this.key = name.key
    this.#spelling = spellingOf(name)
  }

  get wire(): Uint8Array {
    const spelling = this.#spelling
    return typeof spelling === "string" ? Latin1.toOctets(spelling) : spell(Latin1.toOctets(this.key), spelling)
  }

  static spellingOf(self: Kept): Spelling {
    return self.#spelling
  }
}

const spell = (octets: Uint8Array, capitals: number): Uint8Array => {
  for (let left = capitals, at = 0; left !== 0; left >>>= 1, at++) if ((left & 1) !== 0) octets[at]! -= 32
  return octets
}

const spellingOf = (self: Name): Spelling => {
  if (self instanceof Kept) return Kept.spellingOf(self)
  const { key } = self
  return (self instanceof Lazy ? Lazy.capitalsOf(self) : undefined) ?? capitalsIn(self.wire, key)
}

const capitalsIn = (wire: Uint8Array, key: string): Spelling => {
  let capitals = 0
  for (let at = 0; at < wire.length; at++) {
    if (wire[at] === key.charCodeAt(at)) continue
    if (at > 31) return Latin1.fromOctets(wire, 0, wire.length)
    capitals |= 1 << at
  }
  return capitals
}

/** The same name as small as it can be, for whoever keeps many and looks at few. */
export const keep = (self: Name): Name => self instanceof Kept ? self : new Kept(self)

/** The name of no label, the root. */
export const root: Name = fromWire(new Uint8Array(1))

// bounded by `length` alone, whatever became of the datagram
const expand = (datagram: Uint8Array, start: number, length: number): Uint8Array => {
  const wire = new Uint8Array(length)
  let from = start
  for (let to = 0, steps = length + maxOctets; to < length - 1 && steps > 0; steps--) {
    const octet = datagram[from]!
    if (octet >= 0xc0) from = (octet & 0x3f) << 8 | datagram[from + 1]!
    else for (const after = from + octet; from <= after;) wire[to++] = datagram[from++]!
  }
  return wire
}

// length octets are below 64, so that folding everything folds letters only
const folded = Uint8Array.from({ length: 256 }, (_, octet) => octet >= 65 && octet <= 90 ? octet + 32 : octet)

const fold = (wire: Uint8Array, characters: Array<number>): void => {
  for (let i = 0; i < wire.length; i++) characters[i] = folded[wire[i]!]!
}

/** In place of capitals: that there are some beyond those that have a bit. The first octet is a length, so that its bit is none of theirs. */
const beyond = 1

/** Folds a name where it lies; gives which of its first 32 letters are capitals, or `beyond`. Bounded as `expand`. */
const foldDatagram = (datagram: Uint8Array, start: number, characters: Array<number>): number => {
  const last = characters.length - 1
  let from = start
  let capitals = 0
  let to = 0
  for (let steps = last + maxOctets; to < last && steps > 0; steps--) {
    const octet = datagram[from]!
    if (octet >= 0xc0) from = (octet & 0x3f) << 8 | datagram[from + 1]!
    else {
      for (const after = Math.min(to + octet + 1, last); to < after; to++) {
        let character = datagram[from++]!
        if (character >= 65 && character <= 90) {
          character += 32
          capitals |= to > 31 ? beyond : 1 << to
        }
        characters[to] = character
      }
    }
  }
  while (to <= last) characters[to++] = 0
  return (capitals & beyond) === 0 ? capitals : beyond
}

/** Makes a name from labels, text ones as NFC UTF-8. */
export const fromLabels = (labels: ReadonlyArray<string | Uint8Array>): Result.Result<Name, Fault> => {
  const octets = labels.map((label) => typeof label === "string" ? encoder.encode(label.normalize("NFC")) : label)
  if (octets.some(({ length }) => length === 0)) return Result.fail("empty label")
  if (octets.some(({ length }) => length > 63)) return Result.fail("label longer than 63 octets")
  const length = octets.reduce((sum, label) => sum + label.length + 1, 0)
  if (length > maxOctets) return Result.fail("name longer than 255 octets")
  const wire = new Uint8Array(length + 1)
  let offset = 0
  for (const label of octets) {
    wire[offset] = label.length
    wire.set(label, offset + 1)
    offset += label.length + 1
  }
  return Result.succeed(fromWire(wire))
}

/** The labels as octets, first to last. */
export const labels = ({ wire }: Name): ReadonlyArray<Uint8Array> => {
  const labels: Array<Uint8Array> = []
  for (let offset = 0; wire[offset]! !== 0; offset += wire[offset]! + 1) {
    labels.push(wire.subarray(offset + 1, offset + 1 + wire[offset]!))
  }
  return labels
}

/** Whether two names are the same. */
export const equals = (self: Name, that: Name): boolean => self.key === that.key

/** Whether two names are the same, capitals and all. */
export const isSpelledAlike = (self: Name, that: Name): boolean =>
  self === that || (self.key === that.key && spellingOf(self) === spellingOf(that))

/** The name with one more label in front. */
export const prepend = (label: string | Uint8Array, to: Name): Result.Result<Name, Fault> =>
  fromLabels([label, ...labels(to)])

/** The name without its first label; the root's is the root. */
export const parent = (self: Name): Name => {
  const { key, wire } = self
  const skipped = wire[0]! + 1
  return wire[0] === 0 ? self : new Lazy(wire.subarray(skipped), asWire, wire.length - skipped, key.slice(skipped))
}

/** Whether a name is `ancestor` or lies below it. */
export const isWithin = ({ key }: Name, ancestor: Name): boolean => {
  const offset = key.length - ancestor.key.length
  if (offset < 0 || !key.endsWith(ancestor.key)) return false
  // the ancestor must begin at a label of this name; the length of a label is the same in a key, since it is below that of any letter
  for (let at = 0; at <= offset; at += key.charCodeAt(at) + 1) {
    if (at === offset) return true
  }
  return false
}

const escape = (label: Uint8Array): string => {
  const text = toComposed(label)
  let escaped = ""
  if (text !== undefined) {
    if (!needsEscape(text)) return text
    for (const character of text) {
      const code = character.codePointAt(0)!
      if (character === "." || character === "\\") escaped += `\\${character}`
      else escaped += isControl(code) ? decimal(code) : character
    }
    return escaped
  }
  for (const octet of label) {
    if (octet === 0x2e || octet === 0x5c) escaped += `\\${String.fromCharCode(octet)}`
    else escaped += octet < 0x20 || octet > 0x7e ? decimal(octet) : String.fromCharCode(octet)
  }
  return escaped
}

// text that is not composed would be when it is read again; ASCII always is
const toComposed = (label: Uint8Array): string | undefined => {
  const text = toText(label)
  return text === undefined || text.length === label.length || text === text.normalize("NFC") ? text : undefined
}

const needsEscape = (text: string): boolean => {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isControl(code) || code === 0x2e || code === 0x5c) return true
  }
  return false
}

const hasControl = (text: string): boolean => {
  for (let at = 0; at < text.length; at++) if (isControl(text.charCodeAt(at))) return true
  return false
}

const isControl = (code: number): boolean => code < 0x20 || code === 0x7f

const decimal = (octet: number): string => `\\${String(octet).padStart(3, "0")}`

/** A label as text, `undefined` when it is not UTF-8. */
export const toText = (label: Uint8Array): string | undefined => {
  try {
    return strict.decode(label)
  } catch {
    return undefined
  }
}

/** One label of a name as people read it: `.` and `\` escaped, control characters and octets that are no UTF-8 or not composed as `\DDD` (RFC 6763, section 4.3). */
export const formatLabel = escape

/** A label by itself, in which a dot is nothing but a dot: escaped only where no text gives the same label again. */
export const labelText = (label: Uint8Array): string => {
  const text = toComposed(label)
  return text === undefined || hasControl(text) ? escape(label) : text
}

/** The first label of a name by itself, as `labelText`. Nearly all are ASCII, which no octets need be made for. */
export const firstLabelText = (self: Name): string => {
  const { key } = self
  const capitals = spellingOf(self)
  const characters = Latin1.room(key.charCodeAt(0))
  for (let at = 1; at <= characters.length; at++) {
    const character = key.charCodeAt(at)
    if (typeof capitals === "string" || character < 0x20 || character > 0x7e) return labelText(labels(self)[0]!)
    characters[at - 1] = at < 32 && (capitals >>> at & 1) !== 0 ? character - 32 : character
  }
  return Latin1.text(characters)
}

/** The name as people read it, without a final dot; the root is `.`. */
export const format = (self: Name): string => self.wire[0] === 0 ? "." : labels(self).map(escape).join(".")

/** Reads a name that people wrote, with or without a final dot. */
export const fromString = (text: string): Result.Result<Name, Fault> => {
  if (text === "." || text === "") return Result.succeed(root)
  const parts = split(text)
  return parts === undefined ? Result.fail("escape") : fromLabels(parts)
}

// labels as octets, since an escape may name any octet
const split = (text: string): ReadonlyArray<Uint8Array> | undefined => {
  const octets = encoder.encode(text.normalize("NFC"))
  const labels: Array<Uint8Array> = []
  let label: Array<number> = []
  for (let i = 0; i < octets.length; i++) {
    const octet = octets[i]!
    if (octet === 0x2e) {
      labels.push(Uint8Array.from(label))
      label = []
    } else if (octet !== 0x5c) label.push(octet)
    else {
      const next = octets[i + 1]
      if (next === undefined) return undefined
      if (next < 0x30 || next > 0x39) {
        label.push(next)
        i += 1
      } else {
        const digits = String.fromCharCode(...octets.subarray(i + 1, i + 4))
        if (!/^\d{3}$/.test(digits) || Number(digits) > 255) return undefined
        label.push(Number(digits))
        i += 3
      }
    }
  }
  if (label.length > 0 || !text.endsWith(".")) labels.push(Uint8Array.from(label))
  return labels
}
