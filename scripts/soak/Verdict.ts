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
  const growth = growthOf(settled.map(({ at, heap }) => [at / 60_000, heap] as const))
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

// V8 gathers some megabytes that nothing reaches any more, though it was told to collect, and gives them back at once every few minutes. That raises the
// line, the lowest or the highest by chance, and a leak raises all of them.
const growthOf = (points: ReadonlyArray<Point>): number =>
  points.length < 2 ? 0 : Math.min(slope(points), rise(points, Math.min), rise(points, Math.max))

/** By how much an extreme of the second half is above that of the first, in a unit of `x`. */
const rise = (points: ReadonlyArray<Point>, extreme: (...values: ReadonlyArray<number>) => number): number => {
  const half = Math.floor(points.length / 2)
  const [before, after] = [points.slice(0, half), points.slice(half)]
  const [from, to] = [before, after].map((part) => extreme(...part.map(([, y]) => y))) as [number, number]
  return (to - from) / (after[0]![0] - before[0]![0])
}

type Point = readonly [x: number, y: number]

/** The slope of a line through points, by least squares: what is gained in a unit of `x`. */
export const slope = (points: ReadonlyArray<Point>): number => {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length
  const [middle, level] = [mean(0), mean(1)]
  const spread = points.reduce((sum, [x]) => sum + (x - middle) ** 2, 0)
  return spread === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - middle) * (y - level), 0) / spread
}
