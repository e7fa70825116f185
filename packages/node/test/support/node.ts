/**
 * A node that announces itself by JSON beacons ten times a second, and prints as JSON its interfaces and its diagnostics. Unless a
 * socket fails, it looks at its interfaces only once an hour.
 *
 * usage: node node.ts <name>
 */
import { Announcement, Discovery, Network } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { NodeNetwork } from "@effect-discovery/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Stream } from "effect"

const [name = "node"] = process.argv.slice(2)

const print = (value: unknown) => Console.log(JSON.stringify(value))

const NetworkLive = NodeNetwork.layer({ interval: "1 hour" })
const DiscoveryLive = Discovery.layer({
  sources: [JsonBeacon.source({ interval: "100 millis", ttl: "7 seconds" })]
}).pipe(Layer.provideMerge(NetworkLive))

Effect.gen(function*() {
  const { interfaces } = yield* Network.Network
  yield* Discovery.advertise(Announcement.make({ name, identity: name }))
  yield* Effect.all([
    Stream.runForEach(interfaces, (interfaces) => print({ interfaces: interfaces.map(({ name }) => name) })),
    Stream.runForEach(Discovery.diagnostics, print)
  ], { concurrency: "unbounded" })
}).pipe(Effect.scoped, Effect.provide(DiscoveryLive), NodeRuntime.runMain)
