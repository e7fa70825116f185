/**
 * Drives a kernel by a clock: wakes when the next datagram arrives, and only then.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Kernel } from "../kernel/Kernel.ts"
import * as Micros from "../Micros.ts"
import * as VirtualTimer from "../VirtualTimer.ts"

/** @internal */
export class Pump {
  private readonly kernel: Kernel
  private readonly clock: Clock.Clock
  private readonly origin: number
  private readonly fork: (effect: Effect.Effect<void>) => void
  // When a timer will fire. Each is set before the one that was soonest, so the last is the soonest.
  private readonly timers: Array<number> = []
  private isOpen = true

  constructor(kernel: Kernel, clock: Clock.Clock, fork: (effect: Effect.Effect<void>) => void) {
    this.kernel = kernel
    this.clock = clock
    this.origin = read(clock)
    this.fork = fork
  }

  /** Microseconds since the network was made. */
  get now(): number {
    return read(this.clock) - this.origin
  }

  /** Makes sure to be awake when the next datagram arrives. */
  arm(): void {
    const next = this.kernel.nextAt
    const soonest = this.timers.at(-1)
    if (next === undefined || !this.isOpen || (soonest !== undefined && soonest <= next)) return
    this.timers.push(next)
    this.after(Math.max(0, next - this.now), () => this.fire(next))
  }

  close(): void {
    this.isOpen = false
  }

  private fire(at: number): void {
    this.timers.splice(this.timers.indexOf(at), 1)
    if (!this.isOpen) return
    this.kernel.advance(this.now)
    this.arm()
  }

  private after(delay: number, run: () => void): void {
    if (VirtualTimer.isVirtualTimer(this.clock)) return this.clock[VirtualTimer.TypeId].after(delay, run)
    // a clock may take a sleep of nothing for no sleep at all
    const wait = delay === 0 ? Effect.yieldNow : this.clock.sleep(Micros.toDuration(delay))
    this.fork(Effect.andThen(wait, Effect.sync(run)))
  }
}

const read = (clock: Clock.Clock): number =>
  VirtualTimer.isVirtualTimer(clock) ? clock[VirtualTimer.TypeId].now() : Micros.ofClock(clock)
