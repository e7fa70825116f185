/**
 * Hears answers: keeps the records that matter, and lets others go (RFC 6762, sections 6 and 10).
 */
import type * as Engine from "../Engine.ts"
import type * as Link from "../Link.ts"
import type * as Message from "../Message.ts"
import * as Record from "../Record.ts"
import * as Cache from "./Cache.ts"
import * as Series from "./Series.ts"
import type * as State from "./State.ts"
import * as Timers from "./Timers.ts"

const port = 5_353
/** How long a record lives on after a goodbye, or when another has taken its place (RFC 6762, sections 10.1 and 10.2). */
const grace = 1_000
/** How long answers by unicast are expected (RFC 6762, section 6). */
const unicastPatience = 2_000
const mostAnnouncers = 8

export const hear = (
  self: State.Querier,
  place: State.Place,
  message: Message.Message,
  origin: Link.Origin,
  now: number,
  out: Array<Engine.Output>
): boolean => {
  if (origin.source.port !== port) {
    refuse(out, "response from another port than 5353")
    return true
  }
  const answers = message.answers.filter((record) =>
    isRecord(record) && (origin.isMulticast || isExpected(place, record, now))
  )
  if (!origin.isMulticast && answers.length === 0) return false
  const isOfInterest = answers.some((record) => isWanted(place, record))
  const heard = [...answers, ...message.additionals.filter(isRecord)]
  const spread = Series.spread(self)
  const kept: Array<Record.Record> = []
  const renewed: Array<State.Entry> = []
  const { disturbances } = self
  let isFull = false
  for (const record of heard) {
    const known = place.names.get(record.name.key)?.get(Record.key(record))
    if (record.ttl === 0) {
      if (known !== undefined) sayGoodbye(self, known, origin, now)
      else if (isWanted(place, record)) {
        self.disturbances++
        self.changes.push({ kind: "withdrawn", link: place.link.key, record, origin: origin.host })
      }
    } else if (known !== undefined) {
      renew(self, known, record, origin, now, spread)
      renewed.push(known)
      kept.push(known.record)
    } else if (isOfInterest || isWanted(place, record) || place.referrers.has(record.name.key)) {
      if (add(self, place, record, origin, now, spread)) kept.push(record)
      else isFull = true
    }
  }
  flush(self, place, kept, origin, now)
  conclude(self, place, kept, now)
  if (isFull) refuse(out, "no room for more records")
  if (self.disturbances === disturbances && !isFull && areAlone(place, renewed)) self.renewed = renewed
  return true
}

/** Whether nothing else is known of the unique sets that these are of: a second later it would be replaced. */
const areAlone = (place: State.Place, entries: ReadonlyArray<State.Entry>): boolean =>
  entries.every(({ record: { flush, name, type } }) =>
    !flush || Cache.find(place, name.key, type).every((entry) => entries.includes(entry))
  )

/** Hears again what has renewed these, and did nothing else: the series that they answer are as they were. */
export const hearAgain = (self: State.Querier, entries: ReadonlyArray<State.Entry>, now: number): void => {
  const spread = Series.spread(self)
  for (const entry of entries) keep(self, entry, now, spread)
}

const refuse = (out: Array<Engine.Output>, reason: string): void => void out.push({ _tag: "Rejected", reason })

/** Whether something is a record of data, and not a part of the message's own making (RFC 6762, section 18.13). */
const isRecord = ({ class: class_, type }: Record.Record): boolean =>
  class_ === Record.IN && type !== Record.Type.OPT && type !== Record.Type.ANY

/** Whether a question that asked for unicast answers was just sent for this record. */
const isExpected = (place: State.Place, record: Record.Record, now: number): boolean =>
  seriesOf(place, record).some(({ unicastAt }) => now - unicastAt <= unicastPatience)

export const isWanted = (place: State.Place, record: Record.Record): boolean =>
  seriesOf(place, record).some(({ interests }) => interests.size > 0)

/** The series that a record answers. An alias or a denial answers every question for its name. */
export const seriesOf = (place: State.Place, record: Record.Record): ReadonlyArray<State.Series> =>
  record.type === Record.Type.CNAME || record.type === Record.Type.NSEC
    ? Array.from(place.series.get(record.name.key)?.values() ?? [])
    : Series.asking(place, record)

const add = (
  self: State.Querier,
  place: State.Place,
  record: Record.Record,
  origin: Link.Origin,
  now: number,
  spread: ReadonlyArray<number>
): boolean => {
  const newcomer = { place, record, key: Record.key(record), host: origin.host, isWanted: isWanted(place, record) }
  const entry = Cache.insert(self.cache, newcomer, (evicted) => evict(self, evicted, now))
  if (entry === undefined) return false
  self.disturbances++
  hold(self, entry, record, origin, now, spread)
  self.changes.push({ kind: "added", link: place.link.key, record: entry.record })
  return true
}

/** Gives up a record for want of room. Whoever wants it asks again, when the flood may be over. */
const evict = (self: State.Querier, entry: State.Entry, now: number): void => {
  forget(self, entry, "Expired")
  for (const series of seriesOf(entry.place, entry.record)) Series.missed(self, series, now, Series.longWait(self))
}

