/**
 * The time of one host: its clocks, and those who sleep by them.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Timeline from "../Timeline.ts"
import type { Sleeper, Timer } from "../VirtualTimer.ts"
import * as Oscillator from "./Oscillator.ts"

interface Waiting extends Sleeper {
  readonly deadline: number
  entry: Timeline.Entry<Sleeper> | undefined
}

/** @internal */
export class HostTime {
  readonly timer: Timer
  private readonly outer: Clock.Clock
  private readonly waiting = new Set<Waiting>()
  private monotonic: Oscillator.Oscillator
  // as the monotonic one, but for going on while the host sleeps
  private wall: Oscillator.Oscillator
  private offset = 0
  private isTouched = false
  private isPaused = false

  constructor(timer: Timer, outer: Clock.Clock) {
    this.timer = timer
    this.outer = outer
    this.monotonic = this.wall = Oscillator.make(timer.now())
  }

  /** Microseconds, and it never goes back. */
  get now(): number {
    return Oscillator.read(this.monotonic, this.timer.now())
  }

  get wallMillis(): number {
    return this.isTouched ? Math.floor(this.wallMicros / 1000) : this.outer.currentTimeMillisUnsafe()
  }

  get wallNanos(): bigint {
    return this.isTouched ? BigInt(this.wallMicros) * 1000n : this.outer.currentTimeNanosUnsafe()
  }

  /** How fast its clocks are, in millionths. */
  get ppm(): number {
    return this.wall.ppm
  }

  /** How far the wall clock is ahead of the network's, in microseconds. */
  get ahead(): number {
    return this.drifted + this.offset
  }

  /** Sets the wall clock that far ahead of the network's. */
  skew(micros: number): void {
    this.isTouched = true
    this.offset = micros - this.drifted
  }

  /** Moves the wall clock by that much. */
  jump(micros: number): void {
    this.isTouched = true
    this.offset += micros
  }

  drift(ppm: number): void {
    this.isTouched = true
    const now = this.timer.now()
    this.wall = Oscillator.change(this.wall, now, { ppm })
    this.monotonic = Oscillator.change(this.monotonic, now, { ppm })
    this.retime()
  }

  /** Wakes nobody until it goes on. A host that sleeps has its monotonic clock stand still. */
  pause(isAsleep: boolean): void {
    this.isPaused = true
    if (isAsleep) this.setRunning(false)
  }

  /** Wakes those whose time has come, in the order of their times. */
  resume(): void {
    this.isPaused = false
    this.setRunning(true)
    if (this.timer.shuffle === undefined) this.wakeDue()
    this.retime()
  }

  sleep(micros: number): Effect.Effect<void> {
    return Effect.withFiber((fiber) =>
      Effect.callback<void>((resume) => {
        const waiting = this.add(micros, fiber, () => resume(Effect.void))
        return Effect.sync(() => this.remove(waiting))
      })
    )
  }

  private add(micros: number, fiber: Fiber.Fiber<unknown, unknown>, resume: () => void): Waiting {
    const waiting: Waiting = {
      deadline: this.now + micros,
      fiber,
      entry: undefined,
      wake: () => {
        // one that was withdrawn or put off may still be woken at its former time
        if (this.isPaused || this.now < waiting.deadline || !this.waiting.delete(waiting)) return
        resume()
      }
    }
    this.waiting.add(waiting)
    this.schedule(waiting)
    return waiting
  }

  private remove(waiting: Waiting): void {
    this.waiting.delete(waiting)
    if (waiting.entry !== undefined) this.timer.withdraw(waiting.entry)
  }

  private schedule(waiting: Waiting): void {
    const at = Oscillator.reaches(this.monotonic, waiting.deadline)
    waiting.entry = at === Infinity ? undefined : this.timer.at(Math.max(at, this.timer.now()), waiting)
  }

  private wakeDue(): void {
    for (const waiting of this.byDeadline) {
      if (waiting.deadline > this.now) return
      if (waiting.entry !== undefined) this.timer.withdraw(waiting.entry)
      waiting.wake()
    }
  }

  private get byDeadline(): ReadonlyArray<Waiting> {
    return Array.from(this.waiting).toSorted((a, b) => a.deadline - b.deadline)
  }

  private retime(): void {
    for (const waiting of this.byDeadline) {
      if (waiting.entry !== undefined) this.timer.withdraw(waiting.entry)
      this.schedule(waiting)
    }
  }

  private setRunning(isRunning: boolean): void {
    if (this.monotonic.isRunning === isRunning) return
    this.monotonic = Oscillator.change(this.monotonic, this.timer.now(), { isRunning })
  }

  private get drifted(): number {
    const now = this.timer.now()
    return Oscillator.read(this.wall, now) - now
  }

  private get wallMicros(): number {
    return Number(this.outer.currentTimeNanosUnsafe() / 1000n) + this.drifted + this.offset
  }
}
