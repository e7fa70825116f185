/**
 * Announcements of trusted keys that look too old because the sender's clock went back: each waits for a proof that its sender lives.
 */
import type * as PeerKey from "../../../PeerKey.ts"
import type * as Envelope from "../Envelope.ts"
import * as Stamp from "../Stamp.ts"
import type * as Candidate from "./Candidate.ts"
import * as Challenges from "./Challenges.ts"
import * as Floors from "./Floors.ts"
import type * as Output from "./Output.ts"
import * as Standing from "./Standing.ts"
import * as State from "./State.ts"

/** Whether a challenge of this key is answered, and now. */
export const canAnswer = ({ challenges, options, standing }: State.Gate, key: PeerKey.PeerKey, now: number): boolean =>
  options.challenges && options.own.size > 0 &&
  (options.policy === "open" || Standing.isTrusted(standing, key)) &&
  Challenges.canAnswer(challenges, now)

/** Whether a stale envelope may come from a sender that has started again with a clock that went back, and can be asked. */
export const isWorthIt = (self: State.Gate, envelope: Envelope.Envelope, now: number): boolean => {
  const { challenges, floors, options, standing } = self
  const { instance, key, kind } = envelope
  if (!options.challenges || kind !== "announce" || !Standing.isTrusted(standing, key)) return false
  if (Floors.get(floors, key, now)?.floor.instance === instance) return false
  const open = Challenges.get(challenges, key, now)
  return open === undefined ? Challenges.canAsk(challenges, key, now) : isNewer(envelope, open.held)
}

const isNewer = ({ stamp }: Envelope.Envelope, held: Candidate.Signed | undefined): boolean =>
  held === undefined || Stamp.compare(stamp, held.envelope.stamp) > 0

/** Holds a verified announcement that `isWorthIt`, and asks its sender unless that was done. */
export const hold = (self: State.Gate, candidate: Candidate.Signed, now: number, out: State.Out): void => {
  const { envelope, origin } = candidate
  const open = Challenges.get(self.challenges, envelope.key, now)
  if (open !== undefined) open.held = candidate
  else out.push(ask(self, envelope.key, origin, candidate, now))
}

/** Challenges a key that `Challenges.canAsk` allowed. */
export const ask = (
  self: State.Gate,
  target: PeerKey.PeerKey,
  to: Output.Origin,
  held: Candidate.Signed | undefined,
  now: number
): Output.Challenge => Challenges.ask(self.challenges, { ticket: State.nextTicket(self), target, to, held }, now)
