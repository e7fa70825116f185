/**
 * Keys in use that nobody vouches for: each is reported once in a while, and the latest reports are kept (S-T1).
 */
import type * as PeerKey from "../../PeerKey.ts"
import type * as TrustEvent from "../../TrustEvent.ts"
import type * as TrustState from "../../TrustState.ts"
import * as Book from "./Book.ts"
import * as Names from "./Names.ts"

/** A report that was made. */
interface Report {
  readonly sighting: TrustEvent.Sighting
  readonly at: number
}

/** The latest reports, the oldest first, and when they may be repeated. */
export interface Sightings {
  readonly policy: TrustState.Policy
  readonly isPinning: boolean
  readonly capacity: number
  readonly interval: number
  readonly reports: Map<string, Report>
}

/** No reports yet. */
export const make = (options: Omit<Sightings, "reports">): Sightings => ({ ...options, reports: new Map() })

/** The keys reported, the latest last. */
export const list = (self: Sightings): ReadonlyArray<TrustEvent.Sighting> =>
  [...self.reports.values()].map(({ sighting }) => sighting)

/** Takes note of a key in use. */
export const note = (
  self: Sightings,
  book: Book.Book,
  sighting: TrustEvent.Sighting,
  now: number,
  out: Book.Out
): void => {
  const state = Book.stateOf(book, sighting.key, now)
  if (state === "denied") return
  const pinned = Names.holder(book.names, sighting.realm, sighting.name)
  if (pinned !== undefined && pinned !== sighting.key) {
    // only a key that has proven itself can be said to use a name; its successor and its predecessor may, too
    if (sighting.authentication !== "claimed" && !areOfOneChain(book, sighting.key, pinned)) {
      report(self, { _tag: "KeyChanged", ...sighting, pinned }, now, out)
      return
    }
  } else if (state === "unknown" && mayPin(self, book, sighting)) {
    const { key, name, realm } = sighting
    if (Book.accept(book, realm, name, key, now, out) === undefined) return
  }
  if (state === "unknown" && !isAllowedToAll(self.policy, sighting)) {
    report(self, { _tag: "UntrustedSeen", ...sighting }, now, out)
  }
}

const areOfOneChain = (book: Book.Book, key: PeerKey.PeerKey, pinned: PeerKey.PeerKey): boolean =>
  book.entries.get(pinned)?.via === key || book.entries.get(key)?.via === pinned

// keys are for nothing: half of the list stays free for those that the user names
const mayPin = (self: Sightings, book: Book.Book, { authentication, name, realm }: TrustEvent.Sighting): boolean =>
  self.isPinning && authentication === "signed" && book.entries.size < book.capacity / 2 && isFit(name) && isFit(realm)

/** Whether a name or a realm can be kept. */
export const isFit = (text: string): boolean => text !== "" && utf8.encode(text).length <= 63

const utf8 = new TextEncoder()

const isAllowedToAll = (policy: TrustState.Policy, { authentication, group }: TrustEvent.Sighting): boolean =>
  (policy === "open" && authentication === "signed") || (policy === "group" && group !== undefined)

const report = (
  self: Sightings,
  event: TrustEvent.KeyChanged | TrustEvent.UntrustedSeen,
  now: number,
  out: Book.Out
): void => {
  const id = `${event._tag}:${event.key}`
  const before = self.reports.get(id)
  // a clock that was set back must not silence reports
  if (before !== undefined && Math.abs(now - before.at) < self.interval) return
  self.reports.delete(id)
  const { authentication, group, key, name, realm } = event
  const sighting = { key, name, realm, authentication, ...(group === undefined ? undefined : { group }) }
  self.reports.set(id, { sighting, at: now })
  const [oldest] = self.reports.keys()
  if (self.reports.size > self.capacity) self.reports.delete(oldest!)
  out.events.push(event)
}
