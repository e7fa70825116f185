/**
 * Token buckets by source address: what one sender, however loud, can make a session decode.
 */
import type * as Limits from "../../Limits.ts"

/** One bucket. */
export interface Bucket {
  tokens: number
  at: number
}

/** A full bucket. */
export const bucket = (rate: Limits.Rate, now: number): Bucket => ({ tokens: rate.burst, at: now })

/** Takes a token if there is one. */
export const take = (self: Bucket, rate: Limits.Rate, now: number): boolean => {
  self.tokens = Math.min(rate.burst, self.tokens + ((now - self.at) * rate.perSecond) / 1_000)
  self.at = now
  if (self.tokens < 1) return false
  self.tokens--
  return true
}

/** Buckets by source, the least recently used first. Sources for which there is no room share one bucket. */
export interface RateLimiter {
  readonly rate: Limits.Rate
  readonly capacity: number
  readonly buckets: Map<string, Bucket>
  readonly shared: Bucket
  /** How many buckets there are before those that are full again are swept out: they are as good as none. */
  sweepAt: number
}

const smallest = 256

/** A limiter of at most `capacity` buckets. */
export const make = (rate: Limits.Rate, capacity: number, now: number): RateLimiter => ({
  rate,
  capacity,
  buckets: new Map(),
  shared: bucket(rate, now),
  sweepAt: smallest
})

/** Whether one more datagram of this source may be decoded. */
export const allows = (self: RateLimiter, source: string, now: number): boolean => {
  const known = self.buckets.get(source)
  if (known === undefined) return take(admit(self, source, now), self.rate, now)
  self.buckets.delete(source)
  self.buckets.set(source, known)
  return take(known, self.rate, now)
}

// a bucket that has not refilled yet is not given away, or a flood of forged sources would refill them all
const admit = (self: RateLimiter, source: string, now: number): Bucket => {
  if (self.buckets.size >= self.sweepAt) sweep(self, now)
  if (self.buckets.size >= self.capacity) {
    const [oldest, idle] = self.buckets.entries().next().value!
    if (!isFull(self, idle, now)) return self.shared
    self.buckets.delete(oldest)
  }
  const fresh = bucket(self.rate, now)
  self.buckets.set(source, fresh)
  return fresh
}

const isFull = ({ rate }: RateLimiter, { at, tokens }: Bucket, now: number): boolean =>
  tokens + ((now - at) * rate.perSecond) / 1_000 >= rate.burst

// whenever there are twice as many: amortised, each is looked at once
const sweep = (self: RateLimiter, now: number): void => {
  for (const [source, bucket] of self.buckets) if (isFull(self, bucket, now)) self.buckets.delete(source)
  self.sweepAt = Math.max(smallest, 2 * self.buckets.size)
}
