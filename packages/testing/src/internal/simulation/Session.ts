/**
 * One program under one executor, from its start to its exit.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as SimulationError from "../../SimulationError.ts"
import * as Micros from "../Micros.ts"
import type { Executor, Limits } from "./Executor.ts"

// What finalizers may take of either before they are abandoned.
const grace: Limits = { time: 60_000_000, events: 1_000_000, turns: undefined }
const shown = 5

/** @internal */
export class Session<A, E, R> {
  readonly executor: Executor
  readonly seed: number
  readonly limits: Limits
  private readonly fiber: Fiber.Fiber<A, E>
  private exit: Exit.Exit<A, E> | undefined

  constructor(
    executor: Executor,
    seed: number,
    limits: Limits,
    program: Effect.Effect<A, E, R>,
    context: Context.Context<R>
  ) {
    this.executor = executor
    this.seed = seed
    this.limits = limits
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
          this.exit === undefined ? this.abort : Effect.succeed(this.exit)
        )
      )
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
    const stopped = { seed: this.seed, elapsedMillis: this.executor.now / 1000 }
    switch (this.executor.stop!) {
      case "TimeLimit":
        return new SimulationError.TimeLimit({
          ...stopped,
          limitMillis: this.limits.time / 1000,
          waiting: sleeping(this.executor)
        })
      case "EventLimit":
        return new SimulationError.EventLimit({ ...stopped, limit: this.limits.events, waiting: recent(this.executor) })
      case "Deadlock":
        return new SimulationError.Deadlock({ ...stopped, waiting: recent(this.executor) })
    }
  }
}

const sleeping = (executor: Executor): Array<string> => {
  const sleepers = executor.sleepers.toArray()
  const first = sleepers.slice(0, shown).map(({ at, value }) =>
    `${value.fiber === undefined ? "the network" : nameOf(value.fiber)} until ${Micros.format(at)} s`
  )
  return sleepers.length > shown ? [...first, `${sleepers.length - shown} more`] : first
}

const recent = (executor: Executor): Array<string> => executor.unfinished.slice(0, shown).map(nameOf)

const nameOf = (fiber: Fiber.Fiber<unknown, unknown>): string => {
  const span = fiber.cache.span
  return span !== undefined && span._tag === "Span" ? `a fiber in ${span.name}` : "a fiber"
}
