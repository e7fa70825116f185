/**
 * Three peers of one swarm on three ports of the loopback interface, by PPSPP. One is known; through it the other two learn of each other,
 * shake hands, and say what they have. A fourth, of another swarm, hears nothing.
 */
import { NetworkInterface, PeerWorkers } from "@effect-discovery/core"
import { Ppspp } from "@effect-discovery/core/protocol"
import { NodeNetwork } from "@effect-discovery/node"
import { NodeCrypto, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Fiber, Layer, Queue, Stream } from "effect"
import { NetAddress } from "effect/net"

const swarm = Ppspp.swarm({ id: "c89800bfc82ed01ed6e3bfd5408c51274491f7d4", hash: "sha-1" })
const bind = { interface: NetworkInterface.isLoopback }

const start = (name: string, swarm: Ppspp.Swarm, had: Queue.Queue<string>) =>
  Ppspp.start({
    name,
    swarm,
    bind,
    handle: (messages, { peer }) =>
      Effect.forEach(messages, ({ _tag }) => Queue.offer(had, `${name} heard ${_tag} of port ${peer.address.port}`))
  })

const program = Effect.gen(function*() {
  const had = yield* Queue.bounded<string>(16)
  const known = yield* start("known", swarm, had)
  const [first, second] = [yield* start("first", swarm, had), yield* start("second", swarm, had)]
  for (const { endpoint } of [known, first, second]) yield* Console.log(yield* PeerWorkers.urlOf(endpoint.port))

  // the URL of a peer says all that is needed to join it
  const url = yield* Effect.fromResult(Ppspp.parseUrl(yield* PeerWorkers.urlOf(known.endpoint.port)))
  const address = NetAddress.inetAddressFromStringUnsafe(`${url.host}:${url.port}`)
  yield* first.connect(address)
  yield* opened(first)
  const naming = yield* Effect.forkChild(firstNamed(second), { startImmediately: true })
  yield* second.connect(address)
  for (const other of yield* Fiber.join(naming)) {
    yield* Console.log(`second was told of port ${other.port}`)
    yield* second.connect(other)
  }
  yield* Effect.sleep("100 millis")
  for (const peer of yield* second.peers) yield* second.send(peer, { _tag: "Have", chunks: Ppspp.range(0, 15) })
  for (const line of yield* Queue.takeN(had, 2)) yield* Console.log(line)

  const stranger = yield* start("stranger", Ppspp.swarm({ id: "00ff" }), had)
  yield* stranger.connect(address)
  yield* Effect.sleep("500 millis")
  yield* Console.log(`the stranger received ${(yield* stranger.endpoint.statistics).received.datagrams} datagrams`)
  for (const worker of [first, second]) yield* worker.close
  yield* Effect.sleep("100 millis")
  yield* Console.log(`after the goodbyes, known has ${(yield* known.peers).length} peers`)
})

const opened = (worker: Ppspp.Worker) =>
  Effect.repeat(Effect.tap(worker.peers, () => Effect.sleep("10 millis")), { until: (peers) => peers.length > 0 })

const firstNamed = ({ events }: Ppspp.Worker): Effect.Effect<ReadonlyArray<NetAddress.InetAddress>> =>
  events.pipe(
    Stream.flatMap((event) => Stream.fromIterable(event._tag === "Named" ? [event.addresses] : [])),
    Stream.runHead,
    Effect.flatMap(Effect.fromOption),
    Effect.orDie
  )

program.pipe(
  Effect.scoped,
  Effect.timeout("20 seconds"),
  Effect.provide([PeerWorkers.layer().pipe(Layer.provide(NodeNetwork.layer())), NodeCrypto.layer]),
  NodeRuntime.runMain
)
