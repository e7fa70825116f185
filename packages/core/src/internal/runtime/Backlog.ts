/**
 * The changes that wait for each subscriber: every one of them up to a bound, beyond it the net difference by peer.
 *
 * What is told is kept once for all, as a chain of pages, and a subscriber knows the page that it reads next. So telling costs the same
 * however many there are, and what everyone has read is kept no more.
 */
import * as DiscoveryEvent from "../../DiscoveryEvent.ts"
import type * as Peer from "../../Peer.ts"

type Events = ReadonlyArray<DiscoveryEvent.DiscoveryEvent>

/** Changes that were told together. The last page is blank: it has no next one. */
interface Page {
  /** How many changes were told before. */
  readonly from: number
  events: Events
  next: Page | undefined
  /** The peers that were known then, while that is still so and somebody has asked. */
  known: ReadonlyArray<Peer.Peer> | undefined
}

/** What is told, and to whom. */
export interface Log {
  readonly capacity: number
  readonly backlogs: Set<Backlog>
  last: Page
  /** No backlog is overfull before so many changes were told. */
  checkAt: number
}

/** What waits. It never holds more than the larger of `capacity` and about twice the peers that differ. */
export interface Backlog {
  /** The peers that it begins with: one list for all who begin at a time. */
  known: ReadonlyArray<Peer.Peer>
  /** Changes after those, coalesced: one list for all who waited as long. */
  behind: Events
  /** Where the others begin. */
  page: Page
  /** It is overfull when more changes than that were told. */
  fullAt: number
}

/** Nothing told, and nobody to tell. */
export const make = (capacity: number): Log => ({ capacity, backlogs: new Set(), last: blank(0), checkAt: Infinity })

const blank = (from: number): Page => ({ from, events: none, next: undefined, known: undefined })

const none: ReadonlyArray<never> = []

/** The backlog of one who begins now, with the peers that are known. */
export const join = (self: Log, peers: () => ReadonlyArray<Peer.Peer>): Backlog => {
  const known = self.last.known ??= peers()
  const backlog: Backlog = { known, behind: none, page: self.last, fullAt: 0 }
  self.backlogs.add(backlog)
  bound(self, backlog)
  return backlog
}

/** Forgets one who reads no more. */
export const leave = (self: Log, backlog: Backlog): void => {
  self.backlogs.delete(backlog)
}

/** Tells everyone. Coalesces what waits for those for whom there is too much. */
export const tell = (self: Log, events: Events): void => {
  const { last } = self
  self.last = blank(last.from + events.length)
  last.events = events
  last.next = self.last
  last.known = undefined
  if (self.last.from > self.checkAt) check(self)
}

/** Takes everything out. */
export const take = (self: Log, backlog: Backlog): Events => {
  const events = unread(backlog)
  if (events.length > 0) turnTo(self, backlog, none)
  return events
}

/** How many changes wait. */
export const size = ({ last }: Log, { behind, known, page }: Backlog): number =>
  known.length + behind.length + last.from - page.from

// those who have read as far as each other stand behind each other, mostly, and share what is left
const check = (self: Log): void => {
  self.checkAt = Infinity
  let [before, behind]: [Backlog | undefined, Events] = [undefined, none]
  for (const backlog of self.backlogs) {
    if (self.last.from <= backlog.fullAt) self.checkAt = Math.min(self.checkAt, backlog.fullAt)
    else {
      if (before === undefined || !isAlike(before, backlog)) behind = DiscoveryEvent.net(unread(backlog))
      before = { ...backlog }
      turnTo(self, backlog, behind)
    }
  }
}

const isAlike = (self: Backlog, that: Backlog): boolean =>
  self.page === that.page && self.behind === that.behind && self.known === that.known

const turnTo = (self: Log, backlog: Backlog, behind: Events): void => {
  backlog.known = none
  backlog.behind = behind
  backlog.page = self.last
  bound(self, backlog)
}

// what is left may be as many changes as peers, so the bound moves with it
const bound = (self: Log, backlog: Backlog): void => {
  const left = size(self, backlog)
  backlog.fullAt = self.last.from - left + Math.max(self.capacity, 2 * left)
  self.checkAt = Math.min(self.checkAt, backlog.fullAt)
}

const unread = ({ behind, known, page }: Backlog): Events => {
  // mostly one page, which is the same for all
  if (known.length + behind.length === 0 && page.next?.next === undefined) return page.events
  const events = known.map(DiscoveryEvent.discovered)
  for (const event of behind) events.push(event)
  for (let each: Page | undefined = page; each !== undefined; each = each.next) {
    for (const event of each.events) events.push(event)
  }
  return events
}
