/**
 * Properties as tests of whatever test framework there is.
 *
 * @since 0.1.0
 */
import type * as Network from "@effect-discovery/core/Network"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
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
 * Registers a property as a test. It may take a minute of real time unless told otherwise.
 *
 * @category models
 * @since 0.1.0
 */
export type Simulation = <V, E, R extends Network.Network | Scope.Scope = never>(
  name: string,
  options: Property.Options<V, E, R>,
  timeout?: Duration.Input
) => void

/**
 * The same test function, with `it.simulation` beside all that it has.
 *
 * **Details**
 *
 * A property that fails rejects with a `PropertyFailed`, whose message is the shrunk schedule, why it failed and the token to replay it.
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
export const extend = <It extends TestFunction>(it: It): It & { readonly simulation: Simulation } => {
  const simulation: Simulation = (name, options, timeout = "1 minute") => {
    const test = () => Effect.runPromise(Effect.asVoid(Property.check({ name, ...options })) as Effect.Effect<void>)
    it(name, test, Duration.toMillis(Duration.fromInputUnsafe(timeout)))
  }
  return new Proxy(it, {
    get: (target, key, receiver) => key === "simulation" ? simulation : Reflect.get(target, key, receiver)
  }) as It & { readonly simulation: Simulation }
}
