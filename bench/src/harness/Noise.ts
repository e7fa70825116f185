/**
 * The noise rule: raw against raw must be 1, within a tenth, or the rows beside it mean nothing.
 */
import type { Row } from "./Row.ts"

/** The name of the row that is measured for nothing but this. */
export const rowName = "raw again"

/** The least and the largest median ratio of a quiet machine. */
export const quiet = { least: 0.9, largest: 1.1 }

/** Whether a noise row shows a machine that is too noisy. Without one there is nothing to go by. */
export const isNoisy = (row: Row | undefined): boolean =>
  row?.ratio !== undefined && (row.ratio < quiet.least || row.ratio > quiet.largest)

/** The noise row of a group, if it has one. */
export const rowOf = (rows: ReadonlyArray<Row>): Row | undefined =>
  rows.find(({ name, verdict }) => name.startsWith(rowName) && verdict !== "skip")

/** The rows of a group as they count on a machine this noisy. */
export const apply = (rows: ReadonlyArray<Row>, noise: Row | undefined): ReadonlyArray<Row> =>
  isNoisy(noise)
    ? rows.map((row): Row => row.verdict === "skip" ? row : { ...row, verdict: "void", reason: "noise" })
    : rows
