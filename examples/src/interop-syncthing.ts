/**
 * Speaks with a stand-in of Syncthing's first local discovery (December 2013), octet for octet, on loopback.
 *
 * The stand-in broadcasts a magic number, its TCP port, the length of its id and its id, and four zeros that the original sends by
 * mistake, on UDP port 21025 every 30 seconds. It broadcasts to 127.255.255.255, where the original uses 255.255.255.255, which does
 * not leave by loopback.
 */
import { Discovery, NetworkInterface } from "@effect-discovery/core"
import { SyncthingV0 } from "@effect-discovery/core/protocol"
import { Display, NodeDiscovery } from "@effect-discovery/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Deferred, Effect } from "effect"
import * as Dgram from "node:dgram"

const PORT = 21_025
const BROADCAST = "127.255.255.255"
const LOOPBACK = "127.0.0.1"

const theirs = `GO${process.pid}`
const ours = `EFFECT${process.pid}`

const toDatagram = (id: string, port: number): Buffer => {
  const payload = Buffer.alloc(12 + id.length)
  payload.writeUInt32BE(0x00121025, 0)
  payload.writeUInt16BE(port, 4)
  payload.writeUInt16BE(id.length, 6)
  payload.write(id, 8)
  return payload
}

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

const original = Effect.fnUntraced(function*(id: string, port: number, onDatagram: (payload: Buffer) => void) {
  const socket = yield* open(PORT)
  // the original sends from the same socket; another one, on loopback, keeps this program to itself
  const sender = yield* open(0, LOOPBACK)
  sender.setBroadcast(true)
  socket.on("message", onDatagram)
  yield* Effect.sync(() => sender.send(toDatagram(id, port), PORT, BROADCAST)).pipe(
    Effect.andThen(Effect.sleep("30 seconds")),
    Effect.forever,
    Effect.forkScoped
  )
})

const program = Effect.gen(function*() {
  const heard = yield* Deferred.make<void>()
  const expected = toDatagram(ours, 22_001)
  yield* original(theirs, 22_000, (payload) => payload.equals(expected) && Deferred.doneUnsafe(heard, Effect.void))

  const peer = yield* Discovery.awaitPeer(({ name }) => name === theirs)
  yield* Console.log("effect found", Display.display(peer.id), "at", String(peer.addresses[0]))

  yield* Discovery.advertise({ name: ours, port: 22_001 })
  yield* Deferred.await(heard)
  yield* Console.log("the original heard", expected.toString("hex"))
}).pipe(
  Effect.timeout("10 seconds"),
  Effect.scoped,
  Effect.provide(NodeDiscovery.layer({ sources: [SyncthingV0.source()], interfaces: NetworkInterface.isLoopback }))
)

NodeRuntime.runMain(program)
