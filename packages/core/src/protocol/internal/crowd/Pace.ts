/**
 * When a host announces itself next, so that all hosts together announce themselves so often and no more, however many they are
 * (RFC 3550, section 6.2): the interval grows with their number, is drawn at random, and is reconsidered when it has passed.
 *
 * Each announcement promises the next one within some time, a third of its ttl. So the interval may grow with what is heard, though not beyond
 * what was promised, and the promise grows by at most a half each time: who has heard two announcements may miss one and still holds.
 *
 * The first one is not sent at once, or all hosts of a network that is switched on would speak together. It waits for a short time, of which
 * few draw an early one. Who hears some others meanwhile tells by how early they came how many there may be, and takes a place in a queue
 * that lets so many speak in a second. While it waits, and when its turn has come, it tells by how many it heard on the way how many there are.
 *
 * @since 0.1.0
 */
import * as Seed from "../../../Seed.ts"
import * as Arrivals from "./Arrivals.ts"
import * as Spread from "./Spread.ts"

/** Milliseconds of the interval among few: drawn from `min` to `max`. */
export interface Range {
  readonly min: number
  readonly max: number
}

/**
 * Announcements a second of all hosts together, and the most hosts that are counted, in all and of one address: with more of them there is more
 * traffic.
 */
export const share = 20
export const mostCounted = 16_384
export const perOrigin = 64

/** Milliseconds before the first announcement, and the most that speak first at a time which this is made for. */
const window = 50
const together = 10_000

/** Others that have to be heard within it before a crowd is supposed; announcements a second of a crowd that starts. */
const few = 3
const starters = 600

/** Where no more than this part of them is heard, too many were supposed: by the first few it is within a factor of five. */
const quiet = 1 / 8

/** Milliseconds by which the first announcement is made, however busy it is. */
const patience = 30_000

/** By how much a promise may grow at a time: with two, the second announcement after one could come just when that has ended. */
const growth = 1.5

/** The pace of one thing that is announced. Updated in place. */
export interface Pace {
  readonly range: Range
  readonly startedAt: number
  /** The number of others heard before the start. */
  readonly heardBefore: number
  /** How many start together, 0 where none are supposed, and since when their queue is waited in. */
  crowd: number
  queuedAt: number
  /** When the last announcement was made, the longest that the next one may take from then on, and where in its range, or in the queue, that one lies. */
  lastAt: number
  promise: number
  place: number
  /** For how many hosts `dueAt` was reckoned, and from when on fewer are a reason to reckon anew. */
  population: number
  settledAt: number
  dueAt: number
}

/** Begins to announce. */
export const begin = (
  range: Range,
  arrivals: Arrivals.Arrivals,
  seed: Seed.Seed,
  now: number
): readonly [pace: Pace, seed: Seed.Seed] => {
  const [wait, advanced] = Spread.draw(seed, window, together)
  const pace: Pace = {
    range,
    startedAt: now,
    heardBefore: arrivals.count,
    crowd: 0,
    queuedAt: now,
    lastAt: -Infinity,
    promise: Infinity,
    place: 0,
    population: 1,
    settledAt: Infinity,
    dueAt: now + wait
  }
  return [pace, advanced]
}

/** Whether nothing was announced so far. */
export const isBeginning = ({ lastAt }: Pace): boolean => lastAt === -Infinity

/** Whether to announce now, after `dueAt` has come; otherwise `dueAt` is later than it was. */
export const isTime = (
  self: Pace,
  arrivals: Arrivals.Arrivals,
  known: number,
  seed: Seed.Seed,
  now: number
): readonly [isTime: boolean, seed: Seed.Seed] => {
  if (isBeginning(self)) return isFirstTime(self, arrivals, seed, now)
  const range = rangeOf(self.range, known)
  self.dueAt = self.lastAt + Math.min(self.promise, range.min + self.place * (range.max - range.min))
  return [self.dueAt <= now, seed]
}

const isFirstTime = (
  self: Pace,
  arrivals: Arrivals.Arrivals,
  seed: Seed.Seed,
  now: number
): readonly [isTime: boolean, seed: Seed.Seed] => {
  const isQueued = self.crowd > 0
  if (now >= self.startedAt + patience) return [true, seed]
  if (isQueued && turnOf(self) > now) {
    look(self, arrivals, now)
    return [false, seed]
  }
  if (isQueued ? !Arrivals.isBusy(arrivals, now) : arrivals.count < self.heardBefore + few) return [true, seed]
  const [place, advanced] = Seed.next(seed)
  self.place = place
  enter(self, isQueued ? 2 * self.crowd : suppose(self, arrivals), now)
  return [false, advanced]
}

