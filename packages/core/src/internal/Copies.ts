/**
 * Copies of many datagrams, side by side on sheets of octets, to recognise those that have the same octets.
 *
 * A copy by itself takes 300 octets besides its own in two objects and their memory, and each of these is a miss of the processor's cache.
 */

/** Octets, and the same four at a time: as many as there are whole ones. */
interface Sheet {
  readonly octets: Uint8Array
  readonly words: Int32Array
}

/** What copies are written on. Sheets of which nobody has a copy any more are nobody's. */
export interface Copies {
  sheet: Sheet
  /** How much of it is written on. */
  used: number
  /** The octets of all copies since they were last moved together. */
  taken: number
}

/** Where a copy is. */
export interface Place {
  sheet: Sheet
  /** Where it begins, a multiple of four, and how many octets it has, in one number; 0 for all of the sheet. */
  span: number
}

const smallest = 1_024
const largest = 32_768
const lengthBits = 14
const longest = (1 << lengthBits) - 1

const sheetOf = (octets: Uint8Array): Sheet => ({
  octets,
  words: new Int32Array(octets.buffer, 0, octets.length >> 2)
})

const nothing = sheetOf(new Uint8Array(0))

export const make = (): Copies => ({ sheet: nothing, used: 0, taken: 0 })

/** Copies a datagram; `live` is how many octets all copies take that somebody still has. */
export const add = (self: Copies, payload: Uint8Array, live: number): Place => {
  const { length } = payload
  if (length === 0) return { sheet: nothing, span: 0 }
  self.taken += wholeWords(length)
  if (length > longest) return { sheet: sheetOf(new Uint8Array(payload)), span: 0 }
  if (length > self.sheet.octets.length - self.used) {
    self.sheet = sheetOf(new Uint8Array(Math.max(length, smallest, Math.min(live >> 3, largest))))
    self.used = 0
  }
  const place = { sheet: self.sheet, span: self.used << lengthBits | length }
  self.sheet.octets.set(payload, self.used)
  self.used += wholeWords(length)
  return place
}

const wholeWords = (length: number): number => (length + 3) & -4

/** Gives a copy up: whoever has the place may keep that for long, and is not to keep the sheet. */
export const drop = (place: Place): void => {
  place.sheet = nothing
  place.span = 0
}

/** Whether a third is of copies that nobody has any more: `move` then makes room. */
export const isSparse = ({ taken }: Copies, live: number): boolean => taken > 1.5 * live + smallest

/** Moves all copies that somebody has together. */
export const move = (self: Copies, places: Iterable<Place>, live: number): void => {
  Object.assign(self, make())
  for (const place of places) {
    const { sheet, span } = add(self, octetsOf(place), live)
    place.sheet = sheet
    place.span = span
  }
}

const octetsOf = ({ sheet: { octets }, span }: Place): Uint8Array =>
  span === 0 ? octets : octets.subarray(span >>> lengthBits, (span >>> lengthBits) + (span & longest))

/** How many octets a copy has. */
const lengthOf = ({ sheet, span }: Place): number => span === 0 ? sheet.octets.length : span & longest

/** How many octets a copy takes. */
export const sizeOf = (place: Place): number => wholeWords(lengthOf(place))

/** Octets of the platform that compare themselves, as those of Node.js do. */
interface Comparable {
  readonly compare?: ((octets: Uint8Array, start: number, end: number) => number) | undefined
}

// for more octets than this it pays to ask the platform
const few = 128

/** Whether a datagram has the octets of the copy. */
export const isOf = (place: Place, payload: Uint8Array): boolean => {
  const length = lengthOf(place)
  if (length !== payload.length) return false
  const { sheet, span } = place
  const start = span >>> lengthBits
  if (length <= few && isLittleEndian) return hasWords(sheet, start, payload)
  const native: Comparable = payload as Comparable
  return typeof native.compare === "function"
    ? native.compare(sheet.octets, start, start + length) === 0
    : hasOctets(sheet.octets, start, payload, 0)
}

const isLittleEndian = sheetOf(Uint8Array.of(1, 0, 0, 0)).words[0] === 1

const hasWords = ({ octets, words }: Sheet, start: number, payload: Uint8Array): boolean => {
  const last = payload.length - 3
  let at = 0
  for (let word = start >> 2; at < last; word++, at += 4) {
    if (words[word] !== (payload[at]! | payload[at + 1]! << 8 | payload[at + 2]! << 16 | payload[at + 3]! << 24)) {
      return false
    }
  }
  return hasOctets(octets, start, payload, at)
}

const hasOctets = (octets: Uint8Array, start: number, payload: Uint8Array, from: number): boolean => {
  const { length } = payload
  for (let at = from; at < length; at++) if (octets[start + at] !== payload[at]) return false
  return true
}

/**
 * A number that tells most datagrams apart, whole and small enough to need no object. Long ones are sampled: whoever makes datagrams that it
 * does not tell apart has them compared, and no more.
 */
export const mark = (payload: Uint8Array): number => {
  const { length } = payload
  const step = 4 * (1 + (length >> 9))
  let mark = length
  for (let i = 0; i + 3 < length; i += step) {
    const word = payload[i]! | payload[i + 1]! << 8 | payload[i + 2]! << 16 | payload[i + 3]! << 24
    mark = Math.imul((mark << 13 | mark >>> 19) ^ word, 0x9e3779b1)
  }
  for (let i = Math.max(0, length - 3); i < length; i++) mark = Math.imul(mark ^ payload[i]!, 0x01000193)
  return mark >> 2
}

/** What tells a datagram of a port from others without looking at its octets. */
export const tag = (port: number, payload: Uint8Array): number => port << 15 | mark(payload) & 0x7fff

/** The port of a tag. */
export const portOf = (tag: number): number => tag >>> 15
