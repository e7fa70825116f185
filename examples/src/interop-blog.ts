/**
 * Speaks with a stand-in of the JSON beacon as a Node.js program of a few lines has it, octet for octet, on loopback.
 *
 * The stand-in multicasts `{"username":"…"}` to 224.0.0.1:9778 every two seconds, and prints what it hears there.
 */
import { Discovery, NetworkInterface } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { Display, NodeDiscovery } from "@effect-discovery/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Deferred, Effect } from "effect"
import * as Dgram from "node:dgram"

const GROUP = "224.0.0.1"
const PORT = 9_778
const LOOPBACK = "127.0.0.1"

const theirs = `hackerman${process.pid}`
const ours = `effect${process.pid}`

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

const original = Effect.fnUntraced(function*(username: string, onMessage: (text: string) => void) {
  const socket = yield* open(PORT)
  socket.setMulticastInterface(LOOPBACK)
  socket.addMembership(GROUP, LOOPBACK)
  socket.on("message", (payload) => onMessage(payload.toString()))
  yield* Effect.sync(() => socket.send(JSON.stringify({ username }), PORT, GROUP)).pipe(
    Effect.delay("2 seconds"),
    Effect.forever,
    Effect.forkScoped
  )
})

const program = Effect.gen(function*() {
  const heard = yield* Deferred.make<void>()
  // nothing but the member that the original knows, without blanks, as `JSON.stringify` writes it
  yield* original(theirs, (text) => text === `{"username":"${ours}"}` && Deferred.doneUnsafe(heard, Effect.void))

  yield* Discovery.advertise({ name: ours })
  yield* Deferred.await(heard)
  yield* Console.log("the original heard", ours)

  const peer = yield* Discovery.awaitPeer(({ name }) => name === theirs)
  yield* Console.log("effect found", Display.display(peer.id), "at", String(peer.addresses[0]))
}).pipe(
  Effect.timeout("10 seconds"),
  Effect.scoped,
  Effect.provide(NodeDiscovery.layer({
    sources: [JsonBeacon.source({ body: JsonBeacon.username() })],
    interfaces: NetworkInterface.isLoopback
  }))
)

NodeRuntime.runMain(program)
