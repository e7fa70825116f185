/**
 * What a failed property tells.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Schedule from "./Schedule.ts"

/**
 * The property that failed in a run, when, in milliseconds of virtual time, and why.
 *
 * **Details**
 *
 * `property` is the name that the property has in the options, or one of the harness's own: `workload` (a host's program failed, died or was
 * interrupted, though not by its host, one that was started beside it failed or died, or a fiber died that nobody waited for), `view` (what it shows
 * cannot be seen), `setup`, `quiet`, `shutdown`, `schedule` (a fault that cannot be, or a host that there is not) and `simulation` (the run was past
 * its limits, or stuck). `stack` is where in the program it went wrong, as far as an error tells.
 *
 * @category models
 * @since 0.1.0
 */
export const Failure = Schema.Struct({
  property: Schema.String,
  why: Schema.String,
  at: Schema.Finite,
  stack: Schema.optional(Schema.Array(Schema.String))
})

/**
 * The property that failed in a run, when, in milliseconds of virtual time, and why.
 *
 * @category models
 * @since 0.1.0
 */
export type Failure = typeof Failure.Type

/**
 * A run in which a property failed, shrunk to what is needed for that.
 *
 * **Details**
 *
 * `schedule` is the shrunk one and `token` replays it; `found` is the one that was generated, after `runs` runs. `tried` and `accepted` count the
 * shrinking. `events` are the last that happened at each host, `files` the records that were written.
 *
 * @category errors
 * @since 0.1.0
 */
export class Counterexample
  extends Schema.TaggedError<Counterexample>("effect-discovery/PropertyFailed/Counterexample")("Counterexample", {
    name: Schema.String,
    failure: Failure,
    schedule: Schedule.Schedule,
    token: Schema.String,
    found: Schedule.Schedule,
    runs: Schema.Int,
    tried: Schema.Int,
    accepted: Schema.Int,
    isReproducible: Schema.Boolean,
    events: Schema.Array(Schema.Struct({ host: Schema.String, lines: Schema.Array(Schema.String) })),
    files: Schema.Array(Schema.String)
  })
{
  /**
   * The whole story.
   *
   * @since 0.1.0
   */
  override get message(): string {
    const { failure } = this
    return [
      `property ${JSON.stringify(failure.property)} failed at ${failure.at / 1000} s: ${failure.why}`,
      ...(failure.stack ?? []).map((line) => `    ${line}`),
      "",
      `found in run ${this.runs} (seed ${this.found.seed}, ${count(this.found.faults.length, "fault")}), shrunk to ${
        count(this.schedule.faults.length, "fault")
      } (${count(this.accepted, "step")} in ${count(this.tried, "run")}):`,
      ...indent(Schedule.format(this.schedule)),
      ...(this.isReproducible ? [] : ["", "the same schedule did not fail again: the program is not deterministic"]),
      ...this.events.flatMap(({ host, lines }) => ["", `last at ${host}:`, ...indent(lines.join("\n"))]),
      ...(this.files.length === 0 ? [] : ["", `written: ${this.files.join(", ")}`]),
      "",
      `replay: SIMULATION_REPLAY=${this.token}`
    ].join("\n")
  }
}

const indent = (text: string): ReadonlyArray<string> => text.split("\n").map((line) => `  ${line}`)
const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`

/**
 * Every run held, but together they did not prove what was asked for: marks that were never hit, or too little coverage.
 *
 * @category errors
 * @since 0.1.0
 */
export class ProvedNothing
  extends Schema.TaggedError<ProvedNothing>("effect-discovery/PropertyFailed/ProvedNothing")("ProvedNothing", {
    name: Schema.String,
    missing: Schema.Array(Schema.String),
    runs: Schema.Int
  })
{
  /**
   * Says what is missing.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `${count(this.runs, "run")} held, but proved nothing of: ${this.missing.join(", ")}. ` +
      "Run more of them, for longer, or with other faults"
  }
}

/**
 * Why a property failed.
 *
 * @category errors
 * @since 0.1.0
 */
export const Reason = Schema.Union([Counterexample, ProvedNothing, Schedule.InvalidToken])

/**
 * Why a property failed.
 *
 * @category errors
 * @since 0.1.0
 */
export type Reason = typeof Reason.Type

/**
 * A property failed, or nothing was proved.
 *
 * @category errors
 * @since 0.1.0
 */
export class PropertyFailed
  extends Schema.TaggedError<PropertyFailed>("effect-discovery/PropertyFailed")("PropertyFailed", { reason: Reason })
{
  /**
   * The message of the reason.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return this.reason.message
  }
}
