import { Attributes, type DiscoveryEvent, Peer, PeerKey } from "@effect-discovery/core"
import { NetAddress } from "effect/net"
import type * as News from "../../src/internal/cli/News.ts"
import type * as Standing from "../../src/internal/cli/Standing.ts"

/** A peer of the JSON protocol, with parts of its own. */
export const peer = (parts: Partial<Peer.Peer> = {}): Peer.Peer => ({
  id: Peer.id("json", parts.name ?? "ada"),
  name: "ada",
  addresses: [NetAddress.inetAddressFromIpStringUnsafe("10.0.0.1", 8080)],
  attributes: Attributes.empty,
  sources: ["json"],
  authentication: "none",
  ...parts
})

const key = PeerKey.PeerKey.make("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")

/** A peer that has proven its key. */
export const keyed = (parts: Partial<Peer.Peer> = {}): Peer.Peer =>
  peer({ id: Peer.idOfKey(parts.key ?? key), key, authentication: "signed", sources: ["signed"], ...parts })

/** Of whom nothing is thought. */
export const unjudged: Standing.Standing = { state: undefined, isDialable: false, isLookalike: false }

/** What happened to such a peer. */
export const plain = (event: DiscoveryEvent.DiscoveryEvent): News.Item => ({ event, standing: unjudged })
