/**
 * Drives a kernel by a timer: wakes when the next datagram arrives, and only then.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import type { Kernel } from "../kernel/Kernel.ts"
import type * as Timeline from "../Timeline.ts"
import * as VirtualTimer from "../VirtualTimer.ts"
import { Alarm, type Fork } from "./Alarm.ts"
import type { Reading } from "./Reading.ts"

/** @internal */
export class Pump {
  readonly clock: Clock.Clock
  readonly timer: VirtualTimer.Timer
  private readonly kernel: Kernel
  private readonly origin: number
  private armed: Timeline.Entry<VirtualTimer.Sleeper> | undefined
  private readonly readings = new Set<Reading>()
  private readonly closing: Array<Effect.Effect<void>> = []
  private isOpen = true

  constructor(kernel: Kernel, clock: Clock.Clock, fork: Fork) {
    this.kernel = kernel
    this.clock = clock
    this.timer = VirtualTimer.isVirtualTimer(clock) ? clock[VirtualTimer.TypeId] : new Alarm(clock, fork)
    this.origin = this.timer.now()
  }

  /** Microseconds since the network was made. */
  get now(): number {
    return this.timer.now() - this.origin
  }

  /** Makes sure to be awake when the next datagram arrives. */
  arm(): void {
    const next = this.kernel.nextAt
    if (next === undefined || !this.isOpen) return
    const at = next + this.origin
    if (this.armed !== undefined) {
      if (this.armed.at <= at) return
      this.timer.withdraw(this.armed)
    }
    this.armed = this.timer.at(at, this.sleeper)
  }

  /** A reader of which reports can tell who waits at it, while its scope is open. */
  watch(reading: Reading, reader: DatagramSocket.Reader): Effect.Effect<DatagramSocket.Reader, never, Scope.Scope> {
    return Effect.acquireRelease(
      Effect.sync(() => {
        this.readings.add(reading)
        return reading.watch(reader)
      }),
      () => Effect.sync(() => this.readings.delete(reading))
    )
  }

  /** What a fiber waits for that waits for a datagram. */
  readonly awaited = (fiber: Fiber.Fiber<unknown, unknown>): string | undefined => {
    for (const reading of this.readings) {
      const what = reading.awaited(fiber)
      if (what !== undefined) return what
    }
    return undefined
  }

  /** What is done while datagrams still travel. */
  beforeClose(effect: Effect.Effect<void>): void {
    this.closing.push(effect)
  }

  readonly close: Effect.Effect<void> = Effect.suspend(() =>
    Effect.andThen(
      Effect.all(this.closing, { concurrency: "unbounded", discard: true }),
      Effect.sync(() => {
        this.isOpen = false
      })
    )
  )

  private readonly sleeper: VirtualTimer.Sleeper = {
    wake: () => {
      this.armed = undefined
      if (!this.isOpen) return
      this.kernel.advance(this.now)
      this.arm()
    }
  }
}
