/**
 * What can go wrong with workers, each with a sentence on what to do about it.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The port that a worker was to have is taken: by another program, or by a worker of this one.
 *
 * @category reasons
 * @since 0.1.0
 */
export class PortInUse extends Schema.TaggedError<PortInUse>()("PortInUse", {
  worker: Schema.String,
  port: Schema.Number,
  /** Whether a worker of the same registry has it. */
  isOwn: Schema.Boolean,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message() {
    const holder = this.isOwn ? "another worker has it" : "another program or socket has it"
    return `The worker ${this.worker} cannot have the port ${this.port}: ${holder}. ` +
      `Stop that one, or leave the port out to be given a free one.`
  }
}

/**
 * No worker has this port.
 *
 * @category reasons
 * @since 0.1.0
 */
export class UnknownPort extends Schema.TaggedError<UnknownPort>()("UnknownPort", { port: Schema.Number }) {
  override get message() {
    return `No worker has the port ${this.port}. It was never started here, or it is closed.`
  }
}

/**
 * The worker is closed, or closing.
 *
 * @category reasons
 * @since 0.1.0
 */
export class WorkerClosed extends Schema.TaggedError<WorkerClosed>()("WorkerClosed", {
  worker: Schema.String,
  port: Schema.Number
}) {
  override get message() {
    return `The worker ${this.worker} on port ${this.port} is closed. Start another one.`
  }
}

/**
 * The system did not take a datagram. The worker goes on.
 *
 * @category reasons
 * @since 0.1.0
 */
export class SendFailed extends Schema.TaggedError<SendFailed>()("SendFailed", {
  worker: Schema.String,
  port: Schema.Number,
  /** Where the datagram was to go. */
  to: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    return `The worker ${this.worker} on port ${this.port} could not send to ${this.to}. ` +
      `Check that there is a route to it, and that the datagram is not too long for UDP.`
  }
}

/**
 * The socket of a worker failed, and the worker is closed.
 *
 * @category reasons
 * @since 0.1.0
 */
export class SocketFailed extends Schema.TaggedError<SocketFailed>()("SocketFailed", {
  worker: Schema.String,
  port: Schema.Number,
  cause: Schema.Defect()
}) {
  override get message() {
    return `The socket of the worker ${this.worker} on port ${this.port} has failed, so the worker is closed. Start another one.`
  }
}

/**
 * The worker was given no maker of URLs.
 *
 * @category reasons
 * @since 0.1.0
 */
export class NoUrl extends Schema.TaggedError<NoUrl>()("NoUrl", { worker: Schema.String, port: Schema.Number }) {
  override get message() {
    return `The worker ${this.worker} on port ${this.port} has no URL. Start it with the option \`url\`.`
  }
}

/**
 * There are as many workers as `Limits.workers` allows.
 *
 * @category reasons
 * @since 0.1.0
 */
export class TooManyWorkers extends Schema.TaggedError<TooManyWorkers>()("TooManyWorkers", { limit: Schema.Number }) {
  override get message() {
    return `There are ${this.limit} workers, and there may be no more. Stop some, or raise the limit \`workers\`.`
  }
}

/**
 * The registry of the workers is closed, or closing.
 *
 * @category reasons
 * @since 0.1.0
 */
export class WorkersClosed extends Schema.TaggedError<WorkersClosed>()("WorkersClosed", {}) {
  override get message() {
    return "No worker can be started: their layer is closed."
  }
}

/**
 * Schema of every reason.
 *
 * @category reasons
 * @since 0.1.0
 */
export const Reason = Schema.Union([
  PortInUse,
  UnknownPort,
  WorkerClosed,
  SendFailed,
  SocketFailed,
  NoUrl,
  TooManyWorkers,
  WorkersClosed
])

/**
 * Why something about a worker failed.
 *
 * @category reasons
 * @since 0.1.0
 */
export type Reason = typeof Reason.Type

/**
 * The one error of workers, with a tagged reason inside. Its message tells the reader what to do.
 *
 * **Example** (Take any port when the usual one is taken)
 *
 * ```ts
 * import { PeerWorker } from "@effect-discovery/core"
 * import { Effect, Result } from "effect"
 *
 * const start = (port: number) =>
 *   PeerWorker.make({
 *     name: "echo",
 *     swarm: undefined,
 *     bind: { port },
 *     decode: (payload) => Result.succeed(payload),
 *     handle: (payload, { reply }) => reply(payload)
 *   })
 *
 * const worker = start(7000).pipe(
 *   Effect.catchReason("PeerWorkerError", "PortInUse", () => start(0))
 * )
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class PeerWorkerError extends Schema.TaggedError<PeerWorkerError>()("PeerWorkerError", { reason: Reason }) {
  override get message() {
    return this.reason.message
  }
}

/**
 * Wraps a reason.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (reason: Reason): PeerWorkerError => new PeerWorkerError({ reason })
