/**
 * Asking three times whether a name is free (RFC 6762, section 8.1).
 */
import * as Chance from "../Chance.ts"
import type * as Engine from "../Engine.ts"
import type * as Offer from "./Offer.ts"
import * as Ownership from "./Ownership.ts"
import * as Packets from "./Packets.ts"
import * as State from "./State.ts"

const firstDelay = 250
const interval = 250
const probes = 3
/** For how long who lost a tie waits before asking again (section 8.2). */
export const deference = 1_000
const stormDelay = 5_000
const stormContests = 15
const stormWindow = 10_000
/** A name that was contested in a storm stays slow for as long as it is contested again within this time. */
const stormMemory = 60_000

/** How a name stands on a link where it was not wanted before. */
export const stand = (offer: Offer.Offer): State.Standing => ({
  offer,
  phase: "waiting",
  sent: 0,
  dueAt: Infinity,
  proposed: [],
  ties: 0,
  parts: undefined,
  isBridged: false
})

/**
 * Begins with a name on a link, from the start or again.
 *
 * Names that begin while others still wait for their first probe go with them, in one datagram.
 */
export const begin = (
  self: State.State,
  presence: State.Presence,
  claim: State.Claim,
  standing: State.Standing,
  now: number
): void => {
  presence.zone = undefined
  standing.sent = 0
  standing.ties = 0
  standing.parts = undefined
  standing.isBridged = false
  if (claim.isVerified) return win(self, presence, standing, now)
  standing.phase = "waiting"
  standing.dueAt = claim.isSlow ? now + stormDelay : probesAt(self, presence, now)
}

const probesAt = (self: State.State, presence: State.Presence, now: number): number => {
  if (presence.probesAt < now) presence.probesAt = now + Chance.between(self.chance, 0, firstDelay)
  return presence.probesAt
}

/** Leaves the name to a host that asks for it at the same time, until it should have it. */
export const defer = (standing: State.Standing, now: number): void => {
  standing.phase = "waiting"
  standing.sent = 0
  standing.ties += 1
  standing.dueAt = now + deference
}

/** Notes that somebody has the name. After 15 times in ten seconds every further attempt is five seconds after the one before. */
export const noteContest = (self: State.State, claim: State.Claim, now: number): void => {
  self.contests = [...self.contests.slice(1 - stormContests), now]
  const isStorm = self.contests.length === stormContests && now - self.contests[0]! <= stormWindow
  claim.isSlow = isStorm || (claim.isSlow && now - claim.contestedAt <= stormMemory)
  claim.contestedAt = now
  // whatever was known of the name, it is not free
  claim.isVerified = false
}

/** Sends the probes that are due; names that have stood three of them are ours. */
export const step = (self: State.State, presence: State.Presence, now: number, out: Array<Engine.Output>): void => {
  const proposals: Array<Packets.Proposal> = []
  for (const [, standing] of State.standingsOn(self, presence.link.key)) {
    if (standing.dueAt > now || State.isOurs(standing)) continue
    if (standing.phase === "probing" && standing.sent >= probes) win(self, presence, standing, now)
    else proposals.push(probe(presence, standing, now))
  }
  Packets.probe(presence.link, proposals, out)
}

const win = (self: State.State, presence: State.Presence, standing: State.Standing, now: number): void => {
  self.wins++
  Ownership.doubt(presence, standing.offer, false)
  presence.zone = undefined
  standing.phase = "announcing"
  standing.sent = 0
  standing.dueAt = now
}

const probe = ({ link }: State.Presence, standing: State.Standing, now: number): Packets.Proposal => {
  const { name, unique } = standing.offer
  const proposal = Packets.propose(link, name, unique)
  standing.proposed = proposal.records
  standing.phase = "probing"
  standing.sent += 1
  standing.dueAt = now + interval
  return proposal
}
