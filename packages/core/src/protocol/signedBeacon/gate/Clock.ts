/**
 * Whether a stamp may be of now, as far as the clocks of both hosts can tell.
 */
import type * as Envelope from "../Envelope.ts"

/** How stamps are compared with the wall clock of this host. */
export interface Clock {
  /**
   * `prefer`: when both sides know the time. `require`: nothing is taken unless both do. `ignore`: never, for hosts whose clock is known
   * to be wrong.
   */
  readonly policy: "prefer" | "require" | "ignore"
  /** Milliseconds by which the two clocks may differ. */
  readonly skew: number
  /** When this program was built, in milliseconds since 1970: a clock that says earlier is wrong. */
  readonly builtAt: number
}

const day = 86_400_000

/** Whether a stamp is so far ahead that to take it would shut its key out for good, once its clock is right. */
export const isFarFuture = (clock: Clock, { stamp }: Envelope.Header, wallNow: number): boolean =>
  isUsed(clock, wallNow) && stamp.ms > wallNow + day

/**
 * Whether a stamp may be of now. Who comes to a link late hears announcements of mDNS as long after they were signed as they hold.
 */
export const isFresh = (clock: Clock, envelope: Envelope.Header, ttl: number, wallNow: number): boolean => {
  if (clock.policy === "ignore") return true
  if (!areCompared(clock, envelope, wallNow)) return clock.policy === "prefer"
  const age = wallNow - envelope.stamp.ms
  return age >= -clock.skew && age <= Math.max(clock.skew, ttl)
}

/** For how many milliseconds from now on a fresh announcement holds: what is older than clocks may differ has less of its `ttl` left. */
export const remaining = (clock: Clock, envelope: Envelope.Header, ttl: number, wallNow: number): number =>
  areCompared(clock, envelope, wallNow) ? Math.min(ttl, envelope.stamp.ms + ttl + clock.skew - wallNow) : ttl

const areCompared = (clock: Clock, { isClocked }: Envelope.Header, wallNow: number): boolean =>
  isClocked && isUsed(clock, wallNow)

// a device without a clock of its own wakes up in 1970
const isUsed = ({ builtAt, policy }: Clock, wallNow: number): boolean => policy !== "ignore" && wallNow > builtAt
