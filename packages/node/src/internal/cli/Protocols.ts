/**
 * The protocols that the command knows, by the names it knows them by.
 */
import type * as Announcement from "@effect-discovery/core/Announcement"
import type * as DiscoveryError from "@effect-discovery/core/DiscoveryError"
import type * as Network from "@effect-discovery/core/Network"
import type * as Protocol from "@effect-discovery/core/Protocol"
import * as JsonBeacon from "@effect-discovery/core/protocol/JsonBeacon"
import * as Mdns from "@effect-discovery/core/protocol/Mdns"
import * as Peerage from "@effect-discovery/core/protocol/Peerage"
import * as PeerNet from "@effect-discovery/core/protocol/PeerNet"
import * as Syncthing from "@effect-discovery/core/protocol/Syncthing"
import * as SyncthingV0 from "@effect-discovery/core/protocol/SyncthingV0"
import * as Source from "@effect-discovery/core/Source"
import * as Effect from "effect/Effect"
import * as Failure from "./Failure.ts"

/** A protocol to find peers by, and what it cannot announce. */
export interface Choice {
  readonly source: Source.Source<DiscoveryError.DiscoveryError, Network.Network>
  readonly validate: (announcement: Announcement.Announcement) => DiscoveryError.InvalidAnnouncement | undefined
}

const choice = <State>(protocol: Protocol.Protocol<State>): Choice => ({
  source: Source.fromProtocol(protocol),
  validate: protocol.validate
})

// what it cannot announce it says itself, since it alone announces services
const mdns = (types: ReadonlyArray<string>): Choice => ({
  source: Mdns.source({ browse: types }),
  validate: () => undefined
})

const protocols = {
  json: () => choice(JsonBeacon.protocol()),
  mdns,
  peerage: () => choice(Peerage.protocol()),
  peernet: () => choice(PeerNet.protocol()),
  syncthing: () => choice(Syncthing.protocol()),
  "syncthing-v0": () => choice(SyncthingV0.protocol())
}

export type Name = keyof typeof protocols

export const names = Object.keys(protocols) as ReadonlyArray<Name>

// few names are device ids or keys, and a Syncthing on this machine holds its port for itself: these are chosen by name
const chosenOnly: ReadonlySet<Name> = new Set(["mdns", "peernet", "syncthing"])
const usual = names.filter((name) => !chosenOnly.has(name))

/**
 * The protocols with these names, each once. Service types are mDNS's, which needs some: without any name they are what chooses it, and
 * without them it is all the others but those of keys and device ids.
 */
export const select = (
  chosen: ReadonlyArray<Name>,
  types: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Choice>, Failure.TypeMissing | Failure.TypeUnused> => {
  const selected = new Set(chosen.length > 0 ? chosen : types.length > 0 ? ["mdns" as const] : usual)
  if (selected.has("mdns") && types.length === 0) return Effect.fail(new Failure.TypeMissing({}))
  if (!selected.has("mdns") && types.length > 0) return Effect.fail(new Failure.TypeUnused({}))
  return Effect.succeed(Array.from(selected, (name) => protocols[name](types)))
}
