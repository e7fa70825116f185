import { Attributes, Peer } from "@effect-discovery/core"
import { NetAddress } from "effect/net"

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
