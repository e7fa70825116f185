/**
 * A peer worker that speaks PPSPP: the channels of a socket meet the clock, chance, and the program.
 *
 * Whatever is to be sent goes through one bounded queue, so that no handler of the program can hold up a handshake.
 */
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as NetAddress from "effect/net/NetAddress"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import type * as DiscoveryError from "../../../DiscoveryError.ts"
import type * as Limits from "../../../Limits.ts"
import type * as Machine from "../../../Machine.ts"
import type * as PeerWorker from "../../../PeerWorker.ts"
import type * as PeerWorkerError from "../../../PeerWorkerError.ts"
import * as Channels from "../../../protocol/ppspp/Channels.ts"
import type * as Output from "../../../protocol/ppspp/channels/Output.ts"
import type * as State from "../../../protocol/ppspp/channels/State.ts"
import type * as Message from "../../../protocol/ppspp/Message.ts"
import type * as Swarm from "../../../protocol/ppspp/Swarm.ts"
import * as Runner from "../Runner.ts"
import * as Sliding from "../Sliding.ts"

type Told = Exclude<Channels.Input, Machine.Woke>

/**
 * What happens to peers: one is `Opened`, goes on from another port (`Moved`), names others (`Named`), or is `Closed`; or no channel was
 * opened (`Unanswered`), by `reason` since nobody answered (`silence`), one was `refused`, or there was no room for it (`full`).
 *
 * @category models
 * @since 0.1.0
 */
export type Event = Output.Opened | Output.Moved | Output.Named | Output.Closed | Output.Unanswered

/** What the program does about messages. */
export interface Delivery {
  readonly peer: Output.Peer
  readonly messages: ReadonlyArray<Message.Message>
}

/** How the worker is made. */
export interface Options<E, R> {
  readonly name: string
  readonly swarms: readonly [Swarm.Swarm, ...Array<Swarm.Swarm>]
  readonly asks: boolean
  readonly limits: Limits.Limits
  readonly maxDatagram: number
  readonly bind: PeerWorker.Bind | undefined
  readonly url: ((address: NetAddress.InetAddress) => string) | undefined
  readonly handle: (delivery: Delivery, put: Speaker["put"]) => Effect.Effect<unknown, E, R>
  /** Told of all that channels tell, at once. */
  readonly tell: (output: Output.Output, put: Speaker["put"]) => void
}

/** A worker that speaks PPSPP. */
export interface Speaker {
  readonly endpoint: PeerWorker.PeerWorker<ReadonlyArray<Swarm.Swarm>>
  readonly state: () => State.State
  readonly events: PubSub.PubSub<Event>
  /** Has the channels take an input now; whether anything is sent for it. */
  readonly put: (input: Told) => boolean
}

/** Starts the worker, alone or in a registry of workers, and closes it with the scope. */
export type Start<R> = <E, R2>(
  options: PeerWorker.Options<ReadonlyArray<Swarm.Swarm>, Delivery | undefined, E, R2>
) => Effect.Effect<
  PeerWorker.PeerWorker<ReadonlyArray<Swarm.Swarm>>,
  DiscoveryError.DiscoveryError | PeerWorkerError.PeerWorkerError,
  R | Scope.Scope | Exclude<R2, Scope.Scope>
>

// datagrams that wait to be sent, and what happened that a slow reader has not seen
const outbox = 1_024
const backlog = 1_024

/** Starts a worker. However it is closed, it says goodbye, and nothing of it stays behind in a scope that lives on. */
export const open = Effect.fnUntraced(function*<E, R, R2>(options: Options<E, R>, start: Start<R2>) {
  const scope = yield* Scope.fork(yield* Effect.scope)
  return yield* begin(options, start, scope).pipe(
    Scope.provide(scope),
    Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause)))
  )
})

