import { Attributes, Discovery, Limits } from "@effect-discovery/core"
import { Mdns } from "@effect-discovery/core/protocol"
import { Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { NetAddress } from "effect/net"

const name = "printer.local"

const address = NetAddress.inetAddressFromIpStringUnsafe("10.0.0.7", 631)

const service: Mdns.Service = {
  id: "printer._ipp._tcp.local",
  name: "Printer",
  type: "_ipp._tcp",
  host: name,
  port: 631,
  priority: 0,
  weight: 0,
  addresses: [address],
  attributes: Attributes.make({ rp: "ipp" }),
  isTextMalformed: false,
  texts: [],
  interfaces: ["eth0"]
}
const link = { link: "eth0/IPv4", interface: "eth0", origin: "10.0.0.7" }
const seen: Mdns.Sighting = { _tag: "Seen", service, ...link, ttl: 120_000 }
const gone: Mdns.Sighting = { _tag: "Gone", id: service.id, ...link, reason: "Goodbye" }

/** Finds a service, and is told by its source that it is gone a second later. */
const standIn = Mdns.Mdns.of({
  browse: () => Stream.make({ _tag: "ServiceFound", service }),
  sightings: () => Stream.concat(Stream.make(seen), Stream.fromEffect(Effect.as(Effect.sleep("1 second"), gone))),
  types: Stream.make({ _tag: "TypeFound", type: service.type }),
  resolve: () => Effect.succeed(service),
  lookup: () => Effect.succeed([address]),
  records: () => Stream.empty,
  reconfirm: () => Effect.void,
  publish: (options) =>
    Effect.succeed({ name: Effect.succeed(options.name ?? ""), state: Stream.never, update: () => Effect.void }),
  diagnostics: Stream.never
})

describe("a service that a test stands in for", () => {
  it.effect("is as good a source of discovery, made of public members alone", () =>
    Simulation.run(Effect.gen(function*() {
      const events = yield* Discovery.stream.pipe(
        Stream.take(2),
        Stream.map(({ _tag, peer }) => [_tag, peer.name, peer.addresses.map(String), peer.attributes.get("rp")]),
        Stream.runCollect,
        Effect.provide(Discovery.layer({ sources: [Mdns.sourceOf({ browse: [service.type] })] })),
        Effect.provideService(Mdns.Mdns, standIn)
      )

      assert.deepStrictEqual(events, [
        ["PeerDiscovered", "Printer", ["10.0.0.7:631"], "ipp"],
        ["PeerLost", "Printer", ["10.0.0.7:631"], "ipp"]
      ])
    })))

  it.effect("has no more attributes than there is room for, in octets of whatever letters", () =>
    Simulation.run(Effect.gen(function*() {
      const said = Array.from({ length: 20 }, (_, i) => [`${"\u00e9".repeat(80)}${i + 10}`, ""] as const)
      const sighting: Mdns.Sighting = { ...seen, service: { ...service, attributes: Attributes.make(said) } }
      const [event] = yield* Discovery.stream.pipe(
        Stream.take(1),
        Stream.runCollect,
        Effect.provide(Discovery.layer({ sources: [Mdns.sourceOf({ browse: [service.type] })] })),
        Effect.provideService(Mdns.Mdns, { ...standIn, sightings: () => Stream.make(sighting) })
      )
      const { attributes } = event!.peer

      assert.isAtMost(Attributes.byteLength(attributes), Limits.defaults.attributesBytes)
      assert.strictEqual(attributes.size, 12)
    })))

  for (
    const reason of [
      new Mdns.NoAnswer({ name, millis: 3_000 }),
      new Mdns.Denied({ name }),
      new Mdns.InvalidQuestion({ name, limit: "another one" }),
      new Mdns.Truncated({ name }),
      new Mdns.Failed({ cause: new Error("it has ended") })
    ]
  ) {
    it.effect(`can fail with ${reason._tag}`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Mdns.lookup(name))

        assert.strictEqual(error.reason, reason)
        assert.strictEqual(error.message, reason.message)
      }).pipe(
        Effect.provide(Layer.mock(Mdns.Mdns)({ lookup: () => Effect.fail(new Mdns.ResolveError({ reason })) }))
      ))
  }
})
