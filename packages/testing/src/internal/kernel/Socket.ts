/**
 * What a socket is bound to.
 */
import type { Socket } from "./Topology.ts"

/** @internal Bound to one local unicast address: neither the wildcard, nor a group, nor a broadcast address. */
export const isSpecific = (self: Socket): boolean => self.bound.kind === "unicast" || self.bound.kind === "loopback"

/** @internal */
export const isWildcard = (self: Socket): boolean => self.bound.kind === "unspecified"
