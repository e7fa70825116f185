/**
 * Text on the wire: UTF-8 in, UTF-8 out, nothing replaced and nothing stripped.
 *
 * @since 0.1.0
 */

const encoder = new TextEncoder()
// `ignoreBOM` keeps a leading U+FEFF as data (S-P6)
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

export const toUtf8 = (text: string): Uint8Array => encoder.encode(text)

/** The text that the octets spell, `undefined` when they are not UTF-8. */
export const fromUtf8 = (octets: Uint8Array): string | undefined => {
  try {
    return decoder.decode(octets)
  } catch {
    return undefined
  }
}

/** Whether `text` has no unpaired surrogate, which UTF-8 cannot spell. */
export const isWellFormed = (text: string): boolean =>
  // of ES2024: every runtime we support has it, the library types of our target do not
  (text as string & { readonly isWellFormed: () => boolean }).isWellFormed()

/** Whether `text` is well-formed and takes at most `octets` octets in UTF-8. */
export const fits = (text: string, octets: number): boolean =>
  text.length <= octets && isWellFormed(text) &&
  // a UTF-16 unit takes one to three octets, so most text need not be encoded to be judged
  (text.length * 3 <= octets || encoder.encode(text).length <= octets)
