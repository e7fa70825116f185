/**
 * Text from the network, made safe to show to people.
 *
 * @since 0.1.0
 */
import * as PeerKey from "@effect-discovery/core/PeerKey"
import * as Crypto from "node:crypto"

// Controls, formats (bidi, zero-width, tags), unpaired surrogates, unassigned, line and paragraph separators, and what fonts leave
// out. The variation selector of emoji counts as a mark instead.
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]|(?!\ufe0f)\p{Default_Ignorable_Code_Point}/u
const mark = /\p{M}/u
// what terminals draw over the character before it; marks that have room of their own take a column in most
const flat = /[\p{Mn}\p{Me}]/u
// what terminals draw in two columns, as by Unicode's East Asian Width
const wide =
  /[\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3040-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u

const maxMarks = 4

/**
 * The text with everything in it that could deceive or command a terminal spelled out, and cut to a number of columns.
 *
 * **Details**
 *
 * Control characters, line separators, bidirectional and zero-width formatting, tags, unpaired surrogates and unassigned code points
 * become `\u{…}` with their hexadecimal number, and so does a combining mark that follows four others or nothing. What is longer than
 * `columns` (default: 128) ends in `…` and has at most that many. Displaying the result changes nothing.
 *
 * **Example**
 *
 * ```ts
 * import { Display } from "@effect-discovery/node"
 *
 * Display.display("ada\u001b[2J") // "ada\\u{1b}[2J"
 * ```
 *
 * @category formatting
 * @since 0.1.0
 */
export const display = (text: string, columns: number = 128): string => {
  let result = ""
  let cut = 0
  let used = 0
  let marks = maxMarks
  for (const character of text) {
    const isMark = mark.test(character)
    marks = isMark ? marks + 1 : 0
    const isSpelled = hidden.test(character) || marks > maxMarks
    const shown = isSpelled ? spell(character) : character
    used += isSpelled ? shown.length : widthOf(character)
    if (used > columns) return `${result.slice(0, cut)}…`
    result += shown
    // the last place at which there is still room for the ellipsis
    if (used < columns) cut = result.length
  }
  return result
}

const spell = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`

const widthOf = (character: string): number =>
  character === "\ufe0f" ? 1 : flat.test(character) ? 0 : wide.test(character) ? 2 : 1

/**
 * The columns that displayed text takes in a terminal.
 *
 * @category measuring
 * @since 0.1.0
 */
export const width = (displayed: string): number => {
  let columns = 0
  for (const character of displayed) columns += widthOf(character)
  return columns
}

/**
 * JSON text that says the same and is safe to show: what `display` spells out is written as the escapes of JSON.
 *
 * @category formatting
 * @since 0.1.0
 */
export const json = (value: unknown): string =>
  JSON.stringify(value).replace(everyHidden, (character) => character.split("").map(escape).join(""))

const everyHidden = new RegExp(hidden, "gu")

const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`

/**
 * The short form of a key, for people to compare: the first 64 bits of its SHA-256, in groups of four digits.
 *
 * **Gotchas**
 *
 * Programs compare whole keys (S-T3).
 *
 * **Example**
 *
 * ```ts
 * import { PeerKey } from "@effect-discovery/core"
 * import { Display } from "@effect-discovery/node"
 *
 * Display.fingerprint(PeerKey.PeerKey.make("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
 * // "21fe 31df a154 a261"
 * ```
 *
 * @category formatting
 * @since 0.1.0
 */
export const fingerprint = (key: PeerKey.PeerKey): string =>
  Crypto.createHash("sha256").update(PeerKey.toBytes(key)).digest("hex").slice(0, 16).replace(
    /(?<=.)(?=(.{4})+$)/g,
    " "
  )
