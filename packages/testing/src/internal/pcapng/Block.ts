/**
 * Blocks of a capture file: draft-ietf-opsawg-pcapng, little-endian.
 */

/** @internal */
export interface Option {
  readonly code: number
  readonly value: Uint8Array
}

const utf8 = new TextEncoder()

// The length of an option has 16 bits.
const longestText = 65_000

/** @internal Text without its end where it is too long. */
export const text = (code: number, value: string): Option => ({
  code,
  value: utf8.encode(value).subarray(0, longestText)
})

/** @internal */
export const octets = (code: number, ...value: ReadonlyArray<number>): Option => ({
  code,
  value: Uint8Array.from(value)
})

/** @internal */
export const uint32 = (code: number, value: number): Option => ({ code, value: words(value) })

/** @internal */
export const uint64 = (code: number, value: number): Option => ({
  code,
  value: words(value >>> 0, Math.floor(value / 2 ** 32))
})

/** @internal */
export const words = (...values: ReadonlyArray<number>): Uint8Array => {
  const view = new DataView(new ArrayBuffer(4 * values.length))
  values.forEach((value, i) => view.setUint32(4 * i, value, true))
  return new Uint8Array(view.buffer)
}

/** @internal */
export const halfWords = (...values: ReadonlyArray<number>): Uint8Array => {
  const view = new DataView(new ArrayBuffer(2 * values.length))
  values.forEach((value, i) => view.setUint16(2 * i, value, true))
  return new Uint8Array(view.buffer)
}

/** @internal Section 3.5: options as they follow each other, ended unless there are none. */
export const options = (all: ReadonlyArray<Option>): ReadonlyArray<Uint8Array> =>
  all.length === 0 ? [] : [...all.flatMap(({ code, value }) => record(code, value)), halfWords(0, 0)]

/** @internal A code, a length and a value, padded to a multiple of four. */
export const record = (code: number, value: Uint8Array): ReadonlyArray<Uint8Array> => [
  halfWords(code, value.length),
  ...padded(value)
]

/** @internal */
export const padded = (value: Uint8Array): ReadonlyArray<Uint8Array> =>
  value.length % 4 === 0 ? [value] : [value, new Uint8Array(4 - value.length % 4)]

/** @internal Section 3.1: the length stands at both ends. */
export const block = (type: number, ...body: ReadonlyArray<Uint8Array>): ReadonlyArray<Uint8Array> => {
  const length = body.reduce((sum, part) => sum + part.length, 12)
  return [words(type, length), ...body, words(length)]
}

/** @internal */
export const join = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}
