import { PeerWorkers } from "@effect-discovery/core"
import { Ppspp } from "@effect-discovery/core/protocol"
import { NodeTestCrypto } from "@effect-discovery/node"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { NetAddress } from "effect/net"
import { swarm } from "./support.ts"

describe("workers in a registry", () => {
  it.effect("are found by their ports, know their URLs, and serve several swarms on one port", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const other = Ppspp.swarm({ id: "00ff", addressing: "bins-32" })
      const workers = PeerWorkers.layer().pipe(Layer.provide(lan.host("ada").layer))
      yield* Effect.gen(function*() {
        const both = yield* Ppspp.start({ swarm: [swarm, other], bind: { port: 7_001 }, host: "10.11.0.1" })
        const ones = yield* Effect.forEach(
          [swarm, other],
          (swarm, index) => Ppspp.start({ swarm, bind: { port: 7_002 + index } })
        )
        const address = NetAddress.inetAddressUnsafe(lan.host("ada").address, 7_001)
        for (const one of ones) yield* one.connect(address)
        yield* Effect.sleep("1 second")

        const peers = yield* both.peers
        assert.deepStrictEqual(peers.map(({ address, swarm }) => [address.port, swarm === other]), [
          [7_002, false],
          [7_003, true]
        ])
        assert.strictEqual(
          yield* PeerWorkers.urlOf(7_001),
          "ppspp://10.11.0.1:7001/c89800bfc82ed01ed6e3bfd5408c51274491f7d4?merkle_hash_tree_function=sha-1"
        )
        assert.strictEqual(yield* PeerWorkers.portOf(both.endpoint), 7_001)
        const { received } = yield* PeerWorkers.stop(7_002)
        assert.isAbove(received.datagrams, 0)
        yield* Effect.sleep("1 second")
        assert.deepStrictEqual((yield* both.peers).map(({ address }) => address.port), [7_003])
        yield* ones[1]!.close
        yield* Effect.sleep("1 second")
        assert.deepStrictEqual(yield* both.peers, [])
      }).pipe(Effect.scoped, Effect.provide([workers, NodeTestCrypto.layer]))
    })))
})
