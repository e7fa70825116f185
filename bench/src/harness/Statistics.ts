/**
 * What the rounds of a row come to.
 */

/** The middle of the values and their ends. */
export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Summarises at least one value. */
export const summarise = (values: ReadonlyArray<number>): Summary => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { median, min: sorted[0]!, max: sorted.at(-1)! }
}

/** The ratio of two rows in each round that both have. */
export const ratios = (
  numerators: ReadonlyArray<number>,
  denominators: ReadonlyArray<number>
): ReadonlyArray<number> =>
  numerators.slice(0, denominators.length).map((numerator, round) => numerator / denominators[round]!)
