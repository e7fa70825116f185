/**
 * The result on the terminal.
 */
import * as Figure from "./Figure.ts"
import * as Noise from "./Noise.ts"
import type { Row, Verdict } from "./Row.ts"

/** The table, what was received and lost, the misses once more, and a last line that is always there. */
export const format = (rows: ReadonlyArray<Row>): string => {
  const lines = align([headers, ...rows.map(cells)])
  const misses = lines.filter((_, line) => line > 0 && rows[line - 1]!.verdict === "miss")
  return [
    ...lines,
    ...section("received", align(rows.filter(({ throughput }) => throughput !== undefined).map(traffic))),
    ...section("misses", misses),
    "",
    summary(rows)
  ].join("\n")
}

/** How many rows there are, and of what kind. */
export const summary = (rows: ReadonlyArray<Row>): string => {
  const count = (verdict: Verdict) => rows.filter((row) => row.verdict === verdict).length
  return `${rows.length} rows: ${count("pass")} pass, ${count("miss")} miss, ${count("info")} informational, ` +
    `${count("void")} void, ${count("skip")} skipped`
}

const headers = ["group", "row", "ours-or-row", "against", "ratio (min..max)", "target", "verdict"]

const cells = (row: Row): ReadonlyArray<string> => [
  row.group,
  row.name,
  Figure.value(row),
  row.against ?? "",
  Figure.ratio(row),
  Figure.target(row),
  row.verdict === "info" && row.name === Noise.rowName ? "noise ok" : Figure.verdict(row)
]

const traffic = ({ group, loss = 0, name, throughput = 0 }: Row): ReadonlyArray<string> => [
  group,
  name,
  `${Math.round(throughput).toLocaleString("en")}/s`,
  `${(100 * loss).toFixed(1)} % lost`
]

const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", `${title}:`, ...lines]

const align = (table: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]!.length))) ?? []
  return table.map((line) => line.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd())
}
