/**
 * The protocols that the command knows, by the names it knows them by.
 */
import type * as Announcement from "@effect-discovery/core/Announcement"
import type * as DiscoveryError from "@effect-discovery/core/DiscoveryError"
import type * as Network from "@effect-discovery/core/Network"
import type * as Protocol from "@effect-discovery/core/Protocol"
import * as JsonBeacon from "@effect-discovery/core/protocol/JsonBeacon"
import * as Peerage from "@effect-discovery/core/protocol/Peerage"
import * as SyncthingV0 from "@effect-discovery/core/protocol/SyncthingV0"
import * as Source from "@effect-discovery/core/Source"

/** A protocol to find peers by, and what it cannot announce. */
export interface Choice {
  readonly source: Source.Source<DiscoveryError.DiscoveryError, Network.Network>
  readonly validate: (announcement: Announcement.Announcement) => DiscoveryError.InvalidAnnouncement | undefined
}

const choice = <State>(protocol: Protocol.Protocol<State>): Choice => ({
  source: Source.fromProtocol(protocol),
  validate: protocol.validate
})

const protocols = {
  json: () => choice(JsonBeacon.protocol()),
  peerage: () => choice(Peerage.protocol()),
  "syncthing-v0": () => choice(SyncthingV0.protocol())
}

export type Name = keyof typeof protocols

export const names = Object.keys(protocols) as ReadonlyArray<Name>

/** The protocols with these names, each once; all of them without any. */
export const select = (chosen: ReadonlyArray<Name>): ReadonlyArray<Choice> =>
  [...new Set(chosen.length === 0 ? names : chosen)].map((name) => protocols[name]())
