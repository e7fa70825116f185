/**
 * From time to place: what happens at once is on one height, short times are stretched and long ones shortened, for both to be seen.
 */

const shortest = 7
const longest = 34

/** @internal */
export interface Scale {
  readonly times: ReadonlyArray<number>
  readonly height: number
  readonly y: (time: number) => number
}

/** @internal */
export const of = (times: ReadonlyArray<number>): Scale => {
  const sorted = Array.from(new Set(times)).toSorted((a, b) => a - b)
  const heights: Array<number> = []
  let height = 0
  sorted.forEach((time, i) => {
    if (i > 0) height += step(time - sorted[i - 1]!)
    heights.push(height)
  })
  const known = new Map(sorted.map((time, i) => [time, heights[i]!]))
  return { times: sorted, height, y: (time) => known.get(time) ?? 0 }
}

// 100 µs takes 7, 1 ms 10, 10 ms 18, 100 ms 26, a second and more 34.
const step = (micros: number): number => Math.min(longest, Math.max(shortest, 2 + 8 * Math.log10(1 + micros / 100)))

/** @internal Seconds to the millisecond. */
export const label = (micros: number): string => (micros / 1_000_000).toFixed(3)
