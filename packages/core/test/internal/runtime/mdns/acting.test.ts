import { Mdns } from "@effect-discovery/core/protocol"
import { Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Result, Scope, Stream } from "effect"
import * as Message from "../../../../src/protocol/mdns/Message.ts"
import * as Bus from "../../../protocol/mdns/claims/Bus.ts"
import * as FakeNetwork from "../../../support/FakeNetwork.ts"

const service = { name: "Ada", type: "_http._tcp", port: 80 }
const group = "224.0.0.251:5353"
const taken = Bus.response([Bus.srv("Ada._http._tcp.local", "eve.local", 81)])

const kindOf = ({ answers, isResponse }: Message.Message): string => {
  if (!isResponse) return "query"
  return answers.every(({ ttl }) => ttl === 0) ? "goodbye" : "announcement"
}

describe("a follower that acts as soon as it is told", () => {
  it.effect("withdraws a service after what announces it, and not before", () =>
    Simulation.run(Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const scope = yield* Scope.make()
        const { state } = yield* Scope.provide(Mdns.publish(service), scope)
        yield* Stream.runDrain(Stream.takeUntil(state, ({ _tag }) => _tag === "Registered"))
        yield* Scope.close(scope, Exit.void)
        yield* Effect.sleep("10 seconds")
      }).pipe(Effect.provide(Layer.provide(Mdns.layer(), network.layer)))
      const sent = network.sent.map(({ payload }) => kindOf(Result.getOrThrow(Message.decode(payload))))

      assert.deepStrictEqual(sent, ["query", "query", "query", "announcement", "goodbye", "goodbye"])
    })))

  it.effect("has a name that was chosen kept for what was asked for, and not for what is asked for next", () =>
    Simulation.run(Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      const kept = new Map<string, string>()
      const names: Mdns.NameStore = {
        get: (key) => Effect.sync(() => kept.get(key)),
        set: (key, name) => Effect.sync(() => void kept.set(key, name))
      }
      yield* Effect.gen(function*() {
        const publication = yield* Mdns.publish(service)
        const rename = Stream.runForEach(
          Mdns.diagnostics,
          ({ _tag }) => _tag === "AdvertisementRenamed" ? publication.update({ name: "Grace" }) : Effect.void
        )
        yield* Effect.forkScoped(rename, { startImmediately: true })
        yield* Effect.sleep("500 millis")
        network.deliver(group, "10.0.0.9:5353", taken)
        yield* Effect.sleep("10 seconds")

        assert.deepStrictEqual(Array.from(kept), [["Ada._http._tcp", "Ada (2)"]])
        assert.strictEqual(yield* publication.name, "Grace")
      }).pipe(Effect.scoped, Effect.provide(Layer.provide(Mdns.layer({ names }), network.layer)))
    })))
})
