/**
 * Runs the fibers of one simulation and owns its time. Whatever is runnable runs; when nothing is, time passes to the next
 * sleeper. Time is an integer of microseconds since the start.
 */
import type * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"
import * as Timeline from "../Timeline.ts"
import type { Sleeper } from "../VirtualTimer.ts"

/** @internal */
export type Stop = "TimeLimit" | "EventLimit" | "Deadlock"

/** @internal */
export interface Limits {
  readonly time: number
  readonly events: number
  /** Turns of the real event loop before time passes, where the default is a guess from what was seen. */
  readonly turns: number | undefined
}

interface Task {
  readonly run: () => void
  readonly priority: number
}

// One turn of the real event loop costs about a microsecond, a signature by WebCrypto some 30 of them.
const quickTurns = 1
const carefulTurns = 64
const warnedTurns = 256
// So many instants is a program watched for work outside of the simulation before it is trusted to have none.
const probation = 100
// Real progress that takes longer than this is taken for none: about 20 ms.
const stuckTurns = 20_000
const tasksPerTurn = 4096
const remembered = 16

/** @internal */
export class Executor {
  now = 0
  events = 0
  /** Whether a fiber went on by something that neither its task queue nor its clock brought about. */
  sawOutside = false
  /** Effects under way on the real clock, for which virtual time stands still. */
  live = 0
  stop: Stop | undefined
  readonly scheduler: Scheduler.Scheduler
  readonly sleepers = new Timeline.Timeline<Sleeper>()
  private limits: Limits
  private ready: Array<Task> = []
  private running: Array<Task> = []
  private cursor = 0
  private hasPriorities = false
  private isDriving = false
  private instants = 0
  private turnsWaited = 0
  private tasksThisTurn = 0
  private lastRun: Fiber.Fiber<unknown, unknown> | undefined
  private readonly lastRuns: Array<Fiber.Fiber<unknown, unknown>> = []
  private runs = 0

  constructor(limits: Limits) {
    this.limits = limits
    const dispatcher: Scheduler.SchedulerDispatcher = {
      scheduleTask: (run, priority) => this.schedule(run, priority),
      flush: () => this.flush()
    }
    this.scheduler = {
      executionMode: "async",
      shouldYield: (fiber) => {
        if (!this.isDriving) this.noteOutside()
        if (fiber !== this.lastRun) this.noteRun(fiber)
        return fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield
      },
      makeDispatcher: () => dispatcher
    }
  }

  /** Those of the fibers that ran last which have not ended. */
  get unfinished(): Array<Fiber.Fiber<unknown, unknown>> {
    return Array.from(new Set(this.lastRuns)).filter((fiber) => fiber.pollUnsafe() === undefined)
  }

  schedule(run: () => void, priority: number): void {
    if (!this.isDriving) this.noteOutside()
    if (priority !== 0) this.hasPriorities = true
    this.ready.push({ run, priority })
  }

  /** Runs something that concerns the simulated fibers, as part of the simulation. */
  enter<A>(f: () => A): A {
    const outer = this.isDriving
    this.isDriving = true
    try {
      return f()
    } finally {
      this.isDriving = outer
    }
  }

  sleepUntil(at: number, sleeper: Sleeper, isLate = false): Timeline.Entry<Sleeper> {
    return this.sleepers.add(at, sleeper, isLate)
  }

  /** Goes on as far as it can before the real event loop deserves a turn. */
  turn(isDone: () => boolean): void {
    this.tasksThisTurn = 0
    this.enter(() => {
      while (this.stop === undefined && !isDone() && this.advance()) {
        // each round is one task, one sleeper woken, or one instant passed
      }
    })
  }

  /** Lifts the limit that was reached, for finalizers to run. */
  extend(limits: Limits): void {
    this.limits = { ...limits, time: this.now + limits.time, events: this.events + limits.events }
    this.stop = undefined
    this.turnsWaited = 0
  }

  private advance(): boolean {
    if (this.cursor < this.running.length || this.ready.length > 0) return this.runTask()
    const next = this.sleepers.first
    if (next !== undefined && next.at <= this.now) return this.wake(next)
    return this.settle() && (next === undefined ? this.halt("Deadlock") : this.pass(next))
  }

  private runTask(): boolean {
    if (this.cursor === this.running.length) this.refill()
    if (this.tasksThisTurn++ === tasksPerTurn) return false
    this.turnsWaited = 0
    if (!this.count()) return false
    this.running[this.cursor++]!.run()
    return true
  }

  // Like Effect's own: lower priorities first among those that wait now, what they schedule comes after.
  private refill(): void {
    this.running = this.ready
    this.ready = []
    this.cursor = 0
    if (this.hasPriorities) this.running.sort((a, b) => a.priority - b.priority)
    this.hasPriorities = false
  }

  private wake(entry: Timeline.Entry<Sleeper>): boolean {
    if (!this.count()) return false
    this.sleepers.remove(entry)
    entry.value.wake()
    return true
  }

  private count(): boolean {
    if (++this.events <= this.limits.events) return true
    return this.halt("EventLimit")
  }

  private pass(next: Timeline.Entry<Sleeper>): boolean {
    if (next.at > this.limits.time) return this.halt("TimeLimit")
    this.now = next.at
    this.instants++
    this.turnsWaited = 0
    return true
  }

  // Before time passes, the event loop has turns enough to bring results that the program waits for.
  private settle(): boolean {
    if (this.live > 0) return false
    const turns = this.sleepers.size === 0 ? stuckTurns : this.limits.turns ?? this.guessTurns()
    return this.turnsWaited++ >= turns
  }

  private guessTurns(): number {
    if (this.sawOutside) return warnedTurns
    return this.instants < probation ? carefulTurns : quickTurns
  }

  private halt(stop: Stop): false {
    this.stop = stop
    return false
  }

  private noteOutside(): void {
    this.sawOutside = true
    this.turnsWaited = 0
  }

  private noteRun(fiber: Fiber.Fiber<unknown, unknown>): void {
    this.lastRun = fiber
    this.lastRuns[this.runs++ % remembered] = fiber
  }

  private flush(): void {
    while (this.cursor < this.running.length || this.ready.length > 0) {
      if (this.cursor === this.running.length) this.refill()
      this.running[this.cursor++]!.run()
    }
  }
}
