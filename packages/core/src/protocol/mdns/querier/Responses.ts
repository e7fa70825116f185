/**
 * Hears answers: keeps the records that matter, and lets others go (RFC 6762, sections 6 and 10).
 */
import type * as Seed from "../../../Seed.ts"
import * as Chance from "../Chance.ts"
import type * as Engine from "../Engine.ts"
import * as Link from "../Link.ts"
import type * as Message from "../Message.ts"
import * as Record from "../Record.ts"
import * as Cache from "./Cache.ts"
import * as Disturbance from "./Disturbance.ts"
import * as Domain from "./Domain.ts"
import * as Early from "./Early.ts"
import * as Entry from "./Entry.ts"
import * as Hearing from "./Hearing.ts"
import * as Kept from "./Kept.ts"
import * as Node from "./Node.ts"
import * as Series from "./Series.ts"
import type * as State from "./State.ts"

/** How long a record lives on after a goodbye, or when another has taken its place (RFC 6762, sections 10.1 and 10.2). */
const grace = 1_000

export const hear = (
  self: State.Querier,
  place: State.Place,
  message: Message.Message,
  origin: Link.Origin,
  now: number,
  out: Array<Engine.Output>
): boolean => {
  if (origin.source.port !== Link.port) {
    refuse(out, "response from another port than 5353")
    return true
  }
  const { additionals, answers } = message
  const heard: Array<Record.Record> = []
  let isOfInterest = false
  for (let index = 0; index < answers.length; index++) {
    const record = answers[index]!
    if (!isRecord(record) || !(origin.isMulticast || isExpected(place, record, now))) continue
    isOfInterest ||= isWanted(place.nodes.get(record.name.key), record)
    heard.push(asMeant(record))
  }
  if (!origin.isMulticast && heard.length === 0) return false
  for (let index = 0; index < additionals.length; index++) {
    if (isRecord(additionals[index]!)) heard.push(asMeant(additionals[index]!))
  }
  const saying = Hearing.saying(now, drawSeed(self))
  const kept: Array<State.Entry> = []
  const addresses: Array<Record.Record> = []
  const { disturbances } = self
  let isFull = false
  let disturbed: State.Node | undefined
  for (let index = 0; index < heard.length; index++) {
    const record = heard[index]!
    const node = place.nodes.get(record.name.key)
    const known = node && Node.find(node, record)
    const isGoodbye = record.ttl === 0
    if (known !== undefined) {
      if (isGoodbye) sayGoodbye(self, known, origin, now)
      else {
        renew(self, known, record, origin, saying)
        kept.push(known)
      }
      continue
    }
    const isWantedNow = isWanted(node, record)
    if (isGoodbye && isWantedNow) tellWithdrawn(self, place, record, origin)
    else if (!isGoodbye && (isOfInterest || isWantedNow || (node !== undefined && node.referrers > 0))) {
      const newcomer = { place, node, record, host: origin.host, isWanted: isWantedNow, saying }
      const added = add(self, newcomer, now)
      if (added === undefined) isFull = true
      else {
        // more that is new of the same name makes no difference to what others say of it
        if (added.node !== disturbed) Disturbance.ofEntry(self, added)
        disturbed = added.node
        tellHeard(self, "added", place, added, record)
        kept.push(added)
      }
    } else if (isEarly(record, origin)) addresses.push(record)
  }
  const early = hearEarly(self, place, addresses, origin, now)
  flush(self, place, kept, origin, now)
  conclude(self, kept, now)
  if (isFull) refuse(out, "no room for more records")
  if (self.disturbances === disturbances && !isFull && areAlone(kept)) {
    self.renewed = renewedBy(kept, early, kept.length === heard.length)
  }
  return true
}

// of several sources it would have to be known which of them it depends on
const renewedBy = (
  kept: ReadonlyArray<State.Entry>,
  early: State.Early | undefined,
  isAll: boolean
): State.Renewed | undefined => {
  const source = kept[0]?.source
  if (!kept.every((entry) => entry.source === source)) return undefined
  // a copy, which has no room for more
  return { entries: Array.from(new Set(kept)).slice(), early, source, isAll }
}

/**
 * Whether nothing else is known of the unique sets that these are of: a second later it would be replaced. Of one that is kept as a shared
 * pointer nobody would notice when that is so no longer.
 */
