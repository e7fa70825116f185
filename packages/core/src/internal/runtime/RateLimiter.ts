/**
 * Token buckets by source address: what one sender, however loud, can make a session decode.
 */
import type * as Limits from "../../Limits.ts"

/** One bucket. */
export interface Bucket {
  readonly rate: Limits.Rate
  tokens: number
  at: number
}

/** A full bucket. */
export const bucket = (rate: Limits.Rate, now: number): Bucket => ({ rate, tokens: rate.burst, at: now })

/** Takes a token if there is one. */
export const take = (self: Bucket, now: number): boolean => {
  self.tokens = left(self, now)
  self.at = now
  if (self.tokens < 1) return false
  self.tokens -= 1
  return true
}

/** Whether `take` would give a token. */
export const has = (self: Bucket, now: number): boolean => left(self, now) >= 1

/**
 * When the bucket of each source is full again, the least recently used first: one number says as much as tokens and a time, and is a whole one, which
 * needs no object, where a token takes whole milliseconds. Sources for which there is no room share one bucket.
 */
export interface RateLimiter {
  readonly rate: Limits.Rate
  readonly capacity: number
  readonly buckets: Map<string, number>
  readonly shared: Bucket
  /**
   * How much comes in all, whether it is decoded or not. Beyond a fifth of what a session can decode, for longer than its burst takes, it is a
   * flood: each source then has one datagram a second besides its burst, and what is too much is taken off the next one, so that a source that
   * sends on without a pause is not heard at all. Nobody who announces sends more, and to take in more of a flood only has newcomers evict each
   * other.
   */
  readonly offered: Bucket | undefined
  /** How many buckets there are before those that are full again are swept out: they are as good as none. */
  sweepAt: number
}

const smallest = 256
const calmShare = 1 / 5

/** A limiter of at most `capacity` buckets, which can tell a flood by the rate of the `session` that it is for. */
export const make = (rate: Limits.Rate, capacity: number, now: number, session?: Limits.Rate): RateLimiter => ({
  rate,
  capacity,
  buckets: new Map(),
  shared: bucket(rate, now),
  offered: session && bucket({ perSecond: session.perSecond * calmShare, burst: session.burst }, now),
  sweepAt: smallest
})

/** Whether one more datagram of this source may be decoded. */
export const allows = (self: RateLimiter, source: string, at: number): boolean => {
  const { rate } = self
  const now = Math.floor(at)
  const cost = price(self, now)
  const known = self.buckets.get(source)
  if (known === undefined && !makeRoom(self, now, cost)) return take(self.shared, now)
  const fullAt = known ?? now
  const isAllowed = leftOf(fullAt, rate, now) >= cost
  if (isAllowed) put(self, source, Math.max(fullAt, now) + cost * 1_000 / rate.perSecond)
  else put(self, source, cost > 1 ? emptyAt(rate, now) : fullAt)
  return isAllowed
}

/**
 * Whether in a flood this source has had its share, or is one for which there is no room. `false` says nothing: `allows` is to be asked. What is
 * refused counts as offered, and need not be asked for again.
 */
export const refuses = (self: RateLimiter, source: string, at: number): boolean => {
  const { offered, rate } = self
  const now = Math.floor(at)
  if (offered === undefined || left(offered, now) >= offered.rate.burst / 2) return false
  const known = self.buckets.get(source)
  if (known === undefined ? hasRoom(self, now) : leftOf(known, rate, now) >= fare(rate)) return false
  offer(self, now)
  if (known !== undefined) put(self, source, emptyAt(rate, now))
  return true
}

/** Counts one that came and was refused for another reason. */
export const offer = ({ offered }: RateLimiter, now: number): void => {
  if (offered !== undefined) take(offered, Math.floor(now))
}

// for one more source in a flood
const hasRoom = (self: RateLimiter, now: number): boolean =>
  self.buckets.size < self.capacity || has(self.shared, now) ||
  isFull(self, self.buckets.values().next().value!, now, fare(self.rate) - 1)

const put = ({ buckets }: RateLimiter, source: string, fullAt: number): void => {
  buckets.delete(source)
  buckets.set(source, fullAt)
}

const price = (self: RateLimiter, now: number): number => {
  const { offered, rate } = self
  if (offered === undefined) return 1
  take(offered, now)
  return offered.tokens < offered.rate.burst / 2 ? fare(rate) : 1
}

// what refills in a second
const fare = ({ burst, perSecond }: Limits.Rate): number => Math.max(1, Math.min(perSecond, burst))

const left = ({ at, rate: { burst, perSecond }, tokens }: Bucket, now: number): number =>
  Math.min(burst, tokens + ((now - at) * perSecond) / 1_000)

// milliseconds that sums of fractions of them may be off by, so that the last token of a burst is not missed for a rounding error
const inexact = 0.01

const leftOf = (fullAt: number, { burst, perSecond }: Limits.Rate, now: number): number => {
  const wait = fullAt - inexact - now
  return wait <= 0 ? burst : burst - wait * perSecond / 1_000
}

const emptyAt = ({ burst, perSecond }: Limits.Rate, now: number): number => now + burst * 1_000 / perSecond

// A bucket that has not refilled yet is not given away, or a flood of forged sources would refill them all. One datagram of a flood may be
// missing: else newcomers would have to wait for those of the last second.
const makeRoom = (self: RateLimiter, now: number, cost: number): boolean => {
  if (self.buckets.size >= self.sweepAt) sweep(self, now)
  if (self.buckets.size < self.capacity) return true
  const [oldest, fullAt] = self.buckets.entries().next().value!
  return isFull(self, fullAt, now, cost - 1) && self.buckets.delete(oldest)
}

const isFull = ({ rate }: RateLimiter, fullAt: number, now: number, missing = 0): boolean =>
  leftOf(fullAt, rate, now) >= rate.burst - missing

// whenever there are twice as many: amortised, each is looked at once
const sweep = (self: RateLimiter, now: number): void => {
  for (const [source, fullAt] of self.buckets) if (isFull(self, fullAt, now)) self.buckets.delete(source)
  self.sweepAt = Math.max(smallest, 2 * self.buckets.size)
}
