/**
 * Speaks with a stand-in of a PeerNet node, octet for octet, on loopback: each finds the other, and learns of a port that changes.
 *
 * The stand-in broadcasts `PNET`, a 1, its TCP port and its key on UDP port 4040 every 5 seconds. It broadcasts to 127.255.255.255, where
 * the original uses 255.255.255.255, which does not leave by loopback.
 */
import { Discovery, NetworkInterface, PeerKey } from "@effect-discovery/core"
import { PeerNet } from "@effect-discovery/core/protocol"
import { Display, NodeDiscovery } from "@effect-discovery/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Deferred, Effect } from "effect"
import { randomBytes } from "node:crypto"
import * as Dgram from "node:dgram"

const PORT = 4_040
const BROADCAST = "127.255.255.255"
const LOOPBACK = "127.0.0.1"

const theirs = randomBytes(32)
const ours = PeerKey.fromBytes(randomBytes(32))

const toDatagram = (key: Uint8Array, port: number): Buffer =>
  Buffer.concat([Buffer.from("PNET"), Buffer.from([1, port >> 8, port & 0xff]), key])

const open = Effect.fnUntraced(function*(port: number, address?: string) {
  const socket = yield* Effect.acquireRelease(
    Effect.sync(() => Dgram.createSocket({ type: "udp4", reuseAddr: true })),
    (socket) => Effect.sync(() => socket.close())
  )
  yield* Effect.callback<void, Error>((resume) => {
    socket.once("error", (error) => resume(Effect.fail(error)))
    socket.bind(port, address, () => resume(Effect.void))
  })
  return socket
})

const original = Effect.fnUntraced(function*(key: Uint8Array, port: number, onDatagram: (payload: Buffer) => void) {
  const socket = yield* open(PORT)
  const sender = yield* open(0, LOOPBACK)
  sender.setBroadcast(true)
  socket.on("message", onDatagram)
  yield* Effect.sync(() => sender.send(toDatagram(key, port), PORT, BROADCAST)).pipe(
    Effect.delay("5 seconds"),
    Effect.forever,
    Effect.forkScoped
  )
})

const program = Effect.gen(function*() {
  const heard = yield* Deferred.make<void>()
  const moved = yield* Deferred.make<void>()
  yield* original(theirs, 7_100, (payload) => {
    if (payload.equals(toDatagram(PeerKey.toBytes(ours), 7_200))) Deferred.doneUnsafe(heard, Effect.void)
    if (payload.equals(toDatagram(PeerKey.toBytes(ours), 7_300))) Deferred.doneUnsafe(moved, Effect.void)
  })
  const advertisement = yield* Discovery.advertise({ name: "effect", key: ours, port: 7_200 })

  const peer = yield* Discovery.awaitPeer(({ key }) => key === PeerKey.fromBytes(theirs))
  yield* Console.log("effect found", peer.authentication, Display.display(peer.id), "at", String(peer.addresses[0]))
  yield* Deferred.await(heard)
  yield* Console.log("the original heard of port 7200")

  yield* advertisement.update({ port: 7_300 })
  yield* Deferred.await(moved)
  yield* Console.log("and of port 7300")
}).pipe(
  Effect.timeout("10 seconds"),
  Effect.scoped,
  Effect.provide(NodeDiscovery.layer({ sources: [PeerNet.source()], interfaces: NetworkInterface.isLoopback }))
)

NodeRuntime.runMain(program)
