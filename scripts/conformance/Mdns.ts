/**
 * The checklist of mDNS: every clause of RFC 6762 and RFC 6763 that says what an implementation does, and what broke others.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type * as Checklist from "./Checklist.ts"
import { notes } from "./notes.ts"

/** A clause. `keywords` is how many of the keywords of its section it accounts for. */
export interface Row extends Checklist.Row {
  readonly role: string
  readonly keywords: number
}

export const path = "packages/testing/test/mdns/conformance/checklist.json"

const root = join(import.meta.dirname, "../..")

/** The rows are in the order of the RFCs. */
export const checklist: Checklist.Checklist<Row> = {
  rows: JSON.parse(readFileSync(join(root, path), "utf8")),
  ids: /(?:[MD]-(?:\d+(?:\.\d+)*|C)-\d+|X-\d+)/,
  notes
}

/** `6.7` of `M-6.7-3`. */
export const sectionOf = ({ id }: Checklist.Row): string => id.split("-")[1]!

/** `RFC 6762` of `M-6.7-3`. */
export const documentOf = ({ id }: Checklist.Row): string =>
  id.startsWith("M") ? "RFC 6762" : id.startsWith("D") ? "RFC 6763" : "Beyond the RFCs"
