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
 * All times are milliseconds of monotonic time. Who owns a lease that is not held has to announce again.
 *
 * @category models
 * @since 0.1.0
 */
export interface Lease {
  /** Milliseconds for which it holds from when it was heard. */
  readonly ttl: number
  /** When it was heard last. */
  seenAt: number
  /** When it holds no longer, unless it is heard again. */
  expiresAt: number
  /** How often it was heard, the first time included. */
  heard: number
  /** Whether the registry is still to hear of it. */
  isPending: boolean
  /** Whether the registry keeps the evidence that it belongs to. If not, renewing it has no effect. */
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
