/**
 * Attributes of TXT data that is held as text, one character an octet (RFC 6763, section 6).
 *
 * Nearly all records are ASCII, in which keys and values are parts of the text as it is; and two that differ mostly do so in the value of a key
 * that both have. All else is decoded.
 */
import * as Attributes from "../../Attributes.ts"
import * as AttributeMap from "../../internal/AttributeMap.ts"
import * as Latin1 from "../../internal/Latin1.ts"
import * as Txt from "./Txt.ts"

/** What a record says, as attributes: keys as they came, values byte for byte. They are read when somebody looks. */
export const toAttributes = (octets: Uint8Array): Attributes.Attributes =>
  fromText(Latin1.fromOctets(octets, 0, octets.length))

/** The same of data that is held as text. */
export const fromText = (text: string): Attributes.Attributes =>
  text.length < 2 ? Attributes.empty : AttributeMap.lazy(text, reader)

const read = (text: string): AttributeMap.Values => isAscii(text) ? readAscii(text) : decode(text)

const isAscii = (text: string): boolean => {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

const decode = (text: string): AttributeMap.Values =>
  new Map(
    Txt.decode(Latin1.toOctets(text)).map(({ key, value }) => [key, AttributeMap.toValue(value ?? true)] as const)
  )

const readAscii = (text: string): AttributeMap.Values => {
  const values = new Map<string, Attributes.Value>()
  const seen = new Set<string>()
  for (let offset = 0; offset < text.length; offset = endOf(text, offset)) {
    const end = endOf(text, offset)
    // one that ends beyond the data is none
    if (end > text.length) break
    const keyEnd = endOfKey(text, offset, end)
    const key = text.slice(offset + 1, keyEnd)
    const folded = Txt.fold(key)
    if (key === "" || seen.has(folded)) continue
    seen.add(folded)
    values.set(key, keyEnd === end ? true : text.slice(keyEnd + 1, end))
  }
  return values
}

const endOf = (text: string, offset: number): number => offset + 1 + text.charCodeAt(offset)

const endOfKey = (text: string, offset: number, end: number): number => {
  for (let at = offset + 1; at < end; at++) if (text.charCodeAt(at) === equals) return at
  return end
}

const equals = 0x3d

const most = (text: string): number => {
  let strings = 0
  for (let offset = 0; offset < text.length; offset = endOf(text, offset)) strings++
  return strings
}

/**
 * Whether two surely say something else: the first string in which they differ is of a key that no string before it is of. `false` proves
 * nothing.
 */
const differ = (self: string, that: string): boolean => {
  const offset = firstDifference(self, that)
  const [a, b] = [endOf(self, offset), endOf(that, offset)]
  const isIn = { self: offset < self.length && a <= self.length, that: offset < that.length && b <= that.length }
  const [text, end] = isIn.self ? [self, a] : [that, b]
  if (!isIn.self && !isIn.that) return false
  const keyEnd = endOfKey(text, offset, end)
  if (!isPlain(text, offset + 1, keyEnd) || isKeyBefore(text, offset, keyEnd)) return false
  // at the end of the one, the other has a key more; else the same key, with another value
  if (offset >= self.length || offset >= that.length) return true
  return isIn.self && isIn.that && endOfKey(that, offset, b) === keyEnd &&
    self.slice(offset + 1, keyEnd) === that.slice(offset + 1, keyEnd)
}

/** Where the first string begins that is not the same in both. */
const firstDifference = (self: string, that: string): number => {
  let offset = 0
  while (offset < self.length && offset < that.length) {
    const end = endOf(self, offset)
    if (end > self.length || self.slice(offset, end) !== that.slice(offset, end)) return offset
    offset = end
  }
  return offset
}

// not empty, and in ASCII
const isPlain = (text: string, from: number, to: number): boolean => {
  for (let at = from; at < to; at++) if (text.charCodeAt(at) > 0x7f) return false
  return from < to
}

const isKeyBefore = (text: string, offset: number, keyEnd: number): boolean => {
  const key = Txt.fold(text.slice(offset + 1, keyEnd))
  for (let at = 0; at < offset; at = endOf(text, at)) {
    const end = endOfKey(text, at, endOf(text, at))
    if (end - at === keyEnd - offset && Txt.fold(text.slice(at + 1, end)) === key) return true
  }
  return false
}

const reader: AttributeMap.Reader = { read, most, differ }
