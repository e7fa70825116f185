/**
 * Child: this library on a host, as a program would use it.
 */
import * as Discovery from "@effect-discovery/core/Discovery"
import type * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import * as Mdns from "@effect-discovery/core/protocol/Mdns"
import * as NodeNetwork from "@effect-discovery/node/NodeNetwork"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import * as Child from "../harness/Child.ts"
import { Finds, now } from "../udp/Receiver.ts"
import type * as Contestant from "./Contestant.ts"
import { held } from "./held.ts"

const type = "_perf._tcp"

const interfaces = ({ name }: NetworkInterface.NetworkInterface): boolean => name === "eth0"

const browsing = ManagedRuntime.make(
  Discovery.layer({
    sources: [Mdns.source({ browse: [type] })],
    interfaces
  }).pipe(Layer.provide(NodeNetwork.layer()))
)

const publishing = ManagedRuntime.make(
  Mdns.layer({ interfaces }).pipe(Layer.provide(NodeNetwork.layer()))
)

const finds = new Finds()

const follow = Stream.runForEachArray(Discovery.stream, (events) =>
  Effect.sync(() => {
    for (const { _tag, peer } of events) {
      if (_tag === "PeerLost") finds.names.delete(peer.id)
      else finds.add(peer.id, peer.name)
    }
  }))

let own = ""
let published = 0

const api: Contestant.Api = {
  open: async ({ address }) => {
    own = address
    return process.pid
  },
  browse: async () => {
    const at = now()
    await browsing.runPromise(Discovery.peers)
    browsing.runFork(follow)
    return at
  },
  known: () => finds.names.size,
  lastFoundAt: () => finds.lastAt,
  held,
  publish: async (count) => {
    await publishing.context()
    const at = now()
    for (let n = 0; n < count; n++) {
      const name = `Ours ${published++} at ${own}`
      publishing.runFork(Effect.scoped(Effect.andThen(
        Mdns.publish({ name, type, port: 8_000, attributes: { id: name } }),
        Effect.never
      )))
    }
    return at
  }
}

Child.serve(api)
