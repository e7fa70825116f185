/**
 * What discovery knows and does as metrics, here in the format of Prometheus. On a simulated LAN, so that there is something to count: a node
 * that comes and goes, and a datagram that says nothing.
 */
import { Discovery, DiscoveryMetrics, Network } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { type SimulatedHost, SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { NetAddress } from "effect/net"
import { PrometheusMetrics } from "effect/observability"

const live = (host: SimulatedHost.SimulatedHost) =>
  Discovery.layer({ sources: [JsonBeacon.source()] }).pipe(Layer.provide(host.layer))

/** A node that is there for ten seconds. */
const visit = Effect.scoped(
  Effect.andThen(Discovery.advertise({ name: "grace", port: 8080 }), Effect.sleep("10 seconds"))
)

/** Sends something that is no JSON to the group of the beacons. */
const babble = Effect.gen(function*() {
  const network = yield* Network.Network
  const socket = yield* network.open({ family: "IPv4", bind: { address: undefined, port: 0 } })
  yield* socket.reader
  const { write } = yield* socket.writer
  const address = NetAddress.inetAddressFromStringUnsafe("224.0.0.1:9778")
  yield* write({ payload: new TextEncoder().encode("no JSON"), address })
}).pipe(Effect.scoped)

const program = Effect.gen(function*() {
  const lan = yield* SimulatedNetwork.make()
  yield* Effect.gen(function*() {
    yield* visit.pipe(Effect.provide(live(lan.host("grace"))))
    yield* babble.pipe(Effect.provide(lan.host("mallory").layer))
    yield* Effect.sleep("1 second")
    const metrics = yield* PrometheusMetrics.format()
    yield* Console.log(metrics)

    if (!metrics.includes(`discovery_events{event="PeerLost",reason="Goodbye"} 1`)) {
      return yield* Effect.fail("no goodbye")
    }
  }).pipe(Effect.provide(DiscoveryMetrics.layer.pipe(Layer.provide(live(lan.host("ada"))))))
})

NodeRuntime.runMain(Simulation.run(program))
