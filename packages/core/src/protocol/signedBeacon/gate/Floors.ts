/**
 * The newest stamp taken from each key, below which nothing is taken again.
 */
import type * as PeerKey from "../../../PeerKey.ts"
import type * as Envelope from "../Envelope.ts"
import * as Stamp from "../Stamp.ts"
import type * as Output from "./Output.ts"
import * as Shelf from "./Shelf.ts"

/** What is known of a key's stamps. */
export interface Entry {
  readonly floor: Output.Floor
  /** What other runs of the sender than that of `floor` have to be above, since its clock went back. */
  readonly ceiling: Stamp.Stamp | undefined
  /** Milliseconds for which its latest announcement was to hold. */
  readonly ttl: number
  /** When it is forgotten, if its key is not listed. */
  readonly keptUntil: number
  /** Whether it was kept outside, so that the announcement which it is of may still hold though nobody here has heard it. */
  readonly isRestored: boolean
}

export interface Floors {
  readonly shelf: Shelf.Shelf<Entry>
  /** Milliseconds for which a floor of a key that is not listed is kept at most, once its announcement holds no longer. */
  readonly maxAge: number
  /** Milliseconds by which clocks may differ: for as long, what is older may still look fresh. */
  readonly skew: number
}

export const make = (capacity: number, maxAge: number, skew: number): Floors => ({
  shelf: Shelf.make(capacity),
  maxAge,
  skew
})

/** What is known of a key now. */
export const get = ({ shelf }: Floors, key: PeerKey.PeerKey, now: number): Entry | undefined => {
  const listed = shelf.listed.get(key)
  if (listed !== undefined) return listed
  const other = shelf.others.get(key)
  return other !== undefined && now < other.keptUntil ? other : undefined
}

/** Takes note that a key was entered in the list, or struck off it. */
export const settle = (self: Floors, key: PeerKey.PeerKey, isListed: boolean, now: number): void => {
  if (get(self, key, now) === undefined) Shelf.remove(self.shelf, key)
  else Shelf.settle(self.shelf, key, isListed)
}

/** Whether an envelope is not newer than what was taken. */
export const isStale = (self: Entry | undefined, header: Envelope.Header): boolean => {
  if (self === undefined || isLast(self, header)) return false
  const { ceiling, floor } = self
  const { instance, stamp } = header
  return Stamp.compare(stamp, floor) <= 0 ||
    (instance !== floor.instance && ceiling !== undefined && Stamp.compare(stamp, ceiling) <= 0)
}

// A program that has started anew takes once more what it took last: with mDNS nothing newer may come for half an hour. A goodbye has
// raised the floor above what it ended, so that is not taken.
const isLast = ({ floor, isRestored }: Entry, { instance, kind, stamp }: Envelope.Header): boolean =>
  isRestored && kind === "announce" && instance === floor.instance && Stamp.compare(stamp, floor) === 0

/** Takes a stamp that is not stale. Without `ttl` the envelope was no announcement. */
export const raise = (
  self: Floors,
  envelope: Envelope.Header,
  options: { readonly isListed: boolean; readonly ttl?: number | undefined },
  now: number
): Entry => {
  const known = get(self, envelope.key, now)
  const ceiling = known?.ceiling !== undefined && Stamp.compare(envelope.stamp, known.ceiling) <= 0
    ? known.ceiling
    : undefined
  return put(self, envelope, { ...options, known, ceiling }, now)
}

/**
 * Takes the stamp of a proof, which is of now whatever its number: the sender's clock went back. What it sent before then, from other
 * runs and with higher stamps, stays too old.
 */
export const lower = (self: Floors, proof: Envelope.Header, isListed: boolean, now: number): Entry => {
  const known = get(self, proof.key, now)
  return put(self, proof, { isListed, known, ceiling: highest(known?.ceiling, known?.floor) }, now)
}

/**
 * The floor that has to outlive the process: above the ceiling where there is one, and of no run, for a program that starts anew would take the
 * announcement of the very stamp once more, though its run is over.
 */
export const lasting = ({ ceiling, floor }: Entry): Output.Floor =>
  ceiling === undefined
    ? floor
    : { ms: ceiling.ms, counter: Math.min(ceiling.counter + 1, Stamp.maxCounter), instance: 0 }

const highest = (one: Stamp.Stamp | undefined, other: Stamp.Stamp | undefined): Stamp.Stamp | undefined => {
  if (one === undefined || other === undefined) return one ?? other
  return Stamp.compare(one, other) > 0 ? one : other
}

const put = (
  self: Floors,
  { instance, key, stamp }: Envelope.Header,
  options: {
    readonly isListed: boolean
    readonly known: Entry | undefined
    readonly ceiling: Stamp.Stamp | undefined
    readonly ttl?: number | undefined
  },
  now: number
): Entry => {
  const ttl = options.ttl ?? options.known?.ttl ?? self.maxAge
  // as old as it may be, of a clock that was as far ahead as it may be
  const replayable = 2 * Math.max(ttl, self.skew)
  const entry: Entry = {
    floor: { ms: stamp.ms, counter: stamp.counter, instance },
    ceiling: options.ceiling,
    ttl,
    // a longer promise made earlier still binds: its announcement may be sent again until then
    keptUntil: Math.max(options.known?.keptUntil ?? 0, now + Math.max(ttl, Math.min(replayable, self.maxAge))),
    isRestored: false
  }
  Shelf.put(self.shelf, key, entry, options.isListed)
  return entry
}

/** Takes a floor that was kept outside, unless a higher one is known. */
export const restore = (
  self: Floors,
  key: PeerKey.PeerKey,
  { counter, instance, ms }: Output.Floor,
  isListed: boolean,
  now: number
): void => {
  const known = get(self, key, now)
  if (known !== undefined && Stamp.compare(known.floor, { ms, counter }) >= 0) return
  const entry: Entry = {
    floor: { ms, counter, instance },
    ceiling: undefined,
    ttl: self.maxAge,
    keptUntil: now + self.maxAge,
    isRestored: true
  }
  Shelf.put(self.shelf, key, entry, isListed)
}
