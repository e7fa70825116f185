/**
 * Chance from a seed: the only randomness that machines have.
 *
 * @since 0.1.0
 */

/**
 * A 32-bit state of the generator.
 *
 * @category models
 * @since 0.1.0
 */
export type Seed = number

/**
 * A uniform number in [0, 1) and the seed to go on with (the mixing step of splitmix32).
 *
 * @category operations
 * @since 0.1.0
 */
export const next = (seed: Seed): readonly [value: number, seed: Seed] => {
  const advanced = (seed + 0x9e3779b9) | 0
  return [mix(advanced) / 4_294_967_296, advanced]
}

/**
 * A uniform integer from `min` to `max`, both included, and the seed to go on with.
 *
 * @category operations
 * @since 0.1.0
 */
export const between = (seed: Seed, min: number, max: number): readonly [value: number, seed: Seed] => {
  const [value, advanced] = next(seed)
  return [min + Math.floor(value * (max - min + 1)), advanced]
}

/**
 * An independent seed for a named purpose, so that one more draw here does not shift the draws there.
 *
 * @category operations
 * @since 0.1.0
 */
export const derive = (seed: Seed, purpose: string): Seed => {
  let hash = seed | 0
  for (let i = 0; i < purpose.length; i++) hash = Math.imul(hash ^ purpose.charCodeAt(i), 0x01000193)
  return mix((hash + 0x9e3779b9) | 0) | 0
}

const mix = (state: number): number => {
  let z = state
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return (z ^ (z >>> 15)) >>> 0
}
