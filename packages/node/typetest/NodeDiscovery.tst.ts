import { Discovery, type DiscoveryError } from "@effect-discovery/core"
import { Peerage } from "@effect-discovery/core/protocol"
import { NodeDiscovery, NodeNetwork } from "@effect-discovery/node"
import { Effect, Layer, Stream } from "effect"
import { describe, expect, test } from "tstyche"

describe("layer", () => {
  test("NodeDiscovery leaves nothing to provide", () => {
    const live = NodeDiscovery.layer({ sources: [Peerage.source()] })
    expect(live).type.toBe<Layer.Layer<Discovery.Discovery, DiscoveryError.DiscoveryError>>()
    expect(Effect.runPromise).type.toBeCallableWith(Stream.runDrain(Discovery.stream).pipe(Effect.provide(live)))
  })

  test("NodeNetwork is the network of the discovery layer", () => {
    const live = Discovery.layer({ sources: [Peerage.source()] }).pipe(Layer.provide(NodeNetwork.layer()))
    expect(live).type.toBe<Layer.Layer<Discovery.Discovery, DiscoveryError.DiscoveryError>>()
  })
})
