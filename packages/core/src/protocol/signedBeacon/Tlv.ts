/**
 * Sequences of `type u8, length u8, value` in the one order they may have: by type, then by value, none twice.
 */

/** One field. */
export interface Field {
  readonly type: number
  readonly value: Uint8Array
}

/** Octets of the longest value. */
export const maxValueOctets = 255

/** The fields of a sequence, `undefined` when it does not end with a field or is out of order. Values are parts of it. */
export const decode = (octets: Uint8Array): ReadonlyArray<Field> | undefined => {
  const fields: Array<Field> = []
  let previous: Field | undefined
  for (let offset = 0; offset < octets.length;) {
    const end = offset + 2 + (octets[offset + 1] ?? octets.length)
    if (end > octets.length) return undefined
    const field = { type: octets[offset]!, value: octets.subarray(offset + 2, end) }
    if (previous !== undefined && compare(previous, field) >= 0) return undefined
    fields.push(field)
    previous = field
    offset = end
  }
  return fields
}

/** Negative when `self` comes first, zero when they are the same. */
const compare = (self: Field, that: Field): number => self.type - that.type || compareOctets(self.value, that.value)

const compareOctets = (self: Uint8Array, that: Uint8Array): number => {
  const length = Math.min(self.length, that.length)
  for (let i = 0; i < length; i++) {
    if (self[i] !== that[i]) return self[i]! - that[i]!
  }
  return self.length - that.length
}

/** These fields in their order, each once. */
export const distinct = (fields: ReadonlyArray<Field>): ReadonlyArray<Field> =>
  fields.toSorted(compare).filter((field, index, sorted) => index === 0 || compare(sorted[index - 1]!, field) < 0)

/** The sequence of these fields. No value is longer than `maxValueOctets`. */
export const encode = (fields: ReadonlyArray<Field>): Uint8Array => {
  const sorted = distinct(fields)
  const octets = new Uint8Array(sorted.reduce((sum, { value }) => sum + 2 + value.length, 0))
  let offset = 0
  for (const { type, value } of sorted) {
    octets.set([type, value.length], offset)
    octets.set(value, offset + 2)
    offset += 2 + value.length
  }
  return octets
}
