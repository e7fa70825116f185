/**
 * Asks questions on every link and remembers the answers (RFC 6762, sections 5, 7 and 10).
 *
 * Interests say what to ask; several in the same question share one series of it on a link. What is heard is told as changes, which the
 * caller takes after each input, and can be looked up for as long as it holds.
 *
 * Nothing is sent but in `wake`, so that questions of the same moment share a message.
 */
import * as Timers from "../../internal/Timers.ts"
import * as Seed from "../../Seed.ts"
import * as Chance from "./Chance.ts"
import type * as Engine from "./Engine.ts"
import type * as Link from "./Link.ts"
import type * as Message from "./Message.ts"
import type * as Name from "./Name.ts"
import * as Cache from "./querier/Cache.ts"
import * as Disturbance from "./querier/Disturbance.ts"
import * as Domain from "./querier/Domain.ts"
import * as Hearing from "./querier/Hearing.ts"
import * as Kept from "./querier/Kept.ts"
import * as Node from "./querier/Node.ts"
import * as Overheard from "./querier/Overheard.ts"
import * as Queries from "./querier/Queries.ts"
import * as Responses from "./querier/Responses.ts"
import * as Series from "./querier/Series.ts"
import type * as State from "./querier/State.ts"
import * as Record from "./Record.ts"

export type { Cached, Change, Interest, Loss, Querier } from "./querier/State.ts"

/** Whether a name may be asked for by multicast although it has its meaning everywhere is `allowOtherDomains` (RFC 6762, section 13). */
export const make = (options: {
  readonly seed: Seed.Seed
  readonly limits: Engine.Limits
  readonly allowOtherDomains: boolean
  readonly owned?: State.Querier["owned"] | undefined
}): State.Querier => ({
  allowOtherDomains: options.allowOtherDomains,
  owned: options.owned ?? (() => []),
  chance: Chance.make(options.seed, "querier"),
  cache: Cache.make(options.limits, Seed.derive(options.seed, "sources")),
  places: new Map(),
  interests: new Map(),
  timers: Timers.make(),
  unsettled: [],
  changes: [],
  disturbances: 0,
  upheavals: 0,
  wants: 0,
  renewed: undefined
})

/** A link is up, or has changed: all that is of interest is asked there from the beginning, for unicast answers where they reach us. */
export const linkUp = (self: State.Querier, link: Link.Link, now: number): void => {
  const known = self.places.get(link.key)
  if (known !== undefined) {
    const isSameNetwork = addresses(known.link) === addresses(link)
    known.link = link
    if (!link.isPortOwned) { for (const series of seriesOf(known)) series.isUnicast = false }
    if (!isSameNetwork) restart(self, known, now)
    return
  }
  const place: State.Place = {
    link,
    nodes: new Map(),
    early: new Set(),
    gatherAt: -Infinity,
    hastyAt: -Infinity,
    hasty: 0
  }
  self.places.set(link.key, place)
  for (const interest of self.interests.values()) join(self, place, interest, now)
  restart(self, place, now)
}

const addresses = ({ addresses }: Link.Link): string => addresses.map(String).toSorted().join()

/** A link is gone, and with it all that was heard there (RFC 6762, section 10.3). */
export const linkDown = (self: State.Querier, linkKey: string): void => {
  const place = self.places.get(linkKey)
  if (place === undefined) return
  for (const entry of entriesOf(place)) Responses.forget(self, entry, "LinkLost")
  for (const series of seriesOf(place)) Series.close(self, series)
  self.places.delete(linkKey)
}

/** We were away from a link: everything is asked from the beginning, and what is not heard again within ten seconds is gone. */
export const resume = (self: State.Querier, linkKey: string, now: number): void => {
  const place = self.places.get(linkKey)
  if (place === undefined) return
  for (const entry of entriesOf(place)) Responses.condemn(self, entry, now + Series.patience, "Expired")
  place.early.clear()
  restart(self, place, now)
}

/** Only questions that are there at the moment when a link comes up or the host wakes ask for unicast answers (RFC 6762, section 5.4). */
const restart = (self: State.Querier, place: State.Place, now: number): void => {
  for (const series of seriesOf(place)) {
    if (series.nextAt !== Infinity) Series.start(self, series, now)
    else Series.review(self, series, now)
    series.isUnicast = place.link.isPortOwned && series.nextAt !== Infinity
  }
}

