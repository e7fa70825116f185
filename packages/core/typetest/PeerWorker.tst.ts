import { type Network, PeerWorker, PeerWorkers } from "@effect-discovery/core"
import { Context, Effect, Result, type Scope } from "effect"
import { describe, expect, it } from "tstyche"

class Store extends Context.Service<Store, { readonly get: (key: number) => Effect.Effect<string, "missing"> }>()(
  "Store"
) {}

const options = {
  name: "worker",
  swarm: { chunk: 1_024 },
  decode: (payload: Uint8Array, swarm: { readonly chunk: number }) => Result.succeed(payload.length * swarm.chunk)
}

type ServicesOf<T> = T extends Effect.Effect<infer _A, infer _E, infer R> ? R : never

describe("make", () => {
  it("the handler's message and worker are those of decoder and swarm", () => {
    void PeerWorker.make({
      ...options,
      handle: (message, { worker }) => {
        expect(message).type.toBe<number>()
        expect(worker.swarm.chunk).type.toBe<number>()
        return Effect.void
      }
    })
  })

  it("needs the services of the handler, but for the scope that each handler has", () => {
    const worker = PeerWorker.make({
      ...options,
      handle: (message) =>
        Effect.acquireRelease(Effect.void, () => Effect.void).pipe(
          Effect.andThen(Store.use((store) => store.get(message)))
        )
    })

    expect<ServicesOf<typeof worker>>().type.toBe<Network.Network | Scope.Scope | Store>()
  })
})

describe("PeerWorkers.start", () => {
  it("needs no scope: the layer has one", () => {
    const worker = PeerWorkers.start({ ...options, handle: (message) => Store.use((store) => store.get(message)) })

    expect<ServicesOf<typeof worker>>().type.toBe<PeerWorkers.PeerWorkers | Store>()
    expect<Effect.Success<typeof worker>>().type.toBe<PeerWorker.PeerWorker<{ chunk: number }>>()
  })
})
