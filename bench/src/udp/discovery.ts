/**
 * Ours, as a user would have it: a source over the Node socket layer, the registry running, subscribers that drain
 * `Discovery.stream`.
 */
import * as Discovery from "@effect-discovery/core/Discovery"
import type * as DiscoveryEvent from "@effect-discovery/core/DiscoveryEvent"
import * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import type * as Peer from "@effect-discovery/core/Peer"
import * as NodeNetwork from "@effect-discovery/node/NodeNetwork"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Receiver from "./Receiver.ts"
import { sourceOf } from "./sources.ts"

Receiver.serve(async ({ limits, link, subscribers }) => {
  const sources = [sourceOf(link)]
  const DiscoveryLive = Discovery.layer({ sources, limits, interfaces: NetworkInterface.isLoopback })
  const runtime = ManagedRuntime.make(Layer.provide(DiscoveryLive, NodeNetwork.layer()))
  const known = new Set<Peer.PeerId>()
  await runtime.runPromise(Discovery.peers)
  for (let n = 0; n < subscribers; n++) runtime.runFork(n === 0 ? follow(known) : drain)
  return { known: () => known.size, received: () => runtime.runSync(heard(known)) }
})

const follow = (known: Set<Peer.PeerId>) =>
  Stream.runForEachArray(Discovery.stream, (events) => Effect.sync(() => note(known, events)))

const note = (known: Set<Peer.PeerId>, events: ReadonlyArray<DiscoveryEvent.DiscoveryEvent>) => {
  for (const { _tag, peer } of events) {
    if (_tag === "PeerLost") known.delete(peer.id)
    else known.add(peer.id)
  }
}

const drain = Stream.runDrain(Discovery.stream)

// every datagram of a known peer, repeated or not, is counted with the evidence it is
const heard = Effect.fnUntraced(function*(known: ReadonlySet<Peer.PeerId>) {
  const discovery = yield* Discovery.Discovery
  let total = 0
  for (const id of known) {
    const explanation = Option.getOrUndefined(yield* discovery.explain(id))
    for (const { heard } of explanation?.evidence ?? []) total += heard
  }
  return total
})
