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
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type * as DiscoveryError from "./DiscoveryError.ts"
import * as Bounds from "./internal/runtime/Bounds.ts"
import * as List from "./internal/runtime/trust/List.ts"
import * as Book from "./internal/trust/Book.ts"
import * as Dialable from "./internal/trust/Dialable.ts"
import * as Rotation from "./internal/trust/Rotation.ts"
import * as Sightings from "./internal/trust/Sightings.ts"
import * as Limits from "./Limits.ts"
import type * as Peer from "./Peer.ts"
import type * as PeerKey from "./PeerKey.ts"
import type * as TrustEntry from "./TrustEntry.ts"
import * as TrustError from "./TrustError.ts"
import type * as TrustEvent from "./TrustEvent.ts"
import type * as TrustState from "./TrustState.ts"
import type * as TrustStore from "./TrustStore.ts"

/**
 * What may be said of a key when it is trusted.
 *
 * @category models
 * @since 0.1.0
 */
export interface Grant {
  /** A name for people, 1 to 63 octets. */
  readonly name?: string | undefined
  /** The realm in which the key has that name, 1 to 63 octets. */
  readonly realm?: string | undefined
  /** The key that vouches for it. */
  readonly via?: PeerKey.PeerKey | undefined
  /** Until when it is trusted, in milliseconds since 1970. Default: until it is removed. */
  readonly until?: number | undefined
}

/**
 * Which peers are dialable besides those that have proven their key.
 *
 * @category models
 * @since 0.1.0
 */
export interface DialableOptions {
  /** Whether those that only name a key are dialable, too. Default: false. */
  readonly allowClaimed?: boolean | undefined
}

/**
 * How soon a floor has to be kept.
 *
 * @category models
 * @since 0.1.0
 */
export interface RaiseFloorOptions {
  /**
   * Whether a program that crashed and started anew without it would take again what its key announced before, and has ended since. Default: false.
   */
  readonly isUrgent?: boolean | undefined
}

/**
 * Trust as a service.
 *
 * **Details**
 *
 * Members whose name ends in `Unsafe` take effect in the same synchronous step, for code that works through batches of datagrams; what
 * they change is kept in the store at once, though not more often than once a second, whatever the network does. Only floors wait for
 * longer, unless they are urgent.
 *
 * @category services
 * @since 0.1.0
 */
export class Trust extends Context.Service<Trust, {
  /** Which keys are dialable. */
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
  readonly states: Stream.Stream<TrustState.Standing>
  /** What happens from now on. A slow reader misses the oldest. */
  readonly changes: Stream.Stream<TrustEvent.TrustEvent>
  /** Puts a key on the trust list. */
  readonly trust: (key: PeerKey.PeerKey, grant?: Grant) => Effect.Effect<void, TrustError.TrustError>
  /** Denies a key, whatever else is said of it. */
  readonly deny: (key: PeerKey.PeerKey) => Effect.Effect<void, TrustError.TrustError>
  /**
   * Forgets a key: it is unknown from now on, but for a denial that another program wrote to the same store and this one has not read. Succeeds with
   * whether it had an entry.
   */
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
  /** Keeps the newest stamp taken from a key that has an entry: every `saveInterval`, or at once if it is urgent, as a goodbye's is. */
  readonly raiseFloorUnsafe: (key: PeerKey.PeerKey, floor: TrustEntry.Floor, options?: RaiseFloorOptions) => void
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
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Which keys are dialable. Default: `strict`. */
  readonly policy?: TrustState.Policy | undefined
  /** With the policy `tofu`, whether the first key that proves itself for a name is pinned without asking. Default: false. */
  readonly autoPin?: boolean | undefined
  /** What is done when a trusted key names its successor. `offer`, the default, says so; `auto` trusts it. */
  readonly rotation?: "offer" | "auto" | undefined
  /** For how long `auto` goes on trusting the old key. Default: 30 days. */
  readonly overlap?: Duration.Input | undefined
  /**
   * How often floors are kept, which change with every announcement. Default: 30 seconds. Those of goodbyes do not wait for it: they are kept at
   * once, all of a second together.
   */
  readonly saveInterval?: Duration.Input | undefined
  /** Bounds other than the defaults. */
  readonly limits?: Partial<Limits.Limits> | undefined
}

