/**
 * The datagrams whose repetition needs no decoding: those that announced a peer which is still held.
 *
 * Nearly every datagram of a settled network comes through here, and among many peers each object it touches is a miss of the cache. So
 * what is remembered of a datagram is one object, its lease included, and its octets on a sheet with others.
 */
import * as Lease from "../../Lease.ts"
import * as Copies from "../Copies.ts"
import * as Origins from "../Origins.ts"

/** A datagram with its lease. */
export interface Remembered extends Lease.Lease, Origins.Item, Copies.Place {
  /** As `Copies.tag`. Another port is another program: it may be ourselves, saying the same. */
  readonly tag: number
  readonly identity: string
  /** From when on a repeat is to be decoded besides: whole milliseconds, which need no object of their own, or `never`. */
  readonly rereadAt: number
  /** The one before it from the same source. */
  previous: Remembered | undefined
}

/** What is remembered by source address, at most `perSource` datagrams each and only while their leases are held. */
export interface Repeats {
  readonly perSource: number
  /** The latest datagram of each source. */
  readonly sources: Origins.Origins<Remembered>
  readonly copies: Copies.Copies
  /** How many datagrams are remembered in all, and what their copies take. */
  size: number
  octets: number
  /** The slot of `sources` from which to sweep on. */
  sweptTo: number
}

/** It need not be decoded again. */
export const never = 0

/** Nothing remembered. The `secret` is that of `Origins`. */
export const make = (perSource: number, secret: number): Repeats => ({
  perSource,
  sources: Origins.make(secret),
  copies: Copies.make(),
  size: 0,
  octets: 0,
  sweptTo: 0
})

/** The lease that these octets from this source announced before, `undefined` when they have to be decoded. */
export const find = (
  self: Repeats,
  source: string,
  port: number,
  payload: Uint8Array
): Remembered | undefined => {
  const latest = Origins.get(self.sources, source)
  if (latest === undefined) return undefined
  if (latest.previous === undefined) {
    return Copies.portOf(latest.tag) === port && isSame(latest, payload)
      ? latest
      : undefined
  }
  // a source can have many remembered, and then send what is none of them: comparing octets with all would be dear
  const tag = Copies.tag(port, payload)
  for (let known: Remembered | undefined = latest; known !== undefined; known = known.previous) {
    if (known.tag === tag && isSame(known, payload)) return known
  }
  return undefined
}

const isSame = (known: Remembered, payload: Uint8Array): boolean => known.isHeld && Copies.isOf(known, payload)

/** Whether it is to be decoded once more besides. */
export const isDue = ({ rereadAt }: Remembered, now: number): boolean => rereadAt !== never && now >= rereadAt

/** Renews the lease that these octets from this source announced before; false when they have to be decoded, be it once more. */
export const renew = (
  self: Repeats,
  source: string,
  port: number,
  payload: Uint8Array,
  now: number
): boolean => {
  const known = find(self, source, port, payload)
  if (known === undefined) return false
  Lease.renew(known, now)
  if (!isDue(known, now)) return true
  // it is heard once, and counted by what it is decoded to
  known.heard--
  return false
}

/** Remembers what these octets announced of a node. The lease is the registry's to hold. */
export const remember = (
  self: Repeats,
  source: string,
  port: number,
  payload: Uint8Array,
  identity: string,
  ttl: number,
  now: number,
  rereadAt = never
): Lease.Lease => {
  sweep(self, now)
  const previous = Origins.get(self.sources, source)
  const { sheet, span } = Copies.add(self.copies, payload, self.octets)
  // whole milliseconds are numbers that need no object of their own
  const at = Math.floor(now)
  // every one is made here and alike, as `Lease.make` makes leases, what a repeat touches first
  const latest: Remembered = {
    isHeld: false,
    expiresAt: at + ttl,
    seenAt: at,
    ttl,
    heard: 1,
    rereadAt,
    // one text for all of a source
    origin: previous?.origin ?? source,
    tag: Copies.tag(port, payload),
    sheet,
    span,
    previous,
    identity,
    isPending: true
  }
  Origins.set(self.sources, latest)
  self.size++
  self.octets += Copies.sizeOf(latest)
  trim(self, latest)
  if (Copies.isSparse(self.copies, self.octets)) Copies.move(self.copies, all(self), self.octets)
  return latest
}

const all = function*({ sources }: Repeats): Iterable<Remembered> {
  for (const latest of Origins.all(sources)) {
    for (let known: Remembered | undefined = latest; known !== undefined; known = known.previous) yield known
  }
}

/** Forgets what this source announced of a node, which now says something else: the registry may not have heard of that yet. */
export const forget = (self: Repeats, source: string, identity: string): void => {
  const latest = Origins.get(self.sources, source)
  if (latest !== undefined) retain(self, latest, (entry) => entry.identity !== identity)
}

/** Forgets everything. */
export const clear = (self: Repeats): void => {
  for (const latest of Origins.all(self.sources)) filter(self, latest, () => false)
  Origins.clear(self.sources)
}

/** How many slots are looked at for each datagram that is remembered, and how many more for each of which something was of no use. */
const looks = 8
const moreLooks = 32

// A little at a time, so that there is never much that nobody holds: least of all in a flood, when the registry lets go of a peer for each that
// comes.
const sweep = (self: Repeats, now: number): void => {
  for (let left = looks; left > 0; left--) {
    const latest = Origins.inSlot(self.sources, self.sweptTo++)
    if (latest === undefined || areOfUse(latest, now)) continue
    retain(self, latest, (entry) => isOfUse(entry, now))
    left += moreLooks
  }
}

const areOfUse = (latest: Remembered, now: number): boolean => {
  for (let known: Remembered | undefined = latest; known !== undefined; known = known.previous) {
    if (!isOfUse(known, now)) return false
  }
  return true
}

// the registry may never hear of a lease that another has taken the place of
const isOfUse = ({ expiresAt, isHeld, isPending }: Remembered, now: number): boolean =>
  isHeld || (isPending && expiresAt > now)

const retain = (self: Repeats, latest: Remembered, predicate: (entry: Remembered) => boolean): void => {
  const left = filter(self, latest, predicate)
  if (left === latest) return
  if (left === undefined) Origins.remove(self.sources, latest.origin)
  else Origins.set(self.sources, left)
}

// what is left of one source's, the latest first
const filter = (
  self: Repeats,
  latest: Remembered,
  predicate: (entry: Remembered) => boolean
): Remembered | undefined => {
  let newest: Remembered | undefined
  let kept: Remembered | undefined
  for (
    let entry: Remembered | undefined = latest, before: Remembered | undefined;
    entry !== undefined;
    entry = before
  ) {
    before = entry.previous
    // the registry may hold on to what goes, and is not to hold what was before it as well
    entry.previous = undefined
    if (!predicate(entry)) drop(self, entry)
    else {
      if (kept === undefined) newest = entry
      else kept.previous = entry
      kept = entry
    }
  }
  return newest
}

// the oldest gives way
const trim = (self: Repeats, latest: Remembered): void => {
  let last = latest
  for (let kept = 1; kept < self.perSource && last.previous !== undefined; kept++) last = last.previous
  if (last.previous === undefined) return
  drop(self, last.previous)
  last.previous = undefined
}

const drop = (self: Repeats, entry: Remembered): void => {
  self.size--
  self.octets -= Copies.sizeOf(entry)
  Copies.drop(entry)
}
