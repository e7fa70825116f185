/**
 * A token bucket.
 */
import type * as Limits from "../../../Limits.ts"

export interface Bucket {
  readonly rate: Limits.Rate
  tokens: number
  at: number
}

/** A full one. */
export const make = (rate: Limits.Rate): Bucket => ({ rate, tokens: rate.burst, at: 0 })

/** How many tokens there are now. */
export const level = (self: Bucket, now: number): number => {
  self.tokens = Math.min(self.rate.burst, self.tokens + ((now - self.at) * self.rate.perSecond) / 1_000)
  self.at = now
  return self.tokens
}

/** Takes a token if there is one. */
export const take = (self: Bucket, now: number): boolean => {
  if (level(self, now) < 1) return false
  self.tokens--
  return true
}

/** When there are so many tokens, if none is taken until then. */
export const readyAt = ({ at, rate, tokens }: Bucket, count: number): number =>
  tokens >= count ? at : at + Math.ceil(((count - tokens) * 1_000) / rate.perSecond)