/** Takes up an interest; one with the same id is replaced. */
export const ask = (self: State.Querier, interest: State.Interest, now: number): void => {
  const before = self.interests.get(interest.id)
  self.interests.set(interest.id, interest)
  for (const place of self.places.values()) join(self, place, interest, now)
  // not sooner, so that a question that is asked in another way goes on where it was
  if (before !== undefined && before !== interest) leave(self, before, now)
}

const join = (self: State.Querier, place: State.Place, interest: State.Interest, now: number): void => {
  const { interface: only, link = place.link.key, name, type } = interest
  if (link !== place.link.key || (only !== undefined && only !== place.link.interface)) return
  if (!self.allowOtherDomains && !Domain.isLinkLocal(name)) return
  const node = Node.open(place, name)
  const series = Series.open(node, type)
  Disturbance.ofNode(self, node)
  series.interests.set(interest.id, interest)
  Responses.recall(self, node, now)
  // whoever is new must not wait for the next question of an old series that has found nothing
  if (series.nextAt !== Infinity && !Node.has(node, type)) Series.start(self, series, now)
  else Series.review(self, series, now)
  if (interest.isOnce === true && interest.mode === "resolve") Series.hasten(self, series, now)
  for (const entry of reclaim(self, node, now)) Responses.tellDenial(self, entry, type)
}

/** Notes that what somebody makes of the records of a name is another thing now. */
export const disturb = (self: State.Querier, linkKey: string, name: Name.Name): void =>
  Disturbance.ofNode(self, self.places.get(linkKey)?.nodes.get(name.key))

/** The same of the records that came from an address. */
export const disturbSource = (self: State.Querier, host: string): void => Disturbance.ofSource(self, host)

/** The same of all records. */
export const disturbAll = (self: State.Querier): void => {
  self.disturbances++
  self.upheavals++
}

/** Lets an interest go. Unknown ids are ignored. */
export const release = (self: State.Querier, id: number, now: number): void => {
  const interest = self.interests.get(id)
  if (interest === undefined) return
  self.interests.delete(id)
  leave(self, interest, now)
}

const leave = (self: State.Querier, interest: State.Interest, now: number): void => {
  for (const place of self.places.values()) {
    const node = place.nodes.get(interest.name.key)
    const series = node?.series?.get(interest.type)
    if (node === undefined || series?.interests.get(interest.id) !== interest) continue
    Disturbance.ofNode(self, node)
    series.interests.delete(interest.id)
    Series.review(self, series, now)
    reclaim(self, node, now)
  }
}

/**
 * Keeps and tells the records of a name and these types on a link when they happen to be heard, such as an update of what was resolved before;
 * 255 stands for all types. Only when a stranger contradicts whoever said them is their owner asked. It is counted: as many `unwatch` as
 * `watch`. The same types are to be the same array.
 */
export const watch = (
  self: State.Querier,
  linkKey: string,
  name: Name.Name,
  types: ReadonlyArray<number>,
  now: number
): void => {
  const place = self.places.get(linkKey)
  if (place === undefined || !(self.allowOtherDomains || Domain.isLinkLocal(name))) return
  const node = Node.open(place, name)
  Disturbance.ofNode(self, node)
  Node.countWatch(node, types, 1)
  Responses.recall(self, node, now)
  const denials = reclaim(self, node, now)
  for (let index = 0; index < denials.length; index++) {
    for (const type of types) Responses.tellDenial(self, denials[index]!, type)
  }
}

/** Listens to the records of a name no more; ignored where nobody does. */
export const unwatch = (
  self: State.Querier,
  linkKey: string,
  name: Name.Name,
  types: ReadonlyArray<number>,
  now: number
): void => {
  const node = self.places.get(linkKey)?.nodes.get(name.key)
  if (node?.watch === undefined) return
  Disturbance.ofNode(self, node)
  Node.countWatch(node, types, -1)
  for (const series of Array.from(node.series?.values() ?? [])) Series.review(self, series, now)
  reclaim(self, node, now)
  Node.close(node)
}

