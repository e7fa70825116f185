/**
 * What a message is written on: its octets, and where in them which name begins.
 *
 * Slates are used again, since making one costs more than writing a message. So is the memory of their octets, as far as it is blank.
 */
import * as Message from "./Message.ts"
import type * as Name from "./Name.ts"

/** A slate. */
export interface Slate {
  octets: Uint8Array<ArrayBuffer>
  /** By hash the offsets of the names and their suffixes that were written; only where `uses` is `use`. */
  readonly offsets: Uint16Array
  readonly hashes: Int32Array
  readonly uses: Float64Array
  use: number
  /** The places that the entry at hand has taken. */
  readonly taken: Uint16Array
  takenCount: number
  /** The labels of the name at hand: where in its wire form they begin, and the hashes of what begins there. */
  readonly labels: Uint16Array
  readonly suffixes: Int32Array
  /** The latest names and their offsets: those of one message are often the same objects. */
  readonly names: Array<Name.Name | undefined>
  readonly nameOffsets: Uint16Array
  named: number
}

// of which the longest datagram leaves room for many ordinary ones
const sheet = 32_768
const places = 2_048
const maxLabels = 128
const recent = 8

const make = (): Slate => ({
  octets: new Uint8Array(sheet),
  offsets: new Uint16Array(places),
  hashes: new Int32Array(places),
  uses: new Float64Array(places),
  use: 0,
  taken: new Uint16Array(places),
  takenCount: 0,
  labels: new Uint16Array(maxLabels),
  suffixes: new Int32Array(maxLabels),
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

/** The first octets for good, and the slate for others to use. */
export const tearOff = (self: Slate, length: number): Uint8Array => {
  clearNames(self)
  if (idle.length < 4) idle.push(self)
  const { buffer, byteOffset } = self.octets
  const rest = self.octets.length - length
  self.octets = rest < Message.maxOctets ? new Uint8Array(sheet) : new Uint8Array(buffer, byteOffset + length, rest)
  return new Uint8Array(buffer, byteOffset, length)
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

/** Finds the labels of the name from `start` to `end` of `wire`; how many it has without the last, which is empty. */
export const measure = ({ labels, suffixes }: Slate, wire: Uint8Array, start: number, end: number): number => {
  let count = 0
  for (let offset = start; offset < end - 1; offset += wire[offset]! + 1) labels[count++] = offset
  // FNV-1a, from the end, so that each octet is gone through once
  let hash = 0x811c9dc5 | 0
  for (let label = count - 1, offset = end - 2; label >= 0; label--) {
    for (const first = labels[label]!; offset >= first; offset--) hash = Math.imul(hash ^ wire[offset]!, 0x01000193)
    suffixes[label] = hash
  }
  return count
}

/** Where a label of the measured name and what follows it were written before, with the very same octets; else they are taken to begin at `offset` now. */
export const find = (self: Slate, wire: Uint8Array, label: number, offset: number): number => {
  const hash = self.suffixes[label]!
  // the last multiplication has mixed the lowest bits least
  const spread = hash ^ hash >>> 15
  // when many collide, some names are not compressed
  for (let i = 0; i < 8; i++) {
    const place = (spread + i) & (places - 1)
    if (self.uses[place] !== self.use) {
      self.uses[place] = self.use
      self.hashes[place] = hash
      self.offsets[place] = offset
      self.taken[self.takenCount++] = place
      return offset
    }
    if (self.hashes[place] === hash && isAt(self, self.offsets[place]!, wire, self.labels[label]!, offset)) {
      return self.offsets[place]!
    }
  }
  return offset
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
