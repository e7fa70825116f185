/**
 * Chance without state: a draw is a function of the datagram, the receiver and the purpose, so none shifts another.
 */

/** @internal What a draw is for. Each has numbers of its own. */
export const purpose = {
  loss: 1,
  state: 2,
  latency: 3,
  jitter: 4,
  duplicate: 5,
  secondLatency: 6,
  secondJitter: 7,
  reorder: 8,
  corrupt: 9,
  errno: 10,
  owner: 13,
  order: 14,
  /** And the numbers after it, one a bit. */
  flip: 64,
  /** And the numbers after it, one a fragment. */
  fragment: 128
} as const

/** @internal */
export const combine = (key: number, salt: number): number => mix(Math.imul(key, 0x9e3779b1) ^ salt) | 0

/** @internal Above 0 and below 1, both never reached. */
export const at = (key: number, purpose: number): number =>
  (mix((key + Math.imul(purpose, 0x9e3779b9)) | 0) + 0.5) / 4_294_967_296

// The finalizer of MurmurHash3 (Appleby), which leaves every bit of the result to depend on every bit of the argument.
const mix = (state: number): number => {
  let z = state
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
  return (z ^ (z >>> 16)) >>> 0
}
