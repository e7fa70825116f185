/**
 * Random delays from a seed, for machines that are updated in place.
 */
import * as Seed from "../../Seed.ts"

/** A stream of random numbers. */
export interface Chance {
  seed: Seed.Seed
}

export const make = (seed: Seed.Seed, purpose: string): Chance => ({ seed: Seed.derive(seed, purpose) })

/** A uniform integer from `min` to `max`, both included. */
export const between = (self: Chance, min: number, max: number): number => {
  const [value, seed] = Seed.between(self.seed, min, max)
  self.seed = seed
  return value
}

/** Leaves a number out. */
export const skip = (self: Chance): void => {
  self.seed = Seed.next(self.seed)[1]
}
