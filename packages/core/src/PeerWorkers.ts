/**
 * The workers of a program, by port: started, found, and closed together.
 *
 * **Example** (One worker for each swarm)
 *
 * ```ts
 * import { NetworkInterface, PeerWorkers } from "@effect-discovery/core"
 * import { NodeNetwork } from "@effect-discovery/node"
 * import { Console, Effect, Layer, Result } from "effect"
 * import { NetAddress } from "effect/net"
 *
 * const start = (swarm: string) =>
 *   PeerWorkers.start({
 *     name: `swarm ${swarm}`,
 *     swarm,
 *     bind: { interface: NetworkInterface.isLoopback },
 *     url: (address, swarm) => `ppspp://${NetAddress.formatInet(address)}/${swarm}`,
 *     decode: (payload) => Result.succeed(payload),
 *     handle: (payload, { reply }) => reply(payload)
 *   })
 *
 * const program = Effect.gen(function*() {
 *   const workers = yield* Effect.forEach(["a1", "b2", "c3"], start)
 *   for (const { port } of workers) yield* Console.log(yield* PeerWorkers.urlOf(port))
 *   yield* Effect.sleep("1 minute")
 * })
 *
 * const main = program.pipe(Effect.provide(PeerWorkers.layer().pipe(Layer.provideMerge(NodeNetwork.layer()))))
 * ```
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as DiscoveryError from "./DiscoveryError.ts"
import * as Bounds from "./internal/runtime/Bounds.ts"
import * as Workers from "./internal/runtime/workers/Workers.ts"
import * as Limits from "./Limits.ts"
import * as Network from "./Network.ts"
import * as PeerWorker from "./PeerWorker.ts"
import * as PeerWorkerError from "./PeerWorkerError.ts"

/**
 * The counts of a registry.
 *
 * @category models
 * @since 0.1.0
 */
export interface Statistics {
  /** Those of the workers that are open, by port. */
  readonly open: ReadonlyMap<number, PeerWorker.Statistics>
  /** Workers started so far. */
  readonly started: number
  /** Workers closed so far. */
  readonly closed: number
}

/**
 * The workers of a program as a service.
 *
 * @category services
 * @since 0.1.0
 */
export class PeerWorkers extends Context.Service<PeerWorkers, {
  /** Starts a worker that lives until it is stopped or the layer closes. Each has a port of its own. */
  readonly start: <Swarm, Message, E = never, R = never>(
    options: PeerWorker.Options<Swarm, Message, E, R>
  ) => Effect.Effect<
    PeerWorker.PeerWorker<Swarm>,
    DiscoveryError.DiscoveryError | PeerWorkerError.PeerWorkerError,
    Exclude<R, Scope.Scope>
  >
  /** Closes the worker with this port, and gives its final counts. */
  readonly stop: (port: number) => Effect.Effect<PeerWorker.Statistics, PeerWorkerError.PeerWorkerError>
  /** The worker with this port. */
  readonly whereIs: (port: number) => Effect.Effect<PeerWorker.PeerWorker, PeerWorkerError.PeerWorkerError>
  /** The port of a worker that is open. */
  readonly portOf: (worker: PeerWorker.PeerWorker) => Effect.Effect<number, PeerWorkerError.PeerWorkerError>
  /** The URL of the worker with this port. */
  readonly urlOf: (port: number) => Effect.Effect<string, PeerWorkerError.PeerWorkerError>
  /** The workers that are open now, in the order of their start, then again after every change. A slow reader misses states, never the last. */
  readonly workers: Stream.Stream<ReadonlyArray<PeerWorker.PeerWorker>>
  /** The counts of all workers, open or closed, since the layer started. */
  readonly statistics: Effect.Effect<Statistics>
}>()("@effect-discovery/core/PeerWorkers") {}

/**
 * Starts a worker that lives until it is stopped or the layer closes.
 *
 * **Details**
 *
 * Fails with `PortInUse` when another worker or program has the port, with `TooManyWorkers` beyond `Limits.workers`, and as
 * `PeerWorker.make` does.
 *
 * A worker whose socket fails is closed and no longer among the workers; its `await` tells why.
 *
 * **Gotchas**
 *
 * Whoever starts a worker and is interrupted just then may never be given it, though the registry has it. Where it must not outlive who
 * starts it: `Effect.acquireRelease(PeerWorkers.start(options), ({ close }) => close)`.
 *
 * @category accessors
 * @since 0.1.0
 */
