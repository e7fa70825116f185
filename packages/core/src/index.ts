/**
 * Programs on a network find each other, with no server, through typed Effect Streams.
 *
 * @since 0.1.0
 */
export * as Announcement from "./Announcement.ts"
export * as Attributes from "./Attributes.ts"
export * as Buggify from "./Buggify.ts"
export * as Claim from "./Claim.ts"
export * as Diagnostic from "./Diagnostic.ts"
export * as Discovery from "./Discovery.ts"
export * as DiscoveryError from "./DiscoveryError.ts"
export * as DiscoveryEvent from "./DiscoveryEvent.ts"
export * as Endpoint from "./Endpoint.ts"
export * as Lease from "./Lease.ts"
export * as Limits from "./Limits.ts"
export * as Machine from "./Machine.ts"
export * as Network from "./Network.ts"
export * as NetworkInterface from "./NetworkInterface.ts"
export * as Peer from "./Peer.ts"
export * as PeerKey from "./PeerKey.ts"
export * as PeerRegistry from "./PeerRegistry.ts"
export * as Protocol from "./Protocol.ts"
export * as Provenance from "./Provenance.ts"
export * as Seed from "./Seed.ts"
export * as Source from "./Source.ts"
export * as TypedAttributes from "./TypedAttributes.ts"
