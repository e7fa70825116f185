/**
 * The checklist: every clause of RFC 6762 and RFC 6763 that says what an implementation does, and what broke others.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"

/** A row. `keywords` is how many of the keywords of its section it accounts for. */
export interface Row {
  readonly id: string
  readonly level: string
  readonly role: string
  readonly requirement: string
  readonly keywords: number
}

export const path = "packages/testing/test/mdns/conformance/checklist.json"

/** The rows in the order of the RFCs. */
export const read = (root: string): ReadonlyArray<Row> =>
  JSON.parse(readFileSync(join(root, path), "utf8")) as ReadonlyArray<Row>

/** The ids in a text, each once. */
export const idsIn = (text: string): ReadonlyArray<string> =>
  Array.from(new Set(text.match(/\b(?:[MD]-(?:\d+(?:\.\d+)*|C)-\d+|X-\d+)\b/g)))

/** `6.7` of `M-6.7-3`. */
export const sectionOf = ({ id }: Row): string => id.split("-")[1]!

/** `RFC 6762` of `M-6.7-3`. */
export const documentOf = ({ id }: Row): string =>
  id.startsWith("M") ? "RFC 6762" : id.startsWith("D") ? "RFC 6763" : "Beyond the RFCs"

/** What becomes of a row that is not met: a MUST fails the build, a SHOULD needs a note. */
export const strengthOf = ({ level }: Row): "MUST" | "SHOULD" | "MAY" => {
  if (/^(MUST|REQUIRED)/.test(level)) return "MUST"
  return /SHOULD|RECOMMENDED/.test(level) ? "SHOULD" : "MAY"
}
