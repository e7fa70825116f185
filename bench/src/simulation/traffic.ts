/**
 * Child: what services cost on the wire, counted exactly in the simulated network.
 */
import { Mdns } from "@effect-discovery/core/protocol"
import { type Frame, SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { Effect, Stream } from "effect"
import * as Child from "../harness/Child.ts"
import { roomFor } from "../udp/sources.ts"

/** Datagrams and octets of payload. */
export interface Sent {
  readonly datagrams: number
  readonly octets: number
}

/** To publish, and in a minute at rest with one that browses: on average over the lifetime of a pointer, and in the busiest one. */
export interface Traffic {
  readonly publish: Sent
  readonly atRest: Sent
  readonly busiest: number
  /** How many services the one that browses has found. */
  readonly found: number
}

export type Api = { readonly measure: (options: { readonly services: number }) => Promise<Traffic> }

const type = "_perf._tcp"

const serviceOf = (index: number): Mdns.PublishOptions => ({
  name: `Device ${index.toString(16).padStart(5, "0")}`,
  type,
  port: 8_000 + (index % 1_000),
  attributes: { txtvers: "1", path: "/api/v1", model: `M${index % 17}` }
})

const minute = 60_000_000
/** Minutes until all that was just asked and said has been asked and said often enough, and of those that count. */
const settling = 5
const counted = 75

const count = (frames: ReadonlyArray<Frame.Frame>): Sent => ({
  datagrams: frames.length,
  octets: frames.reduce((sum, { payload }) => sum + payload.length, 0)
})

const measure: Api["measure"] = ({ services }) =>
  Effect.runPromise(Simulation.run(
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis", seed: 1, history: 1_000_000 })
      // one host is allowed fewer names by default than it has services here
      const layer = Mdns.layer({ limits: { ...roomFor(1_000), namesPerSource: 4_096 } })
      const publish = Effect.forEach(
        Array.from({ length: services }, (_, index) => serviceOf(index)),
        (service) => Mdns.publish(service),
        { concurrency: "unbounded" }
      )
      yield* lan.host("publisher").start(
        publish.pipe(Effect.andThen(Effect.never), Effect.scoped, Effect.provide(layer))
      )
      yield* Effect.sleep("1 minute")
      const published = yield* lan.frames

      const found = new Set<string>()
      const follow = Stream.runForEach(Mdns.browse(type), ({ service }) => Effect.sync(() => found.add(service.id)))
      yield* lan.host("browser").start(Effect.provide(follow, layer))
      yield* Effect.sleep(`${settling + counted} minutes`)

      const from = (1 + settling) * minute
      const rest = (yield* lan.frames).filter(({ time }) => time >= from)
      const minutes = Array.from(
        { length: counted },
        (_, at) => rest.filter(({ time }) => Math.floor((time - from) / minute) === at).length
      )
      const all = count(rest)
      return {
        publish: count(published),
        atRest: { datagrams: all.datagrams / counted, octets: all.octets / counted },
        busiest: Math.max(...minutes),
        found: found.size
      }
    }),
    { duration: "1 day", eventLimit: 1e9 }
  ))

Child.serve({ measure } satisfies Api)
