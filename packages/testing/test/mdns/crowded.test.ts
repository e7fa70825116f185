import { Mdns } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"

const services = Array.from({ length: 1_000 }, (_, index) => ({
  name: `service ${index}`,
  type: "_http._tcp",
  port: 8_080,
  attributes: { path: "x".repeat(240), more: "y".repeat(140) }
}))

const follow = (told: Array<string>) =>
  Effect.forkScoped(
    Stream.runForEach(
      Mdns.diagnostics,
      (diagnostic) =>
        Effect.sync(() =>
          told.push("reason" in diagnostic ? `${diagnostic._tag} ${diagnostic.reason}` : diagnostic._tag)
        )
    ),
    { startImmediately: true }
  )

/** What a program tells of that publishes them all at once, next to so many others of its host. */
const toldOf = (others: number) =>
  Simulation.run(
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      const told: Array<string> = []
      for (let other = 0; other < others; other++) {
        yield* lan.host("ada").start(Effect.provide(Effect.never, Mdns.layer()))
      }
      yield* Effect.sleep("1 second")
      yield* lan.host("ada").start(
        Effect.gen(function*() {
          yield* follow(told)
          yield* Effect.forEach(services, (service) => Mdns.publish(service), { concurrency: "unbounded" })
          return yield* Effect.never
        }).pipe(Effect.scoped, Effect.provide(Mdns.layer()))
      )
      yield* Effect.sleep("10 seconds")
      return told
    }),
    { duration: "1 minute" }
  )

describe("a program that publishes a thousand services at once", () => {
  it.effect("takes itself for no flood and for no other program", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* toldOf(0), [])
    }))

  it.effect("takes itself for no flood beside another program of its host", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* toldOf(1), ["PortShared"])
    }))
})
