/**
 * Prints the web servers that come and go on the loopback interface, until one that this program brings along has come, changed and gone.
 *
 * On a real network leave `interfaces` out: the same program then finds what Avahi, Bonjour and printers announce.
 */
import { NetworkInterface } from "@effect-discovery/core"
import { Mdns } from "@effect-discovery/core/protocol"
import { Display, NodeNetwork } from "@effect-discovery/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Stream } from "effect"

// a host of its own: each build of the layer has its own sockets, names and cache
const makeHost = () =>
  Layer.fresh(Mdns.layer({ interfaces: NetworkInterface.isLoopback })).pipe(Layer.provide(NodeNetwork.layer()))

const name = `Blog ${process.pid}`

const neighbour = Effect.gen(function*() {
  const publication = yield* Mdns.publish({ name, type: "_http._tcp", port: 8080, attributes: { path: "/" } })
  yield* publication.state.pipe(
    Stream.takeUntil(({ _tag }) => _tag === "Registered"),
    Stream.runDrain
  )
  yield* Effect.sleep("1 second")
  yield* publication.update({ attributes: { path: "/news" } })
  // nothing is multicast twice within a second, so a change may take that long
  yield* Effect.sleep("2 seconds")
}).pipe(Effect.scoped, Effect.provide(makeHost()))

const browse = Mdns.browse("_http._tcp").pipe(
  Stream.filter((event) => event.service.name === name),
  Stream.tap(({ _tag, service }) =>
    Console.log(
      _tag,
      Display.display(service.id),
      String(service.addresses),
      Display.display(service.attributes.get("path") ?? "")
    )
  ),
  Stream.takeUntil((event) => event._tag === "ServiceLost"),
  Stream.runCollect,
  Effect.timeout("20 seconds")
)

const program = Effect.gen(function*() {
  yield* Effect.forkScoped(neighbour)
  const seen = Array.from(new Set((yield* browse).map(({ _tag }) => _tag))).join()
  if (seen !== "ServiceFound,ServiceUpdated,ServiceLost") {
    return yield* Effect.fail(`the neighbour's events were ${seen}`)
  }
}).pipe(Effect.scoped, Effect.provide(makeHost()))

NodeRuntime.runMain(program)