export const start = <Swarm, Message, E = never, R = never>(
  options: PeerWorker.Options<Swarm, Message, E, R>
): Effect.Effect<
  PeerWorker.PeerWorker<Swarm>,
  DiscoveryError.DiscoveryError | PeerWorkerError.PeerWorkerError,
  PeerWorkers | Exclude<R, Scope.Scope>
> => PeerWorkers.use((workers) => workers.start(options))

/**
 * Closes the worker with this port, and gives its final counts. The port is free then.
 *
 * @category accessors
 * @since 0.1.0
 */
export const stop = (
  port: number
): Effect.Effect<PeerWorker.Statistics, PeerWorkerError.PeerWorkerError, PeerWorkers> =>
  PeerWorkers.use((workers) => workers.stop(port))

/**
 * The worker with this port.
 *
 * @category accessors
 * @since 0.1.0
 */
export const whereIs = (
  port: number
): Effect.Effect<PeerWorker.PeerWorker, PeerWorkerError.PeerWorkerError, PeerWorkers> =>
  PeerWorkers.use((workers) => workers.whereIs(port))

/**
 * The port of a worker that is open.
 *
 * @category accessors
 * @since 0.1.0
 */
export const portOf = (
  worker: PeerWorker.PeerWorker
): Effect.Effect<number, PeerWorkerError.PeerWorkerError, PeerWorkers> =>
  PeerWorkers.use((workers) => workers.portOf(worker))

/**
 * The URL of the worker with this port, as its option `url` made it.
 *
 * @category accessors
 * @since 0.1.0
 */
export const urlOf = (port: number): Effect.Effect<string, PeerWorkerError.PeerWorkerError, PeerWorkers> =>
  PeerWorkers.use((workers) => workers.urlOf(port))

/**
 * The workers that are open now, in the order of their start, then again after every change, until the layer closes.
 *
 * @category accessors
 * @since 0.1.0
 */
export const workers: Stream.Stream<ReadonlyArray<PeerWorker.PeerWorker>, never, PeerWorkers> = Stream.unwrap(
  PeerWorkers.useSync((workers) => workers.workers)
)

/**
 * The counts of the registry, and of each worker that is open.
 *
 * @category accessors
 * @since 0.1.0
 */
export const statistics: Effect.Effect<Statistics, never, PeerWorkers> = PeerWorkers.use((workers) =>
  workers.statistics
)

/**
 * How workers are kept.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Bounds other than the defaults, for the registry and for each worker that has none of its own. */
  readonly limits?: Partial<Limits.Limits> | undefined
}

/**
 * A registry without workers yet. When the layer closes it closes all of them side by side, so that they take no longer than one.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options?: Options
): Layer.Layer<PeerWorkers, DiscoveryError.DiscoveryError, Network.Network> => Layer.effect(PeerWorkers, make(options))

/**
 * Makes the service within a scope; `layer` is the usual way to.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(options: Options = {}) {
  const limits = yield* Bounds.check(Limits.defaults, options.limits)
  const registry = Workers.make(limits, yield* PubSub.sliding<Workers.List>({ capacity: 1, replay: 1 }))
  const network = yield* Network.Network
  const scope = yield* Scope.make("parallel")
  yield* Effect.addFinalizer((exit) => Workers.close(registry, Scope.close(scope, exit)))
  Workers.publish(registry)
  const find = (port: number) => Workers.find(registry, port)

  return PeerWorkers.of({
    start: (worker) => {
      const open = (onClose: (statistics: PeerWorker.Statistics) => Effect.Effect<unknown>) =>
        PeerWorker.make({ ...worker, limits: { ...limits, ...worker.limits }, onClose }).pipe(
          Effect.provideService(Network.Network, network)
        )
      return Workers.start(registry, scope, worker, open)
    },
    stop: (port) => Effect.flatMap(Workers.held(registry, port), ({ close }) => close),
    whereIs: find,
    portOf: (worker) => Workers.portOf(registry, worker),
    urlOf: (port) =>
      Effect.flatMap(find(port), ({ name, url }) =>
        Option.match(url, {
          onNone: () => PeerWorkerError.make(new PeerWorkerError.NoUrl({ worker: name, port })),
          onSome: Effect.succeed
        })),
    workers: Stream.fromPubSub(registry.changes),
    statistics: Workers.statistics(registry)
  })
})
