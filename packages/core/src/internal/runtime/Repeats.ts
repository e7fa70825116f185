/**
 * The datagrams whose repetition needs no decoding: those that announced a peer which is still held.
 */
import * as Lease from "../../Lease.ts"

interface Remembered {
  readonly payload: Uint8Array
  readonly lease: Lease.Lease
}

/** What is remembered by source address, at most `perSource` datagrams each and only while their leases are held. */
export interface Repeats {
  readonly perSource: number
  readonly sources: Map<string, Array<Remembered>>
  sweepAt: number
}

const smallest = 1_024

/** Nothing remembered. */
export const make = (perSource: number): Repeats => ({ perSource, sources: new Map(), sweepAt: smallest })

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

/** Remembers what these octets announced. */
export const remember = (self: Repeats, source: string, payload: Uint8Array, lease: Lease.Lease): void => {
  if (self.sources.size >= self.sweepAt) sweep(self)
  const known = (self.sources.get(source) ?? []).filter((entry) => entry.lease.isHeld)
  if (known.length >= self.perSource) known.shift()
  // a copy: the datagram may be a slice of a much larger buffer
  known.push({ payload: payload.slice(), lease })
  self.sources.set(source, known)
}

/** Forgets everything. */
export const clear = (self: Repeats): void => self.sources.clear()

// sources that hold nothing any more go when their number has doubled: amortised, each is looked at once
const sweep = (self: Repeats): void => {
  for (const [source, known] of self.sources) {
    if (!known.some((entry) => entry.lease.isHeld)) self.sources.delete(source)
  }
  self.sweepAt = Math.max(smallest, 2 * self.sources.size)
}

const isEqual = (self: Uint8Array, that: Uint8Array): boolean => {
  const { length } = self
  if (length !== that.length) return false
  for (let i = 0; i < length; i++) if (self[i] !== that[i]) return false
  return true
}
