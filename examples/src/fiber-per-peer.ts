/**
 * One scoped fiber per peer: it starts when the peer is discovered, and all it holds is released when the peer is lost.
 *
 * Two neighbours come up on loopback. Each gets a fiber that holds a connection (here only a line on the console); one of them
 * leaves before the other, and the program ends once both connections are closed.
 */
import { Discovery, NetworkInterface, type Peer } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { Display, NodeDiscovery } from "@effect-discovery/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Deferred, type Duration, Effect } from "effect"

const makeNode = () =>
  NodeDiscovery.layer({
    sources: [JsonBeacon.source({ port: 19_781 })],
    interfaces: NetworkInterface.isLoopback
  })

// other programs may use the port as well
const ours = `-${process.pid}`

const neighbour = (name: string, life: Duration.Input) =>
  Discovery.advertise({ name, port: 7100 }).pipe(
    Effect.andThen(Effect.sleep(life)),
    Effect.scoped,
    Effect.provide(makeNode())
  )

const program = Effect.gen(function*() {
  let closed = 0
  const bothClosed = yield* Deferred.make<void>()

  const connect = (peer: Peer.Peer) =>
    Effect.acquireRelease(
      Console.log("open ", Display.display(peer.name), String(peer.addresses[0])),
      Effect.fnUntraced(function*() {
        yield* Console.log("close", Display.display(peer.name))
        if (++closed === 2) yield* Deferred.succeed(bothClosed, undefined)
      })
    )

  const serve = Effect.fnUntraced(function*(peer: Peer.Peer) {
    if (!peer.name.endsWith(ours)) return
    yield* connect(peer)
    return yield* Console.log("hello", Display.display(peer.name)).pipe(
      Effect.andThen(Effect.sleep("400 millis")),
      Effect.forever
    )
  })

  const neighbours = [neighbour(`ada${ours}`, "1 second"), neighbour(`grace${ours}`, "2 seconds")]
  yield* Effect.forkScoped(Effect.all(neighbours, { concurrency: "unbounded" }))
  // `forEachPeer` goes on for ever, and fails with the first fiber that fails
  yield* Effect.raceFirst(Discovery.forEachPeer(serve), Deferred.await(bothClosed)).pipe(Effect.timeout("10 seconds"))
}).pipe(Effect.scoped, Effect.provide(makeNode()))

NodeRuntime.runMain(program)
