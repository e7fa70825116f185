/**
 * The networks of an interface: asked of every datagram that is no repeat, while an interface stays the same for days.
 */
import type * as IpInterface from "effect/net/IpInterface"
import * as Prefix from "./Prefix.ts"

interface Addressed {
  readonly addresses: ReadonlyArray<IpInterface.IpInterface>
}

const known = new WeakMap<Addressed, ReadonlyArray<Prefix.Prefix>>()

/** The networks that an interface has an address of. */
export const of = (self: Addressed): ReadonlyArray<Prefix.Prefix> => {
  const before = known.get(self)
  if (before !== undefined) return before
  const made = self.addresses.map(Prefix.of)
  known.set(self, made)
  return made
}

/** Whether an address of these parts lies in one of them. */
export const contain = (self: Addressed, parts: ReadonlyArray<number>): boolean => {
  for (const prefix of of(self)) if (Prefix.contains(prefix, parts)) return true
  return false
}