/** Remembers by a name on a link that somebody is to be told what becomes of its records; whether they are kept does not depend on it. */
export const listen = (self: State.Querier, linkKey: string, name: Name.Name, listener: object): void => {
  const place = self.places.get(linkKey)
  if (place !== undefined) Node.listen(Node.open(place, name), listener)
}

/** Forgets it again; ignored where nobody does. */
export const unlisten = (self: State.Querier, linkKey: string, nameKey: string, listener: object): void => {
  const node = self.places.get(linkKey)?.nodes.get(nameKey)
  if (node === undefined) return
  Node.unlisten(node, listener)
  Node.close(node)
}

/** Those who listen to a name on a link now. */
export const listenersOf = (self: State.Querier, linkKey: string, name: Name.Name): ReadonlyArray<object> => {
  const node = nodeOf(self, linkKey, name)
  return node === undefined ? nobody : Node.listenersOf(node)
}

const nobody: ReadonlyArray<object> = []

/** Looks again at the records of a name, after somebody took an interest in it or lost it; gives those that deny others. */
const reclaim = (self: State.Querier, node: State.Node, now: number): ReadonlyArray<State.Entry> => {
  const entries = Node.entriesOf(node, Record.Type.ANY)
  const denials: Array<State.Entry> = []
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index]!
    Cache.want(self.cache, entry, Node.isWanted(node, entry.type))
    Series.passRefreshes(entry, now)
    Hearing.disturb(self, entry.hearing)
    if (entry.type === Record.Type.NSEC) denials.push(entry)
  }
  return denials
}

/** Hears somebody else's query. */
export const hearQuery = (
  self: State.Querier,
  link: Link.Link,
  message: Message.Message,
  origin: Link.Origin,
  now: number
): void => {
  const place = self.places.get(link.key)
  if (place !== undefined) Overheard.hear(self, place, message, origin, now)
}

/** Hears a response; gives whether it was, or may have been, an answer to a question of ours. */
export const hearResponse = (
  self: State.Querier,
  link: Link.Link,
  message: Message.Message,
  origin: Link.Origin,
  now: number,
  out: Array<Engine.Output>
): boolean => {
  const place = self.places.get(link.key)
  return place !== undefined && Responses.hear(self, place, message, origin, now, out)
}

/** Hears again what has renewed records, and did nothing else. */
export const hearAgain = (
  self: State.Querier,
  renewed: Pick<State.Renewed, "early" | "entries">,
  now: number
): void => Responses.hearAgain(self, renewed, now)

/**
 * Doubts what is known of a name, and what leads to it: it is asked for again, and gone if nobody says it within ten seconds (RFC 6762,
 * section 10.4).
 */
export const reconfirm = (
  self: State.Querier,
  name: Name.Name,
  now: number
): void => {
  for (const place of self.places.values()) {
    const isDoubted = ({ kept, node }: State.Entry) => node.key === name.key || Kept.targetOf(kept) === name.key
    for (const entry of entriesOf(place).filter(isDoubted)) {
      const series = Series.open(entry.node, entry.type)
      series.heldUntil = now + Series.patience
      Responses.condemn(self, entry, series.heldUntil, "Expired")
      if (series.nextAt === Infinity || series.interval > 0) Series.start(self, series, now)
    }
  }
}

/** Does what is due. */
export const wake = (self: State.Querier, now: number, out: Array<Engine.Output>): void => {
  const due = new Map<State.Place, Set<State.Series>>()
  const ask = (series: State.Series) => {
    const { place } = series.node
    due.set(place, (due.get(place) ?? new Set<State.Series>()).add(series))
  }
  for (let item = takeDue(self, now); item !== undefined; item = takeDue(self, now)) {
    if (item._tag === "Series") wakeSeries(self, item, now, ask)
    else wakeHearing(self, item, now, ask)
  }
  for (const [place, asked] of due) {
    Queries.accompany(self, place, asked, now)
    // one may have had nothing left to ask for, later in this step
    send(self, place, Array.from(asked).filter(Series.isOpen), now, out)
  }
}

const takeDue = (self: State.Querier, now: number): State.Hearing | State.Series | undefined => {
  Series.settle(self)
  return Timers.takeDue(self.timers, now)
}

