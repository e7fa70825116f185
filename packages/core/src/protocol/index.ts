/**
 * The wire protocols.
 *
 * @since 0.1.0
 */
export * as Beacon from "./Beacon.ts"
export * as JsonBeacon from "./JsonBeacon.ts"
export * as Libp2p from "./Libp2p.ts"
export * as Mdns from "./Mdns.ts"
export * as Peerage from "./Peerage.ts"
export * as PeerNet from "./PeerNet.ts"
export * as Ppspp from "./Ppspp.ts"
export * as SignedBeacon from "./SignedBeacon.ts"
export * as Syncthing from "./Syncthing.ts"
export * as SyncthingV0 from "./SyncthingV0.ts"
