/**
 * A worker whose handler does what a bare socket does: it counts.
 */
import * as PeerWorker from "@effect-discovery/core/PeerWorker"
import * as NodeNetwork from "@effect-discovery/node/NodeNetwork"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Result from "effect/Result"
import * as Receiver from "./Receiver.ts"

// as many as come: the bare socket has no bounds either
const unlimited = { perSecond: 1e9, burst: 1e9 }

Receiver.serve(async ({ limits, link }) => {
  const runtime = ManagedRuntime.make(NodeNetwork.layer())
  let received = 0
  const count = Effect.sync(() => {
    received++
  })
  const worker = PeerWorker.make({
    name: "bench",
    swarm: undefined,
    bind: { port: link.port },
    decode: (payload) => Result.succeed(payload),
    handle: () => count,
    limits: { datagramsPerSource: unlimited, datagramsPerSession: unlimited, ...limits }
  })
  await new Promise<void>((resolve, reject) => {
    const opened = Effect.map(worker, () => resolve())
    runtime.runFork(
      Effect.scoped(Effect.andThen(opened, Effect.never)).pipe(
        Effect.tapError((error) => Effect.sync(() => reject(error)))
      )
    )
  })
  return { known: () => received, received: () => received }
})
