/**
 * What keeps one use of a key or a hash apart from all others: 16 octets in front of what is signed or hashed.
 */
import * as Text from "../internal/text.ts"

export const octets = 16

/** A label's text, with zeros up to 16 octets. */
export const make = (text: string): Uint8Array => {
  const label = new Uint8Array(octets)
  label.set(Text.toUtf8(text))
  return label
}

/** One after the other. */
export const concat = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
