/**
 * A protocol of one's own: a codec and a schedule, lifted by `Beacon.make`. It is tried as a pure machine first, then on loopback.
 *
 * The datagram: the octets "GM", a version, the port (two octets), the player's name in UTF-8. Version 0 is a goodbye.
 */
import { Announcement, Discovery, Endpoint, Machine, NetworkInterface, Source } from "@effect-discovery/core"
import { Beacon } from "@effect-discovery/core/protocol"
import { Display, NodeDiscovery } from "@effect-discovery/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Result } from "effect"
import { NetAddress } from "effect/net"

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const toDatagram = (version: number, { name, port = 0 }: Announcement.Announcement) =>
  Uint8Array.of(0x47, 0x4d, version, port >> 8, port & 255, ...new TextEncoder().encode(name))

const decode = (payload: Uint8Array): Result.Result<Announcement.Options, string> => {
  const [first, second, version, high, low] = payload
  if (first !== 0x47 || second !== 0x4d) return Result.fail("magic")
  if (high === undefined || low === undefined || payload.length < 6) return Result.fail("truncated")
  if (version !== 0 && version !== 1) return Result.fail("version")
  return Result.try({
    try: () => ({
      name: utf8.decode(payload.subarray(5)),
      port: (high << 8) | low,
      ...(version === 0 ? { ttl: 0 } : undefined)
    }),
    catch: () => "encoding"
  })
}

const game = Beacon.make({
  name: "game",
  endpoint: Endpoint.multicast("239.20.30.40", 19_779),
  interval: { min: "1900 millis", max: "2 seconds" },
  encode: (announcement) =>
    announcement.port === undefined
      ? Result.fail({ field: "port", limit: "present" })
      : Result.succeed(toDatagram(1, announcement)),
  decode,
  goodbye: (announcement) => toDatagram(0, announcement)
})

// no socket and no clock: inputs at given times, outputs at their times
const announcement = Announcement.make({ name: `ada-${process.pid}`, port: 7100 })
const outputs = Machine.replay(game, {
  seed: 7,
  inputs: [
    [0, { _tag: "Advertise", key: 1, announcement }],
    [10, {
      _tag: "Received",
      payload: Uint8Array.of(0x47, 0x4d, 9, 0, 0, 65),
      source: NetAddress.inetAddressFromStringUnsafe("127.0.0.1:5000")
    }],
    [5_000, { _tag: "Withdraw", key: 1 }]
  ]
})

const makeNode = () =>
  NodeDiscovery.layer({ sources: [Source.fromProtocol(game)], interfaces: NetworkInterface.isLoopback })

const program = Effect.gen(function*() {
  for (const [at, output] of outputs) yield* Console.log(`${at} ms`, output._tag)
  const tags = outputs.map(([, { _tag }]) => _tag).join()
  if (tags !== "Transmit,Rejected,Transmit,Transmit,Transmit") {
    return yield* Effect.fail(`the machine's outputs were ${tags}`)
  }

  yield* Discovery.advertise(announcement).pipe(
    Effect.andThen(Effect.never),
    Effect.scoped,
    Effect.provide(makeNode()),
    Effect.forkScoped
  )
  const peer = yield* Discovery.awaitPeer(({ name }) => name === announcement.name).pipe(Effect.timeout("10 seconds"))
  yield* Console.log("found", Display.display(peer.id), "at", String(peer.addresses[0]))
}).pipe(Effect.scoped, Effect.provide(makeNode()))

NodeRuntime.runMain(program)
