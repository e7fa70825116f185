/**
 * How long a line waits for its next round.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Schedule from "effect/Schedule"
import type * as Line from "./Line.ts"

const usual = Schedule.min([Schedule.exponential("500 millis"), Schedule.spaced("30 seconds")]).pipe(Schedule.jittered)

/** Begins anew with the next wait. */
export const reset = (line: Line.Line): void => {
  line.round = 0
  line.backoff = undefined
}

/** The next wait in milliseconds; none when the schedule has ended. */
export const next = Effect.fnUntraced(function*(
  line: Line.Line,
  schedule: Schedule.Schedule<unknown, unknown> | undefined,
  now: number
) {
  line.backoff ??= yield* Schedule.toStep(schedule ?? usual)
  return yield* line.backoff(now, line.round).pipe(
    Effect.map(([, delay]) => Duration.toMillis(delay)),
    Pull.catchDone(() => Effect.undefined)
  )
})
