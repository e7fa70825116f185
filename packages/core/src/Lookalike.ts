/**
 * Names that people could take for one another, though programs tell them apart: `paypal` and `раураӏ` in Cyrillic letters.
 *
 * @since 0.1.0
 */
import type * as PeerKey from "./PeerKey.ts"

/** Letters and digits of Latin, Greek and Cyrillic that are drawn alike, after the Latin letter that stands for them all. */
const alike = [
  "aαаɑ",
  "AΑА",
  "bьβв",
  "BΒВЬ",
  "cсϲҫ",
  "CСϹҪ",
  "dԁ",
  "DԀ",
  "eеєεɛҽ",
  "EΕЕЄ",
  "fϝ",
  "FϜ",
  "gɡԍ",
  "GԌ",
  "hһнҺ",
  "HΗНҢ",
  "jјϳ",
  "JЈͿ",
  "kκкқ",
  "KΚКҚ",
  // the capital of i, the small l, a digit and a bar: which is which depends on the typeface
  "liI1|ıɩιіӏΙІӀ",
  "mм",
  "MΜМϺ",
  "nηпո",
  "NΝ",
  "o0οоσօ",
  "OΟО",
  "pρрϸ",
  "PΡР",
  "qԛ",
  "QԚ",
  "rг",
  "sѕ",
  "SЅ",
  "tτт",
  "TΤТ",
  "uυμи",
  "vνѵ",
  "VѴ",
  "wωшԝ",
  "WШԜ",
  "xχхҳ",
  "XΧХҲ",
  "yγуүў",
  "YΥУҮϒ",
  "zᴢ",
  "ZΖ",
  "3зЗӠӡʒ",
  "6б"
]

const latin: ReadonlyMap<string, string> = new Map(
  alike.flatMap((letters) => {
    const [first, ...others] = letters
    return others.map((letter) => [letter, first!] as const)
  })
)

// nothing is drawn of these, or nothing that tells names apart
const unseen = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu
const space = /[\p{White_Space}\p{Zs}]+/gu

/**
 * What remains of a name when all that is drawn alike is made the same: two names with the same skeleton look alike.
 *
 * **Details**
 *
 * Compatible forms are unified (NFKC), letters of Latin, Greek and Cyrillic that look like one another become one of them, upper and lower
 * case become one, `rn` becomes `m` and `vv` becomes `w`, what is invisible is left out, and spaces count as one.
 *
 * **Gotchas**
 *
 * It is for comparing only: it is not the name, nor shorter than it, and it is no key of a map of peers. Names in other scripts that look alike
 * are not found.
 *
 * **Example**
 *
 * ```ts
 * import { Lookalike } from "@effect-discovery/core"
 *
 * Lookalike.skeleton("Раураl") === Lookalike.skeleton("paypal") // true
 * ```
 *
 * @category comparing
 * @since 0.1.0
 */
export const skeleton = (name: string): string =>
  reduce(fold(reduce(reduce(name).normalize("NFKC").replace(unseen, ""))))
    .replaceAll("rn", "m").replaceAll("vv", "w").replace(space, " ").trim()

const reduce = (text: string): string => Array.from(text, (character) => latin.get(character) ?? character).join("")

// upper case first, which unifies the two forms of a small sigma and the like; both may give what is not composed
const fold = (text: string): string => text.toUpperCase().toLowerCase().normalize("NFKC")

/**
 * Whether people could take one name for the other. A name looks like itself.
 *
 * @category comparing
 * @since 0.1.0
 */
export const isLookalike = (name: string, that: string): boolean =>
  name === that || skeleton(name) === skeleton(that) || fold(name.normalize("NFKC")) === fold(that.normalize("NFKC"))

/**
 * Who has a name.
 *
 * @category models
 * @since 0.1.0
 */
export interface Named {
  /** What it is called; absent for who has no name. */
  readonly name?: string | undefined
  /** Its public key; absent for who has none. */
  readonly key?: PeerKey.PeerKey | undefined
}

/**
 * The first of those known whom a peer could be taken for: its name looks like theirs, and its key is another one, or none (S-D4).
 *
 * **Example** (Telling a user)
 *
 * ```ts
 * import { Lookalike, type Peer, Trust } from "@effect-discovery/core"
 * import { Effect } from "effect"
 *
 * const warn = Effect.fnUntraced(function*(peer: Peer.Peer) {
 *   const trust = yield* Trust.Trust
 *   const known = (yield* trust.entries).filter(({ state }) => state !== "denied")
 *   return Lookalike.among(peer, known) === undefined ? peer.name : `${peer.name} (lookalike)`
 * })
 * ```
 *
 * @category comparing
 * @since 0.1.0
 */
export const among = <A extends Named>(peer: Named, known: Iterable<A>): A | undefined => {
  const { key, name } = peer
  if (name === undefined) return undefined
  for (const other of known) {
    if (other.key !== undefined && other.key === key) continue
    if (other.name !== undefined && isLookalike(name, other.name)) return other
  }
  return undefined
}
