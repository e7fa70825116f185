/**
 * Device ids as Syncthing writes them: 32 octets in base32, with four check characters, in eight groups of seven.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Latin1 from "../../internal/Latin1.ts"

/** Octets of a device id. */
export const byteLength = 32

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
// characters that a check character follows, and how many such blocks there are
const BLOCK = 13
const BLOCKS = 4
const GROUP = 7

/** What keeps a text from being a device id. */
export type Fault = "length" | "alphabet" | "check"

/** The text of a device id: 63 characters. It is made in one go: as the identity of a peer it is kept. */
export const format = (id: Uint8Array): string => {
  const characters = Latin1.room(LENGTH)
  let to = 0
  let sum = 0
  const put = (value: number): void => {
    if (to % (GROUP + 1) === GROUP) characters[to++] = HYPHEN
    characters[to++] = alphabet.charCodeAt(value)
  }
  for (let at = 0; at < BLOCK * BLOCKS; at++) {
    const value = valueAt(id, at)
    put(value)
    sum += weighed(value, at % BLOCK)
    if (at % BLOCK !== BLOCK - 1) continue
    put(complementOf(sum))
    sum = 0
  }
  return Latin1.text(characters)
}

const LENGTH = 63
const HYPHEN = 0x2d

// five bits, of which the last ones may lie behind the last octet
const valueAt = (id: Uint8Array, at: number): number => {
  const bit = 5 * at
  const octets = id[bit >> 3]! << 8 | (id[(bit >> 3) + 1] ?? 0)
  return (octets >> (11 - (bit & 7))) & 31
}

/** The first seven characters, which is what Syncthing shows to people. */
export const short = (id: Uint8Array): string => toBase32(id.subarray(0, 5)).slice(0, GROUP)

/**
 * The octets that a text spells: with or without check characters, in either case, with hyphens and blanks anywhere, and with 0, 1 and 8
 * for O, I and B.
 */
export const parse = (text: string): Result.Result<Uint8Array, Fault> => {
  // the longest that Syncthing itself prints has 63 characters; nobody puts as many blanks in between
  if (text.length > 256) return Result.fail("length")
  const characters = normalize(text)
  if (characters.length === BLOCK * BLOCKS) return fromBase32(characters)
  if (characters.length !== (BLOCK + 1) * BLOCKS) return Result.fail("length")
  let plain = ""
  for (let at = 0; at < characters.length; at += BLOCK + 1) {
    const block = characters.slice(at, at + BLOCK)
    if (!isBase32(block)) return Result.fail("alphabet")
    if (checkOf(block) !== characters[at + BLOCK]) return Result.fail("check")
    plain += block
  }
  return fromBase32(plain)
}

const lookalikes = new Map([["0", "O"], ["1", "I"], ["8", "B"]])

const normalize = (text: string): string => {
  let characters = ""
  for (const character of text.toUpperCase()) {
    if (character !== "-" && character !== " ") characters += lookalikes.get(character) ?? character
  }
  let end = characters.length
  while (end > 0 && characters[end - 1] === "=") end--
  return characters.slice(0, end)
}

const isBase32 = (text: string): boolean => {
  for (const character of text) if (!alphabet.includes(character)) return false
  return true
}

/**
 * The check character of some base32.
 *
 * It is not Luhn's algorithm as in the books, which goes from right to left and begins with the factor 2.
 */
export const checkOf = (text: string): string => {
  let sum = 0
  for (let at = 0; at < text.length; at++) sum += weighed(alphabet.indexOf(text[at]!), at)
  return alphabet[complementOf(sum)]!
}

const base = alphabet.length

const weighed = (value: number, at: number): number => {
  const addend = (at % 2 + 1) * value
  return Math.floor(addend / base) + addend % base
}

const complementOf = (sum: number): number => (base - sum % base) % base

const toBase32 = (octets: Uint8Array): string => {
  let text = ""
  let bits = 0
  let count = 0
  for (const octet of octets) {
    bits = (bits << 8) | octet
    count += 8
    while (count >= 5) {
      count -= 5
      text += alphabet[(bits >> count) & 31]
    }
    bits &= (1 << count) - 1
  }
  return count === 0 ? text : text + alphabet[(bits << (5 - count)) & 31]
}

const fromBase32 = (text: string): Result.Result<Uint8Array, Fault> => {
  const octets = new Uint8Array(byteLength)
  let bits = 0
  let count = 0
  let at = 0
  for (const character of text) {
    const value = alphabet.indexOf(character)
    if (value === -1) return Result.fail("alphabet")
    bits = (bits << 5) | value
    count += 5
    if (count < 8) continue
    count -= 8
    octets[at++] = bits >> count
    bits &= (1 << count) - 1
  }
  // of the last character only one bit counts: another text for the same octets is none that Syncthing prints
  return bits === 0 ? Result.succeed(octets) : Result.fail("check")
}
