/**
 * Names to begin with, and the next one to try when a name is taken (RFC 6762, section 9; RFC 6763, section 4.1.1 and appendix D).
 */

/** Octets of the longest label. */
const maxOctets = 63

const utf8 = new TextEncoder()

/** `x`, `x (2)`, `x (3)`: the next name of an instance. */
export const instance = (label: string): string => next(label, /^(.+) \(([1-9]\d{0,8})\)$/su, (count) => ` (${count})`)

/** `x`, `x-2`, `x-3`: the next label of a host. */
export const host = (label: string): string => next(label, /^(.+)-([1-9]\d{0,8})$/su, (count) => `-${count}`)

const next = (label: string, counted: RegExp, suffixOf: (count: number) => string): string => {
  const [, base = label, count = "1"] = counted.exec(label) ?? []
  const suffix = suffixOf(Number(count) + 1)
  return cut(base, maxOctets - suffix.length) + suffix
}

/** As many whole characters of the text, in NFC, as fit into so many octets of UTF-8. */
export const cut = (text: string, octets: number = maxOctets): string => {
  let kept = ""
  let length = 0
  for (const character of text.normalize("NFC")) {
    length += utf8.encode(character).length
    if (length > octets) break
    kept += character
  }
  return kept
}

/**
 * The name of an instance that was given none: that of its host where the program chose one, else the type in plain words. Hosts that
 * choose the same settle it between them (RFC 6763, section 4.1.1), so nothing is added to make it unique.
 */
export const initial = (host: string | undefined, type: string): string =>
  host ?? cut(type.replace(/^_/, "").split(".", 1)[0]!.replaceAll("-", " "))
