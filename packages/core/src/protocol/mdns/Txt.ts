/**
 * The data of TXT records: strings of `key=value` (RFC 6763, section 6).
 *
 * A key is absent, present without a value, or present with one, which may be empty. Values are octets and nothing else.
 */
import * as Result from "effect/Result"
import type * as Attributes from "../../Attributes.ts"
import * as Name from "./Name.ts"

/** A key as it came, and its value: `undefined` when there is no `=`. */
export interface Entry {
  readonly key: string
  readonly value: Uint8Array | undefined
}

/** What cannot be said in a TXT record. */
export interface Fault {
  readonly field: "attributes"
  readonly limit: string
}

/** The data of a record that says nothing: one empty string, since no string at all is not allowed (section 6.1). */
export const none: Uint8Array = new Uint8Array(1)

/** Octets of a record that still fit into most answers with the rest (section 6.2). */
export const advisedOctets = 400
/** Octets above which a record is refused unless it is meant (section 6.2). */
export const recommendedOctets = 1_300
/** Octets of the longest record that a probe can carry with the longest name, in the largest datagram over IPv6. */
export const maxOctets = 8_600

const advisedKey = 9

const utf8 = new TextEncoder()

/**
 * The entries of a record, first to last.
 *
 * Of a key that comes more than once the first holds, without regard to case (section 6.4). A string without a key, one whose key is not
 * UTF-8, and one that ends beyond the data say nothing.
 */
export const decode = (octets: Uint8Array): ReadonlyArray<Entry> => {
  const entries: Array<Entry> = []
  const seen = new Set<string>()
  for (const string of strings(octets)) {
    const end = string.indexOf(0x3d)
    const key = Name.toText(end < 0 ? string : string.subarray(0, end))
    if (key === undefined || key === "" || seen.has(fold(key))) continue
    seen.add(fold(key))
    entries.push({ key, value: end < 0 ? undefined : string.slice(end + 1) })
  }
  return entries
}

/** The strings of a record; one that ends beyond the data is none. */
export const strings = function*(octets: Uint8Array): Generator<Uint8Array> {
  for (let offset = 0; offset < octets.length; offset += octets[offset]! + 1) {
    const end = offset + 1 + octets[offset]!
    if (end <= octets.length) yield octets.subarray(offset + 1, end)
  }
}

/** Whether data is strings to its end, and at least one: what may be sent. */
export const isSound = (octets: Uint8Array): boolean => {
  let offset = 0
  while (offset < octets.length) offset += octets[offset]! + 1
  return octets.length > 0 && offset === octets.length
}

/** A key as it is compared: ASCII letters without regard to case. */
export const fold = (key: string): string =>
  hasCapitals(key) ? key.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : key

const hasCapitals = (key: string): boolean => {
  for (let at = 0; at < key.length; at++) {
    const character = key.charCodeAt(at)
    if (character >= 0x41 && character <= 0x5a) return true
  }
  return false
}

/** The data of a record that says so much, at most 1,300 octets of it unless `allowLarge`. */
export const encode = (
  entries: Iterable<Entry>,
  { allowLarge = false }: { readonly allowLarge?: boolean | undefined } = {}
): Result.Result<Uint8Array, Fault> => {
  const octets: Array<Uint8Array> = []
  const seen = new Set<string>()
  let length = 0
  for (const { key, value } of entries) {
    if (!isKey(key)) return fail(`keys of printable ASCII characters other than "=", and "${key}" is none`)
    if (seen.has(fold(key))) return fail(`keys that differ in more than case, and "${key}" comes twice`)
    seen.add(fold(key))
    const string = toString(key, value)
    if (string.length > 256) {
      return fail(`at most 255 octets for a key and its value, and "${key}" takes ${string.length - 1}`)
    }
    octets.push(string)
    length += string.length
  }
  const limit = allowLarge ? maxOctets : recommendedOctets
  if (length > limit) return fail(`at most ${limit} octets, and these take ${length}`)
  return Result.succeed(length === 0 ? none : concat(octets, length))
}

const fail = (limit: string) => Result.fail<Fault>({ field: "attributes", limit })

/** Whether a key may be sent: printable ASCII without `=`, and not empty. */
export const isKey = (key: string): boolean => /^[\x20-\x3c\x3e-\x7e]+$/.test(key)

const toString = (key: string, value: Uint8Array | undefined): Uint8Array => {
  const text = utf8.encode(value === undefined ? key : `${key}=`)
  const length = text.length + (value?.length ?? 0)
  const string = new Uint8Array(length + 1)
  // one that does not fit into its length octet is refused
  string[0] = length
  string.set(text, 1)
  if (value !== undefined) string.set(value, 1 + text.length)
  return string
}

const concat = (parts: ReadonlyArray<Uint8Array>, length: number): Uint8Array => {
  const whole = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** Its keys of more than the 9 characters that RFC 6763 advises (section 6.4). */
export const longKeys = (octets: Uint8Array): ReadonlyArray<string> =>
  decode(octets).map(({ key }) => key).filter(({ length }) => length > advisedKey)

/** The data of a record that says the same as the attributes. */
export const fromAttributes = (
  attributes: Attributes.Attributes,
  options?: { readonly allowLarge?: boolean | undefined }
): Result.Result<Uint8Array, Fault> =>
  encode(
    Array.from(attributes.keys(), (key) => ({
      key,
      value: attributes.isFlag(key) ? undefined : attributes.bytes(key)
    })),
    options
  )
