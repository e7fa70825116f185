/**
 * Speaks with a stand-in of the Elixir library `peerage`, octet for octet, on loopback: each finds the other.
 *
 * The stand-in does what that library does: one UDP socket on 0.0.0.0:45900 in the group 230.1.1.1, on which it sends `Peer:` and its
 * name at once and then every 3 to 7 seconds, and from which it reads every name after `Peer:`.
 */
import { Discovery, NetworkInterface } from "@effect-discovery/core"
import { Peerage } from "@effect-discovery/core/protocol"
import { Display, NodeDiscovery } from "@effect-discovery/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Deferred, Effect, Random } from "effect"
import * as Dgram from "node:dgram"

const GROUP = "230.1.1.1"
const PORT = 45_900
const LOOPBACK = "127.0.0.1"

const elixirName = `elixir${process.pid}@127.0.0.1`
const effectName = `effect${process.pid}@127.0.0.1`

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

const original = Effect.fnUntraced(function*(name: string, onPeer: (name: string) => void) {
  const socket = yield* open(PORT)
  socket.setMulticastInterface(LOOPBACK)
  socket.addMembership(GROUP, LOOPBACK)
  socket.on("message", (payload) => {
    if (payload.subarray(0, 5).toString() === "Peer:") onPeer(payload.subarray(5).toString())
  })
  yield* Effect.sync(() => socket.send(`Peer:${name}`, PORT, GROUP)).pipe(
    Effect.andThen(Random.nextIntBetween(3_001, 7_000)),
    Effect.flatMap((millis) => Effect.sleep(millis)),
    Effect.forever,
    Effect.forkScoped
  )
})

const program = Effect.gen(function*() {
  const heard = yield* Deferred.make<void>()
  yield* original(elixirName, (name) => name === effectName && Deferred.doneUnsafe(heard, Effect.void))

  const peer = yield* Discovery.awaitPeer(({ name }) => name === elixirName)
  yield* Console.log("effect found", Display.display(peer.id), "at", String(peer.addresses[0]))

  yield* Discovery.advertise({ name: effectName })
  yield* Deferred.await(heard)
  yield* Console.log("the original heard", effectName)
}).pipe(
  Effect.timeout("10 seconds"),
  Effect.scoped,
  Effect.provide(NodeDiscovery.layer({ sources: [Peerage.source()], interfaces: NetworkInterface.isLoopback }))
)

NodeRuntime.runMain(program)