const areAlone = (entries: ReadonlyArray<State.Entry>): boolean =>
  entries.every(({ flush, hearing, isPointer, node, type }) =>
    !flush || (!isPointer && Node.entriesOf(node, type).every((entry) => entry.hearing === hearing))
  )

/** Hears again what has renewed these, and did nothing else: the series that they answer are as they were. */
export const hearAgain = (
  self: State.Querier,
  { early, entries }: Pick<State.Renewed, "early" | "entries">,
  now: number
): void => {
  if (early !== undefined) Early.note(early, now)
  const [first] = entries
  if (first === undefined) return
  const chance = drawSeed(self)
  const isWhole = Hearing.isOf(first.hearing, entries)
  if (isWhole) Hearing.renew(first.hearing, now, chance)
  const hearing = isWhole ? first.hearing : Hearing.make(first.source, now, chance)
  for (const entry of entries) keep(self, entry, hearing)
}

/** Whether a record that nobody wants is an address that was said to all. */
const isEarly = ({ data }: Record.Record, { isMulticast }: Link.Origin): boolean =>
  isMulticast && data._tag === "Address"

/** Hears addresses that nobody wants. Of a name of which one is taken back nothing is remembered, whoever does. */
const hearEarly = (
  self: State.Querier,
  place: State.Place,
  addresses: ReadonlyArray<Record.Record>,
  { host }: Link.Origin,
  now: number
): State.Early | undefined => {
  if (addresses.length === 0) return undefined
  if (addresses.some(({ ttl }) => ttl === 0)) {
    Early.forget(place, new Set(addresses.map(({ name }) => name.key)))
    // the same again means more, once they were said in between
    self.disturbances++
    return undefined
  }
  const early = Early.of(place, host, addresses)
  if (early !== undefined) Early.note(early, Math.floor(now))
  return early
}

/** Hears what was said of a name before anybody wanted to know, as of then. Who wants to know now looks it up, and there is nobody else to be told. */
export const recall = (self: State.Querier, node: State.Node, now: number): void => {
  const { place } = node
  if (place.early.size === 0) return
  for (const early of Early.lately(place, node.key, now)) {
    const saying = Hearing.saying(early.at, drawSeed(self))
    const kept: Array<State.Entry> = []
    for (const record of early.addresses) {
      if (record.name.key !== node.key || !Node.isWanted(node, record.type)) continue
      const known = Node.find(node, record)
      if (known !== undefined) {
        Entry.addAnnouncer(known, early.host)
        continue
      }
      const added = add(self, { place, node, record, host: early.host, isWanted: true, saying }, now)
      if (added === undefined) continue
      Disturbance.ofEntry(self, added)
      kept.push(added)
    }
    flush(self, place, kept, early, early.at)
  }
}

/** Where chance is now, which goes on behind what `Hearing.draw` will draw from there. */
const drawSeed = ({ chance }: State.Querier): Seed.Seed => {
  const { seed } = chance
  for (let i = 0; i < Series.mostRefreshes; i++) Chance.skip(chance)
  return seed
}

const refuse = (out: Array<Engine.Output>, reason: string): void => void out.push({ _tag: "Rejected", reason })

/** Whether something is a record of data, and not a part of the message's own making (RFC 6762, section 18.13). */
const isRecord = ({ class: class_, type }: Record.Record): boolean =>
  class_ === Record.IN && type !== Record.Type.OPT && type !== Record.Type.ANY

/**
 * A record as it can be meant. Pointers to services are shared by all who offer them (RFC 6763, section 4.1), but some responders say that theirs
 * are unique, which would end everybody else's.
 */
const asMeant = (record: Record.Record): Record.Record =>
  record.flush && record.type === Record.Type.PTR && !Domain.isReverse(record.name)
    ? { ...record, flush: false }
    : record

/** Whether a question that asked for unicast answers was just sent for this record. */
const isExpected = (place: State.Place, { name, type }: Record.Record, now: number): boolean => {
  const node = place.nodes.get(name.key)
  return node !== undefined &&
    Series.answeredBy(node, type).some(({ unicastAt }) => now - unicastAt <= Series.unicastPatience)
}

const isWanted = (node: State.Node | undefined, { type }: Record.Record): boolean =>
  node !== undefined && Node.isWanted(node, type)

