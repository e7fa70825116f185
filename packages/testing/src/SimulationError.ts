/**
 * Why a simulation was ended before its program did.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const seconds = (millis: number): string => `${millis / 1000} s`

const list = (waiting: ReadonlyArray<string>): string => waiting.length === 0 ? "nobody" : waiting.join(", ")

const Stopped = {
  /** What replays the run. */
  seed: Schema.Finite,
  /** Virtual milliseconds since the start. */
  elapsedMillis: Schema.Finite,
  /** Who was waiting then, the soonest first. */
  waiting: Schema.Array(Schema.String)
}

/**
 * The program was still going when its virtual time ran out.
 *
 * @category errors
 * @since 0.1.0
 */
export class TimeLimit
  extends Schema.TaggedError<TimeLimit>("effect-discovery/SimulationError/TimeLimit")("TimeLimit", {
    ...Stopped,
    limitMillis: Schema.Finite
  })
{
  /**
   * Says what still sleeps.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `the program had not ended after ${seconds(this.limitMillis)} of virtual time (seed ${this.seed}). ` +
      `Sleeping: ${list(this.waiting)}. Raise \`duration\`, or look for what never happens`
  }
}

/**
 * The program did more than it was allowed to, often without time passing at all.
 *
 * @category errors
 * @since 0.1.0
 */
export class EventLimit extends Schema.TaggedError<EventLimit>("effect-discovery/SimulationError/EventLimit")(
  "EventLimit",
  { ...Stopped, limit: Schema.Finite }
) {
  /**
   * Says when that was.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `the program went past ${this.limit} events at ${seconds(this.elapsedMillis)} of virtual time ` +
      `(seed ${this.seed}). Last to run: ${
        list(this.waiting)
      }. Raise \`eventLimit\`, or look for a loop that never sleeps`
  }
}

/**
 * The program waits for what cannot happen: nothing is runnable, nobody sleeps and no datagram is under way.
 *
 * @category errors
 * @since 0.1.0
 */
export class Deadlock extends Schema.TaggedError<Deadlock>("effect-discovery/SimulationError/Deadlock")(
  "Deadlock",
  Stopped
) {
  /**
   * Says who waits.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `nothing can happen any more at ${seconds(this.elapsedMillis)} of virtual time (seed ${this.seed}): ` +
      `no fiber is runnable and none sleeps. Waiting: ${list(this.waiting)}`
  }
}

/**
 * What can end a simulation.
 *
 * @category errors
 * @since 0.1.0
 */
export const Reason = Schema.Union([TimeLimit, EventLimit, Deadlock])

/**
 * What can end a simulation.
 *
 * @category errors
 * @since 0.1.0
 */
export type Reason = typeof Reason.Type

/**
 * A simulation was ended before its program did. The program was interrupted and its finalizers have run.
 *
 * @category errors
 * @since 0.1.0
 */
export class SimulationError extends Schema.TaggedError<SimulationError>("effect-discovery/SimulationError")(
  "SimulationError",
  { reason: Reason }
) {
  /**
   * The message of the reason.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return this.reason.message
  }
}
