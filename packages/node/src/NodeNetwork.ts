/**
 * The network as Node.js sees it.
 *
 * @since 0.1.0
 */
import * as Network from "@effect-discovery/core/Network"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Interfaces from "./internal/Interfaces.ts"
import * as Socket from "./internal/Socket.ts"

/**
 * How the network is watched.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /**
   * How often to look whether the interfaces have changed, since Node.js does not tell. Default: after half the time since the last change, but at
   * least 2 and at most 30 seconds, so that a network at rest costs two looks a minute. They are also looked at as soon as a socket fails to open
   * or to send, and every 2 seconds again after that and after the machine was asleep. Never more often than ten times a second.
   */
  readonly interval?: Duration.Input | undefined
}

/**
 * The network of this machine.
 *
 * **Details**
 *
 * All who listen to the interfaces share one look at them, and nobody looks while nobody listens. A receive buffer that the system
 * refuses is left at the system's default.
 *
 * **Gotchas**
 *
 * A port outside 0 to 65535, an IPv6 scope that is the index of no interface, and a link-local IPv6 destination without a scope are
 * errors here, though not to `node:dgram`, which would use some other port or interface.
 *
 * **Example**
 *
 * ```ts
 * import { Discovery } from "@effect-discovery/core"
 * import { JsonBeacon } from "@effect-discovery/core/protocol"
 * import { NodeNetwork } from "@effect-discovery/node"
 * import { Layer } from "effect"
 *
 * const DiscoveryLive = Discovery.layer({ sources: [JsonBeacon.source()] }).pipe(Layer.provide(NodeNetwork.layer()))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options?: Options): Layer.Layer<Network.Network> => Layer.effect(Network.Network, make(options))

/**
 * Makes the service within a scope; `layer` is the usual way to.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options = {}): Effect.Effect<Network.Network["Service"], never, Scope.Scope> =>
  Effect.map(
    Interfaces.watch(options.interval === undefined ? undefined : Duration.toMillis(options.interval)),
    ({ changes, isUp, knows, refresh }) =>
      Network.Network.of({
        interfaces: changes,
        open: (options) => Socket.open(options, { isUp, knows, onFailure: refresh })
      })
  )
