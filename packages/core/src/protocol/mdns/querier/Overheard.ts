/**
 * Hears the questions of others: what they ask need not be asked again, and what nobody answers them is gone (RFC 6762, sections 7.3 and 10.5).
 */
import * as Chance from "../Chance.ts"
import type * as Link from "../Link.ts"
import type * as Message from "../Message.ts"
import * as Record from "../Record.ts"
import * as Cache from "./Cache.ts"
import * as Queries from "./Queries.ts"
import * as Responses from "./Responses.ts"
import * as Series from "./Series.ts"
import type * as State from "./State.ts"

const port = 5_353
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
  if (!origin.isMulticast || origin.source.port !== port) return
  for (const answer of message.answers) vouch(self, place, answer, now)
  // the known answers are not all there yet, so nothing follows from a missing one
  if (message.isTruncated) return
  const listed = listedBy(message)
  // asked twice in one message is asked once
  const asked = new Map(message.questions.filter(isForAll).map((question) => [keyOf(question), question]))
  for (const [key, question] of asked) {
    const known = listed.get(key) ?? none
    suppress(self, place, question, known, now)
    doubt(self, place, question, known, origin, now)
  }
}

const none: ReadonlySet<string> = new Set()

/** Whether the answers come to all, and its known answers are those of its own type. */
const isForAll = (question: Message.Question): boolean =>
  !question.unicast && question.class === Record.IN && question.type !== Record.Type.ANY

const keyOf = ({ name, type }: Pick<Record.Record, "name" | "type">): string => `${type} ${name.key}`

/** The keys of the known answers, by name and type. */
const listedBy = ({ answers }: Message.Message): ReadonlyMap<string, ReadonlySet<string>> => {
  const listed = new Map<string, Set<string>>()
  for (const answer of answers) {
    const key = keyOf(answer)
    listed.set(key, (listed.get(key) ?? new Set()).add(Record.key(answer)))
  }
  return listed
}

/** Counts our question as asked when theirs brings us the same answers (RFC 6762, section 7.3). */
const suppress = (
  self: State.Querier,
  place: State.Place,
  question: Message.Question,
  listed: ReadonlySet<string>,
  now: number
): void => {
  const series = place.series.get(question.name.key)?.get(question.type)
  if (series === undefined) return
  const entries = place.names.get(question.name.key)
  const own = new Set(self.owned(place.link.key, question.name.key, question.type).map(Record.key))
  for (const key of listed) {
    if (own.has(key)) continue
    const known = entries?.get(key)
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
  const entry = place.names.get(answer.name.key)?.get(Record.key(answer))
  if (entry === undefined || entry.unanswered === 0) return
  const heardAt = now - (entry.record.ttl - answer.ttl) * 1_000
  if (heardAt > entry.unansweredSince) Responses.trust(self, entry)
}

/**
 * Lets go of records that others ask for in vain, without asking ourselves (RFC 6762, section 10.5). Who asks does not answer itself, so that
 * what it has said is in no doubt.
 */
const doubt = (
  self: State.Querier,
  place: State.Place,
  question: Message.Question,
  listed: ReadonlySet<string>,
  origin: Link.Origin,
  now: number
): void => {
  for (const entry of Cache.find(place, question.name.key, question.type)) {
    // one answer is for all who ask in the same second (RFC 6762, section 6)
    const isCounted = entry.unanswered > 0 && now - entry.unansweredAt < answerTime
    if (isCounted || listed.has(entry.key) || entry.announcers.includes(origin.host)) continue
    entry.unanswered += 1
    entry.unansweredAt = now
    if (entry.unanswered === 1) entry.unansweredSince = now
    if (entry.unanswered === Series.mostUnanswered) Responses.condemn(self, entry, endOfDoubt(entry, now), "Expired")
  }
}

// questions close together leave ten seconds for all; the answer to a late one has its own
const endOfDoubt = ({ unansweredSince }: State.Entry, now: number): number =>
  now - unansweredSince <= Series.patience
    ? Math.max(unansweredSince + Series.patience, now + answerTime)
    : now + Series.patience
