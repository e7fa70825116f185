/**
 * Whole programs in virtual time: an hour of announcements takes milliseconds, and a seed replays it.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Scheduler from "effect/Scheduler"
import type * as Scope from "effect/Scope"
import type * as TestClock from "effect/testing/TestClock"
import * as Micros from "./internal/Micros.ts"
import * as Determinism from "./internal/simulation/Determinism.ts"
import { Executor, type Limits, type Strategy } from "./internal/simulation/Executor.ts"
import { Pct } from "./internal/simulation/Pct.ts"
import { Preemption } from "./internal/simulation/Preemption.ts"
import * as Ready from "./internal/simulation/Ready.ts"
import * as Registry from "./internal/simulation/Registry.ts"
import { Session } from "./internal/simulation/Session.ts"
import * as VirtualClock from "./internal/simulation/VirtualClock.ts"
import type * as Journal from "./Journal.ts"
import { NonDeterministic, ProgramFailed, SimulationError } from "./SimulationError.ts"

/**
 * In which order fibers run that could run at the same instant.
 *
 * **Details**
 *
 * `fifo` is as Effect does it: those that are ready in the order they became so, by their priorities. `random` draws the next of those that
 * are ready, sleepers and datagrams that are due at the instant included, each as likely as the others; priorities of tasks do not count.
 * `pct` gives every fiber a random priority when it starts and always runs the highest that is ready; at a few random steps
 * whoever would run falls behind all others (probabilistic concurrency testing: Burckhardt and others, ASPLOS 2010). It keeps
 * one order for long where `random` changes its mind at every step, and finds bugs that take a few events in the wrong order with
 * a known probability. A fiber that spins while others wait falls behind as well, after a thousand steps.
 *
 * Whatever the order, what one fiber does keeps its own, and so does what one socket receives.
 *
 * @category models
 * @since 0.1.0
 */
export type Order = "fifo" | "random" | "pct"

/**
 * How a simulation runs.
 *
 * **Details**
 *
 * With an `order` other than `fifo` or with `preemption`, datagrams reach their readers as tasks of their own.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Seeds `Random`, the scheduler and all that draws from them. Default: 0. */
  readonly seed?: number | undefined
  /** The virtual time after which the program must have ended. Default: an hour. */
  readonly duration?: Duration.Input | undefined
  /** What the wall clock shows at the start, in milliseconds since 1970. Default: 0. */
  readonly start?: number | undefined
  /** Bounds the fiber turns and wake-ups of the whole run. Default: 5 million. */
  readonly eventLimit?: number | undefined
  /** Bounds the fiber turns and wake-ups of one instant. Default: as `eventLimit`. */
  readonly instantLimit?: number | undefined
  /** In which order fibers run that could run at the same instant. Default: `fifo`. */
  readonly order?: Order | undefined
  /** How many times `pct` changes a priority in every 4096 steps. Default: 3. */
  readonly changePoints?: number | undefined
  /**
   * The probability, from 0 to 1, that a fiber yields between two operations: it finds code that checks and then acts as if nothing could happen
   * between. Default: 0.
   */
  readonly preemption?: number | undefined
  /**
   * What becomes of a run that is moved by something real, a promise for one: `report`, the default, notes it, `fail` ends the run with an
   * `OutsideInput`.
   */
  readonly outside?: "report" | "fail" | undefined
  /**
   * How many turns the real event loop gets before time passes, for programs with promises in them. Default: 64 at first, then 1, and 256 once
   * something from outside has moved the program.
   */
  readonly realTurns?: number | undefined
  /** How long effects in `TestClock.withLive` may hold time up before the run counts as stuck. Default: 5 seconds. */
  readonly realTime?: Duration.Input | undefined
}

/**
 * Something from outside of the simulation that moved a fiber of the program.
 *
 * @category models
 * @since 0.1.0
 */
export interface Outside {
  /** Virtual milliseconds since the start of the run. */
  readonly elapsedMillis: number
  /** Who was moved. */
  readonly fiber: string
  /** Where it is, the innermost first. */
  readonly spans: ReadonlyArray<string>
  /** Where the program was, as far as the stack tells: of a promise there is often no trace but where functions of `Effect.fn` were called. */
  readonly stack: ReadonlyArray<string>
}

/**
 * A fiber of the program that died of a defect of which nobody learned: it was forked, and nobody waited for it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Defect {
  /** Virtual milliseconds since the start of the run. */
  readonly elapsedMillis: number
  /** Who died. */
  readonly fiber: string
  /** Where it was, the innermost first. */
  readonly spans: ReadonlyArray<string>
  /** The defect. */
  readonly message: string
  /** Where in the program it happened. */
  readonly stack: ReadonlyArray<string>
}

