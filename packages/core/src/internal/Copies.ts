/**
 * Copies of many datagrams, side by side on sheets of octets, to recognise those that have the same octets.
 *
 * A copy by itself takes 300 octets besides its own in two objects and their memory, and each of these is a miss of the processor's cache.
 */

/** What copies are written on. Sheets of which nobody has a copy any more are nobody's. */
export interface Copies {
  sheet: Uint8Array
  /** How much of it is written on, and the octets of all sheets since all copies were last moved together. */
  used: number
  taken: number
}

/** Where a copy is. */
export interface Place {
  sheet: Uint8Array
  /** Where it begins and how many octets it has, in one number; 0 for all of the sheet. */
  span: number
}

const smallest = 1_024
const largest = 32_768
const lengthBits = 14
const longest = (1 << lengthBits) - 1

const nothing = new Uint8Array(0)

export const make = (): Copies => ({ sheet: nothing, used: 0, taken: 0 })

/** Copies a datagram; `live` is how many octets all copies have that somebody still has. */
export const add = (self: Copies, payload: Uint8Array, live: number): Place => {
  const { length } = payload
  if (length === 0) return { sheet: nothing, span: 0 }
  if (length > longest) return { sheet: take(self, new Uint8Array(payload)), span: 0 }
  if (length > self.sheet.length - self.used) {
    self.sheet = take(self, new Uint8Array(Math.max(length, Math.min(Math.max(live, smallest), largest))))
    self.used = 0
  }
  const place = { sheet: self.sheet, span: self.used << lengthBits | length }
  self.sheet.set(payload, self.used)
  self.used += length
  return place
}

const take = (self: Copies, sheet: Uint8Array): Uint8Array => {
  self.taken += sheet.length
  return sheet
}

/** Whether most of the sheets is of copies that nobody has any more: `move` then makes room. */
export const isSparse = ({ taken }: Copies, live: number): boolean => taken > 2 * live + 2 * largest

/** Moves all copies that somebody has together. */
export const move = (self: Copies, places: Iterable<Place>, live: number): void => {
  Object.assign(self, make())
  for (const place of places) Object.assign(place, add(self, octetsOf(place), live))
}

const octetsOf = ({ sheet, span }: Place): Uint8Array =>
  span === 0 ? sheet : sheet.subarray(span >>> lengthBits, (span >>> lengthBits) + (span & longest))

/** How many octets a copy has. */
export const lengthOf = ({ sheet, span }: Place): number => span === 0 ? sheet.length : span & longest

/** Octets of the platform that compare themselves, as those of Node.js do. */
interface Comparable {
  readonly compare?: ((octets: Uint8Array, start: number, end: number) => number) | undefined
}

/** Whether a datagram has the octets of the copy. */
export const isOf = (place: Place, payload: Uint8Array): boolean => {
  const length = lengthOf(place)
  if (length !== payload.length) return false
  const { sheet, span } = place
  const start = span >>> lengthBits
  const native: Comparable = payload as Comparable
  if (typeof native.compare === "function") return native.compare(sheet, start, start + length) === 0
  for (let i = 0; i < length; i++) if (sheet[start + i] !== payload[i]) return false
  return true
}
