/**
 * Time inside the simulation: integers of microseconds, converted at its edge only.
 */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"

/** @internal A duration above zero is at least one microsecond, so that time goes on. */
export const fromDuration = (duration: Duration.Duration): number => {
  const millis = Duration.toMillis(duration)
  return millis > 0 && millis < 0.001 ? 1 : Math.round(millis * 1000)
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
