/**
 * For how long a claim holds: the one part of the registry that a re-announcement moves.
 *
 * The steady state of discovery is the same peers saying the same thing again. A session that recognises such a datagram by its
 * octets renews the lease it holds, and nothing else happens: no decoding, no stream element, no registry transition.
 *
 * @since 0.1.0
 */

/**
 * A lease, renewed in place.
 *
 * **Details**
 *
 * All times are milliseconds of monotonic time. `isPending` is true until the registry has heard of the lease, and `isHeld` from then on
 * for as long as it keeps the evidence that the lease belongs to; renewing one that is not held has no effect on anything, so its
 * owner has to announce again.
 *
 * @category models
 * @since 0.1.0
 */
export interface Lease {
  readonly ttl: number
  seenAt: number
  expiresAt: number
  heard: number
  isPending: boolean
  isHeld: boolean
}

/**
 * A lease of `ttl` milliseconds from `now`, not yet held by a registry.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (ttl: number, now: number): Lease => ({
  ttl,
  seenAt: now,
  expiresAt: now + ttl,
  heard: 1,
  isPending: true,
  isHeld: false
})

/**
 * Starts the lease anew from `now`.
 *
 * @category operations
 * @since 0.1.0
 */
export const renew = (self: Lease, now: number): void => {
  self.seenAt = now
  self.expiresAt = now + self.ttl
  self.heard++
}