/**
 * How a simulation went.
 *
 * **Gotchas**
 *
 * A fiber that passes its defect on by other means, such as a queue or a deferred that it fails, and dies of it too, is among them
 * wherever the defect was dealt with. One that is interrupted, and waited for, is not, even if a finalizer of it dies.
 *
 * @category models
 * @since 0.1.0
 */
export interface Report<A, E> {
  /** How the program ended. */
  readonly exit: Exit.Exit<A, E | SimulationError>
  /** The seed that it ran from. */
  readonly seed: number
  /** The order of its fibers. */
  readonly order: Order
  /** The virtual time that it took. */
  readonly elapsed: Duration.Duration
  /** Fiber turns and wake-ups. */
  readonly events: number
  /**
   * False when something outside of the simulation moved the program, such as a promise, a worker or a socket: such a run may go differently next
   * time.
   */
  readonly wasDeterministic: boolean
  /** The first 16 things from outside that moved it. */
  readonly outside: ReadonlyArray<Outside>
  /**
   * The first 16 defects of fibers that nobody joined, awaited or otherwise asked how they ended, each defect once. Those that `exit` tells of are
   * not among them, nor those on a host after it crashed.
   */
  readonly defects: ReadonlyArray<Defect>
  /** The first 16 programs that were started on hosts and failed or died, unless it was after a stop or a crash. */
  readonly failures: ReadonlyArray<ProgramFailed>
  /** The journals of the networks made within the program, in the order they were made. */
  readonly journals: ReadonlyArray<Journal.Journal>
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
 * It fails with a `SimulationError` when the program outlives `duration` or `eventLimit`, or waits for what cannot happen. The error says who
 * waits for what, and what happened last on the networks. It fails with `ProgramFailed`, too, when a program that was started on a host failed.
 *
 * **Gotchas**
 *
 * Promises and other real asynchrony take no virtual time as long as they settle within `realTurns`; slow ones let time
 * pass, unless wrapped in `TestClock.withLive`, for which time stands still. Programs that sign have none of them with `NodeTestCrypto.layer` of
 * `@effect-discovery/node`.
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
  Effect.flatMap(observe(program, options), (report) => Effect.andThen(warn(report), told(report)))

// where the program failed as well, that may be for want of what the host's program was to do
const told = <A, E>({ exit, failures: [failure] }: Report<A, E>): Exit.Exit<A, E | SimulationError> => {
  if (failure === undefined) return exit
  const cause = Cause.fail(new SimulationError({ reason: failure }))
  return Exit.isSuccess(exit) ? Exit.failCause(cause) : Exit.failCause(Cause.combine(exit.cause, cause))
}

const warn = ({ defects, seed }: Pick<Report<unknown, unknown>, "defects" | "seed">): Effect.Effect<void> =>
  Effect.forEach(defects, ({ elapsedMillis, fiber, message, stack }) =>
    Effect.logWarning(
      [`${fiber} of the simulation with seed ${seed} died at ${elapsedMillis / 1000} s: ${message}`, ...stack].join(
        "\n"
      )
    ), { discard: true })

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
    const live = yield* liveClock
    const limits = limitsOf(options)
    const executor = new Executor(limits, strategyOf(options, seed, live))
    const registry = new Registry.Registry()
    const context = (yield* Effect.context<Exclude<R, Scope.Scope>>()).pipe(
      Context.add(Clock.Clock, VirtualClock.make(executor, Math.round((options.start ?? 0) * 1000), live)),
      Context.add(Scheduler.Scheduler, executor.scheduler),
      Context.add(Registry.Current, registry)
    )
    const seeded = program.pipe(Effect.scoped, Random.withSeed(seed))
    const session = new Session(executor, seed, limits, registry, seeded, context)
    const exit = yield* session.run(restore)
    if (executor.sawOutside) yield* Effect.logDebug(`simulation with seed ${seed} was moved from outside`)
    return {
      exit,
      seed,
      order: options.order ?? "fifo",
      elapsed: Micros.toDuration(executor.now),
      events: executor.events,
      wasDeterministic: !executor.sawOutside,
      outside: executor.outside,
      defects: executor.fibers.defects.unseen(exit),
      failures: registry.failures.map((failure) => new ProgramFailed({ ...failure, seed })),
      // only where somebody looks: it takes a copy of every journal
      get journals() {
        return registry.journals
      }
    }
  }))

