/**
 * The sources under test, by format.
 */
import type * as DiscoveryError from "@effect-discovery/core/DiscoveryError"
import type * as Limits from "@effect-discovery/core/Limits"
import * as Network from "@effect-discovery/core/Network"
import * as JsonBeacon from "@effect-discovery/core/protocol/JsonBeacon"
import * as Mdns from "@effect-discovery/core/protocol/Mdns"
import * as Peerage from "@effect-discovery/core/protocol/Peerage"
import * as Syncthing from "@effect-discovery/core/protocol/Syncthing"
import * as SyncthingV0 from "@effect-discovery/core/protocol/SyncthingV0"
import * as Source from "@effect-discovery/core/Source"
import * as NodeNetwork from "@effect-discovery/node/NodeNetwork"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as CountedNetwork from "./CountedNetwork.ts"
import type { Link } from "./Link.ts"
import * as PrivateNetwork from "./PrivateNetwork.ts"

/** The network that a link's source runs on: Node's. With `traffic` it counts what goes through. */
export const networkOf = (link: Link, traffic?: CountedNetwork.Traffic): Layer.Layer<Network.Network> => {
  const network = link.format === "mdns6" ? PrivateNetwork.make(link) : NodeNetwork.make()
  return Layer.effect(
    Network.Network,
    traffic === undefined ? network : Effect.map(network, (network) => CountedNetwork.make(network, traffic))
  )
}

/**
 * The source that hears what is sent to a link. A `ttl` in milliseconds is for peers that must not expire while they are watched, where
 * the datagrams say nothing of it; `isRoomy` is of mDNS, which by default has no room for as many as some rows have.
 */
export const sourceOf = (
  { destination: group, format, port }: Link,
  { isRoomy = true, ttl }: { readonly isRoomy?: boolean; readonly ttl?: number } = {}
): Source.Source<DiscoveryError.DiscoveryError, Network.Network> => {
  switch (format) {
    case "mdns6":
      return Mdns.source({ browse: ["_perf._tcp"], limits: isRoomy ? roomFor(most) : {} })
    case "syncthing4":
      return Source.fromProtocol(Syncthing.protocol({ port, ttl }))
    case "json":
      return Source.fromProtocol(JsonBeacon.protocol({ group, port, ttl }))
    case "peerage":
      return Source.fromProtocol(Peerage.protocol({ group, port, ttl }))
    case "syncthing0":
      return Source.fromProtocol(SyncthingV0.protocol({ port, ttl }))
  }
}

/** Limits of the layer that a link wants: those of rates are for what is decoded, and in mDNS a row is to show what that takes. */
export const ratesOf = ({ format }: Link): Partial<Limits.Limits> =>
  format === "mdns6" ? { datagramsPerSource: unlimited, datagramsPerSession: unlimited } : {}

const unlimited: Limits.Rate = { perSecond: 1e9, burst: 1e9 }

// the most peers that any row knows
const most = 1_000_000

/** Room for the records of so many services. */
export const roomFor = (services: number): Partial<Mdns.Limits> => ({
  records: 6 * services,
  recordOctets: 256 * services,
  pointersPerName: services
})
