/**
 * A node among others: when it announces itself, whom it has heard, what it asks and what it tells. It knows nothing of how announcements are
 * written and what they say.
 *
 * @since 0.1.0
 */
import type * as NetAddress from "effect/net/NetAddress"
import * as Seed from "../../Seed.ts"
import * as Arrivals from "../internal/crowd/Arrivals.ts"
import * as Pace from "../internal/crowd/Pace.ts"
import * as Sample from "../internal/crowd/Sample.ts"
import * as Crowd from "./Crowd.ts"
import * as Informant from "./Informant.ts"
import * as Newcomer from "./Newcomer.ts"
import type * as Wire from "./Wire.ts"

/** Updated in place. `paces` has one for each thing that is announced, by its key. */
export interface Company {
  readonly arrivals: Arrivals.Arrivals
  readonly crowd: Crowd.Crowd
  readonly informant: Informant.Informant
  readonly newcomer: Newcomer.Newcomer
  readonly paces: Map<number, Pace.Pace>
  seed: Seed.Seed
}

export const make = (seed: Seed.Seed, now: number, crowd: Crowd.Crowd = Crowd.make()): Company => ({
  arrivals: Arrivals.make(),
  crowd,
  informant: Informant.make(Seed.derive(seed, "informant"), now),
  newcomer: Newcomer.make(Seed.derive(seed, "newcomer")),
  paces: new Map(),
  seed
})

/** Begins to announce something, or begins anew: then those who are known may do so, too, and count as those who start together. */
export const begin = (self: Company, key: number, range: Pace.Range, now: number): void => {
  if (self.paces.has(key)) self.crowd.begin()
  const [pace, seed] = Pace.begin(range, self.arrivals, self.seed, now)
  self.seed = seed
  self.paces.set(key, pace)
  Newcomer.begin(self.newcomer, now)
}

/** Announces it no more. */
export const end = (self: Company, key: number): void => {
  self.paces.delete(key)
  if (self.paces.size === 0) Newcomer.end(self.newcomer)
}

/** How many hosts are there, ourselves among them: of those that only another told of there need be none. */
export const population = ({ crowd, paces }: Company): number => crowd.firsthand() + paces.size

/** Notes that something is announced now; gives for how many milliseconds that holds, `undefined` when it is what holds among few. */
export const announce = (self: Company, key: number, now: number): number | undefined => {
  const pace = self.paces.get(key)!
  self.crowd.sweep(now)
  self.seed = Pace.announce(pace, self.arrivals, population(self), self.seed, now)
  return Pace.isScaled(pace) ? Pace.holds(pace) : undefined
}

/** Another announced itself. */
export const hear = (self: Company, node: Crowd.Node, until: number, seen: Sample.Sample, now: number): void => {
  const { arrivals, crowd, newcomer } = self
  if (crowd.hear(node, until, now, false)) Arrivals.add(arrivals, now)
  if (seen.length > 0 && now < newcomer.until && hasSpoken(self)) Newcomer.compare(newcomer, crowd.sample, seen, now)
}

// who has not yet announced itself has not yet heard what others say first
const hasSpoken = ({ paces }: Company): boolean => {
  for (const pace of paces.values()) if (!Pace.isBeginning(pace)) return true
  return false
}

/** Another said goodbye. */
export const forget = (self: Company, identity: string, origin: string, now: number): void => {
  self.crowd.forget(identity, origin)
  for (const pace of self.paces.values()) Pace.adjust(pace, population(self), now)
}

/** Another asks what is known. */
export const asked = (self: Company, ask: Wire.Ask, now: number): void => {
  Newcomer.overhear(self.newcomer, ask, now)
  const canTell = hasSpoken(self) && self.newcomer.phase._tag === "Content"
  Informant.asked(self.informant, ask, self.crowd, canTell, now)
}

/** Another offers to tell it. */
export const offered = (self: Company, offer: Wire.Offer, from: NetAddress.InetAddress, now: number): void => {
  Informant.offered(self.informant, offer)
  let queue = 0
  for (const pace of self.paces.values()) queue = Math.max(queue, Pace.queueOf(pace))
  Newcomer.accept(self.newcomer, offer, from, queue, now)
}

/** Another wants some pages; `own` is what is announced here. */
export const wanted = (
  self: Company,
  want: Wire.Want,
  listener: string,
  own: ReadonlyArray<Wire.Told>,
  now: number
): ReadonlyArray<Uint8Array> => Informant.wanted(self.informant, want, listener, { crowd: self.crowd, own }, now)

/** A page came: the peers in it that may be believed, and what to ask for next; `undefined` when nobody wanted it. */
export const told = (
  self: Company,
  page: Wire.Page,
  from: NetAddress.InetAddress,
  now: number
): ReturnType<typeof Newcomer.take> => Newcomer.take(self.newcomer, page, from, now)

/** A digest of those who are here, with ourselves by our hashes; `empty` where they are too few. */
export const digest = ({ crowd }: Company, own: ReadonlyArray<number>): Sample.Sample => {
  const sample = own.reduce(Sample.add, crowd.sample())
  return sample.length < Sample.size ? Sample.empty : sample
}

/** When there is something to do next. */
export const wakeAt = ({ informant, newcomer, paces }: Company, now: number): number => {
  let at = Math.min(Informant.wakeAt(informant), Newcomer.wakeAt(newcomer))
  for (const pace of paces.values()) at = Math.min(at, Pace.wakeAt(pace, now))
  return at
}

/** What is due: the keys of what to announce, and what to send besides. */
export interface Due {
  readonly keys: ReadonlyArray<number>
  readonly sendings: ReadonlyArray<Newcomer.Sending>
}

export const wake = (self: Company, now: number): Due => {
  const keys: Array<number> = []
  const known = population(self)
  for (const [key, pace] of self.paces) {
    Pace.adjust(pace, known, now)
    if (pace.dueAt > now) continue
    const [isTime, seed] = Pace.isTime(pace, self.arrivals, known, self.seed, now)
    self.seed = seed
    if (isTime) keys.push(key)
  }
  Informant.expire(self.informant, now)
  const offer = Informant.offer(self.informant, now)
  const sending = Newcomer.wake(self.newcomer, now)
  const sendings = sending === undefined ? [] : [sending]
  return { keys, sendings: offer === undefined ? sendings : [{ payload: offer, to: undefined }, ...sendings] }
}
