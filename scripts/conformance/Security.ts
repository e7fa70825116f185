/**
 * The checklist of security.
 */
import type * as Checklist from "./Checklist.ts"
import { rules } from "./rules.ts"

export const checklist: Checklist.Checklist = {
  rows: rules.map(([id, requirement]) => ({ id, level: "MUST", requirement })),
  ids: /S-[A-Z]\d+/,
  notes: {}
}

const parts: { readonly [letter: string]: string } = {
  P: "Reading what anyone may have written",
  A: "Not being an amplifier",
  U: "Where nothing is proven",
  T: "Trust and keys",
  D: "Text that people see",
  V: "Privacy",
  F: "Faults that stay faults"
}

/** What the rule is about, by the letter of its id. */
export const partOf = ({ id }: Checklist.Row): string => parts[id[2]!] ?? "Else"
