/**
 * What `Discovery.dial` hands to a program, and what it lets the program choose.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as NetAddress from "effect/net/NetAddress"
import type * as Schedule from "effect/Schedule"
import type * as Peer from "./Peer.ts"

/**
 * One attempt to reach a peer.
 *
 * @category models
 * @since 0.1.0
 */
export interface Attempt {
  /** The peer as it is known now. */
  readonly peer: Peer.Peer
  /** Where to connect to. */
  readonly address: NetAddress.InetAddress
  /** All addresses of this round, in the order in which they are tried. */
  readonly candidates: ReadonlyArray<NetAddress.InetAddress>
  /** 1 for the first since a connection held, then one more each time all candidates have failed. */
  readonly round: number
  /** Whether the peer only names its key: then whoever forged that chose the address. */
  readonly isClaimed: boolean
  /**
   * Tells that the connection has proven the peer's key. The address is then ranked first, and the attempt no longer counts as one. Further
   * candidates are not tried, even if the connection fails.
   */
  readonly established: Effect.Effect<void>
}

/**
 * An attempt that failed, or a connection that broke.
 *
 * @category models
 * @since 0.1.0
 */
export interface Failure<E> {
  /** Which address of which peer was tried. */
  readonly attempt: Attempt
  /** Why the connection failed or broke. */
  readonly cause: Cause.Cause<E>
}

/**
 * How peers are dialed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<E, E2 = never, R2 = never> {
  /**
   * Whether peers that only name a trusted key are dialed, too. Default: false. An attempt by such a hint is made once in ten seconds and key at
   * most (S-T2).
   */
  readonly allowClaimed?: boolean | undefined
  /** Whether a connection is interrupted when the peer is no longer announced. By default it goes on. */
  readonly interruptOnLost?: boolean | undefined
  /** Whether a connection that ended without a failure is made again. Default: true. */
  readonly redial?: boolean | undefined
  /**
   * How long to wait after each round. Default: half a second, doubling up to 30 seconds, give or take a fifth. When the schedule ends, the peer is
   * given up until it is lost and discovered again.
   */
  readonly backoff?: Schedule.Schedule<unknown, unknown> | undefined
  /**
   * How many attempts are under way at once. Default: 64. One counts until `established`, or until it ends. Peers that only name a key take half of
   * them at most, so that forged ones which never answer do not keep the others waiting; but one attempt cannot be halved: with `allowClaimed`, a
   * `concurrency` of 1 reserves nothing for keys that are proven. Less than 1 is a mistake in the program, by which dialing dies.
   */
  readonly concurrency?: number | undefined
  /** How long `connect` must have run for the next wait to be the first again. Default: 30 seconds. */
  readonly settled?: Duration.Input | undefined
  /** Is told of every failure. If it fails itself, so does the whole. By default failures are logged at debug level. */
  readonly onFailure?: ((failure: Failure<E>) => Effect.Effect<void, E2, R2>) | undefined
}
