/**
 * When a question is asked: at growing intervals, and out of turn when a record of its needs it (RFC 6762, section 5.2).
 */
import * as Timers from "../../../internal/Timers.ts"
import * as Chance from "../Chance.ts"
import * as Record from "../Record.ts"
import * as Disturbance from "./Disturbance.ts"
import * as Hearing from "./Hearing.ts"
import * as Node from "./Node.ts"
import type * as State from "./State.ts"

/** The longest interval between two questions of a series. */
export const longestInterval = 3_600_000
/** How long a record that is suspected may go unconfirmed (RFC 6762, sections 10.4 and 10.5). */
export const patience = 10_000
/**
 * How many questions of others must be in vain: two or more (RFC 6762, section 10.5). With two, a network that loses one datagram of twenty
 * loses living services.
 */
export const mostUnanswered = 4
/** Milliseconds of a ttl that is too short to be followed by questions, and how often is asked at most for records of such. */
export const shortTtl = 15_000
export const shortTtlPause = 10_000

/** How long answers by unicast are expected (RFC 6762, section 6). */
export const unicastPatience = 2_000
const firstInterval = 1_000
/** How long a question waits at first (RFC 6762, section 5.2). */
const soonest = 20
const latest = 120
/** How many questions are asked in haste at one moment: as many as one instance and its host need. */
const mostHasty = 4
/** How long a record that nobody has answered with is not asked for. */
const silence = 60_000

/** The series of a question; a new one waits for nothing. */
export const open = (node: State.Node, type: number): State.Series => {
  const known = node.series?.get(type)
  if (known !== undefined) return known
  const series: State.Series = {
    _tag: "Series",
    slot: -1,
    node,
    type,
    interests: new Map(),
    nextAt: Infinity,
    nextFrom: Infinity,
    interval: 0,
    extraAt: Infinity,
    extras: 0,
    sentAt: -Infinity,
    pausedUntil: -Infinity,
    isUnicast: false,
    unicastAt: -Infinity,
    isHasty: false,
    heldUntil: -Infinity
  }
  node.series = (node.series ?? new Map<number, State.Series>()).set(type, series)
  return series
}

const none: ReadonlyArray<State.Series> = []

/** The series that ask for records of a type. */
export const asking = ({ series }: State.Node, type: number): ReadonlyArray<State.Series> =>
  series === undefined
    ? none
    : [series.get(type), series.get(Record.Type.ANY)].filter((series) => series !== undefined)

/** The series that a record of a type answers. An alias or a denial answers every question for its name. */
export const answeredBy = (node: State.Node, type: number): ReadonlyArray<State.Series> =>
  Node.answersAll(type) ? Array.from(node.series?.values() ?? none) : asking(node, type)

/** How long a question that is in no hurry waits at least, and how much longer for others to go along with. */
interface Wait {
  readonly least: number
  readonly more: number
}

/** Asks from the beginning: soon, together with whatever else is asked soon. */
export const start = (self: State.Querier, series: State.Series, now: number, wait?: Wait): void => {
  Disturbance.ofNode(self, series.node)
  const { least = 0, more = 0 } = wait ?? {}
  const at = soon(self, series.node.place, now)
  series.nextFrom = Math.max(at, series.sentAt + firstInterval, series.pausedUntil, now + least)
  series.nextAt = series.nextFrom + more
  series.interval = 0
  series.extraAt = Infinity
  series.extras = 0
  series.isHasty = false
  arm(self, series)
}

/**
 * Asks at once what somebody waits for, and by itself: several questions of one message are answered only after 20 to 120 ms (RFC 6762,
 * section 6.3). The delay of a first question keeps apart the hosts that something makes ask at the same moment (section 5.2): a program that
 * asks once is no such thing, but many of its questions are gathered as usual, and so are those that a link asks when it comes up.
 */
export const hasten = (self: State.Querier, series: State.Series, now: number): void => {
  const { place } = series.node
  const isFirst = series.nextAt !== Infinity && series.interval === 0
  const mayBegin = series.sentAt + firstInterval <= now && series.pausedUntil <= now
  const before = place.hastyAt === now ? place.hasty : 0
  const isGathered = place.hastyAt === now ? before >= mostHasty : place.hastyAt + latest > now
  if (!isFirst || !mayBegin || isGathered) return
  place.hastyAt = now
  place.hasty = before + 1
  series.nextFrom = now
  series.nextAt = now
  series.isHasty = true
  arm(self, series)
}

/** Asks out of turn, and `extras` times more, a second apart. */
export const askSoon = (self: State.Querier, series: State.Series, now: number, extras: number): void => {
  Disturbance.ofNode(self, series.node)
  const at = Math.max(soon(self, series.node.place, now), series.sentAt + firstInterval)
  series.extraAt = Math.min(series.extraAt, at)
  series.extras = Math.max(series.extras, extras)
  arm(self, series)
}

/**
 * Notes that a record is gone though nobody has said goodbye. Datagrams may have been lost, so that whoever goes on asking does not leave it at
 * that for an hour: it asks again after a minute or two, and then at growing intervals as before.
 */
