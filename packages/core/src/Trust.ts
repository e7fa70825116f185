/**
 * Whom a program trusts.
 *
 * Discovery is a hint: even a signed announcement only says that whoever holds a key claimed an address a short while ago. Trust
 * decides which hints are worth a connection; the connection has to prove the key again.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type * as Peer from "./Peer.ts"
import type * as PeerKey from "./PeerKey.ts"
import type * as TrustEntry from "./TrustEntry.ts"
import type * as TrustError from "./TrustError.ts"
import type * as TrustEvent from "./TrustEvent.ts"
import type * as TrustState from "./TrustState.ts"

/**
 * What may be said of a key when it is trusted: a name for people, the key that vouches for it, and until when (milliseconds since
 * 1970) it is trusted.
 *
 * @category models
 * @since 0.1.0
 */
export interface Grant {
  readonly name?: string | undefined
  readonly realm?: string | undefined
  readonly via?: PeerKey.PeerKey | undefined
  readonly until?: number | undefined
}

/**
 * What a program thinks of one key.
 *
 * @category models
 * @since 0.1.0
 */
export interface Standing {
  readonly key: PeerKey.PeerKey
  readonly state: TrustState.TrustState
}

/**
 * Which peers are dialable besides those that have proven their key: with `allowClaimed`, those that only name one.
 *
 * @category models
 * @since 0.1.0
 */
export interface DialableOptions {
  readonly allowClaimed?: boolean | undefined
}

/**
 * Trust as a service.
 *
 * **Details**
 *
 * Members whose name ends in `Unsafe` take effect in the same synchronous step, for code that works through batches of datagrams; what
 * they change is kept in the store a while later.
 *
 * @category services
 * @since 0.1.0
 */
export class Trust extends Context.Service<Trust, {
  readonly policy: TrustState.Policy
  /** What the program thinks of a key. */
  readonly stateOf: (key: PeerKey.PeerKey) => Effect.Effect<TrustState.TrustState>
  /** The same, at once. */
  readonly stateOfUnsafe: (key: PeerKey.PeerKey) => TrustState.TrustState
  /** Whether the policy allows to connect to a peer now. Not said of its address: the connection has to prove the key. */
  readonly isDialable: (peer: Peer.Peer, options?: DialableOptions) => boolean
  /** Every entry, the oldest first. */
  readonly entries: Effect.Effect<ReadonlyArray<TrustEntry.TrustEntry>>
  /** The state of every key that has an entry, then every change: no gap. A slow reader gets the latest state of each key. */
  readonly states: Stream.Stream<Standing>
  /** What happens from now on. A slow reader misses the oldest. */
  readonly changes: Stream.Stream<TrustEvent.TrustEvent>
  /** Puts a key on the trust list. */
  readonly trust: (key: PeerKey.PeerKey, grant?: Grant) => Effect.Effect<void, TrustError.TrustError>
  /** Denies a key, whatever else is said of it. */
  readonly deny: (key: PeerKey.PeerKey) => Effect.Effect<void, TrustError.TrustError>
  /** Forgets a key: it is unknown from now on. Succeeds with whether it had an entry. */
  readonly remove: (key: PeerKey.PeerKey) => Effect.Effect<boolean, TrustError.TrustError>
  /** Pins a key to a name, which nobody else holds in the realm. */
  readonly accept: (
    realm: string,
    name: string,
    key: PeerKey.PeerKey
  ) => Effect.Effect<void, TrustError.TrustError>
  /** Has older announcements of a key taken again, after its sender's clock went back for good. */
  readonly resetFloor: (key: PeerKey.PeerKey) => Effect.Effect<void, TrustError.TrustError>
  /** The floors of all keys that have an entry. */
  readonly floors: Effect.Effect<ReadonlyArray<readonly [PeerKey.PeerKey, TrustEntry.Floor]>>
  /** Keeps the newest stamp taken from a key that has an entry. */
  readonly raiseFloorUnsafe: (key: PeerKey.PeerKey, floor: TrustEntry.Floor) => void
  /** Takes note of a key in use: pins it, warns that it uses another's name, or reports it as untrusted (S-T1). Returns its state. */
  readonly seenUnsafe: (sighting: TrustEvent.Sighting) => TrustState.TrustState
  /** Takes note that a key named its successor, which has signed as well (S-T6). */
  readonly offerRotationUnsafe: (key: PeerKey.PeerKey, next: PeerKey.PeerKey) => void
  /** Takes note that a key has retired itself (S-T7). */
  readonly retireUnsafe: (key: PeerKey.PeerKey) => void
  /** The keys reported as untrusted, the latest last. */
  readonly untrusted: Effect.Effect<ReadonlyArray<TrustEvent.Sighting>>
}>()("@effect-discovery/core/Trust") {}

/**
 * How trust is given.
 *
 * **Details**
 *
 * - `policy`: which keys are dialable; `strict` by default.
 * - `autoPin`: with the policy `tofu`, whether the first key that proves itself for a name is pinned without asking.
 * - `rotation`: what is done when a trusted key names its successor. `offer` says so; `auto` trusts it, and the old key for `overlap`
 *   more (30 days).
 * - `saveInterval`: how often floors are kept, which change with every announcement (30 seconds).
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly policy?: TrustState.Policy | undefined
  readonly autoPin?: boolean | undefined
  readonly rotation?: "offer" | "auto" | undefined
  readonly overlap?: Duration.Input | undefined
  readonly saveInterval?: Duration.Input | undefined
}
