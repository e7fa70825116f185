/**
 * Writes octets, a number at a time.
 */

/** What was written so far. */
export type Octets = Array<number>

export const uint16 = (self: Octets, value: number): void => {
  self.push((value >>> 8) & 255, value & 255)
}

export const uint32 = (self: Octets, value: number): void => {
  uint16(self, value >>> 16)
  uint16(self, value)
}

export const uint64 = (self: Octets, value: bigint): void => {
  uint32(self, Number(BigInt.asUintN(32, value >> 32n)))
  uint32(self, Number(BigInt.asUintN(32, value)))
}

export const bytes = (self: Octets, value: Uint8Array): void => {
  for (const octet of value) self.push(octet)
}