export const missed = (self: State.Querier, series: State.Series, now: number, wait?: Wait): void => {
  askLater(self, series, now)
  series.interval = Math.min(series.interval, silence)
  review(self, series, now, wait)
}

/**
 * How long a record that is gone is not asked for. When others have asked in vain it is a minute or two; when we have, that goes on as it was:
 * up to 2 % of the ttl later, so that records that end one by one are asked for together.
 */
export const waitFor = (self: State.Querier, entry: State.Entry): Wait | undefined => {
  if (entry.particulars.unanswered >= mostUnanswered) return longWait(self)
  if (entry.refreshes < mostRefreshes || refreshing(entry) === undefined) return undefined
  return wait(self, 0, Math.min(entry.ttl / 100_000 * mostSpread, silence))
}

/** A minute or two. */
export const longWait = (self: State.Querier): Wait => wait(self, silence, silence)

const wait = (self: State.Querier, least: number, more: number): Wait => ({
  least,
  more: Chance.between(self.chance, 0, Math.floor(more))
})

/** Asks in a minute or two, if not sooner; so that hosts do not do it all at once, and most of them need not. */
export const askLater = (self: State.Querier, series: State.Series, now: number): void => {
  if (series.nextAt === Infinity) return
  const { least, more } = longWait(self)
  series.nextFrom = Math.min(series.nextFrom, now + least)
  series.nextAt = Math.min(series.nextAt, now + least + more)
  arm(self, series)
}

/** 20 to 120 ms from now, or when others are asked for already in that time. */
const soon = (self: State.Querier, place: State.Place, now: number): number => {
  if (place.gatherAt < now + soonest || place.gatherAt > now + latest) {
    place.gatherAt = now + Chance.between(self.chance, soonest, latest)
  }
  return place.gatherAt
}

/** Goes on as interests and records demand: starts, ends, or is given up. */
export const review = (self: State.Querier, series: State.Series, now: number, wait?: Wait): void => {
  if (series.heldUntil <= now || !isDoubted(series)) series.heldUntil = -Infinity
  if (series.interests.size === 0 && series.heldUntil === -Infinity) {
    if (!Node.isWatched(series.node, series.type)) giveUpExtras(series)
    if (!isLingering(series, now)) return close(self, series)
  }
  const isAsking = series.nextAt !== Infinity
  if (isAsked(series)) {
    if (!isAsking) start(self, series, now, wait)
  } else series.nextAt = Infinity
  arm(self, series)
}

/** Lets out of turn go what is in no doubt any more: whoever was to be asked has spoken meanwhile. */
export const reviewExtras = (series: State.Series): void => {
  if (!isDoubted(series)) giveUpExtras(series)
}

const giveUpExtras = (series: State.Series): void => {
  series.extraAt = Infinity
  series.extras = 0
}

export const close = (self: State.Querier, series: State.Series): void => {
  const { node, type } = series
  Timers.clear(self.timers, series)
  series.nextAt = Infinity
  giveUpExtras(series)
  node.series?.delete(type)
  if (node.series?.size === 0) node.series = undefined
  Node.close(node)
}

/** Whether it was not closed. */
export const isOpen = (series: State.Series): boolean => series.node.series?.get(series.type) === series

/**
 * It is remembered that it was just asked, so that it is not asked again too soon by whoever begins to ask (RFC 6762, section 5.2), and longer
 * while it is still listened to.
 */
const isLingering = (series: State.Series, now: number): boolean =>
  series.extraAt !== Infinity || now < lingersUntil(series)

// longer than this no series looks back
const lingersUntil = ({ node, sentAt, type }: State.Series): number =>
  sentAt + (Node.isWatched(node, type) ? shortTtlPause : firstInterval)

const isAsked = (series: State.Series): boolean => {
  if (series.heldUntil !== -Infinity) return true
  for (const { mode } of series.interests.values()) if (mode === "browse") return true
  return series.interests.size > 0 && !isSettled(series)
}

const isDoubted = ({ node, type }: State.Series): boolean =>
  Node.entriesOf(node, type).some(({ doom }) => doom !== undefined)

/** Whether a unique record or a denial says all that there is to say. */
const isSettled = ({ node, type }: State.Series): boolean =>
  Node.entriesOf(node, Record.Type.ANY).some((entry) =>
    entry.doom !== "Expired" && (
      (entry.flush && (entry.type === type || type === Record.Type.ANY)) ||
      (entry.type === Record.Type.NSEC && denies(entry, type))
    )
  )

/** Whether a record says that its name has none of a type (RFC 6762, section 6.1). */
export const denies = ({ data }: Pick<Record.Record, "data">, type: number): boolean =>
  data._tag === "Denial" && type !== Record.Type.ANY && type !== Record.Type.NSEC && !data.types.includes(type)

/** Notes that the question went out, or that somebody else asked it for us. `spread` is by how many parts intervals grow longer. */
export const sent = (self: State.Querier, series: State.Series, now: number, spread: number): void => {
  series.sentAt = now
  series.isUnicast = false
  series.isHasty = false
  series.extraAt = series.extras > 0 ? now + Math.ceil(firstInterval * (1 + spread)) : Infinity
  series.extras = Math.max(0, series.extras - 1)
  if (series.nextAt !== Infinity) {
    const least = nextInterval(series)
    series.interval = Math.ceil(least * (1 + spread))
    series.nextFrom = now + least
    series.nextAt = now + series.interval
  }
  arm(self, series)
  refreshed(self, series, now)
}

