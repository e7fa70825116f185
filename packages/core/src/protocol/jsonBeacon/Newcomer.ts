/**
 * Learning at once what others know, instead of waiting until each of them has announced itself: a node that hears of many it does not know asks
 * all once, and fetches what one of them offers, page by page.
 *
 * It asks within a minute of its start and never afterwards: who forges digests or offers makes newcomers ask and nobody else.
 *
 * @since 0.1.0
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Seed from "../../Seed.ts"
import * as Sample from "../internal/crowd/Sample.ts"
import * as Spread from "../internal/crowd/Spread.ts"
import { nonce } from "./Informant.ts"
import * as Wire from "./Wire.ts"

/** Milliseconds from the start in which a node is a newcomer. */
const youth = 60_000

/** Milliseconds within which many newcomers together ask, of which there are so many at most. */
const window = 30
const together = 10_000

/** Milliseconds to wait for an offer and for pages, and how often each is tried. */
const offerWithin = 400
const pagesWithin = 150
const mostTries = 3
const mostTimeouts = 6

type Phase =
  | { readonly _tag: "Content" }
  | { readonly _tag: "Waiting"; readonly dueAt: number }
  | { readonly _tag: "Asked"; readonly nonce: string; readonly dueAt: number }
  | Fetching

interface Fetching {
  readonly _tag: "Fetching"
  readonly nonce: string
  readonly key: string
  readonly from: NetAddress.InetAddress
  readonly got: Set<number>
  token: string | undefined
  of: number
  wanted: Set<number>
  timeouts: number
  dueAt: number
}

/** What to send: to all, or to the one who offered. */
export interface Sending {
  readonly payload: Uint8Array
  readonly to: NetAddress.InetAddress | undefined
}

/** One who may know little. Updated in place. */
export interface Newcomer {
  seed: Seed.Seed
  until: number
  tries: number
  phase: Phase
}

const content: Phase = { _tag: "Content" }

export const make = (seed: Seed.Seed): Newcomer => ({ seed, until: -Infinity, tries: 0, phase: content })

/** Begins to be a newcomer. */
export const begin = (self: Newcomer, now: number): void => {
  self.until = now + youth
  self.tries = 0
  self.phase = content
}

/** Is none any more. */
export const end = (self: Newcomer): void => {
  self.until = -Infinity
  self.phase = content
}

/** Another announced itself with a digest of what it knows. */
export const compare = (self: Newcomer, own: () => Sample.Sample, seen: Sample.Sample, now: number): void => {
  if (self.phase._tag !== "Content" || now >= self.until || self.tries >= mostTries) return
  if (Sample.lacks(own(), seen)) wait(self, now)
}

const wait = (self: Newcomer, now: number): void => {
  const [time, seed] = Spread.draw(self.seed, window, together)
  self.seed = seed
  self.phase = { _tag: "Waiting", dueAt: now + time }
}

/** Another asks: what it is offered will do. */
export const overhear = (self: Newcomer, { nonce }: Wire.Ask, now: number): void => {
  if (self.phase._tag === "Waiting") self.phase = { _tag: "Asked", nonce, dueAt: now + offerWithin }
}

/**
 * Somebody offers. `queue`: milliseconds over which those who wait for it spread their requests, where many started together.
 */
export const accept = (
  self: Newcomer,
  offer: Wire.Offer,
  from: NetAddress.InetAddress,
  queue: number,
  now: number
): void => {
  if (self.phase._tag !== "Waiting" && self.phase._tag !== "Asked") return
  const [key, seed] = nonce(self.seed)
  const [place, advanced] = Seed.next(seed)
  self.seed = advanced
  self.phase = {
    _tag: "Fetching",
    nonce: offer.nonce,
    key,
    from,
    got: new Set(),
    token: undefined,
    of: 1,
    wanted: new Set([0]),
    // the first request is not one that failed
    timeouts: -1,
    dueAt: now + place * queue
  }
}

/** The peers of a page, when it is one that was wanted and comes from the one who was asked; and what to ask for next. */
export const take = (
  self: Newcomer,
  page: Wire.Page,
  from: NetAddress.InetAddress,
  now: number
): { readonly peers: ReadonlyArray<Wire.Peer>; readonly next: Sending | undefined } | undefined => {
  const { phase } = self
  if (phase._tag !== "Fetching" || page.key !== phase.key || !isSame(from, phase.from)) return undefined
  if (!phase.wanted.delete(page.at)) return undefined
  if (phase.token === undefined) {
    phase.token = page.token
    phase.of = page.of
  }
  phase.got.add(page.at)
  phase.timeouts = 0
  if (phase.got.size >= phase.of) {
    end(self)
    return { peers: page.peers, next: undefined }
  }
  return { peers: page.peers, next: phase.wanted.size === 0 ? request(phase, now) : undefined }
}

const isSame = (self: NetAddress.InetAddress, that: NetAddress.InetAddress): boolean =>
  self.port === that.port && NetAddress.formatIp(self.address) === NetAddress.formatIp(that.address)

const request = (self: Fetching, now: number): Sending => {
  for (let at = 0; at < self.of && self.wanted.size < Wire.mostWanted; at++) if (!self.got.has(at)) self.wanted.add(at)
  self.dueAt = now + pagesWithin
  const { key, nonce, token } = self
  return { payload: Wire.want({ nonce, key, token, pages: Array.from(self.wanted) }), to: self.from }
}

export const wakeAt = ({ phase }: Newcomer): number => phase._tag === "Content" ? Infinity : phase.dueAt

/** What is due now. */
export const wake = (self: Newcomer, now: number): Sending | undefined => {
  const { phase } = self
  if (phase._tag === "Content" || phase.dueAt > now) return undefined
  if (phase._tag === "Fetching" && ++phase.timeouts <= mostTimeouts) return request(phase, now)
  if (phase._tag !== "Waiting") {
    retry(self, now)
    return undefined
  }
  const [drawn, seed] = nonce(self.seed)
  self.seed = seed
  self.phase = { _tag: "Asked", nonce: drawn, dueAt: now + offerWithin }
  return { payload: Wire.ask(drawn), to: undefined }
}

// nobody offered, or who did fell silent
const retry = (self: Newcomer, now: number): void => {
  self.tries++
  if (self.tries < mostTries) wait(self, now)
  else end(self)
}
