/**
 * A node of a beacon protocol on an IPv6 group of the link: it announces itself and prints whom it finds, until it is ended.
 *
 * usage: node linkLocal.ts <name>
 */
import { Announcement, Discovery, Endpoint, Source } from "@effect-discovery/core"
import { Beacon } from "@effect-discovery/core/protocol"
import { NodeDiscovery } from "@effect-discovery/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Result, Stream } from "effect"
import { NetAddress } from "effect/net"

const [name = "node"] = process.argv.slice(2)

const source = Source.fromProtocol(Beacon.make({
  name: "six",
  endpoint: Endpoint.multicast("ff02::1234", 4000),
  interval: { min: "200 millis", max: "300 millis" },
  ttl: "5 seconds",
  port: 7000,
  encode: (announcement) => Result.succeed(new TextEncoder().encode(announcement.name)),
  goodbye: (announcement) => new TextEncoder().encode(`-${announcement.name}`),
  decode: (payload) => {
    const text = new TextDecoder().decode(payload)
    if (text.startsWith("-")) return Result.succeed({ name: text.slice(1), ttl: 0 })
    return text === "" ? Result.fail("empty") : Result.succeed({ name: text })
  }
}))

Effect.gen(function*() {
  yield* Discovery.advertise(Announcement.make({ name }))
  yield* Stream.runForEach(
    Discovery.stream,
    ({ _tag, peer }) => Console.log(_tag, peer.name, peer.addresses.map(NetAddress.formatInet).join())
  )
}).pipe(Effect.scoped, Effect.provide(NodeDiscovery.layer({ sources: [source] })), NodeRuntime.runMain)
