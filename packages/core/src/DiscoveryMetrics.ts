/**
 * What discovery knows and does, as metrics for whoever exports them.
 *
 * They are made of `Discovery.stream` and `Discovery.diagnostics`, so that no datagram pays for them: a datagram that changes nothing is in
 * none. Labels are words of this library and names that the program or its host has given to sources and interfaces, never anything that
 * came over the network (S-D3).
 *
 * **Example** (Metrics for Prometheus)
 *
 * ```ts
 * import { Discovery, DiscoveryMetrics } from "@effect-discovery/core"
 * import { JsonBeacon } from "@effect-discovery/core/protocol"
 * import { NodeNetwork } from "@effect-discovery/node"
 * import { Layer } from "effect"
 *
 * const DiscoveryLive = Discovery.layer({ sources: [JsonBeacon.source()] }).pipe(Layer.provide(NodeNetwork.layer()))
 *
 * // to be shown by `PrometheusMetrics.layerHttp()` or sent by `Otlp.layerJson(...)`, both of `effect/observability`
 * const MetricsLive = DiscoveryMetrics.layer.pipe(Layer.provideMerge(DiscoveryLive))
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Stream from "effect/Stream"
import * as Diagnostic from "./Diagnostic.ts"
import * as Discovery from "./Discovery.ts"
import type * as DiscoveryEvent from "./DiscoveryEvent.ts"

/**
 * Peers known now.
 *
 * @category metrics
 * @since 0.1.0
 */
export const peers: Metric.Gauge<number> = Metric.gauge("discovery_peers", { description: "Peers known now" })

/**
 * Peers that came, changed and went. Labels: `event`, the tag of the event, and for those that went `reason`.
 *
 * @category metrics
 * @since 0.1.0
 */
export const events: Metric.Counter<number> = Metric.counter("discovery_events", {
  description: "Peers that came, changed and went",
  incremental: true
})

/**
 * What was rejected, dropped, restarted. Labels: `kind`, the tag of the diagnostic, and where it has them `source`, `interface` and
 * `reason`. It grows as `Discovery.diagnostics` tells of it, at most once every `Limits.diagnosticInterval` for each kind.
 *
 * @category metrics
 * @since 0.1.0
 */
export const diagnostics: Metric.Counter<number> = Metric.counter("discovery_diagnostics", {
  description: "What was rejected, dropped, restarted",
  incremental: true
})

/**
 * Keeps the metrics of a discovery up to date for as long as the layer lives. Two in one program are told apart by
 * `Metric.CurrentMetricAttributes`, provided to each.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<never, never, Discovery.Discovery> = Layer.effectDiscard(
  Effect.suspend(() =>
    Effect.forEach(
      [countPeers(), countDiagnostics()],
      (counting) => Effect.forkScoped(counting, { startImmediately: true })
    )
  )
)

// when a source has given up the stream ends: it is told to those who handle its failure, and nothing is known from then on
const countPeers = (): Effect.Effect<void, never, Discovery.Discovery> => {
  let known = 0
  const count = Stream.runForEach(Discovery.stream, (event) => {
    if (event._tag === "PeerDiscovered") known++
    else if (event._tag === "PeerLost") known--
    return Effect.andThen(
      Metric.update(peers, known),
      Metric.update(Metric.withAttributes(events, labelsOfEvent(event)), 1)
    )
  })
  const none = Metric.update(peers, 0)
  // who knows nobody yet is to be told apart from who does not run
  return Effect.ensuring(Effect.andThen(none, Effect.ignore(count)), none)
}

const labelsOfEvent = (event: DiscoveryEvent.DiscoveryEvent): Record<string, string> =>
  event._tag === "PeerLost" ? { event: event._tag, reason: event.reason } : { event: event._tag }

const countDiagnostics = (): Effect.Effect<void, never, Discovery.Discovery> => {
  const told = new Map<string, number>()
  return Stream.runForEach(Discovery.diagnostics, (diagnostic) => {
    const kind = Diagnostic.kind(diagnostic)
    const more = diagnostic.total - (told.get(kind) ?? 0)
    told.set(kind, diagnostic.total)
    return Metric.update(Metric.withAttributes(diagnostics, labelsOfDiagnostic(diagnostic)), more)
  })
}

// what there is a name, or a text from the system, for is left out
const labelsOfDiagnostic = (diagnostic: Diagnostic.Diagnostic): Record<string, string> => ({
  kind: diagnostic._tag,
  ..."source" in diagnostic ? { source: diagnostic.source } : {},
  ..."interface" in diagnostic ? { interface: diagnostic.interface } : {},
  ..."reason" in diagnostic ? { reason: diagnostic.reason } : "what" in diagnostic ? { reason: diagnostic.what } : {}
})