// few that were made up, or were heard early by chance, look like a crowd at first
const look = (self: Pace, arrivals: Arrivals.Arrivals, now: number): void => {
  const isCrowd = arrivals.count - self.heardBefore >= ((now - self.startedAt) / 1_000) * starters * quiet
  if (isCrowd) self.dueAt = soonest(self, now)
  else enter(self, starting(self, arrivals, now), now)
}

const enter = (self: Pace, crowd: number, now: number): void => {
  self.crowd = Math.min(mostCounted, crowd)
  self.queuedAt = now
  self.dueAt = soonest(self, now)
}

// when its turn comes, or to look again, when twice as much time has passed
const soonest = (self: Pace, now: number): number =>
  Math.min(turnOf(self), self.startedAt + 2 * Math.max(window, now - self.startedAt))

// at least a millisecond after the queue was entered, or what is left would be cut ever shorter and never come to an end
const turnOf = (self: Pace): number => {
  const latest = self.startedAt + patience
  return Math.min(latest, self.queuedAt + Math.max(1, self.place * Math.min(queueOf(self), latest - self.queuedAt)))
}

// what comes so early is one of many; what was heard lags behind what was said, so there are rather more
const suppose = ({ heardBefore, startedAt }: Pace, arrivals: Arrivals.Arrivals): number => {
  const crowdedAt = Arrivals.at(arrivals, heardBefore + few)
  return Math.ceil((2 * few) / Spread.reached(crowdedAt - startedAt, window, together))
}

// how many speak in the queue, if they go on as they did: one that is there speaks all through it
const starting = (self: Pace, { count }: Arrivals.Arrivals, now: number): number => {
  const elapsed = now - self.startedAt
  const heard = count - self.heardBefore
  return elapsed > 0 ? Math.min(self.crowd, Math.ceil((heard * queueOf(self)) / elapsed)) : self.crowd
}

/** Milliseconds over which those who start together spread what they send. */
export const queueOf = ({ crowd }: Pace): number => (crowd / starters) * 1_000

/** Notes that it is announced now, among `known` hosts that are there. */
export const announce = (
  self: Pace,
  arrivals: Arrivals.Arrivals,
  known: number,
  seed: Seed.Seed,
  now: number
): Seed.Seed => {
  const isFirst = isBeginning(self)
  const population = isFirst ? Math.max(known, starting(self, arrivals, now)) : known
  const range = rangeOf(self.range, population)
  const promise = Math.min(range.max, growth * self.promise)
  const [place, advanced] = Seed.next(seed)
  self.lastAt = now
  self.place = place
  self.promise = promise
  self.population = population
  // until all that started together have spoken, that few were heard means nothing
  if (isFirst) self.settledAt = now + 2 * queueOf(self)
  const min = Math.min(range.min, promise)
  self.dueAt = now + min + place * (promise - min)
  return advanced
}

/**
 * Notes that there are `known` hosts. When they are less than half of those that the interval was reckoned for, what is left of it shrinks with
 * them (RFC 3550, section 6.3.4), and not to a time when all others speak as well.
 */
export const adjust = (self: Pace, known: number, now: number): void => {
  if (isBeginning(self) || now < self.settledAt) return
  self.settledAt = now
  if (2 * known >= self.population || self.dueAt <= now) return
  self.dueAt = now + ((self.dueAt - now) * rangeOf(self.range, known).max) / rangeOf(self.range, self.population).max
  self.population = known
}

/** When to look again. */
export const wakeAt = (self: Pace, now: number): number =>
  self.settledAt > now && !isBeginning(self) ? Math.min(self.dueAt, self.settledAt) : self.dueAt

/** For how many milliseconds an announcement that is made now holds: for three of the longest intervals that it promises. */
export const holds = ({ promise }: Pace): number => 3 * promise

/** Whether the interval is longer than it is among few. */
export const isScaled = ({ promise, range }: Pace): boolean => promise > range.max

/** The interval among so many hosts: half as long to one and a half times as long as gives each its share, though never shorter than the range. */
export const rangeOf = ({ max, min }: Range, population: number): Range => {
  const interval = (Math.min(population, mostCounted) * 1_000) / share
  return { min: Math.max(min, 0.5 * interval), max: Math.max(max, 1.5 * interval) }
}
