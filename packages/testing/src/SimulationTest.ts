/**
 * Properties as tests of whatever test framework there is.
 *
 * @since 0.1.0
 */
import type * as Network from "@effect-discovery/core/Network"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Property from "./Property.ts"

/**
 * The function that registers a test: `it` or `test` of most frameworks.
 *
 * @category models
 * @since 0.1.0
 */
export type TestFunction = (name: string, test: () => Promise<void>, timeout?: number) => unknown

/**
 * Registers a property as a test. It may take a minute of real time unless told otherwise. Its programs may use what `Services` has beside the
 * network of their host.
 *
 * @category models
 * @since 0.1.0
 */
export type Simulation<Services = never> = <V, E, R extends Network.Network | Scope.Scope | Services = never>(
  name: string,
  options: Property.Options<V, E, R>,
  timeout?: Duration.Input
) => void

/**
 * The same test function, with `it.simulation` beside all that it has.
 *
 * **Details**
 *
 * A property that fails rejects with a `PropertyFailed`, whose message is the shrunk schedule, why it failed and the token to replay it. With a
 * `layer` that has a `FileSystem`, such as `NodeServices.layer`, the picture and the capture of the failure are written as well.
 *
 * **Gotchas**
 *
 * The layer is built once for each property, before its runs: what it keeps is shared by all of them.
 *
 * **Example** (Everybody hears everybody, whatever happens)
 *
 * ```ts
 * import { Discovery, Announcement } from "@effect-discovery/core"
 * import { JsonBeacon } from "@effect-discovery/core/protocol"
 * import { SimulationTest, Swarm } from "@effect-discovery/testing"
 * import { Effect } from "effect"
 *
 * declare const it: (name: string, test: () => Promise<void>, timeout?: number) => void
 *
 * SimulationTest.extend(it).simulation("peers converge", {
 *   topology: 4,
 *   faults: Swarm.all,
 *   workload: ({ name }) =>
 *     Effect.gen(function*() {
 *       const discovery = yield* Discovery.make({ sources: [JsonBeacon.source()] })
 *       yield* discovery.advertise(Announcement.make({ name }))
 *       return Effect.map(discovery.peers, (peers) => peers.map((peer) => peer.name))
 *     }),
 *   always: {
 *     noSelf: ({ hosts }) => hosts.every(({ name, view }) => view?.includes(name) !== true)
 *   },
 *   eventually: {
 *     allSeeAll: { check: ({ hosts }) => hosts.every(({ view }) => view?.length === 3), within: "30 seconds" }
 *   },
 *   runs: 200
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const extend = <It extends TestFunction, Services = never>(
  it: It,
  layer?: Layer.Layer<Services, unknown>
): It & { readonly simulation: Simulation<Services> } => {
  const services = layer ?? Layer.empty
  const simulation: Simulation<Services> = (name, options, timeout = "1 minute") => {
    const checked = Property.check({ name, ...options }).pipe(Effect.asVoid, Effect.provide(services))
    const test = () => Effect.runPromise(checked as Effect.Effect<void>)
    it(name, test, Duration.toMillis(Duration.fromInputUnsafe(timeout)))
  }
  return new Proxy(it, {
    get: (target, key, receiver) => key === "simulation" ? simulation : Reflect.get(target, key, receiver)
  }) as It & { readonly simulation: Simulation<Services> }
}
