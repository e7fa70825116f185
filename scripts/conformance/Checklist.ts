/**
 * A checklist: clauses with ids, that tests name which prove them.
 */

/** A clause, and how much it asks for. */
export interface Row {
  readonly id: string
  readonly level: string
  readonly requirement: string
}

/** What is known of a row beside its tests: why it is not met, or not wholly, or is met in a way of its own. */
export interface Note {
  /** What the tests cannot tell. Where there is none, they decide. */
  readonly status?: "partial" | "not-implemented"
  readonly note: string
}

/** A checklist. `ids` matches one of its ids, and nothing that is none. */
export interface Checklist<out R extends Row = Row> {
  readonly rows: ReadonlyArray<R>
  readonly ids: RegExp
  readonly notes: { readonly [id: string]: Note }
}

/** The ids in a text, each once. */
export const idsIn = ({ ids }: Checklist, text: string): ReadonlyArray<string> =>
  Array.from(new Set(text.match(new RegExp(`\\b${ids.source}\\b`, "g"))))

/** The ids in texts that stand in quotes, as names of tests do. */
export const idsQuotedIn = (checklist: Checklist, text: string): ReadonlyArray<string> =>
  Array.from(new Set(Array.from(text.matchAll(/["'`]([^"'`\n]+)/g), ([, quoted]) => idsIn(checklist, quoted!)).flat()))

/** What becomes of a row that is not met: a MUST fails the build, a SHOULD needs a note. */
export const strengthOf = ({ level }: Row): "MUST" | "SHOULD" | "MAY" => {
  if (/^(MUST|REQUIRED)/.test(level)) return "MUST"
  return /SHOULD|RECOMMENDED/.test(level) ? "SHOULD" : "MAY"
}
