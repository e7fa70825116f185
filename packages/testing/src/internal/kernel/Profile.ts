/**
 * What a link does to datagrams.
 */

/** @internal Times in microseconds. */
export interface Profile {
  readonly latency: number
  readonly jitter: number
  readonly loss: number
  readonly duplicate: number
}
