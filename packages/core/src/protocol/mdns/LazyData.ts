/**
 * Data of records that is copied out of its datagram when it is first looked at. Until then the datagram is kept.
 */
import * as Getters from "../../internal/Getters.ts"
import * as Latin1 from "../../internal/Latin1.ts"
import type * as Name from "./Name.ts"

type Tag = "Address" | "Text" | "Opaque"

/** In place of an offset: that what it has is not a datagram, but octets or text of its own. */
const asOwn = -1

class Octets<const T extends Tag> {
  static {
    Getters.expose(this.prototype, "octets")
  }

  readonly _tag: T
  // the datagram, or octets or text of its own
  #held: Uint8Array | string
  #start: number
  readonly #end: number

  constructor(tag: T, held: Uint8Array | string, start: number, end: number) {
    this._tag = tag
    this.#held = held
    this.#start = start
    this.#end = end
  }

  get octets(): Uint8Array {
    const held = this.#held
    if (typeof held !== "string" && this.#start === asOwn) return held
    const octets = typeof held === "string" ? Latin1.toOctets(held) : copy(held, this.#start, this.#end)
    this.#held = octets
    this.#start = asOwn
    return octets
  }

  static text(self: Octets<Tag>): string {
    const held = self.#held
    if (typeof held === "string") return held
    if (self.#start === asOwn) return Latin1.fromOctets(held, 0, held.length)
    const text = Latin1.fromOctets(held, self.#start, self.#end)
    self.#held = text
    return text
  }
}

class Denial {
  static {
    Getters.expose(this.prototype, "types")
  }

  readonly _tag = "Denial"
  readonly next: Name.Name
  // the windows of the datagram, until the types are known
  #datagram: Uint8Array | undefined
  readonly #start: number
  readonly #end: number
  #types: ReadonlyArray<number> | undefined

  constructor(next: Name.Name, datagram: Uint8Array, start: number, end: number) {
    this.next = next
    this.#datagram = datagram
    this.#start = start
    this.#end = end
  }

  get types(): ReadonlyArray<number> {
    if (this.#types !== undefined) return this.#types
    const types = typesOf(this.#datagram!, this.#start, this.#end)
    this.#types = types
    this.#datagram = undefined
    return types
  }
}

/** The octets between two offsets of a datagram. */
export const octets = <const T extends Tag>(tag: T, datagram: Uint8Array, start: number, end: number): Octets<T> =>
  new Octets(tag, datagram, start, end)

/** The octets of a text, each a character of it. */
export const fromText = <const T extends Tag>(tag: T, text: string): Octets<T> => new Octets(tag, text, asOwn, asOwn)

/** The octets as text, each a character. */
export const textOf = (data: { readonly octets: Uint8Array }): string =>
  data instanceof Octets ? Octets.text(data) : Latin1.fromOctets(data.octets, 0, data.octets.length)

/** The types of an NSEC record, from windows that are known to be sound. */
export const denial = (next: Name.Name, datagram: Uint8Array, start: number, end: number): Denial =>
  new Denial(next, datagram, start, end)

// by hand, since slicing a Buffer of Node makes a view
const copy = (datagram: Uint8Array, start: number, end: number): Uint8Array => {
  const octets = new Uint8Array(end - start)
  for (let i = start; i < end; i++) octets[i - start] = datagram[i]!
  return octets
}

const typesOf = (datagram: Uint8Array, start: number, end: number): ReadonlyArray<number> => {
  const types: Array<number> = []
  for (let offset = start; offset < end;) {
    const window = datagram[offset]! << 8
    const length = datagram[offset + 1]!
    for (let i = 0; i < length; i++) addTypes(types, window | i << 3, datagram[offset + 2 + i]!)
    offset += 2 + length
  }
  return types
}

const addTypes = (types: Array<number>, first: number, bits: number): void => {
  for (let bit = 0; bits << bit & 0xff; bit++) {
    if (bits << bit & 0x80) types.push(first | bit)
  }
}