const renew = (
  self: State.Querier,
  entry: State.Entry,
  record: Record.Record,
  origin: Link.Origin,
  now: number,
  spread: ReadonlyArray<number>
): void => {
  hold(self, entry, record, origin, now, spread)
  self.changes.push({ kind: "renewed", link: entry.place.link.key, record: entry.record })
}

const hold = (
  self: State.Querier,
  entry: State.Entry,
  record: Record.Record,
  origin: Link.Origin,
  now: number,
  spread: ReadonlyArray<number>
): void => {
  const ttl = Math.min(record.ttl, Record.maxTtl)
  entry.record = { ...record, ttl }
  entry.ttl = ttl * 1_000
  const { announcers } = entry
  if (announcers.length < mostAnnouncers && !announcers.includes(origin.host)) {
    entry.announcers = announcers.length === 0 ? [origin.host] : [...announcers, origin.host]
  }
  keep(self, entry, now, spread)
}

const keep = (self: State.Querier, entry: State.Entry, now: number, spread: ReadonlyArray<number>): void => {
  entry.receivedAt = now
  entry.expiresAt = now + entry.ttl
  entry.spread = spread
  entry.refreshes = 0
  entry.doom = undefined
  entry.unanswered = 0
  Series.armEntry(self, entry)
}

/** Takes a record that others seemed to ask for in vain for what it was before. */
export const trust = (self: State.Querier, entry: State.Entry): void => {
  if (entry.doom === "Expired" && entry.unanswered >= Series.mostUnanswered) {
    entry.doom = undefined
    entry.expiresAt = entry.receivedAt + entry.ttl
  }
  entry.unanswered = 0
  Series.armEntry(self, entry)
}

/** Lets a record end before its time. */
export const condemn = (self: State.Querier, entry: State.Entry, at: number, reason: State.Loss): void => {
  self.disturbances++
  if (at < entry.expiresAt) {
    entry.expiresAt = at
    entry.doom = reason
  } else entry.doom ??= reason
  Series.armEntry(self, entry)
}

/** A goodbye from whoever said the record; one from a stranger is doubted, and asked about. */
const sayGoodbye = (self: State.Querier, entry: State.Entry, origin: Link.Origin, now: number): void => {
  const isOwner = entry.announcers.includes(origin.host)
  condemn(self, entry, now + (isOwner ? grace : Series.patience), "Goodbye")
  if (isOwner) askAgain(self, entry, now)
  else contradict(self, entry, now, 1)
}

const askAgain = (self: State.Querier, { place, record }: State.Entry, now: number): void => {
  const series = Series.asking(place, record).find(({ interests }) =>
    Array.from(interests.values()).some(({ mode }) => mode !== "watch")
  )
  if (series !== undefined) Series.askSoon(self, series, now, 0)
}

/** Asks the owner about what a stranger says, though it be only watched. */
const contradict = (self: State.Querier, { place, record }: State.Entry, now: number, extras: number): void => {
  const series = Series.asking(place, record).find(({ interests }) => interests.size > 0)
  if (series !== undefined) Series.askSoon(self, series, now, extras)
}

/** Unique records replace what was said of their set more than a second ago (RFC 6762, section 10.2). */
const flush = (
  self: State.Querier,
  place: State.Place,
  kept: ReadonlyArray<Record.Record>,
  origin: Link.Origin,
  now: number
): void => {
  const sets = new Map(kept.filter(({ flush }) => flush).map((record) => [Record.setKey(record), record]))
  for (const record of sets.values()) {
    const entries = Cache.find(place, record.name.key, record.type)
    const old = entries.filter((entry) => now - entry.receivedAt > grace)
    for (const entry of old) condemn(self, entry, now + grace, "Flushed")
    // a stranger may be wrong about it: the owner is given the time to say so
    if (old.length > 0 && !old.some(({ announcers }) => announcers.includes(origin.host))) {
      contradict(self, old[0]!, now, 0)
    }
  }
}

/** Ends the series that were answered, and tells what is denied. */
const conclude = (
  self: State.Querier,
  place: State.Place,
  kept: ReadonlyArray<Record.Record>,
  now: number
): void => {
  const names = new Set(kept.map(({ name }) => name.key))
  for (const name of names) {
    for (const series of Array.from(place.series.get(name)?.values() ?? [])) Series.review(self, series, now)
  }
  for (const record of kept) {
    if (record.type === Record.Type.NSEC) {
      for (const series of place.series.get(record.name.key)?.values() ?? []) tellDenial(self, series, record)
    }
  }
}

/** Tells that a record is denied, unless there is one nevertheless. */
export const tellDenial = (self: State.Querier, series: State.Series, denial: Record.Record): void => {
  const { interests, name, place, type } = series
  if (interests.size === 0 || !Series.denies(denial, type) || Cache.find(place, name.key, type).length > 0) return
  self.changes.push({ kind: "denied", link: place.link.key, name, type })
}

/** Takes a record out of the cache and tells it. */
export const forget = (self: State.Querier, entry: State.Entry, reason: State.Loss): void => {
  self.disturbances++
  Timers.clear(self.timers, entry)
  Cache.remove(self.cache, entry)
  self.changes.push({ kind: "removed", link: entry.place.link.key, record: entry.record, reason })
}
