/**
 * A key that names its successor, and when that is believed (S-T6).
 */
import type * as PeerKey from "../../PeerKey.ts"
import type * as TrustEntry from "../../TrustEntry.ts"
import * as Book from "./Book.ts"

const day = 86_400_000

// A thief of one key shall not run through many: the owner needs time to notice and retire it.
const hopInterval = day
const hopsAtMost = 4

// entries end after whole milliseconds, and no later than this
const lastInstant = 8.64e15

/** What is done about successors, and what was last said of each key's. */
export interface Rotation {
  readonly isAuto: boolean
  /** Milliseconds for which the old key stays trusted. */
  readonly overlap: number
  readonly offered: Map<PeerKey.PeerKey, PeerKey.PeerKey>
}

/** Nothing was offered yet. */
export const make = (isAuto: boolean, overlap: number): Rotation => ({ isAuto, overlap, offered: new Map() })

/** Takes note that `key` named `next` its successor, which has signed as well. */
export const offer = (
  self: Rotation,
  book: Book.Book,
  key: PeerKey.PeerKey,
  next: PeerKey.PeerKey,
  now: number,
  out: Book.Out
): void => {
  const state = Book.stateOf(book, key, now)
  if (state !== "trusted" && state !== "pinned") return
  // a known key has nothing to gain, and a denied one stays denied
  if (next === key || Book.stateOf(book, next, now) !== "unknown") return
  const entry = book.entries.get(key)!
  const isTaken = self.isAuto && mayHop(book, entry, now)
  if (!isTaken && self.offered.get(key) === next) return
  remember(self, book, key, next)
  if (isTaken) take(self, book, entry, next, now, out)
  out.events.push({ _tag: "RotationOffered", key, next, isTaken })
}

const remember = (self: Rotation, book: Book.Book, key: PeerKey.PeerKey, next: PeerKey.PeerKey): void => {
  for (const old of self.offered.keys()) if (!book.entries.has(old)) self.offered.delete(old)
  self.offered.set(key, next)
}

const mayHop = (book: Book.Book, entry: TrustEntry.TrustEntry, now: number): boolean => {
  if (Book.isFull(book) || (entry.hops ?? 0) >= hopsAtMost) return false
  if (entry.via !== undefined && now - entry.addedAt < hopInterval) return false
  for (const { via } of book.entries.values()) if (via === entry.key) return false
  return true
}

// the successor of a key that was trusted for a while only is trusted no longer than that
const take = (
  self: Rotation,
  book: Book.Book,
  entry: TrustEntry.TrustEntry,
  next: PeerKey.PeerKey,
  now: number,
  out: Book.Out
): void => {
  const { floor: _floor, hops = 0, ...same } = entry
  Book.put(book, { ...same, key: next, addedAt: now, via: entry.key, hops: hops + 1 }, now, out, entry.key)
  Book.put(
    book,
    { ...entry, until: Math.min(entry.until ?? lastInstant, Math.floor(now + self.overlap)) },
    now,
    out,
    entry.key
  )
}
