/**
 * Durations as people type them.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

const units: Readonly<Record<string, Duration.Unit>> = {
  ms: "millis",
  s: "seconds",
  m: "minutes",
  h: "hours",
  d: "days"
}

/** Reads `10s`, `500ms`, `2m`, or what Effect reads, such as `10 seconds`. Nothing lasts less than no time. */
export const parse = (text: string): Option.Option<Duration.Duration> => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text.trim()) ?? []
  const input = amount === undefined ? text.trim() : `${Number(amount)} ${units[unit!]}`
  return Option.filter(Duration.fromInput(input as Duration.Input), (duration) => !Duration.isNegative(duration))
}
