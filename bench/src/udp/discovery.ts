/**
 * Ours, as a user would have it: a source over the Node socket layer, the registry running, subscribers that drain
 * `Discovery.stream`.
 */
import * as Diagnostic from "@effect-discovery/core/Diagnostic"
import * as Discovery from "@effect-discovery/core/Discovery"
import type * as DiscoveryEvent from "@effect-discovery/core/DiscoveryEvent"
import * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import * as Receiver from "./Receiver.ts"
import { networkOf, ratesOf, sourceOf } from "./sources.ts"

Receiver.serve(async ({ isRoomy = true, limits, link, subscribers }) => {
  const traffic = { received: 0, sent: 0 }
  const sources = [sourceOf(link, { isRoomy })]
  const DiscoveryLive = Discovery.layer({
    sources,
    limits: isRoomy ? { ...ratesOf(link), ...limits } : limits,
    interfaces: NetworkInterface.isLoopback
  })
  const runtime = ManagedRuntime.make(Layer.provide(DiscoveryLive, networkOf(link, traffic)))
  const finds = new Receiver.Finds()
  await runtime.runPromise(Discovery.peers)
  for (let n = 0; n < subscribers; n++) runtime.runFork(n === 0 ? follow(finds) : drain)
  return {
    known: () => finds.names.size,
    lastFoundAt: () => finds.lastAt,
    finds,
    account: async () => ({
      processed: traffic.received,
      sent: traffic.sent,
      dropped: await runtime.runPromise(dropped)
    }),
    received: () => traffic.received
  }
})

const follow = (finds: Receiver.Finds) =>
  Stream.runForEachArray(Discovery.stream, (events) => Effect.sync(() => note(finds, events)))

const note = (finds: Receiver.Finds, events: ReadonlyArray<DiscoveryEvent.DiscoveryEvent>) => {
  for (const { _tag, peer } of events) {
    if (_tag === "PeerLost") finds.names.delete(peer.id)
    else finds.add(peer.id, peer.name)
  }
}

// a subscriber is told the totals so far at once
const dropped = Effect.gen(function*() {
  const totals = new Map<string, number>()
  yield* Discovery.diagnostics.pipe(
    Stream.runForEach((diagnostic) =>
      Effect.sync(() => {
        if (diagnostic._tag === "DatagramsDropped") totals.set(Diagnostic.kind(diagnostic), diagnostic.total)
      })
    ),
    Effect.timeoutOption("100 millis")
  )
  return Array.from(totals.values()).reduce((sum, total) => sum + total, 0)
})

const drain = Stream.runDrain(Discovery.stream)
