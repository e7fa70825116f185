/**
 * Octets in one piece.
 *
 * @since 0.1.0
 */

export const concatenate = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const octets = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    octets.set(part, offset)
    offset += part.length
  }
  return octets
}
