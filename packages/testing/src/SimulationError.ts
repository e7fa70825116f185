/**
 * Why a simulation failed, whatever its program did.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const seconds = (millis: number): string => `${millis / 1000} s`

// more than that nobody reads in a message; the error has them all
const shown = 20

const list = (waiting: ReadonlyArray<string>): string => {
  if (waiting.length === 0) return "nobody"
  const more = waiting.length > shown ? [`${waiting.length - shown} more`] : []
  return [...waiting.slice(0, shown), ...more].join(", ")
}

const ending = (lastEvents: ReadonlyArray<string>): string =>
  lastEvents.length === 0 ? "" : `. The network's last events:\n${lastEvents.join("\n")}`

const Stopped = {
  /** What replays the run. */
  seed: Schema.Finite,
  /** Virtual milliseconds since the start. */
  elapsedMillis: Schema.Finite,
  /** The fibers that had not ended, the soonest to wake first, with what they wait for where that is known. */
  waiting: Schema.Array(Schema.String),
  /** The last lines of the journals of the networks that the program had made. */
  lastEvents: Schema.Array(Schema.String)
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
      `Waiting: ${list(this.waiting)}. Raise \`duration\`, or look for what never happens${ending(this.lastEvents)}`
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
      }. Raise \`eventLimit\`, or look for a loop that never sleeps${ending(this.lastEvents)}`
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
  {
    ...Stopped,
    /** How long effects in `TestClock.withLive` were waited for, where there were any. */
    realMillis: Schema.optionalKey(Schema.Finite)
  }
) {
  /**
   * Says who waits.
   *
   * @since 0.1.0
   */
  override get message(): string {
    const at = `at ${seconds(this.elapsedMillis)} of virtual time (seed ${this.seed})`
    const waiting = `Waiting: ${list(this.waiting)}`
    const end = ending(this.lastEvents)
    if (this.realMillis !== undefined) {
      return `what runs in \`TestClock.withLive\` had not ended after ${
        seconds(this.realMillis)
      } of real time, ${at}. ` +
        `${waiting}. Raise \`realTime\`, or look for what never answers${end}`
    }
    return `nothing can happen any more ${at}: no fiber is runnable and none sleeps. ${waiting}. ` +
      `Look for what should have woken them; a promise that takes long needs \`TestClock.withLive\` around it${end}`
  }
}

/**
 * Something from outside of the simulation moved the program, and the run was to end then: a promise, a timer of the system, a
 * worker, a socket. Such a run may go differently next time.
 *
 * @category errors
 * @since 0.1.0
 */
export class OutsideInput extends Schema.TaggedError<OutsideInput>("effect-discovery/SimulationError/OutsideInput")(
  "OutsideInput",
  {
    ...Stopped,
    /** Who was moved. */
    fiber: Schema.String,
    /** The spans it is in, the innermost first. */
    spans: Schema.Array(Schema.String),
    /** Where the program was, as far as the stack tells. */
    stack: Schema.Array(Schema.String)
  }
) {
  /**
   * Says who was moved, and where.
   *
   * @since 0.1.0
   */
  override get message(): string {
    const spans = this.spans.length > 1 ? `, within ${this.spans.slice(1).join(", ")}` : ""
    const stack = this.stack.length === 0 ? "" : `:\n  ${this.stack.join("\n  ")}`
    return `non-deterministic input at ${seconds(this.elapsedMillis)} of virtual time (seed ${this.seed}): ` +
      `${this.fiber}${spans} was moved by a promise, a timer or a callback from outside of the simulation${stack}`
  }
}

/**
 * A program that a host had started failed or died, with nobody else to tell.
 *
 * @category errors
 * @since 0.1.0
 */
export class ProgramFailed
  extends Schema.TaggedError<ProgramFailed>("effect-discovery/SimulationError/ProgramFailed")("ProgramFailed", {
    seed: Schema.Finite,
    /** Virtual milliseconds since the start of the run. */
    elapsedMillis: Schema.Finite,
    /** Whose program it was. */
    host: Schema.String,
    /** What it failed with, in words. */
    why: Schema.String,
    /** What it failed with. */
    cause: Schema.Defect()
  })
{
  /**
   * Says whose, and why.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `a program of ${this.host} failed at ${seconds(this.elapsedMillis)} of virtual time ` +
      `(seed ${this.seed}): ${this.why.replace(/\.$/, "")}. Where that is as it should be, catch it in the program`
  }
}

/**
 * Two runs of one program from one seed went differently.
 *
 * @category errors
 * @since 0.1.0
 */
export class NonDeterministic
  extends Schema.TaggedError<NonDeterministic>("effect-discovery/SimulationError/NonDeterministic")(
    "NonDeterministic",
    {
      /** What replays the run. */
      seed: Schema.Finite,
      order: Schema.String,
      /** Where they part: in a journal the first event that differs, with those before. */
      difference: Schema.String,
      /** What moved either from outside, which may well be the cause. */
      outside: Schema.Array(Schema.String)
    }
  )
{
  /**
   * Says where they part, and what may be the cause.
   *
   * @since 0.1.0
   */
  override get message(): string {
    const cause = this.outside.length === 0
      ? "Look for Math.random, Date.now, ids that are counted globally, and state outside of the program"
      : `Moved from outside: ${this.outside.join(", ")}`
    return `two runs with seed ${this.seed} and order ${this.order} differ: ${this.difference}\n${cause}`
  }
}

/**
 * What can end a simulation.
 *
 * @category errors
 * @since 0.1.0
 */
export const Reason = Schema.Union([TimeLimit, EventLimit, Deadlock, OutsideInput, ProgramFailed, NonDeterministic])

/**
 * What can end a simulation.
 *
 * @category errors
 * @since 0.1.0
 */
export type Reason = typeof Reason.Type

/**
 * A simulation was ended before its program did, or what it did cannot be relied upon. The program was interrupted, unless it had ended, and
 * its finalizers have run.
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
