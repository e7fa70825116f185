/**
 * Where the trust list is kept.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TrustEntry from "./TrustEntry.ts"
import type * as TrustError from "./TrustError.ts"

/**
 * The store of the trust list as a service.
 *
 * @category services
 * @since 0.1.0
 */
export class TrustStore extends Context.Service<TrustStore, {
  /** The list as it is kept now: empty when there is none yet. */
  readonly load: Effect.Effect<ReadonlyArray<TrustEntry.TrustEntry>, TrustError.TrustError>
  /** Applies changes to the list as it is kept now, so that what others wrote meanwhile is not lost, and returns what came of it. */
  readonly update: (
    changes: ReadonlyArray<TrustEntry.Change>
  ) => Effect.Effect<ReadonlyArray<TrustEntry.TrustEntry>, TrustError.TrustError>
  /** Says that the list may have been changed by others: it is time to load it. */
  readonly changes: Stream.Stream<void>
}>()("@effect-discovery/core/TrustStore") {}

/**
 * A store that lasts as long as the program, for tests and for lists that are part of the configuration.
 *
 * **Example** (Trust one key)
 *
 * ```ts
 * import { PeerKey, Trust, TrustStore } from "@effect-discovery/core"
 * import { Layer } from "effect"
 *
 * const ada = PeerKey.PeerKey.make("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
 *
 * const TrustLive = Trust.layer().pipe(
 *   Layer.provide(TrustStore.layerMemory([{ key: ada, state: "trusted", addedAt: 0 }]))
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory = (
  entries: ReadonlyArray<TrustEntry.TrustEntry> = []
): Layer.Layer<TrustStore> =>
  Layer.sync(TrustStore, () => {
    let kept = entries
    return TrustStore.of({
      load: Effect.sync(() => kept),
      update: (changes) => Effect.sync(() => kept = TrustEntry.apply(kept, changes)),
      changes: Stream.never
    })
  })
