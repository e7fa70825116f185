/**
 * Whether a table is of the tests and the checklist there are, without running anything.
 */
import * as Checklist from "./Checklist.ts"
import { notes } from "./notes.ts"
import type { Row } from "./Table.ts"

/** A file of tests, its text, and that of what its tests are made by. */
export interface Source {
  readonly file: string
  readonly text: string
  readonly imported?: string
}

export const problems = (
  table: ReadonlyArray<Row>,
  rows: ReadonlyArray<Checklist.Row>,
  sources: ReadonlyArray<Source>
): ReadonlyArray<string> => [...changed(table, rows), ...gone(table, sources), ...added(table, sources)]

const changed = (table: ReadonlyArray<Row>, rows: ReadonlyArray<Checklist.Row>): ReadonlyArray<string> => {
  const described = (row: Checklist.Row) => `${row.id} ${row.level} ${row.requirement} ${notes[row.id]?.note ?? ""}`
  const then = table.map((row) => `${row.id} ${row.level} ${row.requirement} ${row.note ?? ""}`)
  const now = rows.map(described)
  const isSame = then.length === now.length && then.every((text, i) => text === now[i])
  return isSame ? [] : ["the checklist or a note has changed since the table was made"]
}

// what the table says of tests that are there no more
const gone = (table: ReadonlyArray<Row>, sources: ReadonlyArray<Source>): ReadonlyArray<string> => {
  const texts = new Map(
    sources.map(({ file, imported = "", text }) => [file, new Set(Checklist.idsIn(text + imported))])
  )
  return table.flatMap(({ id, tests }) =>
    tests.filter(({ file }) => texts.get(file)?.has(id) !== true).map(({ file }) => `${file} names ${id} no more`)
  )
}

/** Names of tests begin with ids. */
const titles = /["'`]((?:[MD]-(?:\d+(?:\.\d+)*|C)-\d+|X-\d+)[^"'`\n]*)/g

// tests that the table does not know of
const added = (table: ReadonlyArray<Row>, sources: ReadonlyArray<Source>): ReadonlyArray<string> => {
  const known = new Set(table.flatMap(({ id, tests }) => tests.map(({ file }) => `${file} names ${id}`)))
  const there = sources.flatMap(({ file, text }) =>
    Array.from(text.matchAll(titles), ([, title]) => Checklist.idsIn(title!)).flat().map((id) => `${file} names ${id}`)
  )
  return Array.from(new Set(there)).filter((name) => !known.has(name)).map((name) =>
    `${name}, which the table does not`
  )
}
