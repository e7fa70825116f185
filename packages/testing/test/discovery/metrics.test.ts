import { Announcement, Discovery, DiscoveryMetrics } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Metric, Scope } from "effect"
import * as Endpoint from "../endpoint.ts"

const sources = () => [JsonBeacon.source()]

const start = Effect.fnUntraced(function*(
  lan: SimulatedNetwork.SimulatedNetwork,
  name: string,
  metrics: Layer.Layer<never, never, Discovery.Discovery>
) {
  const scope = yield* Scope.fork(yield* Effect.scope)
  const live = Discovery.layer({ sources: sources() }).pipe(Layer.provide(lan.host(name).layer))
  const context = yield* Layer.buildWithScope(Layer.provideMerge(metrics, live), scope)
  const discovery = Context.get(context, Discovery.Discovery)
  yield* Scope.provide(discovery.advertise(Announcement.make({ name, port: 80 })), scope)
  return { close: Scope.close(scope, Exit.void) }
})

const valueOf = Effect.fnUntraced(function*(metric: Metric.Counter<number>, labels: Record<string, string>) {
  const { count } = yield* Metric.value(Metric.withAttributes(metric, labels))
  return count
})

describe("DiscoveryMetrics", () => {
  it.effect("S-D3 count peers, events and what was refused, by words of their own", () =>
    Simulation.run(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
        const ada = yield* start(lan, "ada", DiscoveryMetrics.layer)
        const bob = yield* start(lan, "bob", Layer.empty)
        yield* start(lan, "cleo", Layer.empty)
        const eve = yield* Endpoint.open(lan.host("eve"), { broadcast: true })
        for (let i = 0; i < 3; i++) yield* eve.sendBytes(new TextEncoder().encode("marker"), "224.0.0.1:9778")
        yield* Effect.sleep("10 seconds")
        yield* bob.close
        yield* Effect.sleep("10 seconds")

        assert.deepStrictEqual(yield* Metric.value(DiscoveryMetrics.peers), { value: 1 })
        assert.strictEqual(yield* valueOf(DiscoveryMetrics.events, { event: "PeerDiscovered" }), 2)
        assert.strictEqual(yield* valueOf(DiscoveryMetrics.events, { event: "PeerLost", reason: "Goodbye" }), 1)
        const refused = { kind: "DatagramRejected", source: "json", interface: "eth0", reason: "not-json" }
        assert.strictEqual(yield* valueOf(DiscoveryMetrics.diagnostics, refused), 3)
        assert.notInclude(yield* Metric.dump, "marker")
        yield* ada.close
        assert.deepStrictEqual(yield* Metric.value(DiscoveryMetrics.peers), { value: 0 })
      })
    ).pipe(Effect.provideService(Metric.MetricRegistry, new Map())))

  it.effect("who knows nobody has no peers, and not no metric", () =>
    Simulation.run(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make()
        yield* start(lan, "ada", DiscoveryMetrics.layer)
        yield* Effect.sleep("10 seconds")
        const metrics = yield* Metric.snapshot

        assert.deepStrictEqual(metrics.map(({ id }) => id), ["discovery_peers"])
      })
    ).pipe(Effect.provideService(Metric.MetricRegistry, new Map())))
})
