/**
 * Refuses at the socket what a flood has too much of. To resume a fiber for a datagram costs more than all else that is done to refuse it.
 */
import * as Hex from "effect/encoding/Hex"
import type * as Diagnostic from "../../Diagnostic.ts"
import type * as Limits from "../../Limits.ts"
import * as Origin from "../registry/Origin.ts"
import * as RateLimiter from "./RateLimiter.ts"

/** Whom it works for. */
export interface Options {
  readonly source: string
  readonly limits: Pick<Limits.Limits, "datagramsPerSession">
  readonly networkInterface: () => { readonly name: string }
  readonly report: (report: Diagnostic.Report, count?: number) => void
}

/** What it has refused and not told of: how much, and the latest of it. */
export interface Turnstile {
  readonly options: Options
  readonly limiter: RateLimiter.RateLimiter
  /** Of all sources together. */
  readonly overall: RateLimiter.Bucket
  untold: number
  toldAt: number
  payload: Uint8Array
  host: string
  port: number
}

export const make = (
  options: Options,
  limiter: RateLimiter.RateLimiter,
  overall: RateLimiter.Bucket
): Turnstile => ({
  options,
  limiter,
  overall,
  untold: 0,
  toldAt: -Infinity,
  payload: nothing,
  host: "",
  port: 0
})

const nothing = new Uint8Array(0)

// as often as that in a flood, and the total is told each time
const interval = 100

/**
 * Whether a datagram is one too many of its source in a flood, or of all. It is then counted, and told of with the next that is refused or with
 * the next batch.
 */
export const refuses = (self: Turnstile, payload: Uint8Array, host: string, port: number, now: number): boolean => {
  const { limiter, options: { limits }, overall } = self
  if (!RateLimiter.has(overall, limits.datagramsPerSession, now)) RateLimiter.offer(limiter, now)
  else if (!RateLimiter.refuses(limiter, Origin.of(host), now)) return false
  self.untold++
  self.payload = payload
  self.host = host
  self.port = port
  tell(self, now)
  return true
}

/** Tells of what was refused, if there is something and it is time to. */
export const tell = (self: Turnstile, now: number): void => {
  if (self.untold === 0 || now - self.toldAt < interval) return
  const { host, options: { networkInterface, report, source }, payload, port } = self
  report({
    _tag: "DatagramRejected",
    source,
    interface: networkInterface().name,
    reason: "rate",
    from: `${host} port ${port}`,
    sample: Hex.encode(payload.subarray(0, 64))
  }, self.untold)
  self.untold = 0
  self.toldAt = now
  self.payload = nothing
}
