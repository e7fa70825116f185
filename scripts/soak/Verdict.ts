/**
 * Whether a program keeps more and more, judged by what it took up over time.
 */
import type * as Lines from "../../packages/node/test/lan/peers/lines.ts"

/** What became of a program. */
export interface Verdict {
  /** Octets at the beginning and the end of the second half, and how many more in a minute. */
  readonly first: number
  readonly last: number
  readonly growth: number
  /** The different values of what was open. */
  readonly resources: ReadonlyArray<string>
  readonly files: ReadonlyArray<number>
  readonly problems: ReadonlyArray<string>
}

/** Octets a minute that a program may grow by: a leak of a kilobyte for each deed is four times as much. */
const tolerance = 16 * 1_024

/** Judges the second half of the measurements: in the first one a program warms up. */
export const judge = (measurements: ReadonlyArray<Lines.Measured>): Verdict => {
  const settled = measurements.slice(Math.floor(measurements.length / 2))
  const growth = slope(settled.map(({ at, heap }) => [at / 60_000, heap] as const))
  const resources = Array.from(new Set(settled.map(({ resources }) => resources)))
  const files = Array.from(new Set(settled.map(({ files }) => files)))
  return {
    first: settled[0]?.heap ?? 0,
    last: settled.at(-1)?.heap ?? 0,
    growth,
    resources,
    files,
    problems: [
      ...(settled.length < 2 ? ["too few measurements"] : []),
      ...(growth > tolerance ? ["the heap grows"] : []),
      ...(resources.length > 1 ? ["handles come or go"] : []),
      ...(files.length > 1 ? ["files come or go"] : [])
    ]
  }
}

/** The slope of a line through points, by least squares: what is gained in a unit of `x`. */
export const slope = (points: ReadonlyArray<readonly [x: number, y: number]>): number => {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length
  const [middle, level] = [mean(0), mean(1)]
  const spread = points.reduce((sum, [x]) => sum + (x - middle) ** 2, 0)
  return spread === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - middle) * (y - level), 0) / spread
}