/** Notes that the refreshes that are due by now are done: everybody who has an answer was asked. */
export const refreshed = (self: State.Querier, { node, type }: State.Series, now: number): void => {
  for (const entry of Node.entriesOf(node, type)) {
    const { hearing, refreshes } = entry
    passRefreshes(entry, now)
    if (entry.refreshes !== refreshes) Hearing.disturb(self, hearing)
  }
}

/** The interval that follows the next question, before it is spread. */
export const nextInterval = ({ interval }: State.Series): number =>
  Math.min(Math.max(firstInterval, 2 * interval), longestInterval)

export const isDue = (series: State.Series, now: number): boolean => Math.min(series.nextAt, series.extraAt) <= now

/** Whether a question may go along with others, though the time that was drawn for it has not come. */
export const isAskable = ({ nextAt, nextFrom }: State.Series, now: number): boolean =>
  nextAt !== Infinity && nextFrom <= now

/** How long before their deadlines questions and refreshes are looked at for going along with others: 2 % of an hour or more. */
export const foresight = 90_000

const arm = (self: State.Querier, series: State.Series): void => {
  const { extraAt, heldUntil, interests, nextAt } = series
  const at = Math.min(nextAt, extraAt, heldUntil === -Infinity ? Infinity : heldUntil)
  const isIdle = at === Infinity && interests.size === 0
  Timers.set(self.timers, series, isIdle ? lingersUntil(series) : at)
}

const refreshPercents = [80, 85, 90, 95]
/** Milliseconds that a record holds at least before it is refreshed, since it holds for a second. */
const soonestRefresh = 10 * refreshPercents[0]!
/** How often a record is refreshed before it ends. */
export const mostRefreshes = refreshPercents.length
/** Parts of a ttl that a refresh is late at most, of 100,000. */
const mostSpread = 2_000

/** Gives those who need it the deadline of the first of their records that is to be refreshed, or ends. */
export const settle = (self: State.Querier): void => {
  const { timers, unsettled } = self
  for (let hearing = unsettled.pop(); hearing !== undefined; hearing = unsettled.pop()) {
    hearing.isUnsettled = false
    let first = Infinity
    for (let entry = hearing.first; entry !== undefined; entry = entry.nextHeard) {
      const at = deadlineOf(entry)
      if (at < first) first = at
    }
    Timers.set(timers, hearing, first)
  }
}

/** When a record is to be refreshed, or ends. */
export const deadlineOf = (entry: State.Entry): number => {
  const { expiresAt, node } = entry
  if (node.series === undefined || entry.refreshes === mostRefreshes) return expiresAt
  const series = entry.doom === undefined ? refreshing(entry) : undefined
  if (series === undefined) return expiresAt
  return Math.min(expiresAt, Math.max(refreshAt(series, entry), refreshableAt(series, entry)))
}

const refreshAt = (series: State.Series, entry: State.Entry): number => {
  const { hearing, refreshes, ttl } = entry
  const at = refreshFrom(entry) + Math.floor(ttl * Hearing.draw(hearing, refreshes, mostSpread) / 100_000)
  return ttl < shortTtl ? Math.max(at, series.sentAt + shortTtlPause) : at
}

/** When a series can be asked for the sake of a record: those that were heard one by one are asked for together. */
const refreshableAt = ({ sentAt }: State.Series, { ttl }: State.Entry): number =>
  sentAt + Math.min(firstInterval, ttl / 25)

/** Whether a record may be refreshed along with others, though the time that was drawn for it has not come. */
export const isRefreshable = (series: State.Series, entry: State.Entry, now: number): boolean => {
  if (entry.doom !== undefined || entry.refreshes === mostRefreshes) return false
  return entry.ttl >= shortTtl && refreshFrom(entry) <= now && refreshableAt(series, entry) <= now
}

/** The earliest instant of a record's next refresh. */
const refreshFrom = ({ receivedAt, refreshes, ttl }: State.Entry): number =>
  receivedAt + ttl / 100 * refreshPercents[refreshes]!

/** The series that keeps a record fresh, if one does. */
export const refreshing = ({ node: { series }, type }: State.Entry): State.Series | undefined => {
  if (series === undefined) return undefined
  const own = series.get(type)
  if (own !== undefined && refreshes(own)) return own
  const any = series.get(Record.Type.ANY)
  return any !== undefined && refreshes(any) ? any : undefined
}

const refreshes = ({ interests }: State.Series): boolean => {
  for (const { refresh } of interests.values()) if (refresh) return true
  return false
}

/** Counts the refreshes as done whose time has come by now. */
export const passRefreshes = (entry: State.Entry, now: number): void => {
  if (now - entry.hearing.receivedAt < soonestRefresh) return
  while (entry.refreshes < mostRefreshes && now >= refreshFrom(entry)) entry.refreshes += 1
}
