/**
 * A worker without its swarm: a socket, what is done about its datagrams, and its end.
 */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as NetAddress from "effect/net/NetAddress"
import * as Scope from "effect/Scope"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import type * as DiscoveryError from "../../../DiscoveryError.ts"
import * as Limits from "../../../Limits.ts"
import * as Network from "../../../Network.ts"
import * as PeerWorkerError from "../../../PeerWorkerError.ts"
import * as Bounds from "../Bounds.ts"
import * as Diagnostics from "../Diagnostics.ts"
import * as Runner from "../Runner.ts"
import * as Sockets from "../Sockets.ts"
import * as Bind from "./Bind.ts"
import * as Pool from "./Pool.ts"
import * as Reception from "./Reception.ts"
import * as Tally from "./Tally.ts"

/** How a worker is opened. */
export interface Options {
  readonly name: string
  readonly bind: Bind.Bind
  readonly limits: Partial<Limits.Limits> | undefined
  readonly overflow: "sliding" | "dropping"
  readonly maxDatagram: number
  /** Asked once, when the socket is bound and before anything is read from it. */
  readonly prepare: (worker: Worker) => Reception.Accept
  readonly isProven: Reception.Options["isProven"]
  readonly farewell: (send: Send) => Effect.Effect<unknown, unknown>
  readonly onClose: (statistics: Tally.Statistics) => Effect.Effect<unknown>
}

/** Sends a datagram from the port of a worker. */
export type Send = (
  content: Uint8Array | string,
  address: NetAddress.InetAddress
) => Effect.Effect<void, PeerWorkerError.PeerWorkerError>

/** A worker that is open, closing or closed. */
export interface Worker {
  readonly name: string
  readonly port: number
  readonly limits: Limits.Limits
  readonly bound: Bind.Bound
  readonly tally: Tally.Tally
  readonly pool: Pool.Pool
  readonly diagnostics: Diagnostics.Diagnostics
  readonly now: () => number
  readonly startedAt: number
  readonly fork: (effect: Effect.Effect<unknown, unknown>) => Fiber.Fiber<unknown, unknown>
  /** Ends all of it; run once. */
  shutdown: Effect.Effect<unknown>
  readonly ended: Deferred.Deferred<Tally.Statistics>
  isClosing: boolean
  endedAt: number | undefined
  /** Why it is closed, where nobody wanted it to be. */
  failure: PeerWorkerError.PeerWorkerError | undefined
}

/** Opens a worker, until it is closed or the scope closes. */
export const open = (
  options: Options
): Effect.Effect<
  Worker,
  DiscoveryError.DiscoveryError | PeerWorkerError.PeerWorkerError,
  Network.Network | Scope.Scope
> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const limits = yield* Bounds.check(Limits.defaults, options.limits)
      // a scope that lives on keeps nothing of a worker that is closed; one that closes waits for a worker that is closing
      const link = yield* Scope.fork(yield* Effect.scope)
      const own = yield* Scope.make()
      const opening = Effect.gen(function*() {
        const bound = yield* restore(Bind.open({ ...options, limits }))
        const worker = yield* make(options, limits, bound)
        yield* serve(worker, options, { own, link })
        return worker
      })
      const worker = yield* opening.pipe(
        Scope.provide(own),
        Effect.onError((cause) => Effect.forEach([own, link], (scope) => Scope.close(scope, Exit.failCause(cause))))
      )
      yield* Scope.addFinalizer(link, close(worker))
      return worker
    })
  )

const make = (
  { name, overflow }: Options,
  limits: Limits.Limits,
  bound: Bind.Bound
): Effect.Effect<Worker> =>
  Effect.map(
    Effect.all([Runner.monotonic, Effect.context<never>()]),
    ([now, context]) => {
      const { port } = bound.reader.address
      const tally = Tally.make()
      const diagnostics = Diagnostics.make(limits)
      const fork = Effect.runForkWith(context)
      const pool = Pool.make({
        concurrency: limits.workerConcurrency,
        capacity: limits.workerQueue,
        overflow,
        timeLimit: limits.workerHandler,
        now,
        onDrop: (why) => void tally.dropped[why]++,
        onEnd: (ending, cause) => {
          if (ending === "handled") tally.handled++
          else tally.failed[ending]++
          if (ending === "handled" || ending === "interruptions") return
          const place = placeOf(bound)
          const message = messageOf(cause, limits)
          diagnostics.report({ _tag: "HandlerFailed", source: name, interface: place, what: ending, message })
        }
      })
      return {
        name,
        port,
        limits,
        bound,
        tally,
        pool,
        diagnostics,
        now,
        startedAt: now(),
        fork,
        shutdown: Effect.void,
        ended: Deferred.makeUnsafe(),
        isClosing: false,
        endedAt: undefined,
        failure: undefined
      }
    }
  )

const placeOf = ({ reader }: Bind.Bound): string => NetAddress.formatInet(reader.address)

// what a handler fails with may hold what came from the wire (S-F5)
const messageOf = (cause: Cause.Cause<unknown> | undefined, { workerHandler }: Limits.Limits): string => {
  if (cause === undefined) return `not done after ${workerHandler} ms`
  const error = Cause.squash(cause)
  try {
    return String(error instanceof Error ? error.message : error).slice(0, 64)
  } catch {
    return "an error without a text"
  }
}

/** The scope of the socket, and what the scope that the worker was started in knows of it. */
interface Scopes {
  readonly own: Scope.Closeable
  readonly link: Scope.Closeable
}

