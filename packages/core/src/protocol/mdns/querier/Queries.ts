/**
 * Packs what is to be asked into datagrams: several questions in one, with the answers that are known (RFC 6762, sections 5.3 and 7).
 */
import * as Timers from "../../../internal/Timers.ts"
import type * as Engine from "../Engine.ts"
import * as Message from "../Message.ts"
import * as Record from "../Record.ts"
import * as Writer from "../Writer.ts"
import * as Node from "./Node.ts"
import * as Series from "./Series.ts"
import type * as State from "./State.ts"

/** A record that needs no answer, with the seconds it holds. */
interface Known {
  readonly record: Record.Record
  readonly ttl: number
}

/**
 * Adds what may be asked already and would have to be soon, so that it needs no datagram of its own (RFC 6762, section 5.3). Nothing is asked
 * before the earliest time that it may be, nor later for the sake of others.
 */
export const accompany = (
  { timers }: Pick<State.Querier, "timers">,
  place: State.Place,
  asked: Set<State.Series>,
  now: number
): void => {
  for (const item of Timers.dueBy(timers, now + Series.foresight)) {
    if (item._tag === "Hearing") accompanyRefreshes(item, place, asked, now)
    else if (item.node.place === place && Series.isAskable(item, now)) asked.add(item)
  }
}

const accompanyRefreshes = (
  hearing: State.Hearing,
  place: State.Place,
  asked: Set<State.Series>,
  now: number
): void => {
  for (let entry = hearing.first; entry !== undefined; entry = entry.nextHeard) {
    if (entry.node.place !== place) continue
    const series = Series.refreshing(entry)
    if (series !== undefined && Series.isRefreshable(series, entry, now)) asked.add(series)
  }
}

/**
 * The datagrams that ask the questions of these series.
 *
 * Our own records are known answers, too: nobody else may take ours for theirs who does not know them, nor doubt what we do not answer
 * ourselves (RFC 6762, sections 7.3 and 10.5).
 */
export const pack = (
  { owned }: Pick<State.Querier, "owned">,
  place: State.Place,
  asked: ReadonlyArray<State.Series>,
  now: number
): ReadonlyArray<Engine.Transmit> => {
  const payloads: Array<Uint8Array> = []
  const make = () => Writer.make({ limit: place.link.maxPayload, kind: "query" })
  let writer = make()
  // by what the cache has of it, or else by its key
  let known = new Map<State.Entry | string, Known>()
  let questions = 0
  const flush = () => {
    if (Writer.isEmpty(writer)) return
    payloads.push(...finish(writer, Array.from(known.values()), make))
    writer = make()
    known = new Map()
    questions = 0
  }
  for (const series of asked.toSorted(hastyFirst)) {
    const question = { name: series.node, type: series.type, class: Record.IN, unicast: series.isUnicast }
    // more than that would be left alone by our own like
    if (questions === Message.maxQuestions) flush()
    if (!Writer.question(writer, question)) {
      flush()
      if (!Writer.question(writer, question)) continue
    }
    questions += 1
    for (const entry of listed(series, now)) known.set(entry, { record: entry.record, ttl: secondsLeft(entry, now) })
    for (const record of owned(place.link.key, series.node.key, series.type)) {
      known.set(Node.find(series.node, record) ?? Record.key(record), { record, ttl: record.ttl })
    }
    if (series.isHasty) flush()
  }
  flush()
  return payloads.map((payload) => ({ _tag: "Transmit", link: place.link.key, payload, to: "group" }))
}

// each in a message of its own, before those that share one
const hastyFirst = (one: State.Series, other: State.Series): number => Number(other.isHasty) - Number(one.isHasty)

/** Adds the known answers to a message with questions; what does not fit follows in messages without (RFC 6762, section 7.2). */
const finish = (
  first: Writer.Writer,
  known: ReadonlyArray<Known>,
  make: () => Writer.Writer
): ReadonlyArray<Uint8Array> => {
  const payloads: Array<Uint8Array> = []
  let writer = first
  for (const { record, ttl } of known) {
    const options = { ttl, flush: false }
    if (Writer.record(writer, "answers", record, options)) continue
    const following = make()
    if (!Writer.record(following, "answers", record, options)) continue
    Writer.truncate(writer)
    payloads.push(Writer.finish(writer))
    writer = following
  }
  payloads.push(Writer.finish(writer))
  return payloads
}

const secondsLeft = ({ expiresAt }: State.Entry, now: number): number => Math.floor((expiresAt - now) / 1_000)

/** Whether a record is known well enough to be listed: it is in no doubt, and half of its ttl is left (RFC 6762, section 7.1). */
export const isKnown = (entry: State.Entry, now: number): boolean =>
  entry.doom === undefined && 2 * secondsLeft(entry, now) >= entry.ttl / 1_000

/**
 * The records that are listed with a question.
 *
 * Once a question is asked only once an hour, records past 40 % of their ttl are not, so that whoever has them says them again and they need
 * no question of their own before the next hour: all records of a set come to be refreshed by one question.
 */
const listed = (series: State.Series, now: number): ReadonlyArray<State.Entry> => {
  const known = Node.entriesOf(series.node, series.type).filter((entry) => isKnown(entry, now))
  const isHourly = series.nextAt !== Infinity && Series.nextInterval(series) >= Series.longestInterval
  return isHourly ? known.filter((entry) => Series.refreshing(entry) === undefined || isYoung(entry, now)) : known
}

const isYoung = ({ receivedAt, ttl }: State.Entry, now: number): boolean => now - receivedAt < 0.4 * ttl
