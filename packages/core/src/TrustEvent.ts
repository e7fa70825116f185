/**
 * What happens to the trust in keys, and what is seen of keys that are not trusted.
 *
 * @since 0.1.0
 */
import type * as PeerKey from "./PeerKey.ts"
import type * as TrustEntry from "./TrustEntry.ts"
import type * as TrustError from "./TrustError.ts"

/**
 * What was seen of a key that nobody vouches for.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sighting {
  /** The key that was seen. */
  readonly key: PeerKey.PeerKey
  /** What it calls itself. */
  readonly name: string
  /** Where it calls itself so. */
  readonly realm: string
  /** Whether the key has proven itself, or was only named. */
  readonly authentication: "claimed" | "group" | "signed"
  /** The label of the group's key under which it came sealed. */
  readonly group?: string | undefined
}

/**
 * A key became trusted or pinned.
 *
 * @category models
 * @since 0.1.0
 */
export interface Granted {
  readonly _tag: "Granted"
  /** As it is on the list now. */
  readonly entry: TrustEntry.TrustEntry
}

/**
 * A key is trusted or pinned no more. It is not dialable from now on.
 *
 * @category models
 * @since 0.1.0
 */
export interface Revoked {
  readonly _tag: "Revoked"
  /** As it was on the list last. */
  readonly entry: TrustEntry.TrustEntry
  /** `Removed` by the program, `Expired` at its `until`, `Denied`, or `Retired` by the key itself. */
  readonly reason: "Removed" | "Expired" | "Denied" | "Retired"
}

/**
 * A key became denied.
 *
 * @category models
 * @since 0.1.0
 */
export interface Denied {
  readonly _tag: "Denied"
  /** As it is on the list now. */
  readonly entry: TrustEntry.TrustEntry
}

/**
 * A key is denied no more; it is unknown now.
 *
 * @category models
 * @since 0.1.0
 */
export interface Forgotten {
  readonly _tag: "Forgotten"
  /** As it was on the list last. */
  readonly entry: TrustEntry.TrustEntry
}

/**
 * A key uses a name to which another one is pinned. It is not trusted for that; the other one keeps the name.
 *
 * @category models
 * @since 0.1.0
 */
export interface KeyChanged extends Sighting {
  readonly _tag: "KeyChanged"
  /** The key that keeps the name. */
  readonly pinned: PeerKey.PeerKey
}

/**
 * A trusted key names another one as its successor.
 *
 * @category models
 * @since 0.1.0
 */
export interface RotationOffered {
  readonly _tag: "RotationOffered"
  /** The key that is trusted. */
  readonly key: PeerKey.PeerKey
  /** The key that it names. */
  readonly next: PeerKey.PeerKey
  /** Whether it is trusted now. */
  readonly isTaken: boolean
}

/**
 * A key that is neither trusted nor denied was seen: said once per key and `Limits.untrustedInterval` (S-T1).
 *
 * @category models
 * @since 0.1.0
 */
export interface UntrustedSeen extends Sighting {
  readonly _tag: "UntrustedSeen"
}

/**
 * Older announcements of a key are taken again.
 *
 * @category models
 * @since 0.1.0
 */
export interface FloorReset {
  readonly _tag: "FloorReset"
  /** The key whose newest stamp is forgotten. */
  readonly key: PeerKey.PeerKey
}

/**
 * The policy is `open`: every key that proves itself is dialable. Said first, to every reader.
 *
 * @category models
 * @since 0.1.0
 */
export interface OpenToAll {
  readonly _tag: "OpenToAll"
}

/**
 * The store could not be read or written in the background. What was trusted before stays so.
 *
 * @category models
 * @since 0.1.0
 */
export interface StoreFailed {
  readonly _tag: "StoreFailed"
  /** What went wrong, and what to do about it. */
  readonly error: TrustError.TrustError
}

/**
 * Something that happened to the trust in a key.
 *
 * @category models
 * @since 0.1.0
 */
export type TrustEvent =
  | Granted
  | Revoked
  | Denied
  | Forgotten
  | KeyChanged
  | RotationOffered
  | UntrustedSeen
  | FloorReset
  | OpenToAll
  | StoreFailed
