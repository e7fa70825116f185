/**
 * Reads octets from front to back. What is read past the end is zero, and `isShort` from then on.
 */

/** A place in octets. */
export interface Cursor {
  readonly octets: Uint8Array
  readonly view: DataView
  at: number
  isShort: boolean
}

/** Starts reading at `at`. */
export const make = (octets: Uint8Array, at = 0): Cursor => ({
  octets,
  view: new DataView(octets.buffer, octets.byteOffset, octets.length),
  at,
  isShort: at > octets.length
})

/** How many octets are left. */
export const left = ({ at, octets }: Cursor): number => octets.length - at

const take = (self: Cursor, length: number): number | undefined => {
  if (self.isShort || left(self) < length) {
    self.isShort = true
    return undefined
  }
  const { at } = self
  self.at += length
  return at
}

export const uint8 = (self: Cursor): number => {
  const at = take(self, 1)
  return at === undefined ? 0 : self.octets[at]!
}

export const uint16 = (self: Cursor): number => {
  const at = take(self, 2)
  return at === undefined ? 0 : self.view.getUint16(at)
}

export const uint32 = (self: Cursor): number => {
  const at = take(self, 4)
  return at === undefined ? 0 : self.view.getUint32(at)
}

export const uint64 = (self: Cursor): bigint => {
  const at = take(self, 8)
  return at === undefined ? 0n : self.view.getBigUint64(at)
}

/** A view of that many octets, of none when they are not there. */
export const bytes = (self: Cursor, length: number): Uint8Array => {
  const at = take(self, length)
  return at === undefined ? new Uint8Array(0) : self.octets.subarray(at, at + length)
}
