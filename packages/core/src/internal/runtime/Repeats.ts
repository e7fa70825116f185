/**
 * The datagrams whose repetition needs no decoding: those that announced a peer which is still held.
 */
import * as Lease from "../../Lease.ts"

interface Remembered {
  readonly payload: Uint8Array
  readonly identity: string
  readonly lease: Lease.Lease
}

/** What is remembered by source address, at most `perSource` datagrams each and only while their leases are held. */
export interface Repeats {
  readonly perSource: number
  readonly sources: Map<string, Array<Remembered>>
  /** How many datagrams are remembered in all, and how many are before those that nobody holds are swept out. */
  size: number
  sweepAt: number
}

const smallest = 1_024

/** Nothing remembered. */
export const make = (perSource: number): Repeats => ({ perSource, sources: new Map(), size: 0, sweepAt: smallest })

/** Renews the lease that these octets from this source announced before; false when they have to be decoded. */
export const renew = (self: Repeats, source: string, payload: Uint8Array, now: number): boolean => {
  const known = self.sources.get(source)
  if (known === undefined) return false
  for (let i = 0; i < known.length; i++) {
    const { lease, payload: before } = known[i]!
    if (!lease.isHeld || !isEqual(before, payload)) continue
    Lease.renew(lease, now)
    return true
  }
  return false
}

/** Remembers what these octets announced of a node. The registry holds the lease only once it has heard of it. */
export const remember = (
  self: Repeats,
  source: string,
  payload: Uint8Array,
  identity: string,
  lease: Lease.Lease
): void => {
  if (self.size >= self.sweepAt) sweep(self)
  const known = self.sources.get(source) ?? []
  if (known.length >= self.perSource) known.shift()
  else self.size++
  // a copy: the datagram may be a slice of a much larger buffer
  known.push({ payload: payload.slice(), identity, lease })
  self.sources.set(source, known)
}

/** Forgets what this source announced of a node, which now says something else: the registry may not have heard of that yet. */
export const forget = (self: Repeats, source: string, identity: string): void =>
  retain(self, source, (entry) => entry.identity !== identity)

/** Forgets everything. */
export const clear = (self: Repeats): void => {
  self.sources.clear()
  self.size = 0
}

// what nobody holds any more goes when the whole has doubled: amortised, each is looked at once
const sweep = (self: Repeats): void => {
  for (const source of self.sources.keys()) retain(self, source, (entry) => entry.lease.isHeld)
  self.sweepAt = Math.max(smallest, 2 * self.size)
}

const retain = (self: Repeats, source: string, predicate: (entry: Remembered) => boolean): void => {
  const known = self.sources.get(source)
  if (known === undefined) return
  const left = known.filter(predicate)
  self.size -= known.length - left.length
  if (left.length > 0) self.sources.set(source, left)
  else self.sources.delete(source)
}

const isEqual = (self: Uint8Array, that: Uint8Array): boolean => {
  const { length } = self
  if (length !== that.length) return false
  for (let i = 0; i < length; i++) if (self[i] !== that[i]) return false
  return true
}