/**
 * What is run twice.
 *
 * **Details**
 *
 * The rest holds for every run.
 *
 * @category models
 * @since 0.1.0
 */
export interface DeterminismOptions extends Omit<Options, "seed" | "order"> {
  /** The seeds of the runs. Default: 0 alone. */
  readonly seeds?: ReadonlyArray<number> | undefined
  /** The orders of the runs. Default: all three. */
  readonly orders?: ReadonlyArray<Order> | undefined
}

/**
 * One seed and order whose two runs went alike, with a hash of all that happened in them: the same on every machine.
 *
 * @category models
 * @since 0.1.0
 */
export interface Replayed {
  /** The seed of both runs. */
  readonly seed: number
  /** Which of several runnable fibers was next. */
  readonly order: Order
  /** Of all that happened. */
  readonly hash: string
}

/**
 * Runs a program twice for every seed and order, and fails where two runs differ: in the journal of a network, in how they end, or in how much
 * happened in how much time.
 *
 * **Details**
 *
 * The error says where the journals part, with the events before, and what moved the program from outside. Layers are built anew for each
 * run, those given to the program from around it excepted. Runs that fail count as well, as long as both fail alike.
 *
 * **Example** (A program that counts across runs)
 *
 * ```ts
 * import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
 * import { Effect } from "effect"
 *
 * let runs = 0
 *
 * const program = Effect.gen(function*() {
 *   const lan = yield* SimulatedNetwork.make()
 *   yield* lan.mark(`run ${++runs}`)
 * })
 *
 * Effect.runPromise(Effect.flip(Simulation.checkDeterminism(program, { seeds: [1, 2, 3] }))).then((error) =>
 *   console.log(error.message)
 * )
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const checkDeterminism = <A, E, R>(
  program: Effect.Effect<A, E, R>,
  options: DeterminismOptions = {}
): Effect.Effect<ReadonlyArray<Replayed>, SimulationError, Exclude<R, Scope.Scope>> => {
  const { orders = ["fifo", "random", "pct"], seeds = [0], ...rest } = options
  const both = seeds.flatMap((seed) => orders.map((order) => ({ seed, order })))
  return Effect.forEach(both, ({ order, seed }) =>
    Effect.gen(function*() {
      const once = Effect.map(observe(program, { ...rest, seed, order }), Determinism.print)
      const [first, second] = [yield* once, yield* once]
      const difference = Determinism.difference(first, second)
      if (difference === undefined) return { seed, order, hash: first.hash }
      const outside = [...new Set([...first.outside, ...second.outside])]
      return yield* new SimulationError({ reason: new NonDeterministic({ seed, order, difference, outside }) })
    })).pipe(Effect.updateContext((context: Context.Context<Exclude<R, Scope.Scope>>) => withoutBuiltLayers(context)))
}

// for layers to be built in each run, not once for the test around them
const withoutBuiltLayers = <R>(context: Context.Context<R>): Context.Context<R> =>
  Context.omit(Layer.CurrentMemoMap)(context as Context.Context<R | Layer.CurrentMemoMap>) as Context.Context<R>

const limitsOf = (options: Options): Limits => ({
  time: Micros.fromInput(options.duration ?? "1 hour"),
  events: options.eventLimit ?? 5_000_000,
  instantEvents: options.instantLimit ?? options.eventLimit ?? 5_000_000,
  turns: options.realTurns
})

const strategyOf = (options: Options, seed: number, live: Clock.Clock): Strategy => {
  const { changePoints = 3, order = "fifo", outside, preemption = 0, realTime = "5 seconds" } = options
  return {
    ready: order === "fifo"
      ? new Ready.Fifo()
      : order === "random"
      ? new Ready.Random(seed)
      : new Pct(seed, changePoints),
    preemption: preemption > 0 ? new Preemption(seed, preemption) : undefined,
    isPerturbed: order !== "fifo" || preemption > 0,
    isStrict: outside === "fail",
    patience: Duration.toMillis(Duration.fromInputUnsafe(realTime)),
    realMillis: () => Number(live.monotonicTimeNanosUnsafe() / 1_000_000n)
  }
}

// The clock of it.effect is a TestClock already; the real one is behind it.
const liveClock: Effect.Effect<Clock.Clock> = Clock.clockWith((clock) =>
  "withLive" in clock ? (clock as TestClock.TestClock).withLive(Clock.clockWith(Effect.succeed)) : Effect.succeed(clock)
)
