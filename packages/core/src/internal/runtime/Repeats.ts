/**
 * The datagrams whose repetition needs no decoding: those that announced a peer which is still held.
 */
import * as Lease from "../../Lease.ts"

interface Remembered {
  /** Another port is another program: it may be ourselves, saying the same. */
  readonly port: number
  readonly payload: Uint8Array
  readonly identity: string
  readonly lease: Lease.Lease
  /** The one before it from the same source: a list without a list object, since each known datagram walks it. */
  readonly previous: Remembered | undefined
}

/** What is remembered by source address, at most `perSource` datagrams each and only while their leases are held. */
export interface Repeats {
  readonly perSource: number
  /** The latest datagram of each source. */
  readonly sources: Map<string, Remembered>
  /** How many datagrams are remembered in all, and how many are before those that nobody holds are swept out. */
  size: number
  sweepAt: number
}

const smallest = 1_024

/** Nothing remembered. */
export const make = (perSource: number): Repeats => ({ perSource, sources: new Map(), size: 0, sweepAt: smallest })

/** Renews the lease that these octets from this source announced before; false when they have to be decoded. */
export const renew = (
  self: Repeats,
  source: string,
  port: number,
  payload: Uint8Array,
  now: number
): boolean => {
  for (let known = self.sources.get(source); known !== undefined; known = known.previous) {
    if (known.port !== port || !known.lease.isHeld || !isEqual(known.payload, payload)) continue
    Lease.renew(known.lease, now)
    return true
  }
  return false
}

/** Remembers what these octets announced of a node. The registry holds the lease only once it has heard of it. */
export const remember = (
  self: Repeats,
  source: string,
  port: number,
  payload: Uint8Array,
  identity: string,
  lease: Lease.Lease
): void => {
  if (self.size >= self.sweepAt) sweep(self)
  const known = listOf(self.sources.get(source))
  // a copy, which the `slice` of a Node.js buffer would not be: what came may be part of a much larger buffer
  const latest = { port, payload: new Uint8Array(payload), identity, lease, previous: undefined }
  replace(self, source, known.length, [latest, ...known].slice(0, self.perSource))
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
  const known = listOf(self.sources.get(source))
  const left = known.filter(predicate)
  if (left.length < known.length) replace(self, source, known.length, left)
}

const replace = (self: Repeats, source: string, before: number, list: ReadonlyArray<Remembered>): void => {
  self.size += list.length - before
  const latest = list.reduceRight<Remembered | undefined>((previous, entry) => ({ ...entry, previous }), undefined)
  if (latest === undefined) self.sources.delete(source)
  else self.sources.set(source, latest)
}

const listOf = (latest: Remembered | undefined): ReadonlyArray<Remembered> => {
  const list: Array<Remembered> = []
  for (let entry = latest; entry !== undefined; entry = entry.previous) list.push(entry)
  return list
}

const isEqual = (self: Uint8Array, that: Uint8Array): boolean => {
  const { length } = self
  if (length !== that.length) return false
  for (let i = 0; i < length; i++) if (self[i] !== that[i]) return false
  return true
}
