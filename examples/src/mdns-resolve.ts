/**
 * Resolves an instance and a host by name on the loopback interface, and is told in time when there is none.
 */
import { NetworkInterface } from "@effect-discovery/core"
import { Mdns } from "@effect-discovery/core/protocol"
import { Display, NodeNetwork } from "@effect-discovery/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Stream } from "effect"

const name = `Printer ${process.pid}`
const host = `printer-${process.pid}`

const makeHost = (options: Mdns.Options = {}) =>
  Layer.fresh(Mdns.layer({ ...options, interfaces: NetworkInterface.isLoopback })).pipe(
    Layer.provide(NodeNetwork.layer())
  )

const printer = Effect.gen(function*() {
  const publication = yield* Mdns.publish({ name, type: "_ipp._tcp", port: 631, attributes: { rp: "ipp/print" } })
  yield* publication.state.pipe(Stream.takeUntil(({ _tag }) => _tag === "Registered"), Stream.runDrain)
})

const program = Effect.gen(function*() {
  const live = yield* Layer.build(makeHost({ host }))
  yield* Effect.provide(printer, live)
  const service = yield* Mdns.resolve({ name, type: "_ipp._tcp" })
  yield* Console.log(Display.display(service.host), service.port, Display.display(service.attributes.get("rp") ?? ""))
  const addresses = yield* Mdns.lookup(`${host}.local`)
  yield* Console.log(String(addresses))
  const answer = yield* Mdns.resolve("Nobody._ipp._tcp.local", { timeout: "1 second" }).pipe(
    Effect.map(() => "somebody"),
    Effect.catchReason("ResolveError", "NoAnswer", () => Effect.succeed("nobody"))
  )
  yield* Console.log(answer)
  // without port 5353 and without a layer: a question from a port of its own
  const once = yield* Mdns.lookupOnce(`${host}.local`, { interfaces: NetworkInterface.isLoopback })
  yield* Console.log(String(once))
  if (service.host !== `${host}.local` || answer !== "nobody") {
    return yield* Effect.fail("it went otherwise than expected")
  }
}).pipe(Effect.scoped, Effect.provide([makeHost(), NodeNetwork.layer()]))

NodeRuntime.runMain(program)
