/** Every protocol that finds peers, as a host runs it, and what it announces a name by. */
import { Announcement } from "@effect-discovery/core"
import { Discovery, Trust, TrustStore } from "@effect-discovery/core"
import {
  JsonBeacon,
  Mdns,
  Peerage,
  PeerNet,
  SignedBeacon,
  Syncthing,
  SyncthingV0
} from "@effect-discovery/core/protocol"
import { NodeTestCrypto } from "@effect-discovery/node"
import type { SimulatedNetwork } from "@effect-discovery/testing"
import { Effect, Layer } from "effect"
import { Context } from "effect"
import { identityOf, keyOf, realm, type SignedSource } from "../signed/support.ts"

export const type = "_http._tcp"

export interface Each {
  readonly name: string
  /** Where it is sent. */
  readonly to: string
  readonly hasPort: boolean
  /** Whether finding peers takes questions. */
  readonly isAsking: boolean
  readonly source: (host: string) => Effect.Effect<SignedSource>
  readonly announcement: (host: string) => Announcement.Announcement
}

const each = (
  name: string,
  to: string,
  source: Each["source"],
  announced: (host: string) => Partial<Announcement.Options> = () => ({}),
  options: { readonly hasPort?: boolean; readonly isAsking?: boolean } = {}
): Each => ({
  name,
  to,
  hasPort: options.hasPort ?? true,
  isAsking: options.isAsking ?? false,
  source,
  announcement: (host) => Announcement.make({ name: host, identity: host, port: 7_100, ...announced(host) })
})

const of = (source: SignedSource) => () => Effect.succeed(source)
const deviceOf = (host: string) => Syncthing.deviceId(keyOf(host))

export const every: ReadonlyArray<Each> = [
  each("json", "224.0.0.1:9778", of(JsonBeacon.source())),
  each("peerage", "230.1.1.1:45900", of(Peerage.source()), (host) => ({ name: `${host}@lan` }), { hasPort: false }),
  each("syncthing-v0", "255.255.255.255:21025", of(SyncthingV0.source())),
  each("syncthing", "255.255.255.255:21027", of(Syncthing.source()), (host) => ({ identity: deviceOf(host) })),
  each("peernet", "255.255.255.255:4040", of(PeerNet.source()), (host) => ({ key: keyOf(host) })),
  each(
    "signed",
    "239.83.192.86:21077",
    (host) => Effect.orDie(Effect.map(identityOf(host), (identity) => SignedBeacon.source({ realm, identity })))
  ),
  each("mdns", "224.0.0.251:5353", of(Mdns.source({ browse: [type] })), () => ({ service: { type } }), {
    isAsking: true
  })
]

/** Discovery on a host, by one protocol. */
export const discover = Effect.fnUntraced(function*(
  lan: SimulatedNetwork.SimulatedNetwork,
  host: string,
  { source }: Each
) {
  const layer = Discovery.layer({ sources: [yield* source(host)], limits: { diagnosticInterval: 1_000 } }).pipe(
    Layer.provide(Trust.layer()),
    Layer.provide(TrustStore.layerMemory()),
    Layer.provide(Layer.mergeAll(lan.host(host).layer, NodeTestCrypto.layer))
  )
  return Context.get(yield* Layer.build(layer as Layer.Layer<Discovery.Discovery>), Discovery.Discovery)
})
