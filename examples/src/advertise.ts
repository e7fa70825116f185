/**
 * Is found on the loopback interface, changes what it says of itself, and says goodbye. A second node tells what it heard.
 *
 * Run `browse.ts` beside it to see it from another program.
 */
import { Announcement, Discovery, NetworkInterface } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { Display, NodeDiscovery } from "@effect-discovery/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"

const makeNode = () =>
  NodeDiscovery.layer({
    sources: [JsonBeacon.source({ port: 19_778 })],
    interfaces: NetworkInterface.isLoopback
  })

const name = `ada-${process.pid}`

// the scope of an advertisement is its life: a goodbye is sent when it closes
const advertise = Effect.gen(function*() {
  const advertisement = yield* Discovery.advertise(
    Announcement.make({ name, port: 8080, attributes: { role: "follower" } })
  )
  yield* Effect.sleep("1 second")
  yield* advertisement.update({ attributes: { role: "leader" } })
  yield* Effect.sleep("1 second")
}).pipe(Effect.scoped, Effect.provide(makeNode()))

const listen = Effect.gen(function*() {
  const found = yield* Discovery.awaitPeer((peer) => peer.name === name)
  yield* Console.log("found", Display.display(found.id), "at", String(found.addresses[0]))
  yield* Discovery.awaitPeer((peer) => peer.id === found.id && peer.attributes.get("role") === "leader")
  yield* Console.log("it leads now")
  const lost = yield* Discovery.stream.pipe(
    Stream.filter((event) => event._tag === "PeerLost" && event.peer.id === found.id),
    Stream.runHead,
    Effect.flatMap(Effect.fromOption)
  )
  if (lost._tag !== "PeerLost" || lost.reason !== "Goodbye") return yield* Effect.fail("it left without a goodbye")
  yield* Console.log("it said goodbye")
}).pipe(Effect.timeout("10 seconds"))

const program = Effect.gen(function*() {
  yield* Effect.forkScoped(advertise)
  yield* listen
}).pipe(Effect.scoped, Effect.provide(makeNode()))

NodeRuntime.runMain(program)
