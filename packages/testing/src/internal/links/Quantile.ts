/**
 * Distributions as functions from a uniform number to a duration in microseconds.
 */
import type { Distribution } from "../../Distribution.ts"

/** @internal */
export type Quantile = (uniform: number) => number

/** @internal The one duration there is in it, if there is but one. */
export const constantOf = (self: Distribution): number | undefined => {
  if (self._tag === "Constant") return Math.round(self.value * 1000)
  if (self._tag === "Uniform" && self.min === self.max) return Math.round(self.min * 1000)
  return undefined
}

/** @internal */
export const make = (self: Distribution): Quantile => {
  switch (self._tag) {
    case "Constant":
      return () => self.value * 1000
    case "Uniform":
      return uniform(Math.round(self.min * 1000), Math.round(self.max * 1000))
    case "Normal":
      return normal(self.mean * 1000, self.deviation * 1000, self.min * 1000, self.max * 1000)
    case "Exponential":
      return exponential(self.mean * 1000, self.min * 1000, limit(self.max))
    case "LogNormal":
      return logNormal(self.median * 1000, self.sigma, limit(self.max))
    case "Pareto":
      return pareto(self.min * 1000, self.shape, limit(self.max))
  }
}

const limit = (millis: number | undefined): number => millis === undefined ? Infinity : millis * 1000

// over whole microseconds, both ends included
const uniform = (min: number, max: number): Quantile => (u) => min + Math.floor(u * (max - min + 1))

const normal = (mean: number, deviation: number, min: number, max: number): Quantile => {
  if (deviation === 0) return () => Math.min(max, Math.max(min, mean))
  const below = cumulative((min - mean) / deviation)
  const within = cumulative((max - mean) / deviation) - below
  // where the bounds are too far out for the tail to be told from nothing, the nearer bound is all there is
  if (within <= 0) return () => (mean < min ? min : max)
  return (u) => Math.min(max, Math.max(min, mean + deviation * probit(below + u * within)))
}

const exponential = (mean: number, min: number, max: number): Quantile => {
  const rest = mean - min
  if (rest === 0) return () => min
  const within = 1 - Math.exp(-(max - min) / rest)
  return (u) => min - rest * Math.log(1 - u * within)
}

const logNormal = (median: number, sigma: number, max: number): Quantile => {
  if (sigma === 0) return () => Math.min(median, max)
  const within = max === Infinity ? 1 : cumulative(Math.log(max / median) / sigma)
  if (within <= 0) return () => max
  return (u) => Math.min(max, median * Math.exp(sigma * probit(u * within)))
}

const pareto = (min: number, shape: number, max: number): Quantile => {
  const within = max === Infinity ? 1 : 1 - (min / max) ** shape
  return (u) => Math.min(max, min * (1 - u * within) ** (-1 / shape))
}

/** @internal The share of a normal distribution below x (Abramowitz and Stegun, 7.1.26: within 1.5e-7). */
export const cumulative = (x: number): number => {
  const z = Math.abs(x) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * z)
  const polynomial = t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  const tail = (polynomial * Math.exp(-z * z)) / 2
  return x < 0 ? tail : 1 - tail
}

const a = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716] as const
const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572] as const
const c = [-0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734] as const
const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416] as const
const a5 = 2.506628277459239
const c4 = 4.374664141464968
const c5 = 2.938163982698783
const low = 0.02425

/** @internal Below which x a share p of a normal distribution lies: the rational approximation of Acklam, within 1.2e-9 of it. */
export const probit = (p: number): number => {
  if (p < low) return tailOf(Math.sqrt(-2 * Math.log(p)))
  if (p > 1 - low) return -tailOf(Math.sqrt(-2 * Math.log(1 - p)))
  const q = p - 0.5
  const r = q * q
  const top = ((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a5
  const bottom = ((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1
  return (top * q) / bottom
}

const tailOf = (q: number): number =>
  (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c4) * q + c5) /
  ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1)
