/**
 * Whole programs in virtual time: an hour of announcements takes milliseconds, and a seed replays it.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import * as Scheduler from "effect/Scheduler"
import type * as Scope from "effect/Scope"
import type * as TestClock from "effect/testing/TestClock"
import * as Micros from "./internal/Micros.ts"
import { Executor, type Limits } from "./internal/simulation/Executor.ts"
import { Session } from "./internal/simulation/Session.ts"
import * as VirtualClock from "./internal/simulation/VirtualClock.ts"
import type { SimulationError } from "./SimulationError.ts"

/**
 * How a simulation runs.
 *
 * **Details**
 *
 * `seed` seeds `Random` and all that draws from it, 0 by default. `duration` is the virtual time after which the program must have
 * ended, an hour by default. `start` is what the wall clock shows at the start, in milliseconds since 1970, 0 by default.
 * `eventLimit` bounds the fiber turns and wake-ups of the whole run, 5 million by default.
 * `realTurns` is how many turns the real event loop gets before time passes, for programs with promises in them; by default 64 at
 * first, then 1, and 256 once something from outside has moved the program.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly seed?: number | undefined
  readonly duration?: Duration.Input | undefined
  readonly start?: number | undefined
  readonly eventLimit?: number | undefined
  readonly realTurns?: number | undefined
}

/**
 * How a simulation went.
 *
 * **Details**
 *
 * `wasDeterministic` is false when something outside of the simulation moved the program, such as a promise, a worker or a socket:
 * such a run may go differently next time. `events` counts fiber turns and wake-ups.
 *
 * @category models
 * @since 0.1.0
 */
export interface Report<A, E> {
  readonly exit: Exit.Exit<A, E | SimulationError>
  readonly seed: number
  readonly elapsed: Duration.Duration
  readonly events: number
  readonly wasDeterministic: boolean
}

/**
 * Runs a program in virtual time, from a seed, to its end.
 *
 * **Details**
 *
 * The program has its own clock and its own scheduler, whatever surrounds it: `it.effect` with its `TestClock`, or plain
 * `Effect.runPromise`. When none of its fibers is runnable, time passes to the next sleeper at once. Its scope closes inside the
 * simulation, so finalizers may sleep and send. `TestClock.adjust` and its kin work within it and are seldom needed: sleep instead.
 *
 * It fails with a `SimulationError` when the program outlives `duration` or `eventLimit`, or waits for what cannot happen.
 *
 * **Gotchas**
 *
 * Promises and other real asynchrony take no virtual time as long as they settle within `realTurns`; slow ones let time
 * pass, unless wrapped in `TestClock.withLive`, for which time stands still.
 *
 * **Example** (Ten minutes in a moment)
 *
 * ```ts
 * import { Simulation } from "@effect-discovery/testing"
 * import { Clock, Effect } from "effect"
 *
 * const program = Effect.andThen(Effect.sleep("10 minutes"), Clock.currentTimeMillis)
 *
 * Effect.runPromise(Simulation.run(program, { seed: 7 })).then(console.log) // 600000
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const run = <A, E, R>(
  program: Effect.Effect<A, E, R>,
  options?: Options
): Effect.Effect<A, E | SimulationError, Exclude<R, Scope.Scope>> =>
  Effect.flatMap(observe(program, options), (report) => report.exit)

/**
 * Runs a program as `run` does, and reports how it went.
 *
 * @category running
 * @since 0.1.0
 */
export const observe = <A, E, R>(
  program: Effect.Effect<A, E, R>,
  options: Options = {}
): Effect.Effect<Report<A, E>, never, Exclude<R, Scope.Scope>> =>
  Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
    const seed = options.seed ?? 0
    const limits = limitsOf(options)
    const executor = new Executor(limits)
    const clock = VirtualClock.make(executor, Math.round((options.start ?? 0) * 1000), yield* liveClock)
    const context = (yield* Effect.context<Exclude<R, Scope.Scope>>()).pipe(
      Context.add(Clock.Clock, clock),
      Context.add(Scheduler.Scheduler, executor.scheduler)
    )
    const seeded = program.pipe(Effect.scoped, Random.withSeed(seed))
    const session = new Session(executor, seed, limits, seeded, context)
    const exit = yield* session.run(restore)
    if (executor.sawOutside) yield* Effect.logDebug(`simulation with seed ${seed} was moved from outside`)
    return {
      exit,
      seed,
      elapsed: Micros.toDuration(executor.now),
      events: executor.events,
      wasDeterministic: !executor.sawOutside
    }
  }))

const limitsOf = (options: Options): Limits => ({
  time: Micros.fromInput(options.duration ?? "1 hour"),
  events: options.eventLimit ?? 5_000_000,
  turns: options.realTurns
})

// The clock of it.effect is a TestClock already; the real one is behind it.
const liveClock: Effect.Effect<Clock.Clock> = Clock.clockWith((clock) =>
  "withLive" in clock ? (clock as TestClock.TestClock).withLive(Clock.clockWith(Effect.succeed)) : Effect.succeed(clock)
)
