/**
 * Drives a kernel by a timer: wakes when the next datagram arrives, and only then. Holds what is for hosts that are paused.
 */
import type * as Clock from "effect/Clock"
import type { Kernel } from "../kernel/Kernel.ts"
import type * as Topology from "../kernel/Topology.ts"
import type * as Timeline from "../Timeline.ts"
import * as VirtualTimer from "../VirtualTimer.ts"
import { Alarm, type Fork } from "./Alarm.ts"

/** @internal */
export class Pump {
  readonly clock: Clock.Clock
  readonly timer: VirtualTimer.Timer
  private readonly kernel: Kernel
  private readonly origin: number
  private readonly held = new Map<Topology.Host, Array<() => void>>()
  private armed: Timeline.Entry<VirtualTimer.Sleeper> | undefined
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

  /** Gives a datagram to a program: at once, or when its host goes on, or in an order drawn from the seed. */
  readonly handOver = (host: Topology.Host, key: object, run: () => void): void => {
    const held = this.held.get(host)
    if (held !== undefined) held.push(run)
    else if (this.timer.shuffle === undefined) run()
    else this.timer.shuffle(key, run)
  }

  /** Hands nothing over to a host until it is released. */
  hold(host: Topology.Host): void {
    if (!this.held.has(host)) this.held.set(host, [])
  }

  release(host: Topology.Host): void {
    const held = this.held.get(host) ?? []
    this.held.delete(host)
    for (const run of held) run()
  }

  close(): void {
    this.isOpen = false
  }

  private readonly sleeper: VirtualTimer.Sleeper = {
    wake: () => {
      this.armed = undefined
      if (!this.isOpen) return
      this.kernel.advance(this.now)
      this.arm()
    }
  }
}
