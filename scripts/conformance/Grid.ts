/**
 * What the pages of tables have in common.
 */
import * as Table from "./Table.ts"

/** A table in Markdown, its columns aligned. */
export const grid = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const cells = [head, ...rows].map((row) => row.map((text) => text.replaceAll("|", "\\|")))
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)))
  const line = (row: ReadonlyArray<string>) => `| ${row.map((text, at) => text.padEnd(widths[at]!)).join(" | ")} |`
  return [line(cells[0]!), line(widths.map((width) => "-".repeat(width))), ...cells.slice(1).map(line)].join("\n")
}

/** The heads of what `findings` gives. */
export const heads = ["status", "unit", "simulated", "real"]

/** What was found of a row: what becomes of it, and how many tests it has in each place. */
export const findings = (row: Table.Row): ReadonlyArray<string> => [
  row.status === "pass" ? "pass" : `**${row.status}**`,
  ...(["unit", "simulated", "real"] as const).map((place) => count(row, place))
]

const count = ({ seeds, tests }: Table.Row, place: Table.Place): string => {
  const { length } = tests.filter(({ file }) => Table.placeOf(file) === place)
  if (length === 0) return ""
  return place === "simulated" && seeds !== undefined ? `${length} (${seeds} seeds)` : `${length}`
}

/** The notes of the rows that have one. */
export const notes = (table: ReadonlyArray<Table.Row>): string =>
  table.flatMap(({ id, note }) => note === undefined ? [] : [`- **${id}**: ${note}`]).join("\n")
