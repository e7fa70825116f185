/**
 * Time inside the simulation: integers of microseconds, converted at its edge only.
 */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"

// Below what any duration is meant to, above what floating point adds to one.
const noise = 0.0001

/** @internal Rounded up, for nobody to wake early; above zero it is at least one, for time to go on. */
export const fromDuration = (duration: Duration.Duration): number => {
  const micros = Duration.toMillis(duration) * 1000
  return micros > 0 ? Math.max(1, Math.ceil(micros - noise)) : Math.min(0, micros)
}

/** @internal */
export const fromInput = (input: Duration.Input): number => fromDuration(Duration.fromInputUnsafe(input))

/** @internal */
export const toDuration = (micros: number): Duration.Duration => Duration.millis(micros / 1000)

/** @internal The nearest one: TestClock keeps time in floating point. */
export const ofClock = (clock: Clock.Clock): number => Number((clock.monotonicTimeNanosUnsafe() + 500n) / 1000n)

/** @internal Seconds with six decimals, as in a capture. */
export const format = (micros: number): string =>
  `${Math.floor(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, "0")}`
