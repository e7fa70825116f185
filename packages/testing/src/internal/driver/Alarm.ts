/**
 * A timer on any clock, by one fiber that has at most one sleep under way.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Micros from "../Micros.ts"
import * as Timeline from "../Timeline.ts"
import type { Sleeper, Timer } from "../VirtualTimer.ts"

/** @internal */
export type Fork = (effect: Effect.Effect<void>) => Fiber.Fiber<void>

// What is due at once gives rise to more that is: so often in one wake, before others have a turn.
const roundsPerWake = 1000

/** @internal */
export class Alarm implements Timer {
  private readonly clock: Clock.Clock
  private readonly fork: Fork
  private readonly sleepers = new Timeline.Timeline<Sleeper>()
  private fiber: Fiber.Fiber<void> | undefined
  private wakesAt = Infinity
  private isFiring = false

  constructor(clock: Clock.Clock, fork: Fork) {
    this.clock = clock
    this.fork = fork
  }

  readonly now = (): number => Micros.ofClock(this.clock)

  readonly at = (time: number, sleeper: Sleeper): Timeline.Entry<Sleeper> => {
    const entry = this.sleepers.add(time, sleeper)
    if (!this.isFiring && time < this.wakesAt) this.restart()
    return entry
  }

  readonly withdraw = (entry: Timeline.Entry<Sleeper>): void => this.sleepers.remove(entry)

  // an earlier time than the one slept for: that sleep is given up, for there to be one only
  private restart(): void {
    this.fiber?.interruptUnsafe()
    this.fiber = this.fork(this.run)
  }

  private readonly run = Effect.suspend(() =>
    Effect.whileLoop({
      while: () => this.next() !== undefined,
      body: () => this.sleep(),
      step: () => this.fire()
    })
  )

  private next(): number | undefined {
    const at = this.sleepers.first?.at
    this.wakesAt = at ?? Infinity
    return at
  }

  private sleep(): Effect.Effect<void> {
    const wait = this.wakesAt - this.now()
    // a clock may take a sleep of nothing for no sleep at all
    return wait > 0 ? this.clock.sleep(Micros.toDuration(wait)) : Effect.yieldNow
  }

  private fire(): void {
    this.isFiring = true
    const now = this.now()
    for (let rounds = 0; rounds < roundsPerWake; rounds++) {
      const first = this.sleepers.first
      if (first === undefined || first.at > now) break
      this.sleepers.remove(first)
      first.value.wake()
    }
    this.isFiring = false
  }
}
