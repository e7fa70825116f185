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
 * **Details**
 *
 * - `peer`: the peer as it is known now.
 * - `address`: where to connect to; `candidates` are all addresses of this round, in the order in which they are tried.
 * - `round`: 1 for the first since a connection held, then one more each time all candidates have failed.
 * - `isClaimed`: the peer only names its key, and whoever forged that chose the address.
 * - `established`: tells that the connection has proven the peer's key. The address is then ranked first, and the attempt no longer
 *   counts as one. Further candidates are not tried, even if the connection fails.
 *
 * @category models
 * @since 0.1.0
 */
export interface Attempt {
  readonly peer: Peer.Peer
  readonly address: NetAddress.InetAddress
  readonly candidates: ReadonlyArray<NetAddress.InetAddress>
  readonly round: number
  readonly isClaimed: boolean
  readonly established: Effect.Effect<void>
}

/**
 * An attempt that failed, or a connection that broke.
 *
 * @category models
 * @since 0.1.0
 */
export interface Failure<E> {
  readonly attempt: Attempt
  readonly cause: Cause.Cause<E>
}

/**
 * How peers are dialed.
 *
 * **Details**
 *
 * - `allowClaimed`: whether peers that only name a trusted key are dialed, too. An attempt by such a hint is made once in ten seconds
 *   and key at most (S-T2).
 * - `interruptOnLost`: whether a connection is interrupted when the peer is no longer announced. By default it goes on.
 * - `redial`: whether a connection that ended without a failure is made again; it is by default.
 * - `backoff`: how long to wait after each round; half a second, doubling up to 30 seconds, give or take a fifth. When the schedule ends,
 *   the peer is given up until it is lost and discovered again.
 * - `concurrency`: how many attempts are under way at once (64). One counts until `established`, or until it ends. Peers that only name
 *   a key take half of them at most, so that forged ones which never answer do not keep the others waiting; but one attempt cannot be
 *   halved: with `allowClaimed`, a `concurrency` of 1 reserves nothing for keys that are proven.
 * - `settled`: how long a connection must have held for the next wait to be the first again (30 seconds).
 * - `onFailure`: is told of every failure. If it fails itself, so does the whole. By default failures are logged at debug level.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<E, E2 = never, R2 = never> {
  readonly allowClaimed?: boolean | undefined
  readonly interruptOnLost?: boolean | undefined
  readonly redial?: boolean | undefined
  readonly backoff?: Schedule.Schedule<unknown, unknown> | undefined
  readonly concurrency?: number | undefined
  readonly settled?: Duration.Input | undefined
  readonly onFailure?: ((failure: Failure<E>) => Effect.Effect<void, E2, R2>) | undefined
}
