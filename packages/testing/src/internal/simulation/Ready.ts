/**
 * Which of the tasks that are ready comes next.
 */
import type * as Scheduler from "effect/Scheduler"
import { Draws } from "./Draws.ts"

/** @internal */
export interface Ready {
  readonly size: number
  /** Whether it gives a fiber its place when the fiber starts: it must yield then. */
  readonly placesFibers: boolean
  /** `who` is the one whose turn it is, of many or of all. */
  readonly push: (run: () => void, priority: number, who: object | undefined) => void
  /** Takes the next one, of which there must be one. `instant` is the number of the instant. */
  readonly take: (instant: number) => () => void
}

/** @internal As in Effect: the lower priorities first among those that wait now, what they schedule comes after. */
export class Fifo implements Ready {
  readonly placesFibers = false
  private waiting: Array<() => void> = []
  private priorities: Array<number> | undefined
  private running: Array<() => void> = []
  private cursor = 0

  get size(): number {
    return this.running.length - this.cursor + this.waiting.length
  }

  push(run: () => void, priority: number): void {
    if (priority !== 0) this.priorities ??= this.waiting.map(() => 0)
    this.priorities?.push(priority)
    this.waiting.push(run)
  }

  take(): () => void {
    if (this.cursor === this.running.length) this.refill()
    return this.running[this.cursor++]!
  }

  private refill(): void {
    const { priorities, waiting } = this
    this.running = priorities === undefined
      ? waiting
      : Array.from(waiting.keys()).toSorted((a, b) => priorities[a]! - priorities[b]!).map((i) => waiting[i]!)
    this.waiting = []
    this.priorities = undefined
    this.cursor = 0
  }
}

/** @internal Any of those that are ready, each as likely as the others. */
export class Random implements Ready {
  readonly placesFibers = false
  private readonly draws: Draws
  private readonly tasks: Array<() => void> = []

  constructor(seed: number) {
    this.draws = new Draws(seed, "scheduler/random")
  }

  get size(): number {
    return this.tasks.length
  }

  push(run: () => void): void {
    this.tasks.push(run)
  }

  take(): () => void {
    const chosen = this.draws.below(this.tasks.length)
    const last = this.tasks.pop()!
    if (chosen === this.tasks.length) return last
    const run = this.tasks[chosen]!
    this.tasks[chosen] = last
    return run
  }
}

/** @internal The end of a fiber at which it schedules what concerns it. */
export class Dispatcher implements Scheduler.SchedulerDispatcher {
  private readonly schedule: (run: () => void, priority: number, who: object) => void
  readonly flush: () => void

  constructor(schedule: (run: () => void, priority: number, who: object) => void, flush: () => void) {
    this.schedule = schedule
    this.flush = flush
  }

  scheduleTask(run: () => void, priority: number): void {
    this.schedule(run, priority, this)
  }
}
