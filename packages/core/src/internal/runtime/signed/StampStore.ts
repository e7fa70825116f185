/**
 * Where the last stamps of keys are kept, so that a program that starts anew goes on after them, whatever its clock says.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as PeerKey from "../../../PeerKey.ts"
import type * as Stamp from "../../../protocol/signedBeacon/Stamp.ts"
import type * as TrustError from "../../../TrustError.ts"

/**
 * Keeps the last stamp of each key of this program.
 *
 * **Details**
 *
 * What `save` is given lies ahead of what is announced, so that it is called once a minute and not for every announcement. `load` fails when
 * it cannot read what is kept: to take that for nothing would have peers ignore this node.
 *
 * @category services
 * @since 0.1.0
 */
export class StampStore extends Context.Service<StampStore, {
  /** The stamp that was saved last for the key, `undefined` when there is none. */
  readonly load: (key: PeerKey.PeerKey) => Effect.Effect<Stamp.Stamp | undefined, TrustError.TrustError>
  /** Saves a stamp, which is later than all before. Completes once it outlives the program. */
  readonly save: (key: PeerKey.PeerKey, stamp: Stamp.Stamp) => Effect.Effect<void, TrustError.TrustError>
}>()("@effect-discovery/core/protocol/SignedBeacon/StampStore") {}

/**
 * Keeps stamps for as long as the layer lives: across restarts of sources, not of the program.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory: Layer.Layer<StampStore> = Layer.sync(StampStore, () => {
  const stamps = new Map<PeerKey.PeerKey, Stamp.Stamp>()
  return {
    load: (key) => Effect.sync(() => stamps.get(key)),
    save: (key, stamp) => Effect.sync(() => void stamps.set(key, stamp))
  }
})
