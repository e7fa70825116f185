/**
 * Records that change while their name stays (RFC 6762, section 8.4).
 */
import type * as Engine from "../Engine.ts"
import * as Announcing from "./Announcing.ts"
import * as Naming from "./Naming.ts"
import * as Offer from "./Offer.ts"
import * as Ownership from "./Ownership.ts"
import * as State from "./State.ts"

const minute = 60_000
const perMinute = 10
/** Changes within this time of one another are told as one. */
const spacing = 1_000

/** Asks for the records of a claim to be made anew: at once, or when it may be. The last value wins. */
export const request = (claim: State.Claim, now: number): void => {
  if (claim.updateDueAt === Infinity) claim.updateDueAt = dueAt(claim, now)
}

const dueAt = (claim: State.Claim, now: number): number => {
  if (!Array.from(claim.standings.values()).some(State.isOurs)) return now
  claim.updatedAt = claim.updatedAt.filter((at) => at + minute > now)
  const last = claim.updatedAt.at(-1) ?? -Infinity
  return Math.max(now, last + spacing, claim.updatedAt.length < perMinute ? now : claim.updatedAt[0]! + minute)
}

/** The same for all services of a host whose name has changed: their SRV records name it. */
export const requestAll = (self: State.State, hostId: string, now: number): void => {
  for (const claim of self.claims.values()) {
    if (claim.kind === "service" && Naming.hostOf(claim.registration!) === hostId) request(claim, now)
  }
}

/** Makes the changes that are due. */
export const step = (self: State.State, now: number, out: Array<Engine.Output>): void => {
  for (const claim of self.claims.values()) {
    if (claim.updateDueAt > now) continue
    claim.updateDueAt = Infinity
    let isTold = false
    for (const [key, standing] of claim.standings) {
      if (apply(self, self.presences.get(key)!, claim, standing, now, out)) isTold = true
    }
    if (isTold) claim.updatedAt = [...claim.updatedAt, now]
  }
}

/**
 * Makes the records of a claim on a link anew: shared ones that are no more are taken back first, and changed ones are announced without
 * probing. Returns whether there was anything to announce.
 */
export const apply = (
  self: State.State,
  presence: State.Presence,
  claim: State.Claim,
  standing: State.Standing,
  now: number,
  out: Array<Engine.Output>
): boolean => {
  const before = standing.offer
  const after = Naming.offer(self, claim, presence.link)
  const changed = Offer.changes(before, after)
  standing.offer = after
  presence.zone = undefined
  Ownership.takeBack(self, presence, Offer.leaving(before, after), now, out)
  Ownership.outdate(presence, Offer.replaced(before, after))
  if (changed.size === 0 || !State.isOurs(standing)) return false
  Announcing.begin(presence, standing, changed, now)
  return true
}
