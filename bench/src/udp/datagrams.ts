/**
 * The Network service alone: its datagrams as a Stream that is counted, without protocol or registry.
 */
import * as Limits from "@effect-discovery/core/Limits"
import * as Network from "@effect-discovery/core/Network"
import * as NodeNetwork from "@effect-discovery/node/NodeNetwork"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as NetAddress from "effect/net/NetAddress"
import * as Stream from "effect/Stream"
import { type Link, loopback } from "./Link.ts"
import * as Receiver from "./Receiver.ts"

Receiver.serve(async ({ limits, link }) => {
  const runtime = ManagedRuntime.make(NodeNetwork.layer())
  let received = 0
  const count = Stream.unwrap(open(link, Limits.make(limits))).pipe(
    Stream.runForEachArray((datagrams) =>
      Effect.sync(() => {
        received += datagrams.length
      })
    )
  )
  await runtime.context()
  runtime.runFork(count)
  return { known: () => received, received: () => received }
})

const open = Effect.fnUntraced(function*(link: Link, limits: Limits.Limits) {
  const network = yield* Network.Network
  const group = NetAddress.ipFromStringUnsafe(link.destination) as NetAddress.MulticastAddress
  const socket = yield* network.open({
    family: "IPv4",
    bind: { address: group, port: link.port },
    reuseAddress: true,
    kernelReceiveBuffer: limits.kernelReceiveBuffer,
    receiveBuffer: { capacity: limits.receiveQueue, strategy: "sliding" }
  })
  const reader = yield* socket.reader
  yield* reader.joinMulticast({ group, interface: NetAddress.ipFromStringUnsafe(loopback) as NetAddress.Ipv4Address })
  return Stream.fromPull(Effect.succeed(Effect.andThen(Effect.yieldNow, reader.pull)))
})
