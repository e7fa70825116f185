/**
 * Any Stream of announcements is a source: here an inventory that is read every 200 ms, beside a protocol on loopback and a list that
 * the program makes by hand. All three meet in one registry.
 */
import { Announcement, Discovery, NetworkInterface, Source } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { Display, NodeDiscovery } from "@effect-discovery/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Schedule, Stream } from "effect"
import { NetAddress } from "effect/net"

const printer = Announcement.make({
  name: "printer",
  addresses: [NetAddress.inetAddressFromStringUnsafe("10.0.0.20:631")],
  attributes: { floor: "2" }
})

// stands for a database or a file. The printer is listed three times, then it is not: its announcement expires
let reads = 0
const readInventory = Effect.sync(() => ++reads <= 3 ? [printer] : [])

const inventory = Source.fromStream(
  "inventory",
  Stream.fromEffectSchedule(readInventory, Schedule.spaced("200 millis")).pipe(Stream.flattenIterable),
  { ttl: "500 millis" }
)
const invitations = Source.manual("invitation")
const beacon = () => JsonBeacon.source({ port: 19_780, interfaces: NetworkInterface.isLoopback })

const name = `ada-${process.pid}`
const neighbour = Discovery.advertise({ name, port: 7100 }).pipe(
  Effect.andThen(Effect.never),
  Effect.scoped,
  Effect.provide(NodeDiscovery.layer({ sources: [beacon()] }))
)

const expected = new Set([
  `PeerDiscovered json ${name}`,
  "PeerDiscovered invitation grace",
  "PeerDiscovered inventory printer",
  "PeerLost inventory printer"
])

const program = Effect.gen(function*() {
  yield* Effect.forkScoped(neighbour)
  yield* invitations.announce(Announcement.make({ name: "grace" }))
  yield* Discovery.stream.pipe(
    Stream.map(({ _tag, peer }) => `${_tag} ${peer.sources.join()} ${peer.name}`),
    Stream.tap((event) => Console.log(Display.display(event))),
    Stream.takeUntil((event) => expected.delete(event) && expected.size === 0),
    Stream.runDrain,
    Effect.timeout("10 seconds")
  )
}).pipe(
  Effect.scoped,
  Effect.provide(NodeDiscovery.layer({ sources: [inventory, invitations, beacon()] }))
)

NodeRuntime.runMain(program)
