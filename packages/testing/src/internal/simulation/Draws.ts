/**
 * Numbers drawn from a seed, for the decisions of a scheduler.
 */
import * as Seed from "@effect-discovery/core/Seed"

/** @internal */
export class Draws {
  private seed: Seed.Seed

  constructor(seed: Seed.Seed, purpose: string) {
    this.seed = Seed.derive(seed, purpose)
  }

  /** From 0 to below 1. */
  next(): number {
    const [value, advanced] = Seed.next(this.seed)
    this.seed = advanced
    return value
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end)
  }
}
