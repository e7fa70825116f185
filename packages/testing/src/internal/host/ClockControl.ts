/**
 * What a test may do to the clock of a host.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { InvalidOption, SimulatedNetworkError } from "../../SimulatedNetworkError.ts"
import * as Oscillator from "./Oscillator.ts"
import type { Programs } from "./Programs.ts"

/** @internal */
export const make = (programs: Programs) => ({
  skew: (offset: Duration.Input): Effect.Effect<void, SimulatedNetworkError> =>
    Effect.map(finite("skew", offset), (micros) => {
      programs.note(`clock skew ${micros / 1000} ms`)
      programs.time.skew(micros)
    }),
  drift: (ppm: number): Effect.Effect<void, SimulatedNetworkError> =>
    Effect.suspend(() => {
      if (!(Math.abs(ppm) <= Oscillator.driftLimit)) {
        return invalid(
          "drift",
          String(ppm),
          `a number of millionths from -${Oscillator.driftLimit} to ${Oscillator.driftLimit}`
        )
      }
      programs.note(`clock drift ${ppm} ppm`)
      programs.time.drift(ppm)
      return Effect.void
    }),
  jump: (by: Duration.Input): Effect.Effect<void, SimulatedNetworkError> =>
    Effect.map(finite("jump", by), (micros) => {
      programs.note(`clock jump ${micros / 1000} ms`)
      programs.time.jump(micros)
    })
})

const finite = (option: string, input: Duration.Input): Effect.Effect<number, SimulatedNetworkError> =>
  Effect.suspend(() => {
    const micros = Math.round(Duration.toMillis(Duration.fromInputUnsafe(input)) * 1000)
    return Number.isSafeInteger(micros) ? Effect.succeed(micros) : invalid(option, String(input), "a finite duration")
  })

const invalid = (option: string, value: string, expected: string): Effect.Effect<never, SimulatedNetworkError> =>
  Effect.fail(new SimulatedNetworkError({ reason: new InvalidOption({ option, value, expected }) }))
