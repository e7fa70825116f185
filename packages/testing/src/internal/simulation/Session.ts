/**
 * One program under one executor, from its start to its exit.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as SimulationError from "../../SimulationError.ts"
import type { Executor, Limits } from "./Executor.ts"
import type { Registry } from "./Registry.ts"
import * as Waiting from "./Waiting.ts"

// What finalizers may take of either before they are abandoned.
const grace: Limits = { time: 60_000_000, events: 1_000_000, instantEvents: 1_000_000, turns: undefined }

/** @internal */
export class Session<A, E, R> {
  readonly executor: Executor
  readonly seed: number
  readonly limits: Limits
  private readonly registry: Registry
  private readonly fiber: Fiber.Fiber<A, E>
  private exit: Exit.Exit<A, E> | undefined

  constructor(
    executor: Executor,
    seed: number,
    limits: Limits,
    registry: Registry,
    program: Effect.Effect<A, E, R>,
    context: Context.Context<R>
  ) {
    this.executor = executor
    this.seed = seed
    this.limits = limits
    this.registry = registry
    this.fiber = executor.enter(() => Effect.runForkWith(context)(program))
    this.fiber.addObserver((exit) => {
      this.exit = exit
    })
  }

  /** Runs the program to its exit, or to the error that ends it. Whoever calls it is uninterruptible, `restore` is not. */
  run(
    restore: <B>(self: Effect.Effect<B>) => Effect.Effect<B>
  ): Effect.Effect<Exit.Exit<A, E | SimulationError.SimulationError>> {
    return restore(this.drive).pipe(
      Effect.onInterrupt(() => this.close),
      Effect.andThen(
        Effect.suspend((): Effect.Effect<Exit.Exit<A, E | SimulationError.SimulationError>> =>
          this.exit === undefined || this.executor.stop !== undefined ? this.abort : Effect.succeed(this.exit)
        )
      ),
      // of a fault rule that throws while nobody but the network is at work
      Effect.catchDefect((defect) => Effect.as(this.close, Exit.die(defect)))
    )
  }

  private readonly isDone = (): boolean => this.exit !== undefined

  private readonly drive: Effect.Effect<void> = Effect.whileLoop({
    while: () => this.exit === undefined && this.executor.stop === undefined,
    body: () => {
      this.executor.turn(this.isDone)
      return this.isDone() ? Effect.void : Effect.yieldNow
    },
    step: () => {}
  })

  private readonly abort = Effect.suspend(() => {
    const error = new SimulationError.SimulationError({ reason: this.reason() })
    return Effect.as(this.close, Exit.fail(error))
  })

  /** Interrupts the program and lets its finalizers run. */
  private readonly close = Effect.suspend(() => {
    this.executor.extend(grace)
    this.executor.enter(() => this.fiber.interruptUnsafe())
    return this.drive
  })

  private reason(): SimulationError.Reason {
    const { executor, limits, registry, seed } = this
    const stop = executor.stop!
    const stopped = {
      seed,
      elapsedMillis: executor.now / 1000,
      waiting: stop === "EventLimit" ? Waiting.latest(executor) : Waiting.everyone(executor, registry),
      lastEvents: Waiting.lastEvents(registry)
    }
    switch (stop) {
      case "TimeLimit":
        return new SimulationError.TimeLimit({ ...stopped, limitMillis: limits.time / 1000 })
      case "EventLimit":
        return new SimulationError.EventLimit({
          ...stopped,
          limit: executor.events > limits.events ? limits.events : limits.instantEvents
        })
      case "Deadlock":
        return new SimulationError.Deadlock(
          executor.live.size === 0 ? stopped : { ...stopped, realMillis: executor.strategy.patience }
        )
      case "OutsideInput":
        return new SimulationError.OutsideInput({ ...stopped, ...executor.outside[0]! })
    }
  }
}
