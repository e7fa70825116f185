import { type Discovery, type DiscoveryError, type Network, type Source } from "@effect-discovery/core"
import { Mdns, type Ppspp } from "@effect-discovery/core/protocol"
import { Effect, type Layer, type Scope, type Stream } from "effect"
import type { Dns, NetAddress } from "effect/net"
import { describe, expect, test } from "tstyche"

describe("Mdns", () => {
  test("browsing fails as discovery does, and needs the service", () => {
    expect(Mdns.browse("_http._tcp")).type.toBe<
      Stream.Stream<Mdns.ServiceEvent, DiscoveryError.DiscoveryError, Mdns.Mdns>
    >()
    expect(Mdns.types).type.toBe<Stream.Stream<Mdns.TypeEvent, DiscoveryError.DiscoveryError, Mdns.Mdns>>()
  })

  test("a question that is asked once fails with a reason of its own", () => {
    const resolved = Mdns.resolve({ name: "a", type: "_http._tcp" })
    expect(resolved).type.toBe<Effect.Effect<Mdns.Service, Mdns.ResolveError, Mdns.Mdns>>()
    void Effect.catchReason(resolved, "ResolveError", "NoAnswer", ({ millis }) => {
      expect(millis).type.toBe<number>()
      return Effect.void
    })
  })

  test("every reason of it can be made, by whoever stands in for the service", () => {
    expect<Mdns.ResolveError["reason"]>().type.toBe<
      Mdns.NoAnswer | Mdns.Denied | Mdns.InvalidQuestion | Mdns.Truncated | Mdns.Failed
    >()
    expect(Mdns.ResolveError).type.toBeConstructableWith({ reason: new Mdns.NoAnswer({ name: "a", millis: 1 }) })
  })

  test("one without a layer needs the network only", () => {
    expect(Mdns.lookupOnce("a.local")).type.toBe<
      Effect.Effect<ReadonlyArray<NetAddress.InetAddress>, Mdns.ResolveError, Network.Network>
    >()
  })

  test("publishing is scoped, and so is advertising through Discovery", () => {
    expect(Mdns.publish({ type: "_http._tcp", port: 80 })).type.toBe<
      Effect.Effect<Mdns.Publication, DiscoveryError.DiscoveryError, Mdns.Mdns | Scope.Scope>
    >()
    expect(Mdns.advertise({ name: "a", type: "_http._tcp", port: 80 })).type.toBe<
      Effect.Effect<Source.Advertisement, DiscoveryError.DiscoveryError, Discovery.Discovery | Scope.Scope>
    >()
  })

  test("an event narrows by its tag", () => {
    const event = {} as Mdns.ServiceEvent
    if (event._tag === "ServiceUpdated") expect(event.previous).type.toBe<Mdns.Service>()
    if (event._tag === "ServiceLost") expect(event.reason).type.toBe<Mdns.LossReason>()
  })

  test("each tag of an event or a message has a type of its own, so that they are matched by it", () => {
    expect<Extract<Mdns.RecordEvent, { readonly _tag: "RecordLost" }>["record"]>().type.toBe<Mdns.ResourceRecord>()
    expect<Extract<Mdns.TypeEvent, { readonly _tag: "TypeFound" }>["type"]>().type.toBe<string>()
    expect<Extract<Ppspp.Message, { readonly _tag: "Request" }>["chunks"]>().type.toBe<Ppspp.Chunks>()
    expect<Extract<Ppspp.Event, { readonly _tag: "Opened" }>>().type.toBe<Ppspp.Opened>()
  })

  test("a layer bounds all that it does, a source what is not bounded by Discovery already", () => {
    expect(Mdns.layer).type.toBeCallableWith({ limits: { records: 100, goodbye: 500 } })
    expect(Mdns.source).type.toBeCallableWith({ browse: [], limits: { records: 100 } })
    expect(Mdns.source).type.not.toBeCallableWith({ browse: [], limits: { goodbye: 500 } })
  })

  test("sources and layers say what they need", () => {
    expect(Mdns.source({ browse: [] })).type.toBe<Source.Source<DiscoveryError.DiscoveryError, Network.Network>>()
    expect(Mdns.sourceOf({ browse: [] })).type.toBe<Source.Source<DiscoveryError.DiscoveryError, Mdns.Mdns>>()
    expect(Mdns.layer()).type.toBe<Layer.Layer<Mdns.Mdns, DiscoveryError.DiscoveryError, Network.Network>>()
    expect(Mdns.dns).type.toBe<Layer.Layer<Dns.Dns, never, Mdns.Mdns | Dns.Dns>>()
  })
})