/** Reads from the socket from now on. */
const serve = (worker: Worker, options: Options, { link, own }: Scopes): Effect.Effect<void> =>
  Effect.sync(() => {
    const { bound, limits, now, pool, tally } = worker
    const reception = Reception.make({
      name: worker.name,
      place: placeOf(bound),
      limits,
      maxDatagram: options.maxDatagram,
      tally,
      pool,
      reader: bound.reader,
      accept: options.prepare(worker),
      isProven: options.isProven,
      report: worker.diagnostics.report
    }, now())
    const receiving = worker.fork(
      Effect.catchCause(
        Sockets.forEachBatch(bound.reader, now, (datagrams, at) => {
          Reception.take(reception, datagrams, at)
          return undefined
        }),
        (cause) => Effect.sync(() => fail(worker, cause))
      )
    )
    const timing = worker.fork(Pool.timer(pool))
    worker.shutdown = Effect.gen(function*() {
      yield* Fiber.interrupt(receiving)
      const farewell = Effect.suspend(() => options.farewell((content, to) => transmit(worker, content, to)))
      yield* Effect.all([inTime(worker, farewell), Pool.close(pool, limits.goodbye)], { concurrency: "unbounded" })
      // last of all, since datagrams came in meanwhile
      Reception.miss(reception, yield* leftover(bound.reader))
      Reception.settle(reception)
      yield* Fiber.interrupt(timing)
      yield* Scope.close(own, Exit.void)
      worker.endedAt = now()
      const final = statistics(worker)
      yield* inTime(worker, Effect.suspend(() => options.onClose(final)))
      yield* Deferred.succeed(worker.ended, final)
      yield* Scope.close(link, Exit.void)
    })
  })

// What the program does about the end, in a fiber of its own: it may not heed its interruption, which must not keep the worker from its end.
const inTime = ({ fork, limits }: Worker, effect: Effect.Effect<unknown, unknown>): Effect.Effect<void> =>
  Effect.suspend(() => {
    const fiber = fork(effect)
    const ended = Fiber.await(fiber).pipe(Effect.interruptible, Effect.timeoutOption(limits.goodbye))
    return Effect.map(ended, () => fiber.interruptUnsafe())
  })

/** What has been received and not been read. */
const leftover = (reader: DatagramSocket.Reader): Effect.Effect<ReadonlyArray<DatagramSocket.Datagram>> => {
  const nothing: ReadonlyArray<DatagramSocket.Datagram> = []
  return Effect.catchCause(Effect.raceFirst(reader.pull, Effect.succeed(nothing)), () => Effect.succeed(nothing))
}

const fail = (worker: Worker, cause: Cause.Cause<DatagramSocket.DatagramSocketError>): void => {
  // nobody but its shutdown interrupts it: a socket that does so has failed, too
  if (worker.isClosing) return
  const { name, port } = worker
  worker.failure = PeerWorkerError.make(
    new PeerWorkerError.SocketFailed({ worker: name, port, cause: Cause.squash(cause) })
  )
  beginToClose(worker)
}

// In a fiber of its own and a turn later: whoever closes a worker may be one of its handlers, which is interrupted by that, and may be
// interrupted itself, which must not leave it half closed.
const beginToClose = (worker: Worker): void => {
  if (worker.isClosing) return
  worker.isClosing = true
  worker.fork(Effect.uninterruptible(Effect.andThen(Effect.yieldNow, Effect.suspend(() => worker.shutdown))))
}

/** Closes a worker that is not closed yet. */
export const close = (self: Worker): Effect.Effect<Tally.Statistics> =>
  Effect.suspend(() => {
    beginToClose(self)
    return Deferred.await(self.ended)
  })

/** The counts as they are now. */
export const statistics = ({ endedAt, now, pool, port, startedAt, tally }: Worker): Tally.Statistics =>
  Tally.statistics(tally, {
    port,
    uptime: (endedAt ?? now()) - startedAt,
    waiting: pool.waiting.length,
    running: pool.active
  })

const utf8 = new TextEncoder()

/** Sends to an address, or to where a datagram came from. */
export const send = (
  self: Worker,
  content: Uint8Array | string,
  address: NetAddress.InetAddress | DatagramSocket.Datagram
): Effect.Effect<void, PeerWorkerError.PeerWorkerError> =>
  Effect.suspend(() => self.isClosing ? Effect.fail(closed(self)) : transmit(self, content, address))

const transmit = (
  self: Worker,
  content: Uint8Array | string,
  address: NetAddress.InetAddress | DatagramSocket.Datagram
): Effect.Effect<void, PeerWorkerError.PeerWorkerError> =>
  Effect.suspend(() => {
    if (self.endedAt !== undefined) return Effect.fail(closed(self))
    const { bound, limits, tally } = self
    const payload = typeof content === "string" ? utf8.encode(content) : content
    return Effect.matchCauseEffect(Sockets.inTime(bound.writer.write({ payload, address }), limits.send), {
      onSuccess: () => {
        tally.sent++
        tally.octetsOut += payload.length
        return Effect.void
      },
      onFailure: (cause) => {
        if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
        tally.sendsFailed++
        return Effect.fail(self.isClosing ? closed(self) : notSent(self, address, Cause.squash(cause)))
      }
    })
  })

const closed = ({ name, port }: Worker): PeerWorkerError.PeerWorkerError =>
  PeerWorkerError.make(new PeerWorkerError.WorkerClosed({ worker: name, port }))

const notSent = (
  { name, port }: Worker,
  address: NetAddress.InetAddress | DatagramSocket.Datagram,
  cause: unknown
): PeerWorkerError.PeerWorkerError => {
  const to = "payload" in address
    ? `${Network.hostOf(address)} port ${Network.portOf(address)}`
    : NetAddress.formatInet(address)
  return PeerWorkerError.make(new PeerWorkerError.SendFailed({ worker: name, port, to, cause }))
}
