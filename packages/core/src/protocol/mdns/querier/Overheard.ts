/**
 * Hears the questions of others: what they ask need not be asked again, and what nobody answers them is gone (RFC 6762, sections 7.3 and 10.5).
 */
import * as Chance from "../Chance.ts"
import * as Link from "../Link.ts"
import type * as Message from "../Message.ts"
import * as Record from "../Record.ts"
import * as Entry from "./Entry.ts"
import * as Node from "./Node.ts"
import * as Queries from "./Queries.ts"
import * as Responses from "./Responses.ts"
import * as Series from "./Series.ts"
import type * as State from "./State.ts"

/** How long answers to the last question may take, and how far apart questions are whose answers are not the same. */
const answerTime = 1_000

export const hear = (
  self: State.Querier,
  place: State.Place,
  message: Message.Message,
  origin: Link.Origin,
  now: number
): void => {
  // answers to these are not for all to hear
  if (!origin.isMulticast || origin.source.port !== Link.port) return
  for (const answer of message.answers) vouch(self, place, answer, now)
  // the known answers are not all there yet, so nothing follows from a missing one
  if (message.isTruncated) return
  if (message.questions.length === 0) return
  const listed = listedBy(message)
  // asked twice in one message is asked once
  const asked = new Map(message.questions.filter(isForAll).map((question) => [keyOf(question), question]))
  for (const [key, question] of asked) {
    const known = listed.get(key) ?? none
    suppress(self, place, question, known, now)
    doubt(self, place, question, known, origin, now)
  }
}

/** Known answers by their keys. */
type Listed = ReadonlyMap<string, Record.Record>

const none: Listed = new Map()

/** Whether the answers come to all, and its known answers are those of its own type. */
const isForAll = (question: Message.Question): boolean =>
  !question.unicast && question.class === Record.IN && question.type !== Record.Type.ANY

const keyOf = ({ name, type }: Pick<Record.Record, "name" | "type">): string => `${type} ${name.key}`

/** The known answers, by name and type. */
const listedBy = ({ answers }: Message.Message): ReadonlyMap<string, Listed> => {
  const listed = new Map<string, Map<string, Record.Record>>()
  for (const answer of answers) {
    const key = keyOf(answer)
    listed.set(key, (listed.get(key) ?? new Map<string, Record.Record>()).set(Record.key(answer), answer))
  }
  return listed
}

/** Counts our question as asked when theirs brings us the same answers (RFC 6762, section 7.3). */
const suppress = (
  self: State.Querier,
  place: State.Place,
  question: Message.Question,
  listed: Listed,
  now: number
): void => {
  const series = place.nodes.get(question.name.key)?.series?.get(question.type)
  if (series === undefined) return
  const own = new Set(self.owned(place.link.key, question.name.key, question.type).map(Record.key))
  for (const [key, record] of listed) {
    if (own.has(key)) continue
    const known = Node.find(series.node, record)
    // there is one that we have missed
    if (known === undefined) return Series.askLater(self, series, now)
    if (!Queries.isKnown(known, now)) return
  }
  if (!isPlanned(series, now)) return Series.refreshed(self, series, now)
  Series.sent(self, series, now, Chance.between(self.chance, 0, 1_000) / 50_000)
}

/** Whether a question is to be asked soon: in the first half of the wait for it, it is not. */
const isPlanned = ({ extraAt, interval, nextAt }: State.Series, now: number): boolean =>
  extraAt !== Infinity || nextAt - now <= interval / 2 || (interval === 0 && nextAt !== Infinity)

/**
 * Believes who lists a record that they have heard since it was first asked for in vain: we have missed the answer. It is not renewed by that
 * (RFC 6762, section 7.1).
 */
const vouch = (self: State.Querier, place: State.Place, answer: Record.Record, now: number): void => {
  const node = place.nodes.get(answer.name.key)
  const entry = node && Node.find(node, answer)
  if (entry === undefined || entry.particulars.unanswered === 0) return
  const heardAt = now - (entry.ttl - answer.ttl * 1_000)
  if (heardAt > entry.particulars.unansweredSince) Responses.trust(self, entry)
}

/**
 * Lets go of records that others ask for in vain, without asking ourselves (RFC 6762, section 10.5). Who asks does not answer itself, so that
 * what it has said is in no doubt.
 */
const doubt = (
  self: State.Querier,
  place: State.Place,
  question: Message.Question,
  listed: Listed,
  origin: Link.Origin,
  now: number
): void => {
  const node = place.nodes.get(question.name.key)
  if (node === undefined) return
  for (const entry of Node.entriesOf(node, question.type)) {
    const { unanswered, unansweredAt } = entry.particulars
    // one answer is for all who ask in the same second (RFC 6762, section 6)
    const isCounted = unanswered > 0 && now - unansweredAt < answerTime
    if (isCounted || isListed(listed, entry) || Entry.isSaidBy(entry, origin.host)) continue
    ignore(entry, now)
    if (unanswered + 1 === Series.mostUnanswered) Responses.condemn(self, entry, endOfDoubt(entry, now), "Expired")
  }
}

const isListed = (listed: Listed, entry: State.Entry): boolean =>
  listed.size > 0 && listed.has(Record.key(entry.record))

/** Counts a query that nobody has answered with this record. */
const ignore = (entry: State.Entry, now: number): void => {
  const { particulars } = entry
  const { unanswered, unansweredSince } = particulars
  entry.particulars = {
    ...particulars,
    unanswered: unanswered + 1,
    unansweredAt: now,
    unansweredSince: unanswered === 0 ? now : unansweredSince
  }
}

// questions close together leave ten seconds for all; the answer to a late one has its own
const endOfDoubt = ({ particulars: { unansweredSince } }: State.Entry, now: number): number =>
  now - unansweredSince <= Series.patience
    ? Math.max(unansweredSince + Series.patience, now + answerTime)
    : now + Series.patience
