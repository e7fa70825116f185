/**
 * The workers of a registry, by port: those that are open, and the ports of those being opened.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import type * as DiscoveryError from "../../../DiscoveryError.ts"
import type * as Limits from "../../../Limits.ts"
import type * as PeerWorker from "../../../PeerWorker.ts"
import * as PeerWorkerError from "../../../PeerWorkerError.ts"
import * as Sliding from "../Sliding.ts"

/** The workers that are open, in the order they were started. */
export type List = ReadonlyArray<PeerWorker.PeerWorker>

/** A registry of workers. */
export interface Workers {
  readonly limits: Limits.Limits
  readonly changes: PubSub.PubSub<List>
  readonly open: Map<number, PeerWorker.PeerWorker>
  /** The ports that workers being started have asked for. */
  readonly claimed: Set<number>
  /** How many workers are being started. */
  starting: number
  started: number
  closed: number
  isClosed: boolean
}

export const make = (limits: Limits.Limits, changes: PubSub.PubSub<List>): Workers => ({
  limits,
  changes,
  open: new Map(),
  claimed: new Set(),
  starting: 0,
  started: 0,
  closed: 0,
  isClosed: false
})

/** Tells whoever follows the workers which there are. */
export const publish = ({ changes, open }: Workers): void => Sliding.publish(changes, Array.from(open.values()))

/** Closes all workers by closing their scope, and tells nobody any more. */
export const close = (self: Workers, closeAll: Effect.Effect<unknown>): Effect.Effect<unknown> =>
  Effect.suspend(() => {
    self.isClosed = true
    return Effect.andThen(closeAll, PubSub.shutdown(self.changes))
  })

/** What of a worker's options concerns the registry. */
export interface Wanted {
  readonly name: string
  readonly bind?: { readonly port?: number | undefined } | undefined
  readonly onClose?: ((statistics: PeerWorker.Statistics) => Effect.Effect<unknown>) | undefined
}

type Failure = DiscoveryError.DiscoveryError | PeerWorkerError.PeerWorkerError

/** Opens a worker and keeps it until it is closed. */
export type Open<Swarm, R> = (
  onClose: (statistics: PeerWorker.Statistics) => Effect.Effect<unknown>
) => Effect.Effect<PeerWorker.PeerWorker<Swarm>, Failure, R>

/** Starts a worker in a scope of the registry, if there may be one more and nobody here has its port. */
export const start = <Swarm, R>(
  self: Workers,
  scope: Scope.Scope,
  wanted: Wanted,
  open: Open<Swarm, R>
): Effect.Effect<PeerWorker.PeerWorker<Swarm>, Failure, Exclude<R, Scope.Scope>> =>
  Effect.suspend(() => {
    const port = wanted.bind?.port ?? 0
    return Effect.acquireUseRelease(
      claim(self, wanted.name, port),
      () => launch(self, scope, wanted, open, attempts),
      () =>
        Effect.sync(() => {
          self.starting--
          self.claimed.delete(port)
        })
    )
  })

const claim = (self: Workers, worker: string, port: number): Effect.Effect<void, PeerWorkerError.PeerWorkerError> =>
  Effect.suspend(() => {
    const refusal = refusalOf(self, worker, port)
    if (refusal !== undefined) return PeerWorkerError.make(refusal)
    self.starting++
    if (port !== 0) self.claimed.add(port)
    return Effect.void
  })

const refusalOf = (self: Workers, worker: string, port: number): PeerWorkerError.Reason | undefined => {
  const { workers } = self.limits
  if (self.isClosed) return new PeerWorkerError.WorkersClosed()
  if (isTaken(self, port)) return new PeerWorkerError.PortInUse({ worker, port, isOwn: true })
  return self.open.size + self.starting >= workers ? new PeerWorkerError.TooManyWorkers({ limit: workers }) : undefined
}

const isTaken = (self: Workers, port: number): boolean => self.open.has(port) || self.claimed.has(port)

// The system gives a free port of one address or family; here it may be taken by a worker on another one.
const attempts = 8

