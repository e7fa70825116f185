/**
 * The table that a run of the tests makes of a checklist: every row, and the tests that prove it.
 */
import * as Checklist from "./Checklist.ts"

/** Where a test proves something: in a part, through the whole library in the simulated network, or on real sockets. */
export type Place = "unit" | "simulated" | "real"

/** A test that was run: the file it is in, its name, and whether it passed. */
export interface Outcome {
  readonly file: string
  readonly title: string
  readonly passed: boolean
}

export type Status = "pass" | "partial" | "not-implemented"

export interface Test {
  readonly file: string
  readonly title: string
}

/** What was found of a row. `seeds` is the most that one of its tests was run with. */
export interface Finding {
  readonly status: Status
  readonly tests: ReadonlyArray<Test>
  readonly seeds?: number
  readonly note?: string
}

/** A row of the checklist in the table. */
export type Row<R extends Checklist.Row = Checklist.Row> = R & Finding

/** The place that a file of tests is about. */
export const placeOf = (file: string): Place =>
  file.startsWith("packages/testing/") ? "simulated" : file.endsWith(".integration.test.ts") ? "real" : "unit"

/** The table that a run of the tests makes. */
export const make = <R extends Checklist.Row>(
  checklist: Checklist.Checklist<R>,
  outcomes: ReadonlyArray<Outcome>
): ReadonlyArray<Row<R>> => {
  const byId = new Map<string, Array<Outcome>>()
  for (const outcome of outcomes) {
    for (const id of Checklist.idsIn(checklist, outcome.title)) {
      const known = byId.get(id)
      if (known === undefined) byId.set(id, [outcome])
      else known.push(outcome)
    }
  }
  return checklist.rows.map((row) => rowOf(row, checklist.notes[row.id], byId.get(row.id) ?? []))
}

const rowOf = <R extends Checklist.Row>(
  row: R,
  note: Checklist.Note | undefined,
  outcomes: ReadonlyArray<Outcome>
): Row<R> => {
  const isProven = outcomes.length > 0 && outcomes.every(({ passed }) => passed)
  const seeds = Math.max(0, ...outcomes.map(({ title }) => Number(/\((\d+) seeds\)$/.exec(title)?.[1] ?? 0)))
  return {
    ...row,
    status: note?.status ?? (isProven ? "pass" : outcomes.some(({ passed }) => passed) ? "partial" : "not-implemented"),
    tests: outcomes.map(({ file, title }) => ({ file, title })).toSorted(byFileAndTitle),
    ...(seeds > 0 ? { seeds } : {}),
    ...(note === undefined ? {} : { note: note.note })
  }
}

const byFileAndTitle = (a: Test, b: Test): number => {
  const [first, second] = [`${a.file} ${a.title}`, `${b.file} ${b.title}`]
  return first < second ? -1 : first > second ? 1 : 0
}

/** How many rows of a strength pass, of those that concern a library. */
export const score = (
  table: ReadonlyArray<Row>,
  strength: "MUST" | "SHOULD" | "MAY"
): { readonly passed: number; readonly applicable: number } => {
  const rows = table.filter((row) => row.level !== "n/a" && Checklist.strengthOf(row) === strength)
  return { passed: rows.filter(({ status }) => status === "pass").length, applicable: rows.length }
}

/** How many rows have a test in a place. */
export const provenIn = (table: ReadonlyArray<Row>, place: Place): number =>
  table.filter(({ tests }) => tests.some(({ file }) => placeOf(file) === place)).length

/** What the table has to say of each MUST and SHOULD, and does not: every MUST passes, every other SHOULD has a note. */
export const problems = (table: ReadonlyArray<Row>): ReadonlyArray<string> => {
  const missed = table.filter(({ level, status }) => status !== "pass" && level !== "n/a")
  const must = missed.filter((row) => Checklist.strengthOf(row) === "MUST")
  const should = missed.filter((row) => Checklist.strengthOf(row) === "SHOULD" && row.note === undefined)
  return [...tell("MUST rows that do not pass", must), ...tell("SHOULD rows that neither pass nor have a note", should)]
}

const tell = (what: string, rows: ReadonlyArray<Row>): ReadonlyArray<string> =>
  rows.length === 0 ? [] : [`${rows.length} ${what}: ${rows.map(({ id }) => id).join(" ")}`]

/** Tests of rows that failed. */
export const failures = (
  checklist: Checklist.Checklist,
  outcomes: ReadonlyArray<Outcome>
): ReadonlyArray<string> =>
  outcomes.filter(({ passed, title }) => !passed && Checklist.idsIn(checklist, title).length > 0)
    .map(({ file, title }) => `${file}: ${title}: fails`)

/** Ids in names of tests that the checklist does not have. */
export const unknown = (
  checklist: Checklist.Checklist,
  outcomes: ReadonlyArray<Outcome>
): ReadonlyArray<string> => {
  const known = new Set(checklist.rows.map(({ id }) => id))
  const names = outcomes.flatMap(({ file, title }) =>
    Checklist.idsIn(checklist, title).filter((id) => !known.has(id)).map((id) =>
      `${file} names ${id}, which there is not`
    )
  )
  return Array.from(new Set(names))
}