/** Keeps a record, if there is room for it. What that disturbs is still to be said. */
const add = (self: State.Querier, newcomer: Cache.Newcomer, now: number): State.Entry | undefined => {
  const entry = Cache.insert(self.cache, newcomer, (evicted) => evict(self, evicted, now))
  if (entry === undefined) return undefined
  // what nobody wanted of the name that it leads to may be kept when it is heard again
  self.wants++
  // those that follow are of the same hearing
  if (entry.nextHeard === undefined) Hearing.disturb(self, entry.hearing)
  return entry
}

/** Tells a record as it was said, which is read already, if that is anything to anybody. Who comes later looks it up. */
const tellHeard = (
  { changes }: State.Querier,
  kind: "added" | "renewed",
  { link: { key: link } }: State.Place,
  entry: State.Entry,
  record: Record.Record
): void => {
  if (!Node.isHeeded(entry.node)) return
  changes.push({ kind, link, record: record.ttl > Record.maxTtl ? { ...record, ttl: Record.maxTtl } : record, entry })
}

/** Tells a goodbye to a record that the cache has no longer. */
const tellWithdrawn = (
  self: State.Querier,
  place: State.Place,
  record: Record.Record,
  origin: Link.Origin
): void => {
  self.disturbances++
  self.changes.push({ kind: "withdrawn", link: place.link.key, record, origin: origin.host })
}

/** Gives up a record for want of room. Whoever wants it asks again, when the flood may be over. */
const evict = (self: State.Querier, entry: State.Entry, now: number): void => {
  forget(self, entry, "Expired")
  for (const series of Series.answeredBy(entry.node, entry.type)) {
    Series.missed(self, series, now, Series.longWait(self))
  }
}

const renew = (
  self: State.Querier,
  entry: State.Entry,
  record: Record.Record,
  origin: Link.Origin,
  saying: Hearing.Saying
): void => {
  // what has said it otherwise is not this again
  if (!isSaidAlike(entry, record)) Disturbance.ofEntry(self, entry)
  Cache.respell(entry, record)
  entry.flush = record.flush
  entry.ttl = ttlOf(record)
  Entry.addAnnouncer(entry, origin.host)
  keep(self, entry, Hearing.ofSource(saying, entry.source))
  tellHeard(self, "renewed", entry.node.place, entry, record)
}

/** Whether a record is said as it was last: for as long, as unique or not, in the same letters. */
const isSaidAlike = (entry: State.Entry, record: Record.Record): boolean =>
  entry.flush === record.flush && entry.ttl === ttlOf(record) && Kept.isSpelledAlike(entry.kept, record.data)

const ttlOf = ({ ttl }: Record.Record): number => Entry.secondsOf(ttl) * 1_000

const keep = (self: State.Querier, entry: State.Entry, hearing: State.Hearing): void => {
  Hearing.disturb(self, entry.hearing)
  Hearing.disturb(self, hearing)
  if (entry.hearing !== hearing) {
    Hearing.remove(entry)
    Hearing.add(hearing, entry)
  }
  entry.refreshes = 0
  Entry.absolve(entry)
}

/** Takes a record that others seemed to ask for in vain for what it was before. */
export const trust = (self: State.Querier, entry: State.Entry): void => {
  const { particulars } = entry
  const isCleared = particulars.doom === "Expired" && particulars.unanswered >= Series.mostUnanswered
  entry.particulars = {
    ...particulars,
    ...(isCleared ? { doom: undefined, endsAt: Infinity } : undefined),
    unanswered: 0
  }
  Hearing.disturb(self, entry.hearing)
}

/** Lets a record end before its time. */
export const condemn = (self: State.Querier, entry: State.Entry, at: number, reason: State.Loss): void => {
  const { expiresAt, particulars } = entry
  if (at >= expiresAt && particulars.doom !== undefined) return
  Disturbance.ofEntry(self, entry)
  const isSooner = at < expiresAt
  entry.particulars = { ...particulars, doom: reason, endsAt: isSooner ? at : particulars.endsAt }
  Hearing.disturb(self, entry.hearing)
}

/** A goodbye from whoever said the record; one from a stranger is doubted, and asked about. */
const sayGoodbye = (self: State.Querier, entry: State.Entry, origin: Link.Origin, now: number): void => {
  const isOwner = Entry.isSaidBy(entry, origin.host)
  // the same again may mean more, once the record was said in between
  Disturbance.ofEntry(self, entry)
  condemn(self, entry, now + (isOwner ? grace : Series.patience), "Goodbye")
  if (isOwner) askAgain(self, entry, now)
  else contradict(self, entry, now, 1)
}

