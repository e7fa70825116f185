/**
 * Refuses at the socket what a flood has too much of. To resume a fiber for a datagram costs more than all else that is done to refuse it.
 */
import type * as Diagnostic from "../../Diagnostic.ts"
import * as Origin from "../registry/Origin.ts"
import * as RateLimiter from "./RateLimiter.ts"
import * as Refusals from "./Refusals.ts"

/** Whom it works for. */
export interface Options {
  readonly source: string
  readonly networkInterface: () => { readonly name: string }
  readonly report: (report: Diagnostic.Report, count?: number) => void
}

/** What it tells of, as of now and then, since to describe a datagram costs more than to refuse it. */
export interface Turnstile {
  readonly options: Options
  readonly limiter: RateLimiter.RateLimiter
  /** Of all sources together. */
  readonly overall: RateLimiter.Bucket
  described: Diagnostic.Report | undefined
  describedAt: number
}

export const make = (
  options: Options,
  limiter: RateLimiter.RateLimiter,
  overall: RateLimiter.Bucket
): Turnstile => ({ options, limiter, overall, described: undefined, describedAt: -Infinity })

// milliseconds for which one stands for all that are refused
const interval = 100

/** Whether a datagram is one too many of its source in a flood, or of all. It is then told of. */
export const refuses = (self: Turnstile, payload: Uint8Array, host: string, port: number, now: number): boolean => {
  const { limiter, options: { networkInterface, report, source }, overall } = self
  if (!RateLimiter.has(overall, now)) RateLimiter.offer(limiter, now)
  else if (!RateLimiter.refuses(limiter, Origin.of(host), now)) return false
  if (self.described === undefined || now - self.describedAt >= interval) {
    const refused = { source, interface: networkInterface().name, address: host, port, payload }
    self.described = Refusals.describe(refused, "rate")
    self.describedAt = now
  }
  report(self.described)
  return true
}
