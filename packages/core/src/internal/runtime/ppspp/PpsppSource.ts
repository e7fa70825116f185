/**
 * A swarm as a source of discovery: a worker of its own, and the neighbours that it has.
 */
import * as Arr from "effect/Array"
import type * as SecureRandom from "effect/crypto/SecureRandom"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import type * as NetAddress from "effect/net/NetAddress"
import * as Random from "effect/Random"
import type * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as DiscoveryError from "../../../DiscoveryError.ts"
import type * as Network from "../../../Network.ts"
import type * as PeerRegistry from "../../../PeerRegistry.ts"
import * as PeerWorker from "../../../PeerWorker.ts"
import type * as PeerWorkerError from "../../../PeerWorkerError.ts"
import type * as Output from "../../../protocol/ppspp/channels/Output.ts"
import * as Neighbours from "../../../protocol/ppspp/Neighbours.ts"
import type * as Swarm from "../../../protocol/ppspp/Swarm.ts"
import type * as Source from "../../../Source.ts"
import * as Diagnostics from "../Diagnostics.ts"
import * as Runner from "../Runner.ts"
import * as Speaker from "./Speaker.ts"

/** How the source is made. */
export interface Options {
  readonly name: string
  readonly swarm: Swarm.Swarm
  readonly bind: PeerWorker.Bind
  readonly bootstrap: ReadonlyArray<NetAddress.InetAddress>
  readonly follow: number
  readonly asks: boolean
  readonly maxDatagram: number
  readonly retry: Schedule.Schedule<unknown, DiscoveryError.DiscoveryError>
  readonly settings: Source.Settings
}

/** Opens the source. What fails at the start fails it; what fails later starts anew. */
export const open = Effect.fnUntraced(function*(options: Options) {
  const pending = inbox()
  const { name, retry, settings } = options
  const serve = session(options, pending)
  const first = yield* serve
  const broken = yield* Deferred.make<never, DiscoveryError.DiscoveryError>()
  const restart = Effect.suspend(() => {
    settings.report({ _tag: "SessionRestarting", source: name, interface: "", message: "the socket failed" })
    return Effect.retry(serve, retry)
  })
  const keep = (serving: Serving): Effect.Effect<never, DiscoveryError.DiscoveryError, Needs> =>
    Effect.ignore(serving.endpoint.await).pipe(
      Effect.andThen(Scope.close(serving.scope, Exit.void)),
      Effect.andThen(restart),
      Effect.flatMap(keep)
    )
  yield* Effect.forkScoped(Effect.catch(keep(first), (error) => Deferred.fail(broken, failed(name, error))))
  const opened: Source.Open = {
    inputs: Stream.interruptWhen(Stream.fromPull(Effect.succeed(pull(pending))), Deferred.await(broken))
  }
  return opened
})

type Needs = Network.Network | SecureRandom.SecureRandom | Scope.Scope

const failed = (source: string, cause: DiscoveryError.DiscoveryError): DiscoveryError.DiscoveryError =>
  DiscoveryError.make(new DiscoveryError.SourceFailed({ source, cause }))

interface Serving {
  readonly endpoint: PeerWorker.PeerWorker
  readonly scope: Scope.Closeable
}

/** A session in a scope of its own, which closes with that of the source. */
const session = (options: Options, pending: Inbox): Effect.Effect<Serving, DiscoveryError.DiscoveryError, Needs> =>
  Effect.gen(function*() {
    const scope = yield* Scope.fork(yield* Effect.scope)
    const endpoint = yield* begin(options, pending).pipe(
      Scope.provide(scope),
      Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause)))
    )
    return { endpoint, scope }
  }).pipe(Effect.catchTag("PeerWorkerError", (error) => Effect.fail(unavailable(error))))

/** One worker, with the neighbours that it finds, until its socket fails. */
const begin = Effect.fnUntraced(function*(options: Options, pending: Inbox) {
  const { asks, bind, bootstrap, follow, maxDatagram, name, settings, swarm } = options
  const machine = Neighbours.machine({ source: name, swarm, bootstrap, follow })
  const runner = yield* Runner.runMachine<Neighbours.Neighbours, Output.Output, Neighbours.Want>(
    machine,
    yield* Random.nextInt
  )
  const perform = (wants: ReadonlyArray<Neighbours.Want>, put: Speaker.Speaker["put"]): void => {
    for (const want of wants) {
      if (want._tag === "Tell") tell(pending, want.input)
      else put({ ...want, swarm })
    }
  }
  const speaker = yield* Speaker.open<never, never, Network.Network>({
    name,
    swarms: [swarm],
    asks,
    limits: settings.limits,
    maxDatagram,
    bind,
    url: undefined,
    handle: () => Effect.void,
    tell: (output, put) => perform(runner.step(output, runner.now()), put)
  }, PeerWorker.make)
  yield* Effect.forkScoped(Diagnostics.forward(speaker.endpoint.diagnostics, settings.report))
  yield* Effect.forkScoped(runner.timer((wants) => Effect.sync(() => perform(wants, speaker.put))))
  return speaker.endpoint
})

const unavailable = (error: PeerWorkerError.PeerWorkerError): DiscoveryError.DiscoveryError => {
  const { reason } = error
  const where = { source: "ppspp", interface: "", cause: error }
  return DiscoveryError.make(
    reason._tag === "PortInUse"
      ? new DiscoveryError.AddressInUse({ ...where, endpoint: `port ${reason.port}`, advice })
      : new DiscoveryError.EndpointUnavailable({ ...where, endpoint: "UDP" })
  )
}

const advice = "Stop that program, or leave the port out to be given a free one"

// what waits is the latest of each claim, so it is bounded by what neighbours there can be
interface Inbox {
  readonly inputs: Map<string, PeerRegistry.Input>
  readonly news: Latch.Latch
}

const inbox = (): Inbox => ({ inputs: new Map(), news: Latch.makeUnsafe() })

const tell = ({ inputs, news }: Inbox, input: PeerRegistry.Announced | PeerRegistry.Withdrawn): void => {
  const identity = input._tag === "Announced" ? input.claim.identity : input.identity
  const key = `${identity} ${input.provenance.address}`
  // in the order in which they were told
  inputs.delete(key)
  inputs.set(key, input)
  news.openUnsafe()
}

const pull = (self: Inbox): Effect.Effect<Arr.NonEmptyReadonlyArray<PeerRegistry.Input>> =>
  Effect.suspend(() => {
    const inputs = Array.from(self.inputs.values())
    self.inputs.clear()
    if (Arr.isReadonlyArrayNonEmpty(inputs)) return Effect.succeed(inputs)
    self.news.closeUnsafe()
    return Effect.andThen(self.news.await, pull(self))
  })
