/**
 * Text on the wire: UTF-8 in, UTF-8 out, nothing replaced and nothing stripped.
 *
 * @since 0.1.0
 */
import * as Latin1 from "../../internal/Latin1.ts"

const encoder = new TextEncoder()
// `ignoreBOM` keeps a leading U+FEFF as data (S-P6)
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

export const toUtf8 = (text: string): Uint8Array => encoder.encode(text)

/**
 * The text that the octets from `start` on spell, `undefined` when they are not UTF-8. It is a text of its own, and keeps nothing else alive.
 *
 * A decoder that throws takes 8 microseconds to refuse 25 octets, and whoever sends them decides how often. One that replaces what is no
 * UTF-8 by U+FFFD costs nothing extra: that is how many more of them there are than the octets spell.
 */
export const fromUtf8 = (octets: Uint8Array, start = 0): string | undefined => {
  if (octets.length - start <= shortest && isAscii(octets, start)) {
    return Latin1.fromOctets(octets, start, octets.length)
  }
  return decode(start === 0 ? octets : octets.subarray(start))
}

// octets up to which calling a decoder takes longer than what it decodes
const shortest = 48

const isAscii = (octets: Uint8Array, start: number): boolean => {
  let all = 0
  for (let i = start; i < octets.length; i++) all |= octets[i]!
  return all < 0x80
}

const decode = (octets: Uint8Array): string | undefined => {
  const text = decoder.decode(octets)
  const first = text.indexOf(replacement)
  return first === -1 || replacements(text, first) === spelled(octets) ? text : undefined
}

const replacement = "\ufffd"

const replacements = (text: string, first: number): number => {
  let count = 0
  for (let at = first; at !== -1; at = text.indexOf(replacement, at + 1)) count++
  return count
}

// EF begins a character wherever it stands, so these three octets are always one
const spelled = (octets: Uint8Array): number => {
  let count = 0
  for (let at = octets.indexOf(0xef); at !== -1; at = octets.indexOf(0xef, at + 1)) {
    if (octets[at + 1] === 0xbf && octets[at + 2] === 0xbd) count++
  }
  return count
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