/** The series by which somebody wants to know of a record. */
const seriesFor = ({ node, type }: State.Entry): State.Series | undefined =>
  Series.asking(node, type).find(({ interests }) => interests.size > 0)

const askAgain = (self: State.Querier, entry: State.Entry, now: number): void => {
  const series = seriesFor(entry)
  if (series !== undefined) Series.askSoon(self, series, now, 0)
}

/** Asks the owner about what a stranger says, though it be only watched. */
const contradict = (self: State.Querier, entry: State.Entry, now: number, extras: number): void => {
  const { node, type } = entry
  const series = seriesFor(entry) ?? (Node.isWatched(node, type) ? Series.open(node, type) : undefined)
  if (series !== undefined) Series.askSoon(self, series, now, extras)
}

/** Unique records replace what was said of their set more than a second ago (RFC 6762, section 10.2). */
const flush = (
  self: State.Querier,
  place: State.Place,
  kept: ReadonlyArray<State.Entry>,
  origin: Pick<Link.Origin, "host">,
  now: number
): void => {
  let whole: State.Node | undefined
  for (let index = 0; index < kept.length; index++) {
    const entry = kept[index]!
    const { hearing, node } = entry
    if (node === whole) continue
    // of most names nothing is known that was not just said
    if (Node.areOf(node, hearing)) {
      whole = node
      continue
    }
    const { flush, type } = entry
    if (!flush || isAmong(kept, index, node, type)) continue
    const known = place.nodes.get(node.key)
    const other = known && replace(self, known, type, origin, now)
    // a stranger may be wrong about it: the owner is given the time to say so
    if (other !== undefined) contradict(self, other, now, 0)
  }
}

/** Lets go of what was said of a set more than a second ago; gives one of it that whoever replaces it has never said. */
const replace = (
  self: State.Querier,
  node: State.Node,
  type: number,
  { host }: Pick<Link.Origin, "host">,
  now: number
): State.Entry | undefined => {
  let other: State.Entry | undefined
  for (const entry of Node.entriesOf(node, type)) {
    if (now - entry.hearing.receivedAt <= grace) continue
    if (!Entry.isSaidBy(entry, host)) other ??= entry
    condemn(self, entry, now + grace, "Flushed")
  }
  return other
}

/** Whether a unique record of the same set comes before. */
const isAmong = (kept: ReadonlyArray<State.Entry>, end: number, node: State.Node, type: number): boolean => {
  for (let i = 0; i < end; i++) {
    const { flush, node: other, type: otherType } = kept[i]!
    if (flush && other === node && otherType === type) return true
  }
  return false
}

/** Ends the series that were answered, and tells what is denied. */
const conclude = (
  self: State.Querier,
  kept: ReadonlyArray<State.Entry>,
  now: number
): void => {
  for (let index = 0; index < kept.length; index++) {
    const { node } = kept[index]!
    if (node.series === undefined || node === kept[index - 1]?.node) continue
    for (const series of Array.from(node.series.values())) Series.review(self, series, now)
  }
  for (let index = 0; index < kept.length; index++) {
    if (kept[index]!.type === Record.Type.NSEC) tellDenials(self, kept[index]!)
  }
}

/** Tells whom it concerns what a record denies, unless there is one nevertheless. */
const tellDenials = (self: State.Querier, denial: State.Entry): void => {
  const { node } = denial
  node.series?.forEach(({ interests, type }) => {
    if (interests.size > 0) tellDenial(self, denial, type)
  })
  for (let { watch } = node; watch !== undefined; watch = watch.next) {
    for (const type of watch.types) {
      if ((node.series?.get(type)?.interests.size ?? 0) === 0) tellDenial(self, denial, type)
    }
  }
}

/** Tells that a record of a type is denied, unless there is one nevertheless. */
export const tellDenial = ({ changes }: State.Querier, denial: State.Entry, type: number): void => {
  const { node, node: { place } } = denial
  if (Node.has(node, type) || !Series.denies(denial, type)) return
  changes.push({ kind: "denied", link: place.link.key, name: node, type })
}

/** Takes a record out of the cache and tells it. */
export const forget = (self: State.Querier, entry: State.Entry, reason: State.Loss): void => {
  const { node, record } = entry
  Disturbance.ofEntry(self, entry)
  Hearing.disturb(self, entry.hearing)
  Cache.remove(self.cache, entry)
  self.changes.push({ kind: "removed", link: node.place.link.key, record, entry, reason })
}
