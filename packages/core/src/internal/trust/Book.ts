/**
 * The trust list and every decision about it: what a change makes of it, what is to be told of it, and what is to be kept.
 *
 * State is updated in place. `now` is milliseconds since 1970: entries outlive the program.
 */
import type * as PeerKey from "../../PeerKey.ts"
import * as TrustEntry from "../../TrustEntry.ts"
import * as TrustError from "../../TrustError.ts"
import type * as TrustEvent from "../../TrustEvent.ts"
import type * as TrustState from "../../TrustState.ts"
import * as Names from "./Names.ts"

/** What comes of a change: events to tell, changes to keep. */
export interface Out {
  readonly events: Array<TrustEvent.TrustEvent>
  readonly changes: Array<TrustEntry.Change>
}

/** Nothing yet. */
export const nothing = (): Out => ({ events: [], changes: [] })

/** The entries, by key in the order they were added, and who holds which name. */
export interface Book {
  readonly capacity: number
  readonly entries: Map<PeerKey.PeerKey, TrustEntry.TrustEntry>
  readonly names: Names.Names
}

/** A book without entries. */
export const make = (capacity: number): Book => ({ capacity, entries: new Map(), names: Names.make() })

/** What is thought of a key. An entry that has ended counts no more, whether or not it was removed yet. */
export const stateOf = (self: Book, key: PeerKey.PeerKey, now: number): TrustState.TrustState => {
  const entry = self.entries.get(key)
  return entry === undefined || hasEnded(entry, now) ? "unknown" : entry.state
}

const hasEnded = (entry: TrustEntry.TrustEntry, now: number) => entry.until !== undefined && entry.until <= now

/** Whether one more key would be too many. */
export const isFull = (self: Book): boolean => self.entries.size >= self.capacity

/** When the next entry ends by itself. */
export const wakeAt = (self: Book): number => {
  let soonest = Infinity
  for (const { until = Infinity } of self.entries.values()) soonest = Math.min(soonest, until)
  return soonest
}

/** Removes the entries that have ended. */
export const wake = (self: Book, now: number, out: Out): void => {
  for (const entry of self.entries.values()) {
    if (hasEnded(entry, now)) drop(self, entry.key, "Expired", out)
  }
}

/** Becomes the list that was read from the store. Floors never sink by that. */
export const adopt = (self: Book, entries: ReadonlyArray<TrustEntry.TrustEntry>, now: number, out: Out): void => {
  const keys = new Set(entries.map(({ key }) => key))
  for (const key of self.entries.keys()) {
    if (!keys.has(key)) drop(self, key, "Removed", out)
  }
  for (const entry of entries) put(self, entry, now, out)
  arrange(self, keys)
  // what came from the store needs not to be kept again
  out.changes.length = 0
  wake(self, now, out)
}

// whoever reads the store has to come to the same holders of names
const arrange = (self: Book, order: Iterable<PeerKey.PeerKey>): void => {
  for (const key of order) {
    const entry = self.entries.get(key)!
    self.entries.delete(key)
    self.entries.set(key, entry)
  }
  Names.rebuild(self.names, self.entries.values())
}

/** Puts a key on the list. */
export const trust = (
  self: Book,
  key: PeerKey.PeerKey,
  grant: Partial<Pick<TrustEntry.TrustEntry, "name" | "realm" | "via" | "until">>,
  now: number,
  out: Out
): TrustError.Reason | undefined => {
  const before = current(self, key, now)
  if (before?.state === "denied") return refusal(before)
  if (isFull(self) && !self.entries.has(key)) return new TrustError.Full({ limit: self.capacity })
  put(self, { ...kept(before, key, now), state: "trusted", ...grant }, now, out)
  return undefined
}

/** Denies a key. */
export const deny = (self: Book, key: PeerKey.PeerKey, now: number, out: Out): TrustError.Reason | undefined => {
  const before = current(self, key, now)
  if (isFull(self) && !self.entries.has(key)) return new TrustError.Full({ limit: self.capacity })
  if (before?.state !== "denied") put(self, { ...kept(before, key, now), state: "denied" }, now, out)
  return undefined
}

/** Forgets a key, unless it is retired. */
export const remove = (self: Book, key: PeerKey.PeerKey, out: Out): TrustError.Reason | undefined => {
  const before = self.entries.get(key)
  if (before?.isRetired === true) return new TrustError.KeyRetired({ key })
  drop(self, key, "Removed", out)
  return undefined
}