const wakeSeries = (
  self: State.Querier,
  series: State.Series,
  now: number,
  ask: (series: State.Series) => void
): void => {
  if (series.heldUntil !== -Infinity && series.heldUntil <= now) Series.review(self, series, now)
  if (series.extraAt <= now) Series.reviewExtras(series)
  if (Series.isDue(series, now)) ask(series)
  else Series.review(self, series, now)
}

const wakeHearing = (
  self: State.Querier,
  hearing: State.Hearing,
  now: number,
  ask: (series: State.Series) => void
): void => {
  const due = Hearing.entriesOf(hearing).filter((entry) => Series.deadlineOf(entry) <= now)
  for (const entry of due) if (entry.hearing === hearing) wakeEntry(self, entry, now, ask)
  Hearing.disturb(self, hearing)
}

const wakeEntry = (self: State.Querier, entry: State.Entry, now: number, ask: (series: State.Series) => void): void => {
  if (entry.expiresAt <= now) return expire(self, entry, now)
  const series = Series.refreshing(entry)
  Series.passRefreshes(entry, now)
  if (series !== undefined) ask(series)
}

const expire = (self: State.Querier, entry: State.Entry, now: number): void => {
  const { doom = "Expired", node, ttl, type } = entry
  Responses.forget(self, entry, doom)
  for (const series of Series.answeredBy(node, type)) {
    const isShort = ttl < Series.shortTtl
    if (isShort) series.pausedUntil = series.sentAt + Series.shortTtlPause
    if (doom === "Expired" && !isShort) Series.missed(self, series, now, Series.waitFor(self, entry))
    else Series.review(self, series, now)
  }
}

const send = (
  self: State.Querier,
  place: State.Place,
  asked: ReadonlyArray<State.Series>,
  now: number,
  out: Array<Engine.Output>
): void => {
  out.push(...Queries.pack(self, place, asked, now))
  // the same for all that go together, so that they go together the next time
  const spread = Chance.between(self.chance, 0, 1_000) / 50_000
  for (const series of asked) {
    if (series.isUnicast) series.unicastAt = now
    Series.sent(self, series, now, spread)
  }
}

/** When `wake` is to be called next. */
export const wakeAt = (self: State.Querier): number => {
  Series.settle(self)
  return Timers.next(self.timers)
}

const nodeOf = ({ places }: State.Querier, linkKey: string, name: Name.Name): State.Node | undefined => {
  const place = places.get(linkKey)
  return place && Node.at(place, name)
}

/** The records that a link has of a name and type; 255 stands for all types. */
export const records = (
  self: State.Querier,
  linkKey: string,
  name: Name.Name,
  type: number
): ReadonlyArray<State.Cached> => {
  const node = nodeOf(self, linkKey, name)
  return node === undefined ? [] : Node.entriesOf(node, type)
}

/** Whether a link has one record of a name and type, and no more. */
export const hasOneRecord = (self: State.Querier, linkKey: string, name: Name.Name, type: number): boolean => {
  const node = nodeOf(self, linkKey, name)
  return node !== undefined && Node.hasOne(node, type)
}

/** Whether a link has a record of a name that ends before its time, and is no shared pointer. */
export const hasEnding = (self: State.Querier, linkKey: string, name: Name.Name): boolean => {
  const node = nodeOf(self, linkKey, name)
  return node !== undefined && Node.endingOf(node) !== undefined
}

/** What the cache of a link has of a record that says the same. */
export const find = (self: State.Querier, linkKey: string, record: Record.Record): State.Cached | undefined => {
  const node = self.places.get(linkKey)?.nodes.get(record.name.key)
  return node && Node.find(node, record)
}

/** What has changed since this was last called, in order. */
export const takeChanges = (self: State.Querier): ReadonlyArray<State.Change> => {
  const { changes } = self
  self.changes = []
  return changes
}

const entriesOf = ({ nodes }: State.Place): ReadonlyArray<State.Entry> =>
  Array.from(nodes.values(), (node) => Node.entriesOf(node, Record.Type.ANY)).flat()

const seriesOf = ({ nodes }: State.Place): ReadonlyArray<State.Series> =>
  Array.from(nodes.values(), ({ series }) => Array.from(series?.values() ?? [])).flat()
