/**
 * Times of which few are early and nearly all are late, so that whoever speaks first is heard by the others before they would have spoken:
 * of uniform times over a tenth of a second, 194 of 10,000 hosts would speak, of these a handful.
 *
 * @since 0.1.0
 */
import * as Seed from "../../../Seed.ts"

/**
 * A time within `window`, of a truncated exponential distribution for at most `population` hosts: its density grows by that factor from the
 * beginning to the end.
 */
export const draw = (
  seed: Seed.Seed,
  window: number,
  population: number
): readonly [time: number, seed: Seed.Seed] => {
  const [value, advanced] = Seed.next(seed)
  const growth = Math.max(2, population)
  return [(window * Math.log1p(value * (growth - 1))) / Math.log(growth), advanced]
}

/** The share of such times that are no later than `time`. */
export const reached = (time: number, window: number, population: number): number => {
  const growth = Math.max(2, population)
  return Math.min(1, Math.expm1((Math.max(0, time) / window) * Math.log(growth)) / (growth - 1))
}
