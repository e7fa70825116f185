/**
 * Prints who comes and goes on the loopback interface, until a neighbour that this program brings along has come, changed and gone.
 *
 * Run `advertise.ts` beside it to see that come and go as well.
 */
import { Discovery, NetworkInterface, Peer } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { Display, NodeDiscovery } from "@effect-discovery/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"

// a node of its own: each build of the layer has its own sockets and registry
const makeNode = () =>
  NodeDiscovery.layer({
    sources: [JsonBeacon.source({ port: 19_778 })],
    interfaces: NetworkInterface.isLoopback
  })

const identity = `neighbour-${process.pid}`

const neighbour = Effect.gen(function*() {
  const advertisement = yield* Discovery.advertise({ name: "neighbour", identity, port: 7100 })
  yield* Effect.sleep("500 millis")
  yield* advertisement.update({ attributes: { load: "0.7" } })
  yield* Effect.sleep("500 millis")
}).pipe(Effect.scoped, Effect.provide(makeNode()))

const browse = Discovery.stream.pipe(
  Stream.tap((event) => Console.log(event._tag, Display.json(Peer.toJson(event.peer)))),
  Stream.takeUntil((event) => event._tag === "PeerLost" && event.peer.id === Peer.id("json", identity)),
  Stream.filter((event) => event.peer.id === Peer.id("json", identity)),
  Stream.runCollect,
  Effect.timeout("10 seconds")
)

const program = Effect.gen(function*() {
  yield* Effect.forkScoped(neighbour)
  const seen = (yield* browse).map(({ _tag }) => _tag).join()
  if (seen !== "PeerDiscovered,PeerUpdated,PeerLost") return yield* Effect.fail(`the neighbour's events were ${seen}`)
}).pipe(Effect.scoped, Effect.provide(makeNode()))

NodeRuntime.runMain(program)
