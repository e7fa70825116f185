/**
 * Announcements that wait until their sender has proven that it lives: of each key the newest of every run, of a few runs.
 *
 * Whoever has recorded what a key said in an earlier run can send it again at any time, so there must be room for the genuine one beside it.
 */
import type * as PeerKey from "../../../PeerKey.ts"
import type * as Envelope from "../Envelope.ts"
import * as Stamp from "../Stamp.ts"
import type * as Candidate from "./Candidate.ts"
import type * as Waiting from "./Waiting.ts"

const maxRuns = 4
/** Milliseconds for which a key's are held: three intervals of its announcements. */
const patience = 90_000

interface OfKey {
  readonly since: number
  readonly runs: Map<number, Candidate.Signed>
}

/** By key, the oldest first. */
export interface Held {
  readonly keys: Map<PeerKey.PeerKey, OfKey>
  readonly capacity: number
}

export const make = (capacity: number): Held => ({ keys: new Map(), capacity })

/** The one of a run. */
export const get = ({ keys }: Held, { instance, key }: Envelope.Header): Candidate.Signed | undefined =>
  keys.get(key)?.runs.get(instance)

/** Whether an envelope is newer than what is held of its run, and there is room for it. */
export const isNews = (self: Held, envelope: Envelope.Header, now: number): boolean => {
  forget(self, now)
  const held = get(self, envelope)
  if (held !== undefined) return Stamp.compare(envelope.stamp, held.envelope.stamp) > 0
  return self.keys.has(envelope.key) || self.keys.size < self.capacity
}

/** Holds one that `isNews`. Of too many runs a random one goes. */
export const put = ({ keys }: Held, candidate: Candidate.Signed, draw: Waiting.Draw, now: number): void => {
  const { instance, key } = candidate.envelope
  const { runs, since } = keys.get(key) ?? { runs: new Map<number, Candidate.Signed>(), since: now }
  if (!keys.has(key)) keys.set(key, { runs, since })
  runs.set(instance, candidate)
  if (runs.size > maxRuns) runs.delete(pickFrom(runs, draw).envelope.instance)
}

/** One of a key, at random. */
export const pick = ({ keys }: Held, key: PeerKey.PeerKey, draw: Waiting.Draw): Candidate.Signed | undefined => {
  const runs = keys.get(key)?.runs
  return runs === undefined ? undefined : pickFrom(runs, draw)
}

const pickFrom = (runs: ReadonlyMap<number, Candidate.Signed>, draw: Waiting.Draw): Candidate.Signed =>
  [...runs.values()][Math.floor(draw() * runs.size)]!

export const remove = ({ keys }: Held, key: PeerKey.PeerKey): void => {
  keys.delete(key)
}

/** Forgets what nobody has proven. */
export const forget = ({ keys }: Held, now: number): void => {
  for (const [key, { since }] of keys) {
    if (since + patience > now) break
    keys.delete(key)
  }
}
