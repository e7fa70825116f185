/**
 * A UDP endpoint that serves one swarm: every datagram is handled in a fiber of its own, and none harms another.
 *
 * **Example** (A worker that answers)
 *
 * ```ts
 * import { NetworkInterface, PeerWorker } from "@effect-discovery/core"
 * import { NodeNetwork } from "@effect-discovery/node"
 * import { Console, Effect, Result } from "effect"
 *
 * const utf8 = new TextDecoder()
 *
 * const program = Effect.gen(function*() {
 *   const worker = yield* PeerWorker.make({
 *     name: "greeter",
 *     swarm: { greeting: "hello" },
 *     bind: { interface: NetworkInterface.isLoopback },
 *     decode: (payload) => payload.length === 0 ? Result.fail("empty") : Result.succeed(utf8.decode(payload)),
 *     handle: (name, { reply, worker }) => reply(`${worker.swarm.greeting} ${name}`)
 *   })
 *   yield* Console.log(`listening on port ${worker.port}`)
 *   yield* Effect.sleep("1 minute")
 *   const { failed, handled } = yield* worker.close
 *   yield* Console.log(`${handled} answered, ${failed.failures + failed.defects} failed`)
 * })
 *
 * const main = program.pipe(Effect.scoped, Effect.provide(NodeNetwork.layer()))
 * ```
 *
 * @since 0.1.0
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as NetAddress from "effect/net/NetAddress"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Diagnostic from "./Diagnostic.ts"
import type * as DiscoveryError from "./DiscoveryError.ts"
import type { Bind } from "./internal/runtime/workers/Bind.ts"
import type * as Reception from "./internal/runtime/workers/Reception.ts"
import type { Statistics } from "./internal/runtime/workers/Tally.ts"
import * as Tally from "./internal/runtime/workers/Tally.ts"
import * as Worker from "./internal/runtime/workers/Worker.ts"
import type * as Limits from "./Limits.ts"
import type * as Network from "./Network.ts"
import type * as PeerWorkerError from "./PeerWorkerError.ts"

export type { Bind } from "./internal/runtime/workers/Bind.ts"
export type { Statistics } from "./internal/runtime/workers/Tally.ts"

/**
 * A UDP endpoint that serves one swarm, until it is closed or its scope closes.
 *
 * @category models
 * @since 0.1.0
 */
export interface PeerWorker<out Swarm = unknown> {
  /** What it is called in diagnostics. */
  readonly name: string
  /** The options of its swarm, fixed at its start. */
  readonly swarm: Swarm
  /** Where it is bound: the address may stand for all. */
  readonly address: NetAddress.InetAddress
  /** The UDP port that it is bound to. */
  readonly port: number
  /** What the option `url` made. */
  readonly url: Option.Option<string>
  /** Sends a datagram from the worker's port. A failure is the caller's; the worker goes on. */
  readonly send: (
    payload: Uint8Array | string,
    to: NetAddress.InetAddress
  ) => Effect.Effect<void, PeerWorkerError.PeerWorkerError>
  /** The counts so far, or the final ones. */
  readonly statistics: Effect.Effect<Statistics>
  /** What was rejected, dropped, or failed to be handled: the totals so far, then as they grow, never ending before the worker. */
  readonly diagnostics: Stream.Stream<Diagnostic.Diagnostic>
  /**
   * Closes the worker: waiting datagrams are dropped, handlers interrupted, the port is free. Completes with the final counts, within
   * `Limits.goodbye`, also when it was closed before. A handler that closes its worker is interrupted by that.
   */
  readonly close: Effect.Effect<Statistics>
  /** Waits until it is closed, by whomever. Fails with `SocketFailed`, and its cause, when that was since its socket failed. */
  readonly await: Effect.Effect<Statistics, PeerWorkerError.PeerWorkerError>
  /** Whether it is closed or closing. */
  readonly isClosed: Effect.Effect<boolean>
}

/**
 * What a handler knows beside the message.
 *
 * @category models
 * @since 0.1.0
 */
export interface Delivery<out Swarm = unknown> {
  /** The address and port that the message came from. */
  readonly from: NetAddress.InetAddress
  /** Sends a datagram to where the message came from. */
  readonly reply: (payload: Uint8Array | string) => Effect.Effect<void, PeerWorkerError.PeerWorkerError>
  /** The worker that received it. */
  readonly worker: PeerWorker<Swarm>
}