const begin = Effect.fnUntraced(function*<E, R, R2>(options: Options<E, R>, start: Start<R2>, scope: Scope.Closeable) {
  const random = yield* SecureRandom.SecureRandom
  const machine = Channels.machine({ swarms: options.swarms, asks: options.asks })
  const runner = yield* Runner.runMachine<State.State, Told, Output.Output>(machine, yield* Random.nextInt)
  const outgoing = yield* Queue.dropping<Output.Transmit | undefined>(outbox)
  const events = yield* PubSub.sliding<Event>(backlog)
  const core: Core = { runner, outgoing, events, tell: (output) => options.tell(output, ask) }
  const ask = (input: Told): boolean => {
    const outputs = runner.step(input, runner.now())
    return dispatch(core, outputs) && outputs.some(({ _tag }) => _tag === "Transmit")
  }
  yield* Effect.addFinalizer(() => PubSub.shutdown(events))
  yield* refill(core, random)
  const endpoint = yield* start({
    name: options.name,
    swarm: options.swarms,
    bind: options.bind,
    url: options.url,
    maxDatagram: options.maxDatagram,
    limits: options.limits,
    decode: (payload, _, from) => heard(put(core, { _tag: "Received", from, payload })),
    handle: (delivery) => delivery === undefined ? Effect.void : options.handle(delivery, ask),
    isProven: (payload, from) => Channels.isProven(runner.state(), payload, from),
    farewell: (send) => sayGoodbye(core, send),
    // the scope waits for the end of the worker, which waits for us
    onClose: () => Effect.forkDetach(Scope.close(scope, Exit.void))
  })
  yield* Effect.forkScoped(send(core, endpoint, random))
  yield* Effect.forkScoped(runner.timer((outputs) => Effect.sync(() => dispatch(core, outputs))))
  const speaker: Speaker = { endpoint, state: runner.state, events, put: ask }
  return speaker
})

interface Core {
  readonly runner: Runner.Runner<State.State, Told, Output.Output>
  readonly outgoing: Queue.Queue<Output.Transmit | undefined>
  readonly events: PubSub.PubSub<Event>
  readonly tell: (output: Output.Output) => void
}

const put = (core: Core, input: Told): ReadonlyArray<Output.Output> => {
  const outputs = core.runner.step(input, core.runner.now())
  dispatch(core, outputs)
  return outputs
}

/** Whether there was room for all that is to be sent. */
const dispatch = (core: Core, outputs: ReadonlyArray<Output.Output>): boolean => {
  let hasRoom = true
  for (const output of outputs) {
    core.tell(output)
    switch (output._tag) {
      case "Transmit":
        hasRoom = Queue.offerUnsafe(core.outgoing, output) && hasRoom
        break
      case "Heard":
      case "Rejected":
        break
      default:
        Sliding.publish(core.events, output)
    }
  }
  // nothing to send, but a reason to look: channel ids run short
  if (Channels.wanted(core.runner.state()) > 0) Queue.offerUnsafe(core.outgoing, undefined)
  return hasRoom
}

/** What a datagram said, for its handler; or why it was left aside, all of it. */
const heard = (outputs: ReadonlyArray<Output.Output>): Result.Result<Delivery | undefined, Output.Reason> => {
  let delivery: Delivery | undefined
  let reason: Output.Reason | undefined
  let isOfUse = false
  for (const output of outputs) {
    if (output._tag === "Rejected") reason = output.reason
    else if (output._tag !== "Heard") isOfUse = true
    else if (output.messages.length > 0) delivery = output
  }
  return reason !== undefined && delivery === undefined && !isOfUse ? Result.fail(reason) : Result.succeed(delivery)
}

const refill = (core: Core, random: SecureRandom.SecureRandom["Service"]): Effect.Effect<void> =>
  Effect.suspend(() => {
    const wanted = Channels.wanted(core.runner.state())
    if (wanted === 0) return Effect.void
    return Effect.map(random.randomBytes(wanted), (octets) => void put(core, { _tag: "Refill", octets }))
  })

// a datagram that cannot be sent is a lost one: the worker counts it
const send = (
  core: Core,
  endpoint: PeerWorker.PeerWorker,
  random: SecureRandom.SecureRandom["Service"]
): Effect.Effect<never> =>
  Effect.forever(Effect.flatMap(Queue.take(core.outgoing), (transmit) =>
    Effect.andThen(
      refill(core, random),
      transmit === undefined ? Effect.void : Effect.ignore(endpoint.send(transmit.payload, transmit.to))
    )))

// what waits to be sent goes before the goodbyes
const sayGoodbye = (core: Core, send: PeerWorker.PeerWorker["send"]): Effect.Effect<void> =>
  Effect.flatMap(Queue.clear(core.outgoing), (waiting) => {
    const outputs = core.runner.step({ _tag: "Close" }, core.runner.now())
    for (const output of outputs) core.tell(output)
    const farewells = [...waiting, ...outputs].flatMap((output) =>
      output?._tag === "Transmit" ? [Effect.ignore(send(output.payload, output.to))] : []
    )
    return Effect.all(farewells, { concurrency: 16, discard: true })
  })
