/**
 * What a message is written on: its octets, and where in them which name begins.
 *
 * Slates are used again, since making one costs more than writing a message.
 */
import type * as Name from "./Name.ts"

/** A slate. */
export interface Slate {
  readonly octets: Uint8Array
  /** By hash the offsets of the names and their suffixes that were written; only where `uses` is `use`. */
  readonly offsets: Uint16Array
  readonly hashes: Int32Array
  readonly uses: Float64Array
  use: number
  /** The places that the entry at hand has taken. */
  readonly taken: Uint16Array
  takenCount: number
  /** The latest names and their offsets: those of one message are often the same objects. */
  readonly names: Array<Name.Name | undefined>
  readonly nameOffsets: Uint16Array
  named: number
}

const octets = 8_972
const places = 2_048
const recent = 8

const make = (): Slate => ({
  octets: new Uint8Array(octets),
  offsets: new Uint16Array(places),
  hashes: new Int32Array(places),
  uses: new Float64Array(places),
  use: 0,
  taken: new Uint16Array(places),
  takenCount: 0,
  names: Array.from({ length: recent }, () => undefined),
  nameOffsets: new Uint16Array(recent),
  named: 0
})

const idle: Array<Slate> = []

/** A slate on which no name is written. Its octets are anything. */
export const take = (): Slate => {
  const slate = idle.pop() ?? make()
  slate.use += 1
  return slate
}

/** Lets others use it. */
export const giveBack = (self: Slate): void => {
  clearNames(self)
  if (idle.length < 4) idle.push(self)
}

/** Begins an entry. */
export const begin = (self: Slate): void => {
  self.takenCount = 0
}

/** Takes back what the entry at hand has written. */
export const forget = (self: Slate): void => {
  for (let i = 0; i < self.takenCount; i++) self.uses[self.taken[i]!] = 0
  clearNames(self)
}

const clearNames = (self: Slate): void => {
  for (let i = 0; i < recent; i++) self.names[i] = undefined
}

/** Where this very name object was written. */
export const offsetOf = (self: Slate, name: Name.Name): number | undefined => {
  for (let i = 0; i < recent; i++) {
    if (self.names[i] === name) return self.nameOffsets[i]!
  }
  return undefined
}

/** Remembers where a name object was written. */
export const remember = (self: Slate, name: Name.Name, offset: number): void => {
  self.names[self.named] = name
  self.nameOffsets[self.named] = offset
  self.named = (self.named + 1) & (recent - 1)
}

/** Where the name from `start` to `end` of `wire` was written before, with the very same octets; else it is taken to begin at `offset` now. */
export const find = (self: Slate, wire: Uint8Array, start: number, end: number, offset: number): number => {
  const hash = hashOf(wire, start, end)
  // when many collide, some names are not compressed
  for (let i = 0; i < 8; i++) {
    const place = (hash + i) & (places - 1)
    if (self.uses[place] !== self.use) {
      self.uses[place] = self.use
      self.hashes[place] = hash
      self.offsets[place] = offset
      self.taken[self.takenCount++] = place
      return offset
    }
    if (self.hashes[place] === hash && isAt(self, self.offsets[place]!, wire, start, offset)) {
      return self.offsets[place]!
    }
  }
  return offset
}

// FNV-1a
const hashOf = (wire: Uint8Array, start: number, end: number): number => {
  let hash = 0x811c9dc5 | 0
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ wire[i]!, 0x01000193)
  return hash
}

const isAt = ({ octets }: Slate, at: number, wire: Uint8Array, start: number, end: number): boolean => {
  let offset = start
  while (at < end) {
    while (octets[at]! >= 0xc0) at = (octets[at]! & 0x3f) << 8 | octets[at + 1]!
    const length = octets[at]!
    for (let i = 0; i <= length; i++) {
      if (octets[at + i] !== wire[offset + i]) return false
    }
    if (length === 0) return true
    at += length + 1
    offset += length + 1
  }
  return false
}
