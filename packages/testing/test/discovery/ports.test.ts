import { Announcement, Discovery, Trust, TrustStore } from "@effect-discovery/core"
import { JsonBeacon, Mdns, PeerNet, SignedBeacon, Syncthing, SyncthingV0 } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Stream } from "effect"
import { NetAddress } from "effect/net"
import { identityOf, keyOf, realm, type SignedSource, start } from "../signed/support.ts"
import * as SyncCrypto from "../signed/SyncCrypto.ts"

const key = keyOf("ada")
const type = "_http._tcp"

type Case = readonly [
  name: string,
  source: (host: string) => Effect.Effect<SignedSource, unknown>,
  announced: Partial<Announcement.Options>
]

/** Each protocol that carries a port. */
const cases: ReadonlyArray<Case> = [
  ["json", () => Effect.succeed(JsonBeacon.source()), {}],
  ["syncthing-v0", () => Effect.succeed(SyncthingV0.source()), {}],
  ["syncthing", () => Effect.succeed(Syncthing.source()), { name: Syncthing.deviceId(key) }],
  ["peernet", () => Effect.succeed(PeerNet.source()), { key }],
  ["signed", (host) => Effect.map(identityOf(host), (identity) => SignedBeacon.source({ realm, identity })), {}],
  ["mdns", () => Effect.succeed(Mdns.source({ browse: [type] })), { service: { type } }]
]

const discover = Effect.fnUntraced(function*(
  lan: SimulatedNetwork.SimulatedNetwork,
  host: string,
  source: SignedSource
) {
  const layer = Discovery.layer({ sources: [source] }).pipe(
    Layer.provide(Trust.layer()),
    Layer.provide(TrustStore.layerMemory()),
    Layer.provide(Layer.mergeAll(lan.host(host).layer, SyncCrypto.layer))
  )
  return Context.get(yield* Layer.build(layer as Layer.Layer<Discovery.Discovery>), Discovery.Discovery)
})

describe("a port that is only known, or changes, after a node was announced", () => {
  it.effect.each(cases)("is told by %s at once", ([, source, options]) =>
    Simulation.run(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
        const bob = yield* discover(lan, "bob", yield* source("bob"))
        const ada = yield* discover(lan, "ada", yield* source("ada"))
        const log: Array<string> = []
        yield* Stream.runForEach(bob.stream, ({ _tag, peer }) =>
          Effect.sync(() => {
            const ports = peer.addresses.filter(NetAddress.isInetAddressV4).map(({ port }) => port)
            log.push([_tag, ...new Set(ports)].join(" "))
          })).pipe(Effect.forkScoped({ startImmediately: true }))

        const advertisement = yield* ada.advertise(Announcement.make({ name: "ada", port: 7_100, ...options }))
        yield* Effect.sleep("10 seconds")
        yield* advertisement.update({ port: 7_200 })
        yield* Effect.sleep("2 seconds")

        assert.strictEqual(log[0], "PeerDiscovered 7100")
        assert.strictEqual(log.at(-1), "PeerUpdated 7200")
      }),
      { start }
    ))
})
