/**
 * Where fibers are made to yield between two operations, with one probability for each.
 */
import type * as Fiber from "effect/Fiber"
import { Draws } from "./Draws.ts"

/** @internal */
export class Preemption {
  private readonly draws: Draws
  private readonly logOfNot: number
  private left: number
  private readonly struck = new WeakSet<object>()

  constructor(seed: number, probability: number) {
    this.draws = new Draws(seed, "scheduler/preemption")
    this.logOfNot = Math.log(1 - Math.min(1, probability))
    this.left = this.gap()
  }

  /** Whether the fiber is to yield before its next operation. */
  strikes(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    // The first operation of a turn hands over what the fiber waited for: one that is interrupted before would lose it. The second of a turn
    // that a strike brought about is what it struck at: it must be done for anything to go on.
    if (fiber.currentOpCount < 2 || (fiber.currentOpCount === 2 && this.struck.delete(fiber))) return false
    if (this.left-- > 0) return false
    this.left = this.gap()
    this.struck.add(fiber)
    return true
  }

  // how many operations go by until the next: one draw for all of them
  private gap(): number {
    return this.logOfNot === -Infinity ? 0 : Math.floor(Math.log(1 - this.draws.next()) / this.logOfNot)
  }
}
