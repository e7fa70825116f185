/**
 * The randomness of a host's programs, out of the seed of its name.
 */
import * as Seed from "@effect-discovery/core/Seed"
import type * as Random from "effect/Random"

type Service = (typeof Random.Random)["Service"]

const bits = 2 ** 32

/** @internal */
export const make = (start: Seed.Seed): Service => {
  let seed = start
  const draw = (): number => {
    const [value, advanced] = Seed.next(seed)
    seed = advanced
    return value
  }
  // 53 bits, 32 of one draw and 21 of the next
  const fraction = () => draw() + Math.floor(draw() * 2 ** 21) / 2 ** 21 / bits
  return {
    nextDoubleUnsafe: fraction,
    nextIntUnsafe: () => Math.floor(fraction() * (2 ** 53 - 1)) * (draw() < 0.5 ? -1 : 1)
  }
}
