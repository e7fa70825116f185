/**
 * The sources under test, by format.
 */
import type * as DiscoveryError from "@effect-discovery/core/DiscoveryError"
import type * as Network from "@effect-discovery/core/Network"
import * as JsonBeacon from "@effect-discovery/core/protocol/JsonBeacon"
import * as Peerage from "@effect-discovery/core/protocol/Peerage"
import * as SyncthingV0 from "@effect-discovery/core/protocol/SyncthingV0"
import * as Source from "@effect-discovery/core/Source"
import type { Link } from "./Link.ts"

/** The source that hears what is sent to a link. A `ttl` in milliseconds is for peers that must not expire while they are watched. */
export const sourceOf = (
  { destination: group, format, port }: Link,
  ttl?: number
): Source.Source<DiscoveryError.DiscoveryError, Network.Network> => {
  switch (format) {
    case "json":
      return Source.fromProtocol(JsonBeacon.protocol({ group, port, ttl }))
    case "peerage":
      return Source.fromProtocol(Peerage.protocol({ group, port, ttl }))
    case "syncthing0":
      return Source.fromProtocol(SyncthingV0.protocol({ port, ttl }))
  }
}
