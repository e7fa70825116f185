/**
 * Whether a table is of the tests and the checklist there are, without running anything.
 */
import * as Checklist from "./Checklist.ts"
import type { Row } from "./Table.ts"

/** A file of tests, its text, and that of what its tests are made by. */
export interface Source {
  readonly file: string
  readonly text: string
  readonly imported?: string
}

export const problems = (
  table: ReadonlyArray<Row>,
  checklist: Checklist.Checklist,
  sources: ReadonlyArray<Source>
): ReadonlyArray<string> => [
  ...changed(table, checklist),
  ...gone(table, checklist, sources),
  ...added(table, checklist, sources)
]

const changed = (table: ReadonlyArray<Row>, { notes, rows }: Checklist.Checklist): ReadonlyArray<string> => {
  const described = (row: Checklist.Row) => `${row.id} ${row.level} ${row.requirement} ${notes[row.id]?.note ?? ""}`
  const then = table.map((row) => `${row.id} ${row.level} ${row.requirement} ${row.note ?? ""}`)
  const now = rows.map(described)
  const isSame = then.length === now.length && then.every((text, i) => text === now[i])
  return isSame ? [] : ["the checklist or a note has changed since the table was made"]
}

// what the table says of tests that are there no more
const gone = (
  table: ReadonlyArray<Row>,
  checklist: Checklist.Checklist,
  sources: ReadonlyArray<Source>
): ReadonlyArray<string> => {
  const texts = new Map(
    sources.map(({ file, imported = "", text }) => [file, new Set(Checklist.idsIn(checklist, text + imported))])
  )
  return table.flatMap(({ id, tests }) =>
    tests.filter(({ file }) => texts.get(file)?.has(id) !== true).map(({ file }) => `${file} names ${id} no more`)
  )
}

// tests that the table does not know of
const added = (
  table: ReadonlyArray<Row>,
  checklist: Checklist.Checklist,
  sources: ReadonlyArray<Source>
): ReadonlyArray<string> => {
  const known = new Set(table.flatMap(({ id, tests }) => tests.map(({ file }) => `${file} names ${id}`)))
  const there = sources.flatMap(({ file, text }) =>
    Checklist.idsQuotedIn(checklist, text).map((id) => `${file} names ${id}`)
  )
  return there.filter((name) => !known.has(name)).map((name) => `${name}, which the table does not`)
}