/** Pins a key to a name that no other key holds, save one that is denied. */
export const accept = (
  self: Book,
  realm: string,
  name: string,
  key: PeerKey.PeerKey,
  now: number,
  out: Out
): TrustError.Reason | undefined => {
  const before = current(self, key, now)
  if (before?.state === "denied") return refusal(before)
  const pinned = Names.holder(self.names, realm, name)
  if (pinned !== undefined && pinned !== key && stateOf(self, pinned, now) !== "denied") {
    return new TrustError.NameTaken({ realm, name, pinned })
  }
  if (isFull(self) && !self.entries.has(key)) return new TrustError.Full({ limit: self.capacity })
  put(self, { ...kept(before, key, now), state: before?.state ?? "pinned", realm, name }, now, out)
  return undefined
}

/**
 * Denies a key for good, since whoever holds it said so (S-T7). Keys that were never on the list may take a quarter of it that way, so
 * that nobody fills it with keys made for that.
 */
export const retire = (self: Book, key: PeerKey.PeerKey, now: number, out: Out): void => {
  const before = self.entries.get(key)
  if (before?.isRetired === true) return
  if (before === undefined && (isFull(self) || retired(self) >= self.capacity / 4)) return
  put(self, { ...kept(before, key, now), state: "denied", isRetired: true }, now, out)
}

const retired = (self: Book): number => {
  let count = 0
  for (const { isRetired } of self.entries.values()) if (isRetired === true) count++
  return count
}

/** Keeps the newest stamp of a key that has an entry. */
export const raiseFloor = (self: Book, key: PeerKey.PeerKey, floor: TrustEntry.Floor, out: Out): void => {
  const entry = self.entries.get(key)
  if (entry === undefined || TrustEntry.higher(entry.floor, floor) !== floor) return
  self.entries.set(key, { ...entry, floor })
  out.changes.push({ _tag: "Floor", key, floor })
}

/** Forgets the newest stamp of a key. */
export const resetFloor = (self: Book, key: PeerKey.PeerKey, out: Out): void => {
  const entry = self.entries.get(key)
  if (entry?.floor !== undefined) {
    const { floor: _, ...rest } = entry
    self.entries.set(key, rest)
    // an entry that is only put keeps the floor that is in the store
    out.changes.push({ _tag: "Drop", key, state: entry.state }, { _tag: "Put", entry: rest })
  }
  out.events.push({ _tag: "FloorReset", key })
}

/**
 * Enters an entry in place of the one before, whose floor it keeps, and tells what that means. `by` vouches for it, unless the program does.
 */
export const put = (
  self: Book,
  next: TrustEntry.TrustEntry,
  now: number,
  out: Out,
  by?: PeerKey.PeerKey
): void => {
  const { floor } = self.entries.get(next.key) ?? {}
  const entry = floor === undefined ? next : { ...next, floor: TrustEntry.higher(next.floor, floor) }
  // what takes the place of one that has ended is news, though nobody has looked yet, unless it has ended as well
  if (current(self, entry.key, now) === undefined && !hasEnded(entry, now)) drop(self, entry.key, "Expired", out)
  const before = self.entries.get(entry.key)
  self.entries.set(entry.key, entry)
  if (before === undefined) Names.add(self.names, entry)
  else if (!Names.areAlike(before, entry)) Names.rebuild(self.names, self.entries.values())
  out.changes.push(by === undefined ? { _tag: "Put", entry } : { _tag: "Put", entry, by })
  if (before?.state === entry.state) return
  if (entry.state !== "denied") out.events.push({ _tag: "Granted", entry })
  else {
    const reason = entry.isRetired === true ? "Retired" : "Denied"
    if (before !== undefined) out.events.push({ _tag: "Revoked", entry: before, reason })
    out.events.push({ _tag: "Denied", entry })
  }
}

const drop = (self: Book, key: PeerKey.PeerKey, reason: TrustEvent.Revoked["reason"], out: Out): void => {
  const entry = self.entries.get(key)
  if (entry === undefined) return
  self.entries.delete(key)
  Names.rebuild(self.names, self.entries.values())
  out.changes.push({ _tag: "Drop", key, state: entry.state })
  out.events.push(entry.state === "denied" ? { _tag: "Forgotten", entry } : { _tag: "Revoked", entry, reason })
}

const current = (self: Book, key: PeerKey.PeerKey, now: number): TrustEntry.TrustEntry | undefined => {
  const entry = self.entries.get(key)
  return entry === undefined || hasEnded(entry, now) ? undefined : entry
}

const refusal = ({ isRetired, key }: TrustEntry.TrustEntry): TrustError.Reason =>
  isRetired === true ? new TrustError.KeyRetired({ key }) : new TrustError.KeyDenied({ key })

// Who decides anew about a key ends what was to end by itself, and the chain of successors it came from.
const kept = (before: TrustEntry.TrustEntry | undefined, key: PeerKey.PeerKey, now: number) => {
  if (before === undefined) return { key, addedAt: now }
  const { hops: _hops, until: _until, via: _via, ...rest } = before
  return rest
}