/**
 * Trust by a list that is kept in a `TrustStore`.
 *
 * **Details**
 *
 * Fails when the list cannot be read: a list that is damaged is never taken for an empty one (S-T4). Changes of the list apply at once,
 * those that another program makes in the store as well. The policy `open` is warned of when the layer starts.
 *
 * **Example** (Trust what is on a list in a file)
 *
 * ```ts
 * import { Trust } from "@effect-discovery/core"
 * import { NodeTrust } from "@effect-discovery/node"
 * import { Layer } from "effect"
 *
 * const TrustLive = Trust.layer({ policy: "strict" }).pipe(Layer.provide(NodeTrust.layerFile("trust.json")))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options = {}
): Layer.Layer<Trust, TrustError.TrustError | DiscoveryError.DiscoveryError, TrustStore.TrustStore> =>
  Layer.effect(Trust, make(options))

/**
 * Makes the service within a scope; `layer` is the usual way to.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (
  options?: Options
) => Effect.Effect<
  Trust["Service"],
  TrustError.TrustError | DiscoveryError.DiscoveryError,
  TrustStore.TrustStore | Scope.Scope
> = Effect.fnUntraced(function*(options: Options = {}) {
  const limits = yield* Bounds.check(Limits.defaults, options.limits)
  const policy = options.policy ?? "strict"
  const list = yield* List.open({ ...options, policy, limits })
  if (policy === "open") yield* Effect.logWarning("every key that proves itself is dialable: the policy is open")
  return Trust.of({ policy, ...readers(list, policy), ...writers(list), ...listeners(list) })
})

const readers = ({ book, changes, now, sightings, states }: List.List, policy: TrustState.Policy) => ({
  stateOf: (key: PeerKey.PeerKey) => Effect.sync(() => Book.stateOf(book, key, now())),
  stateOfUnsafe: (key: PeerKey.PeerKey) => Book.stateOf(book, key, now()),
  isDialable: (peer: Peer.Peer, options: DialableOptions = {}) => {
    const state = peer.key === undefined ? "unknown" : Book.stateOf(book, peer.key, now())
    return Dialable.isAllowed(policy, state, peer, options.allowClaimed === true)
  },
  entries: Effect.sync(() => [...book.entries.values()]),
  floors: Effect.sync(() =>
    [...book.entries.values()].flatMap(({ floor, key }) => floor ? [[key, floor] as const] : [])
  ),
  untrusted: Effect.sync(() => Sightings.list(sightings)),
  states,
  changes
})

const writers = ({ book, commit, flush, now }: List.List) => {
  const decide = (
    decision: (now: number, out: Book.Out) => TrustError.Reason | undefined
  ): Effect.Effect<void, TrustError.TrustError> =>
    Effect.suspend(() => {
      const out = Book.nothing()
      const reason = decision(now(), out)
      commit(out)
      return reason === undefined ? flush : TrustError.make(reason)
    })
  return {
    trust: (key: PeerKey.PeerKey, grant: Grant = {}) =>
      decide((now, out) => unfit(grant) ?? Book.trust(book, key, said(grant), now, out)),
    deny: (key: PeerKey.PeerKey) => decide((now, out) => Book.deny(book, key, now, out)),
    remove: (key: PeerKey.PeerKey) =>
      Effect.suspend(() => Effect.as(decide((_, out) => Book.remove(book, key, out)), book.entries.has(key))),
    accept: (realm: string, name: string, key: PeerKey.PeerKey) =>
      decide((now, out) => unfit({ name, realm }) ?? Book.accept(book, realm, name, key, now, out)),
    resetFloor: (key: PeerKey.PeerKey) =>
      decide((_, out) => {
        Book.resetFloor(book, key, out)
        return undefined
      })
  }
}

const listeners = ({ book, commit, keep, now, rotation, sightings }: List.List) => {
  const note = (take: (now: number, out: Book.Out) => void) => {
    const out = Book.nothing()
    take(now(), out)
    if (out.changes.length + out.events.length > 0) commit(out)
  }
  return {
    raiseFloorUnsafe: (key: PeerKey.PeerKey, floor: TrustEntry.Floor, { isUrgent = false }: RaiseFloorOptions = {}) => {
      const out = Book.nothing()
      Book.raiseFloor(book, key, floor, out)
      keep(out.changes, isUrgent)
    },
    seenUnsafe: (sighting: TrustEvent.Sighting) => {
      note((now, out) => Sightings.note(sightings, book, sighting, now, out))
      return Book.stateOf(book, sighting.key, now())
    },
    offerRotationUnsafe: (key: PeerKey.PeerKey, next: PeerKey.PeerKey) =>
      note((now, out) => Rotation.offer(rotation, book, key, next, now, out)),
    retireUnsafe: (key: PeerKey.PeerKey) => note((now, out) => Book.retire(book, key, now, out))
  }
}

const unfit = ({ name, realm, until }: Grant): TrustError.Reason | undefined => {
  const limit = "1 to 63 octets of text"
  if (name !== undefined && !Sightings.isFit(name)) return new TrustError.Unfit({ field: "name", limit })
  if (realm !== undefined && !Sightings.isFit(realm)) return new TrustError.Unfit({ field: "realm", limit })
  if (until !== undefined && !(Number.isInteger(until) && until >= 0 && until <= 8.64e15)) {
    return new TrustError.Unfit({ field: "until", limit: "whole milliseconds since 1970" })
  }
  return undefined
}

// what is not said leaves no field behind
const said = ({ name, realm, until, via }: Grant) => ({
  ...(name === undefined ? undefined : { name }),
  ...(realm === undefined ? undefined : { realm }),
  ...(until === undefined ? undefined : { until }),
  ...(via === undefined ? undefined : { via })
})