const launch = <Swarm, R>(
  self: Workers,
  scope: Scope.Scope,
  wanted: Wanted,
  open: Open<Swarm, R>,
  left: number
): Effect.Effect<PeerWorker.PeerWorker<Swarm>, Failure, Exclude<R, Scope.Scope>> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      // an interruption may come when the worker is open and nobody has it yet: then it goes with a scope of its own
      const own = yield* Scope.fork(scope)
      let worker: PeerWorker.PeerWorker<Swarm> | undefined
      let isRefused = false
      const onClose = (statistics: PeerWorker.Statistics) =>
        Effect.suspend(() => {
          forget(self, worker)
          return Effect.andThen(
            // it waits for the end of the worker, which waits for us
            Effect.forkDetach(Scope.close(own, Exit.void)),
            // nobody was given a worker that is refused
            isRefused ? Effect.void : wanted.onClose?.(statistics) ?? Effect.void
          )
        })
      worker = yield* restore(Scope.provide(open(onClose), own)).pipe(
        Effect.onError((cause) => Scope.close(own, Exit.failCause(cause)))
      )
      const { port } = worker
      const refusal = self.isClosed ? new PeerWorkerError.WorkersClosed() : conflictOf(self, wanted, port)
      if (refusal === undefined) return yield* keep(self, worker)
      isRefused = true
      yield* worker.close
      if (self.isClosed || left === 1) return yield* PeerWorkerError.make(refusal)
      return yield* restore(launch(self, scope, wanted, open, left - 1))
    })
  )

const conflictOf = (self: Workers, { bind, name }: Wanted, port: number): PeerWorkerError.Reason | undefined =>
  bind?.port !== port && isTaken(self, port)
    ? new PeerWorkerError.PortInUse({ worker: name, port, isOwn: true })
    : undefined

const keep = <Swarm>(
  self: Workers,
  worker: PeerWorker.PeerWorker<Swarm>
): Effect.Effect<PeerWorker.PeerWorker<Swarm>> =>
  Effect.map(worker.isClosed, (isClosed) => {
    self.started++
    if (isClosed) self.closed++
    else {
      self.open.set(worker.port, worker)
      publish(self)
    }
    return worker
  })

const forget = (self: Workers, worker: PeerWorker.PeerWorker | undefined): void => {
  if (worker === undefined || self.open.get(worker.port) !== worker) return
  self.open.delete(worker.port)
  self.closed++
  publish(self)
}

const unknown = (port: number) => PeerWorkerError.make(new PeerWorkerError.UnknownPort({ port }))

/** The worker with this port, though it may be closing. */
export const held = (
  self: Workers,
  port: number
): Effect.Effect<PeerWorker.PeerWorker, PeerWorkerError.PeerWorkerError> =>
  Effect.suspend(() => {
    const worker = self.open.get(port)
    return worker === undefined ? unknown(port) : Effect.succeed(worker)
  })

/** The open worker with this port. */
export const find = (
  self: Workers,
  port: number
): Effect.Effect<PeerWorker.PeerWorker, PeerWorkerError.PeerWorkerError> =>
  Effect.flatMap(
    held(self, port),
    (worker) => Effect.flatMap(worker.isClosed, (isClosed) => isClosed ? unknown(port) : Effect.succeed(worker))
  )

/** The port of an open worker of this registry. */
export const portOf = (
  self: Workers,
  worker: PeerWorker.PeerWorker
): Effect.Effect<number, PeerWorkerError.PeerWorkerError> =>
  Effect.flatMap(worker.isClosed, (isClosed) => {
    const { name, port } = worker
    if (isClosed) return PeerWorkerError.make(new PeerWorkerError.WorkerClosed({ worker: name, port }))
    return self.open.get(port) === worker ? Effect.succeed(port) : unknown(port)
  })

/** The counts of the registry and of each worker that is open. */
export const statistics = (self: Workers) =>
  Effect.map(
    Effect.forEach(self.open, ([port, worker]) =>
      Effect.map(worker.statistics, (statistics) => [port, statistics] as const)),
    (open) => ({ open: new Map(open), started: self.started, closed: self.closed })
  )
