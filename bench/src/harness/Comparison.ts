/**
 * What moved between two results.
 */
import * as Figure from "./Figure.ts"
import type { Row } from "./Row.ts"

/** Two states of one row. */
export interface Move {
  readonly before: Row
  readonly after: Row
}

/** The rows whose ratio moved by more than a tenth, and by more than either run's own spread. */
export const moves = (before: ReadonlyArray<Row>, after: ReadonlyArray<Row>): ReadonlyArray<Move> => {
  const old = new Map(before.map((row) => [keyOf(row), row]))
  return after.flatMap((row) => {
    const previous = old.get(keyOf(row))
    return previous !== undefined && isMoved(previous, row) ? [{ before: previous, after: row }] : []
  })
}

/** The moves as lines. */
export const format = (moves: ReadonlyArray<Move>): string =>
  moves.length === 0
    ? "no row has moved"
    : moves.map(({ after, before }) =>
      `${after.group} ${after.name}: ${Figure.ratio(before)} has become ${Figure.ratio(after)}`
    ).join("\n")

const keyOf = ({ group, name }: Row): string => `${group}/${name}`

const isMoved = (before: Row, after: Row): boolean => {
  if (before.ratio === undefined || after.ratio === undefined) return false
  const distance = Math.abs(after.ratio - before.ratio)
  return distance > 0.1 * before.ratio && distance > spread(before) && distance > spread(after)
}

const spread = ({ ratioMax = 0, ratioMin = 0 }: Row): number => ratioMax - ratioMin
