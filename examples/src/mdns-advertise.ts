/**
 * Two hosts of a simulated network announce a service by the same name: one keeps it, the other is told of another one. Both say goodbye.
 */
import { Mdns } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"

const publish = (log: Array<string>) =>
  Effect.gen(function*() {
    const publication = yield* Mdns.publish({ name: "Blog", type: "_http._tcp", port: 8080 })
    yield* Stream.runForEach(publication.state, (state) => Effect.sync(() => log.push(`${state._tag} ${state.name}`)))
  }).pipe(Effect.scoped, Effect.provide(Mdns.layer()))

const watch = (log: Array<string>) =>
  Stream.runForEach(
    Mdns.browse("_http._tcp"),
    (event) => Effect.sync(() => log.push(`${event._tag} ${event.service.name}`))
  ).pipe(Effect.provide(Mdns.layer()))

const scenario = Effect.gen(function*() {
  const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
  const [ada, grace, seen]: [Array<string>, Array<string>, Array<string>] = [[], [], []]
  yield* lan.host("mary").start(watch(seen))
  yield* lan.host("ada").start(publish(ada))
  yield* Effect.sleep("5 seconds")
  yield* lan.host("grace").start(publish(grace))
  yield* Effect.sleep("5 seconds")
  yield* lan.host("ada").stop
  yield* Effect.sleep("5 seconds")
  return [...ada, ...grace, ...seen].join("\n")
})

const expected = `Probing Blog
Registered Blog
Probing Blog
Renamed Blog (2)
Probing Blog (2)
Registered Blog (2)
ServiceFound Blog
ServiceFound Blog (2)
ServiceLost Blog`

const program = Effect.gen(function*() {
  const log = yield* Simulation.run(scenario)
  yield* Console.log(log)
  if (log !== expected) return yield* Effect.fail("it went otherwise than expected")
})

NodeRuntime.runMain(program)
