/**
 * Others who have, or want, a name of ours (RFC 6762, sections 8.1, 8.2 and 9).
 */
import type * as Engine from "../Engine.ts"
import type * as Link from "../Link.ts"
import type * as Message from "../Message.ts"
import * as Record from "../Record.ts"
import * as Announcing from "./Announcing.ts"
import * as Moving from "./Moving.ts"
import * as Notices from "./Notices.ts"
import * as Offer from "./Offer.ts"
import * as Ownership from "./Ownership.ts"
import * as Probing from "./Probing.ts"
import * as State from "./State.ts"
import * as TieBreak from "./TieBreak.ts"

/** Ties in a row after which a name is left to whoever asks for it for ever and never takes it. */
const patience = 10

/** Hears another's probe; returns whether that puts off ours. Names that are ours are defended by answers. */
export const hearProbe = (
  self: State.State,
  presence: State.Presence,
  { authorities }: Message.Message,
  now: number,
  out: Array<Engine.Output>
): boolean => {
  let isChanged = false
  for (const key of new Set(authorities.map(({ name }) => name.key))) {
    const claim = self.byName.get(key)
    const standing = claim?.standings.get(presence.link.key)
    if (claim === undefined || standing?.phase !== "probing") continue
    if (TieBreak.compare(standing.proposed, authorities.filter(({ name }) => name.key === key)) >= 0) continue
    Probing.defer(standing, now)
    if (standing.ties >= patience) {
      Probing.noteContest(self, claim, now)
      Moving.giveWay(self, presence, claim, now, out)
    }
    isChanged = true
  }
  return isChanged
}

/** Milliseconds after our last word in which whoever lists a pointer of ours as new may have it from us. */
const recent = 60_000

/**
 * Hears what another knows when it asks. Who lists a pointer of ours with all of its time left, and has not just heard it, announces it as
 * well: two networks with one name each were joined, and neither says its pointer again since the other knows it. To say the rest of the
 * service shows the other that the name is taken.
 */
export const hearKnown = (
  self: State.State,
  presence: State.Presence,
  { answers }: Message.Message,
  now: number
): boolean => {
  let isChanged = false
  for (const record of answers) {
    if (record.data._tag !== "Pointer") continue
    const claim = self.byName.get(record.data.target.key)
    const standing = claim?.standings.get(presence.link.key)
    const owned = presence.owned.get(Record.key(record))
    if (claim?.kind !== "service" || standing === undefined || owned === undefined || !State.isOurs(standing)) continue
    if (record.ttl < owned.record.ttl || now - owned.multicastAt < recent) continue
    for (const own of standing.offer.unique) {
      if (now - Ownership.own(presence, own).multicastAt < recent) continue
      Announcing.repeat(self, presence, own, now)
      isChanged = true
    }
  }
  return isChanged
}

/**
 * Hears a response of our own again, late or from somebody who has kept it: it makes others believe what was so then, and nobody but us
 * can set them right. Addresses are left out, since those of another link of ours are no news of this one.
 */
export const hearEcho = (
  self: State.State,
  presence: State.Presence,
  { answers }: Message.Message,
  origin: Link.Origin,
  now: number
): boolean => {
  let isChanged = false
  for (const record of answers) {
    if (repeatWeakened(self, presence, record, origin, now)) isChanged = true
    const claim = self.byName.get(record.name.key)
    const standing = claim?.standings.get(presence.link.key)
    if (claim?.kind !== "service" || standing === undefined || record.ttl === 0 || !State.isOurs(standing)) continue
    if (!Offer.isContradicted(standing.offer, record)) continue
    const own = standing.offer.unique.find(({ type }) => type === record.type)!
    Announcing.repeat(self, presence, own, now)
    isChanged = true
  }
  return isChanged
}

/** What one record of another's response means for a claim. */
type Effect = "none" | "contest" | "repeat" | "bridged"

/** Hears another's response, whatever section its records are in; returns whether anything has changed. */
export const hearResponse = (
  self: State.State,
  presence: State.Presence,
  message: Message.Message,
  origin: Link.Origin,
  now: number,
  out: Array<Engine.Output>
): boolean => {
  // who only browses has no names
  if (self.byName.size === 0 && Ownership.zone(self, presence).names.size === 0) return false
  const contested = new Set<State.Claim>()
  let isChanged = false
  for (const record of [...message.answers, ...message.authorities, ...message.additionals]) {
    if (repeatWeakened(self, presence, record, origin, now)) isChanged = true
    const claim = self.byName.get(record.name.key)
    const standing = claim?.standings.get(presence.link.key)
    if (claim === undefined || standing === undefined) continue
    const effect = effectOf(claim, standing, record, origin)
    if (effect === "contest") contested.add(claim)
    else if (effect === "bridged") {
      standing.isBridged = true
      for (const own of standing.offer.unique) Announcing.repeat(self, presence, own, now)
    }
    isChanged ||= effect !== "none"
  }
  for (const claim of contested) contest(self, presence, claim, now, out)
  return isChanged
}

/**
 * Before the first probe nothing counts, it may be long past. While we probe any record of the name does, and an answer may come by unicast.
 * Later only one that contradicts ours does. A record that is taken back claims nothing.
 */
const effectOf = (
  claim: State.Claim,
  standing: State.Standing,
  record: Record.Record,
  origin: Link.Origin
): Effect => {
  if (standing.phase === "waiting" || record.ttl === 0) return "none"
  const isProbing = standing.phase === "probing"
  if (!isProbing && !origin.isMulticast) return "none"
  if (!(isProbing ? Offer.isForeign : Offer.isContradicted)(standing.offer, record)) return "none"
  if (!isOwnAddress(claim, record)) return "contest"
  return isProbing || standing.isBridged ? "none" : "bridged"
}

// of two interfaces on one link each hears the other; whoever hears both has flushed ours (RFC 6762, section 10.2)
const isOwnAddress = ({ kind, standings }: State.Claim, record: Record.Record): boolean =>
  kind === "host" &&
  Array.from(standings.values()).some(({ offer }) => offer.unique.some((own) => Record.isSame(own, record)))

/** A record of ours with less than half of its time makes others forget it too early (section 6.6). */
const repeatWeakened = (
  self: State.State,
  presence: State.Presence,
  record: Record.Record,
  { isMulticast }: Link.Origin,
  now: number
): boolean => {
  const name = isMulticast ? Ownership.zone(self, presence).names.get(record.name.key) : undefined
  const owned = name === undefined ? undefined : presence.owned.get(Record.key(record))
  if (owned === undefined || !name!.records.includes(owned)) return false
  if (record.ttl >= owned.record.ttl) Announcing.spare(presence, owned.record)
  if (record.ttl * 2 >= owned.record.ttl) return false
  Announcing.repeat(self, presence, owned.record, now)
  return true
}

/** While we probe, the name is the other's. Once it was ours it is probed for again, on this link, and goes to whoever wins (section 9). */
const contest = (
  self: State.State,
  presence: State.Presence,
  claim: State.Claim,
  now: number,
  out: Array<Engine.Output>
): void => {
  Probing.noteContest(self, claim, now)
  const standing = claim.standings.get(presence.link.key)!
  if (standing.phase === "probing") return Moving.giveWay(self, presence, claim, now, out)
  Ownership.doubt(presence, standing.offer, true)
  Probing.begin(self, presence, claim, standing, now)
  Notices.seek(claim, out)
}
