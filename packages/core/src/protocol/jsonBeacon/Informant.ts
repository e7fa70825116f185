/**
 * Telling newcomers what is known. Of all who hear the question very few answer, each after a time of its own and not when another did; the one who
 * answered tells all it has heard at first hand, page by page, to those who want it.
 *
 * @since 0.1.0
 */
import * as RateLimiter from "../../internal/runtime/RateLimiter.ts"
import * as Seed from "../../Seed.ts"
import * as Spread from "../internal/crowd/Spread.ts"
import type * as Crowd from "./Crowd.ts"
import * as Wire from "./Wire.ts"

/** Milliseconds before an offer: at least, and how many more at most (S-A4); and for which it is good after it was last taken up. */
const delay = 20
const window = 100
const serves = 5_000

/** Questions that are listened to, by all alike: so everybody together offers no oftener. */
const questions = { perSecond: 1, burst: 4 }

/** Pages told in all, and such as are told to who has no token (S-A2). */
const pages = { perSecond: 1_000, burst: 512 }
const unproven = { perSecond: 20, burst: 20 }

/** Newcomers that are told at a time, and the fewest nodes worth telling of. */
const mostListeners = 32
const fewest = 8

/** The part of those it counts that an informant has heard at first hand. */
const sureness = 0.9

interface Serving {
  readonly nonce: string
  until: number
  /** Fixed with the first question, so that pages stay what they are. */
  pages: ReadonlyArray<ReadonlyArray<Wire.Entry>> | undefined
  /** The token of each who was told the first page, by address. */
  readonly tokens: Map<string, string>
}

/** What can be told: of others, and of what is announced here. */
interface Tellable {
  readonly crowd: Crowd.Crowd
  readonly own: ReadonlyArray<Wire.Told>
}

/** One who can tell. Updated in place. */
export interface Informant {
  seed: Seed.Seed
  readonly questions: RateLimiter.Bucket
  readonly pages: RateLimiter.Bucket
  readonly unproven: RateLimiter.Bucket
  pending: { readonly nonce: string; readonly dueAt: number } | undefined
  serving: Serving | undefined
}

export const make = (seed: Seed.Seed, now: number): Informant => ({
  seed,
  questions: RateLimiter.bucket(questions, now),
  pages: RateLimiter.bucket(pages, now),
  unproven: RateLimiter.bucket(unproven, now),
  pending: undefined,
  serving: undefined
})

/** Somebody asks. `canTell`: whether this node announces itself and is no newcomer. */
export const asked = (
  self: Informant,
  { nonce }: Wire.Ask,
  crowd: Crowd.Crowd,
  canTell: boolean,
  now: number
): void => {
  expire(self, now)
  if (!RateLimiter.take(self.questions, now) || !canTell) return
  // who is telling somebody leaves it to others
  if (self.pending !== undefined || self.serving !== undefined) return
  if (crowd.firsthand() < fewest || crowd.firsthand() < sureness * crowd.count()) return
  const [wait, seed] = Spread.draw(self.seed, window, crowd.count())
  self.seed = seed
  self.pending = { nonce, dueAt: now + delay + wait }
}

/** Somebody offers: one is enough. */
export const offered = (self: Informant, { nonce }: Wire.Offer): void => {
  if (self.pending?.nonce === nonce) self.pending = undefined
}

/** Offers now what is due. */
export const offer = (self: Informant, now: number): Uint8Array | undefined => {
  const { pending } = self
  if (pending === undefined || pending.dueAt > now) return undefined
  self.pending = undefined
  self.serving = { nonce: pending.nonce, until: now + serves, pages: undefined, tokens: new Map() }
  return Wire.offer(pending.nonce)
}

export const wakeAt = ({ pending, serving }: Informant): number =>
  Math.min(pending?.dueAt ?? Infinity, serving?.until ?? Infinity)

/** Forgets what it offered when the time for it is over. */
export const expire = (self: Informant, now: number): void => {
  if (self.serving !== undefined && self.serving.until <= now) self.serving = undefined
}

/** What is told to one who wants some pages: nothing, unless it was offered, and to who has no token just the first page. */
export const wanted = (
  self: Informant,
  want: Wire.Want,
  listener: string,
  tell: Tellable,
  now: number
): ReadonlyArray<Uint8Array> => {
  expire(self, now)
  const { serving } = self
  if (serving === undefined || serving.nonce !== want.nonce) return []
  const known = serving.tokens.get(listener)
  const isProven = known !== undefined && known === want.token
  if (!isProven && !isAffordable(self, serving, want, listener, now)) return []
  serving.until = now + serves
  const all = serving.pages ??= Wire.paginate([...tell.own, ...tell.crowd.told(now)])
  const token = known ?? admit(self, serving, listener)
  const told: Array<Uint8Array> = []
  for (const at of new Set(isProven ? want.pages : [0])) {
    const page = all[at]
    if (page === undefined || !RateLimiter.take(self.pages, now)) continue
    const left = page.filter((entry) => isThere(tell, entry))
    told.push(Wire.page({ key: want.key, token, at, of: all.length }, left, now))
  }
  return told
}

// who has said goodbye since the pages were made did so before the newcomer knew it
const isThere = ({ crowd, own }: Tellable, { identity = "" }: Wire.Entry): boolean =>
  crowd.has(identity) || own.some(({ announcement }) => announcement.identity === identity)

const isAffordable = (self: Informant, { tokens }: Serving, want: Wire.Want, listener: string, now: number): boolean =>
  want.octets * Wire.gain >= Wire.maxOctets && (tokens.has(listener) || tokens.size < mostListeners) &&
  RateLimiter.take(self.unproven, now)

const admit = (self: Informant, { tokens }: Serving, listener: string): string => {
  const [token, seed] = nonce(self.seed)
  self.seed = seed
  tokens.set(listener, token)
  return token
}

/** Sixteen hexadecimal digits. */
export const nonce = (seed: Seed.Seed): readonly [nonce: string, seed: Seed.Seed] => {
  const [high, next] = Seed.next(seed)
  const [low, advanced] = Seed.next(next)
  return [hex(high) + hex(low), advanced]
}

const hex = (value: number): string => Math.floor(value * 4_294_967_296).toString(16).padStart(8, "0")
