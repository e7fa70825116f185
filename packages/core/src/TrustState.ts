/**
 * What a program thinks of a key.
 *
 * @since 0.1.0
 */
import type * as PeerKey from "./PeerKey.ts"

/**
 * `denied` is never dialed, whatever else is said of it; `trusted` is on the trust list; `pinned` was the first key seen for its name;
 * `unknown` is everybody else.
 *
 * @category models
 * @since 0.1.0
 */
export type TrustState = "denied" | "trusted" | "pinned" | "unknown"

/**
 * What a program thinks of one key.
 *
 * @category models
 * @since 0.1.0
 */
export interface Standing {
  /** The key that it is about. */
  readonly key: PeerKey.PeerKey
  /** What is thought of it now. */
  readonly state: TrustState
}

/**
 * Which keys are dialable.
 *
 * **Details**
 *
 * `strict`: those on the trust list. `tofu`: also those pinned by trust on first use. `group`: any key inside the seal of the group.
 * `open`: any key that proves itself, for demonstrations.
 *
 * @category models
 * @since 0.1.0
 */
export type Policy = "strict" | "tofu" | "group" | "open"
