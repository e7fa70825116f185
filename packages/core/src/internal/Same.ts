/**
 * Whether values read from two announcements are the same. `Equal.equals` hashes both first, which for values that were made a moment
 * ago, and are compared once, costs several times what comparing them does.
 */
import * as Equal from "effect/Equal"
import * as NetAddress from "effect/net/NetAddress"
import type * as Attributes from "../Attributes.ts"

/** The same family, address, scope and port. */
export const isSameAddress = (self: NetAddress.InetAddress, that: NetAddress.InetAddress): boolean =>
  self === that || (self.port === that.port && isSameHost(self, that))

/** The same family, address and scope, whatever the port. */
export const isSameHost = (self: NetAddress.InetAddress, that: NetAddress.InetAddress): boolean =>
  scopeOf(self) === scopeOf(that) && self.address[Equal.symbol](that.address)

const scopeOf = (self: NetAddress.InetAddress): number => NetAddress.isInetAddressV6(self) ? self.scopeId : 0

/** The same addresses in the same order. */
export const areSameAddresses = (
  self: ReadonlyArray<NetAddress.InetAddress>,
  that: ReadonlyArray<NetAddress.InetAddress>
): boolean => areAlike(self, that, isSameAddress)

/** The same texts in the same order. */
export const areSameTexts = (self: ReadonlyArray<string>, that: ReadonlyArray<string>): boolean =>
  areAlike(self, that, isSameText)

const isSameText = (self: string, that: string): boolean => self === that

const areAlike = <A>(
  self: ReadonlyArray<A>,
  that: ReadonlyArray<A>,
  isSame: (self: A, that: A) => boolean
): boolean => {
  if (self === that) return true
  if (self.length !== that.length) return false
  for (let index = 0; index < self.length; index++) if (!isSame(self[index]!, that[index]!)) return false
  return true
}

/** The same keys with the same octets. */
export const areSameAttributes = (self: Attributes.Attributes, that: Attributes.Attributes): boolean =>
  self === that || self[Equal.symbol](that)
