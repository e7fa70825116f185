/**
 * Discovery on the network of this machine.
 *
 * @since 0.1.0
 */
import * as Discovery from "@effect-discovery/core/Discovery"
import type * as DiscoveryError from "@effect-discovery/core/DiscoveryError"
import type * as Network from "@effect-discovery/core/Network"
import type * as Source from "@effect-discovery/core/Source"
import * as Layer from "effect/Layer"
import * as NodeNetwork from "./NodeNetwork.ts"

/**
 * `Discovery.layer` with `NodeNetwork.layer` provided.
 *
 * **Example**
 *
 * ```ts
 * import { Discovery } from "@effect-discovery/core"
 * import { Peerage } from "@effect-discovery/core/protocol"
 * import { NodeDiscovery } from "@effect-discovery/node"
 * import { Effect, Stream } from "effect"
 *
 * const program = Stream.runForEach(Discovery.stream, (event) => Effect.log(event._tag, event.peer.name)).pipe(
 *   Effect.provide(NodeDiscovery.layer({ sources: [Peerage.source()] }))
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <const Sources extends ReadonlyArray<Source.Source<unknown, unknown>>>(
  options: Discovery.Options<Sources>
): Layer.Layer<
  Discovery.Discovery,
  DiscoveryError.DiscoveryError | Discovery.SourceError<Sources[number]>,
  Exclude<Discovery.SourceServices<Sources[number]>, Network.Network>
> => Layer.provide(Discovery.layer(options), NodeNetwork.layer())
