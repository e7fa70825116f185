/**
 * Figures as people read them.
 */
import type { Row } from "./Row.ts"

/** Three significant digits, and no more behind the point than that. */
export const number = (value: number): string => {
  const size = Math.abs(value)
  if (size >= 1_000) return Math.round(value).toLocaleString("en")
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)
}

/** A row's value with its unit, empty when it has none. */
export const value = (row: Row): string => row.value === undefined ? "" : `${number(row.value)} ${row.unit}`

/** A row's ratio with its range, empty when it has none. */
export const ratio = ({ ratio, ratioMax, ratioMin }: Row): string =>
  ratio === undefined ? "" : `${ratio.toFixed(2)} (${ratioMin!.toFixed(2)}..${ratioMax!.toFixed(2)})`

/** A row's target; a bound that is no whole number is shown like a ratio. */
export const target = (row: Row): string => {
  if (row.target === undefined) return ""
  const bound = Number(row.target.slice(2))
  return `${row.target.slice(0, 2)} ${Number.isInteger(bound) ? bound : bound.toFixed(2)}`
}

/** What became of a row. */
export const verdict = ({ reason, verdict }: Row): string => {
  switch (verdict) {
    case "pass":
    case "miss":
      return verdict.toUpperCase()
    case "void":
      return `VOID (${reason})`
    case "skip":
      return `SKIP (${reason})`
    case "info":
      return reason === undefined ? "" : `(${reason})`
  }
}
