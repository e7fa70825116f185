/**
 * What a clock of a host shows, as a function of the network's time: integers of microseconds, and it never goes back.
 */

/** @internal A clock that showed `shown` at `since`, and is `ppm` millionths fast. */
export interface Oscillator {
  readonly since: number
  readonly shown: number
  readonly ppm: number
  readonly isRunning: boolean
}

/** @internal The drift that keeps a clock going forward, in millionths. */
export const driftLimit = 500_000

/** @internal */
export const make = (now: number): Oscillator => ({ since: now, shown: now, ppm: 0, isRunning: true })

/** @internal */
export const read = (self: Oscillator, now: number): number => {
  if (!self.isRunning) return self.shown
  const elapsed = now - self.since
  return self.ppm === 0 ? self.shown + elapsed : self.shown + elapsed + Math.floor((elapsed * self.ppm) / 1_000_000)
}

/** @internal Goes on from what it shows now. */
export const change = (
  self: Oscillator,
  now: number,
  to: { readonly ppm?: number; readonly isRunning?: boolean }
): Oscillator => ({ ...self, ...to, since: now, shown: read(self, now) })

/** @internal The first time at which it shows that much, or more. Never, if it stands still before. */
export const reaches = (self: Oscillator, shown: number): number => {
  const missing = shown - self.shown
  if (missing <= 0) return self.since
  if (!self.isRunning) return Infinity
  if (self.ppm === 0) return self.since + missing
  let time = self.since + Math.floor((missing * 1_000_000) / (1_000_000 + self.ppm))
  while (read(self, time) >= shown) time--
  while (read(self, time) < shown) time++
  return time
}
