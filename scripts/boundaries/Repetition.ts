/**
 * Whether a regular expression can be made to try one text in many ways: where something repeated is repeated, or where two repetitions
 * that follow each other can match the same characters. Such a one takes time beyond all proportion to the text (S-P9).
 *
 * It is judged strictly: what it cannot tell to be safe is refused.
 */

/** Something that is matched, as often as it says. A group has alternatives, anything else is the source of one character. */
interface Term {
  readonly source: string
  readonly alternatives: ReadonlyArray<ReadonlyArray<Term>> | undefined
  readonly min: number
  readonly max: number
}

/** What is wrong with a pattern, `undefined` when nothing is. */
export const fault = (pattern: string, flags: string): string | undefined => {
  const reader = { pattern, at: 0 }
  const alternatives = readAlternatives(reader)
  return reader.at < pattern.length ? "it cannot be judged" : faultIn(alternatives, flags)
}

interface Reader {
  readonly pattern: string
  at: number
}

const readAlternatives = (reader: Reader): ReadonlyArray<ReadonlyArray<Term>> => {
  const alternatives: Array<Array<Term>> = [[]]
  while (reader.at < reader.pattern.length && reader.pattern[reader.at] !== ")") {
    if (reader.pattern[reader.at] === "|") {
      reader.at++
      alternatives.push([])
    } else alternatives.at(-1)!.push(readTerm(reader))
  }
  return alternatives
}

const readTerm = (reader: Reader): Term => {
  const start = reader.at
  const alternatives = reader.pattern[start] === "(" ? readGroup(reader) : undefined
  if (alternatives === undefined) reader.at += atomLength(reader.pattern.slice(start))
  const source = reader.pattern.slice(start, reader.at)
  const [quantifier, min, max] = readQuantifier(reader.pattern.slice(reader.at))
  reader.at += quantifier.length
  return { source, alternatives, min, max }
}

const readGroup = (reader: Reader): ReadonlyArray<ReadonlyArray<Term>> => {
  const opening = /^\((?:\?(?:[:=!]|<[=!]|<[^>]*>))?/.exec(reader.pattern.slice(reader.at))!
  reader.at += opening[0].length
  const alternatives = readAlternatives(reader)
  reader.at++
  return alternatives
}

// a class, an escape or a character
const atomLength = (rest: string): number =>
  (/^\[(?:\\.|[^\]\\])*\]/s.exec(rest) ??
    /^\\(?:u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[^}]*\}|.)/s.exec(rest) ??
    [Array.from(rest)[0]!])[0].length

const readQuantifier = (rest: string): readonly [text: string, min: number, max: number] => {
  const [text = "", braces, min, comma, max] = /^(?:[*+?]|(\{(\d+)(,(\d*))?\}))\??/.exec(rest)?.map(String) ?? []
  if (text === "") return ["", 1, 1]
  if (braces === "undefined") return [text, text[0] === "+" ? 1 : 0, text[0] === "?" ? 1 : Infinity]
  const least = Number(min)
  return [text, least, comma === "undefined" ? least : max === "" ? Infinity : Number(max)]
}

const faultIn = (alternatives: ReadonlyArray<ReadonlyArray<Term>>, flags: string): string | undefined => {
  for (const terms of alternatives) {
    for (const [index, term] of terms.entries()) {
      const inner = term.alternatives && faultIn(term.alternatives, flags)
      if (inner !== undefined) return inner
      if (term.max === Infinity) {
        if (term.alternatives?.some(isRepeating) === true) return `${term.source} repeats a repetition`
        const other = overlapping(term, terms.slice(index + 1), flags)
        if (other !== undefined) return `${term.source} and ${other.source} repeat the same characters`
      }
    }
  }
  return undefined
}

const isRepeating = (terms: ReadonlyArray<Term>): boolean =>
  terms.some(({ alternatives, max }) => max === Infinity || alternatives?.some(isRepeating) === true)

// the next repetition of the same characters, unless something must stand between that the first cannot be
const overlapping = (term: Term, after: ReadonlyArray<Term>, flags: string): Term | undefined => {
  const characters = charactersOf(term, flags)
  for (const next of after) {
    const isSame = intersects(characters, charactersOf(next, flags))
    if (next.max === Infinity && isSame) return next
    if (next.min > 0 && !isSame) return undefined
  }
  return undefined
}

const sample = [...Array.from({ length: 0x250 }, (_, i) => i), 0x3b1, 0x430, 0x2028, 0x4e00, 0xfeff, 0x1f389]
  .map((code) => String.fromCodePoint(code))

const charactersOf = ({ alternatives, source }: Term, flags: string): ReadonlySet<string> => {
  // an assertion matches no character, so it does not stand between two
  if (/^\(\?<?[=!]/.test(source)) return new Set(sample)
  if (alternatives !== undefined) {
    return new Set(alternatives.flat().flatMap((term) => Array.from(charactersOf(term, flags))))
  }
  const one = new RegExp(`^(?:${atomOf(source)})$`, flags.replace(/[gy]/g, ""))
  return new Set(sample.filter((character) => one.test(character)))
}

// of `^` and `$`, too, any character is what may stand there
const atomOf = (source: string): string => /^(?:[$^]|\\[bB])$/.test(source) ? "[^]" : source

const intersects = (self: ReadonlySet<string>, that: ReadonlySet<string>): boolean =>
  Array.from(self).some((character) => that.has(character))
