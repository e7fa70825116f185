/**
 * Runs the fibers of one simulation and owns its time. Whatever is ready runs; when nothing is, time passes to the next
 * sleeper. Time is an integer of microseconds since the start.
 */
import type * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"
import * as Timeline from "../Timeline.ts"
import type { Sleeper } from "../VirtualTimer.ts"
import { Fibers, register } from "./Fibers.ts"
import * as Outside from "./Outside.ts"
import type { Preemption } from "./Preemption.ts"
import { Dispatcher, type Ready } from "./Ready.ts"

/** @internal */
export type Stop = "TimeLimit" | "EventLimit" | "Deadlock" | "OutsideInput"

/** @internal */
export interface Limits {
  readonly time: number
  readonly events: number
  /** The same within one instant. */
  readonly instantEvents: number
  /** Turns of the real event loop before time passes, where the default is a guess from what was seen. */
  readonly turns: number | undefined
}

/** @internal */
export interface Strategy {
  readonly ready: Ready
  readonly preemption: Preemption | undefined
  /** Whether the order of what is due at one instant is the strategy's to choose. */
  readonly isPerturbed: boolean
  /** Whether anything from outside ends the run. */
  readonly isStrict: boolean
  /** How long effects on the real clock may keep everything waiting, in milliseconds, and what time it is. */
  readonly patience: number
  readonly realMillis: () => number
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
const reportedInputs = 16

/** @internal */
export class Executor {
  now = 0
  events = 0
  /** What moved a fiber that neither its task queue nor its clock did: the first of them. */
  readonly outside: Array<Outside.Input> = []
  /** Those with effects under way on the real clock, for which virtual time stands still. */
  readonly live = new Set<{ readonly fiber: Fiber.Fiber<unknown, unknown> }>()
  stop: Stop | undefined
  readonly scheduler: Scheduler.Scheduler
  readonly sleepers = new Timeline.Timeline<Sleeper>()
  readonly fibers = new Fibers(() => this.now)
  readonly strategy: Strategy
  private limits: Limits
  private readonly ready: Ready
  private isDriving = false
  private isFresh = false
  private isClosing = false
  private instants = 0
  private eventsBefore = 0
  private turnsWaited = 0
  private tasksThisTurn = 0
  private waitingSince = -1

  constructor(limits: Limits, strategy: Strategy) {
    this.limits = limits
    this.strategy = strategy
    this.ready = strategy.ready
    this.scheduler = {
      executionMode: "async",
      shouldYield: (fiber) => this.shouldYield(fiber),
      makeDispatcher: () => new Dispatcher(this.schedule, this.flush)
    }
    register(this.scheduler, this.fibers)
  }

  /** Whether a fiber went on by something that neither its task queue nor its clock brought about. */
  get sawOutside(): boolean {
    return this.outside.length > 0
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

  /** Has it run at this instant, when the strategy chooses it. */
  readonly schedule = (run: () => void, priority: number, who: object | undefined): void => {
    if (!this.isDriving) this.noteOutside(undefined)
    this.ready.push(run, priority, who)
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
    this.eventsBefore = this.events
    this.isClosing = true
    this.turnsWaited = 0
    this.waitingSince = -1
  }

  private shouldYield(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    if (!this.isDriving) this.noteOutside(fiber)
    const isFirst = this.fibers.note(fiber)
    if (this.isFresh) {
      this.isFresh = false
      if (isFirst && this.ready.placesFibers) return true
    }
    const { preemption } = this.strategy
    return fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield ||
      (preemption !== undefined && this.isDriving && preemption.strikes(fiber))
  }

  private advance(): boolean {
    if (this.strategy.isPerturbed) this.admit()
    if (this.ready.size > 0) return this.runTask()
    const next = this.sleepers.first
    if (next !== undefined && next.at <= this.now) return this.wake(next)
    return this.settle() && (next === undefined ? this.halt("Deadlock") : this.pass(next))
  }

  // Those who are due are among the ready ones, but for adjustments of the clock, which come last.
  private admit(): void {
    for (let first = this.sleepers.first; first !== undefined; first = this.sleepers.first) {
      if (first.at > this.now || Timeline.isLate(first)) return
      this.sleepers.remove(first)
      const { fiber, wake } = first.value
      this.ready.push(wake, 0, fiber === undefined ? first.value : fiber.currentDispatcher)
    }
  }

  private runTask(): boolean {
    if (this.tasksThisTurn++ === tasksPerTurn) return false
    this.turnsWaited = 0
    this.waitingSince = -1
    if (!this.count()) return false
    const run = this.ready.take(this.instants)
    this.fibers.pause()
    this.isFresh = true
    run()
    this.isFresh = false
    return true
  }

  private wake(entry: Timeline.Entry<Sleeper>): boolean {
    if (!this.count()) return false
    this.sleepers.remove(entry)
    this.fibers.pause()
    entry.value.wake()
    return true
  }

  private count(): boolean {
    this.events++
    if (this.events <= this.limits.events && this.events - this.eventsBefore <= this.limits.instantEvents) return true
    return this.halt("EventLimit")
  }

  private pass(next: Timeline.Entry<Sleeper>): boolean {
    if (next.at > this.limits.time) return this.halt("TimeLimit")
    this.now = next.at
    this.instants++
    this.eventsBefore = this.events
    this.turnsWaited = 0
    return true
  }

  // Before time passes, the event loop has turns enough to bring results that the program waits for.
  private settle(): boolean {
    if (this.live.size > 0) return this.losePatience()
    const guess = this.limits.turns ?? this.guessTurns()
    return this.turnsWaited++ >= (this.sleepers.size === 0 ? Math.max(stuckTurns, guess) : guess)
  }

  private guessTurns(): number {
    if (this.sawOutside) return warnedTurns
    return this.instants < probation ? carefulTurns : quickTurns
  }

  private losePatience(): boolean {
    const now = this.strategy.realMillis()
    if (this.waitingSince === -1) this.waitingSince = now
    return now - this.waitingSince > this.strategy.patience && this.halt("Deadlock")
  }

  private halt(stop: Stop): false {
    this.stop = stop
    return false
  }

  private noteOutside(fiber: Fiber.Fiber<unknown, unknown> | undefined): void {
    this.turnsWaited = 0
    this.waitingSince = -1
    // what a fiber does once it goes on is of the same origin
    if (
      this.outside.length >= reportedInputs || (this.sawOutside && (fiber === undefined || fiber.currentOpCount > 1))
    ) {
      return
    }
    this.outside.push(Outside.capture(this.now, fiber, this.fibers))
    if (this.strategy.isStrict && !this.isClosing) this.stop ??= "OutsideInput"
  }

  private readonly flush = (): void => {
    while (this.ready.size > 0) this.ready.take(this.instants)()
  }
}