/**
 * How a worker is made.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<Swarm, Message, E = never, R = never> {
  /** What diagnostics and errors call it. */
  readonly name: string
  /** The options of the swarm that it serves, fixed for its life, and handed to the decoder. */
  readonly swarm: Swarm
  /** Port, address, interface, family. Default: a free port on all addresses of IPv4. */
  readonly bind?: Bind | undefined
  /**
   * What a datagram says, or why it is rejected: a reason from a closed set, never what the datagram says. One that throws rejects its datagram
   * with `defect`.
   */
  readonly decode: (
    payload: Uint8Array,
    swarm: NoInfer<Swarm>,
    from: NetAddress.InetAddress
  ) => Result.Result<Message, string>
  /**
   * What to do about a message, in a fiber and a scope of its own. One that fails, dies, or takes longer than `Limits.workerHandler` is counted,
   * and harms nothing else.
   */
  readonly handle: (message: NoInfer<Message>, delivery: Delivery<NoInfer<Swarm>>) => Effect.Effect<unknown, E, R>
  /**
   * Whether a datagram shows that it comes from where it says, as by a number that only that one was told. Such datagrams have a
   * `Limits.datagramsPerSource` of their own, so that nobody can use up a peer's by forging its address. It is asked of every datagram, before any
   * limit of rate, so it has to be cheap. Default: none is.
   */
  readonly isProven?: ((payload: Uint8Array, from: NetAddress.InetAddress) => boolean) | undefined
  /** The URL of the worker, made at its start, such as `ppspp://192.0.2.7:7000/<swarm>`. */
  readonly url?: ((address: NetAddress.InetAddress, swarm: NoInfer<Swarm>) => string) | undefined
  /** Longer datagrams are rejected with `size` before they are looked at. Default: 1,472 octets, what fits into one frame. */
  readonly maxDatagram?: number | undefined
  /** What is dropped when `Limits.workerQueue` messages wait: `sliding`, the default, the oldest, `dropping` the newest. */
  readonly overflow?: "sliding" | "dropping" | undefined
  /**
   * Says the last words of a worker that is being closed, by whomever, with a `send` that goes on working while all others fail. Nothing is
   * received any more; it has `Limits.goodbye`, and its failure is ignored.
   */
  readonly farewell?: ((send: PeerWorker["send"]) => Effect.Effect<unknown, unknown>) | undefined
  /** Told of the final counts when the worker is closed, by whomever; its failure is ignored. */
  readonly onClose?: ((statistics: Statistics) => Effect.Effect<unknown>) | undefined
  /** Bounds other than the defaults. */
  readonly limits?: Partial<Limits.Limits> | undefined
}

/**
 * Starts a worker; it is closed with the scope.
 *
 * **Details**
 *
 * Fails with `PortInUse` when the port is taken, and with the errors of discovery when there is no such interface, the port is
 * forbidden, or a limit is none.
 *
 * A worker does not outlive its socket, and opens no other: when the socket fails to receive, the worker is closed as by `close`, `await`
 * fails with `SocketFailed`, and `statistics` and `onClose` have the final counts. To go on, start another one.
 *
 * **Gotchas**
 *
 * A handler that computes without a pause keeps the whole program from everything else, as in any program; it cannot be interrupted.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <Swarm, Message, E = never, R = never>(
  options: Options<Swarm, Message, E, R>
): Effect.Effect<
  PeerWorker<Swarm>,
  DiscoveryError.DiscoveryError | PeerWorkerError.PeerWorkerError,
  Network.Network | Scope.Scope | Exclude<R, Scope.Scope>
> =>
  Effect.flatMap(Effect.context<Exclude<R, Scope.Scope>>(), (context) => {
    let self: PeerWorker<Swarm>
    const opened = Worker.open({
      name: options.name,
      bind: options.bind ?? {},
      limits: options.limits,
      overflow: options.overflow ?? "sliding",
      maxDatagram: options.maxDatagram ?? maxDatagram,
      isProven: options.isProven,
      farewell: options.farewell ?? (() => Effect.void),
      onClose: options.onClose ?? (() => Effect.void),
      prepare: (worker) => {
        self = of(options, worker)
        return accept(options, worker, self, Effect.runForkWith(context))
      }
    })
    return Effect.map(opened, () => self)
  })

// what is left of the 1,500 octets of an Ethernet frame beside the headers of IPv4 and UDP
const maxDatagram = 1_472

const of = <Swarm>(
  { name, swarm, url }: Pick<Options<Swarm, never>, "name" | "swarm" | "url">,
  worker: Worker.Worker
): PeerWorker<Swarm> => {
  const { address } = worker.bound.reader
  const ended = Deferred.await(worker.ended)
  return {
    name,
    swarm,
    address,
    port: worker.port,
    url: Option.map(Option.fromUndefinedOr(url), (url) => url(address, swarm)),
    send: (payload, to) => Worker.send(worker, payload, to),
    statistics: Effect.sync(() => Worker.statistics(worker)),
    diagnostics: Stream.interruptWhen(worker.diagnostics.stream, ended),
    close: Worker.close(worker),
    await: Effect.flatMap(
      ended,
      (statistics) => worker.failure === undefined ? Effect.succeed(statistics) : Effect.fail(worker.failure)
    ),
    isClosed: Effect.sync(() => worker.isClosing)
  }
}

/** What is to be done about a datagram: to decode it now, and to handle what it says when there is a place for that. */
const accept = <Swarm, Message, E, R>(
  { decode, handle, swarm }: Options<Swarm, Message, E, R>,
  worker: Worker.Worker,
  self: PeerWorker<Swarm>,
  fork: (task: Effect.Effect<unknown, E, Exclude<R, Scope.Scope>>) => Fiber.Fiber<unknown, E>
): Reception.Accept =>
(datagram, from) =>
  Result.map(decode(datagram.payload, swarm, from), (message) => {
    const reply: Delivery["reply"] = (payload) => Worker.send(worker, payload, datagram)
    return () => fork(Effect.scoped(Effect.suspend(() => handle(message, { from, reply, worker: self }))))
  })

/**
 * How many of the received datagrams the other counts account for: all of them, at any time.
 *
 * @category getters
 * @since 0.1.0
 */
export const accounted: (self: Statistics) => number = Tally.accounted
