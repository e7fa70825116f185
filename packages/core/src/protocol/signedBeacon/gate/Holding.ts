/**
 * Announcements of trusted keys that look too old because the sender's clock went back: each waits for a proof that its sender lives.
 */
import type * as PeerKey from "../../../PeerKey.ts"
import type * as Envelope from "../Envelope.ts"
import type * as Candidate from "./Candidate.ts"
import * as Challenges from "./Challenges.ts"
import * as Floors from "./Floors.ts"
import * as Held from "./Held.ts"
import type * as Output from "./Output.ts"
import * as Standing from "./Standing.ts"
import * as State from "./State.ts"

/** Whether a challenge of this key is answered, and now. */
export const canAnswer = ({ challenges, options, standing }: State.Gate, key: PeerKey.PeerKey, now: number): boolean =>
  options.challenges && options.own.size > 0 &&
  (options.policy === "open" || Standing.isTrusted(standing, key)) &&
  Challenges.canAnswer(challenges, now)

/** Whether a stale envelope may come from a sender that has started again with a clock that went back. */
export const isWorthIt = (self: State.Gate, header: Envelope.Header, now: number): boolean => {
  const { floors, held, options, standing } = self
  const { instance, key, kind } = header
  if (!options.challenges || kind !== "announce" || !Standing.isTrusted(standing, key)) return false
  return Floors.get(floors, key, now)?.floor.instance !== instance && Held.isNews(held, header, now)
}

/** Holds a verified announcement that `isWorthIt`, and asks its sender unless that was done a short while ago. */
export const hold = (self: State.Gate, candidate: Candidate.Signed, now: number, out: State.Out): void => {
  Held.put(self.held, candidate, () => State.draw(self), now)
  askFor(self, candidate.envelope.key, now, out)
}

/** Asks again for what is held. */
export const retry = (self: State.Gate, now: number, out: State.Out): void => {
  Held.forget(self.held, now)
  for (const key of self.held.keys.keys()) askFor(self, key, now, out)
}

/** When `retry` is to be called. */
export const retryAt = ({ challenges, held }: State.Gate): number => {
  let at = Infinity
  for (const key of held.keys.keys()) at = Math.min(at, Challenges.readyAt(challenges, key))
  return at
}

// a sender of old announcements gets the challenge at times, but not always
const askFor = (self: State.Gate, key: PeerKey.PeerKey, now: number, out: State.Out): void => {
  const origin = Held.pick(self.held, key, () => State.draw(self))?.origin
  if (origin !== undefined) ask(self, key, origin, now, out)
}

/** Challenges a key, if it may be challenged now. */
export const ask = (
  self: State.Gate,
  target: PeerKey.PeerKey,
  to: Output.Origin,
  now: number,
  out: State.Out
): boolean => {
  if (!Challenges.canAsk(self.challenges, target, now)) return false
  out.push(Challenges.ask(self.challenges, { ticket: State.nextTicket(self), target, to }, now))
  return true
}
