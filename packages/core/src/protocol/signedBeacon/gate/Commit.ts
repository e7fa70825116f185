/**
 * What a good signature brings about.
 */
import * as Result from "effect/Result"
import * as Body from "../Body.ts"
import * as Envelope from "../Envelope.ts"
import * as Stamp from "../Stamp.ts"
import type * as Candidate from "./Candidate.ts"
import * as Challenges from "./Challenges.ts"
import * as Floors from "./Floors.ts"
import * as Forgetting from "./Forgetting.ts"
import * as Held from "./Held.ts"
import * as Holding from "./Holding.ts"
import * as Presences from "./Presences.ts"
import * as Receiving from "./Receiving.ts"
import * as Standing from "./Standing.ts"
import * as State from "./State.ts"
import * as Succession from "./Succession.ts"

/** Takes a verified envelope. Others may have been taken since it came, so what depends on them is checked again. */
export const commit = (self: State.Gate, candidate: Candidate.Signed, now: number, out: State.Out): void => {
  const { envelope, origin } = candidate
  if (Standing.isDenied(self.standing, envelope.key)) return State.refuse(self, "denied", origin, out)
  switch (envelope.kind) {
    case "announce":
      return commitAnnouncement(self, candidate, now, out)
    case "goodbye":
      return commitGoodbye(self, candidate, now, out)
    case "challenge":
      return commitChallenge(self, candidate, now, out)
    case "proof":
      return commitProof(self, candidate, now, out)
    case "retire":
      return commitRetirement(self, candidate, out)
  }
}

const commitAnnouncement = (self: State.Gate, candidate: Candidate.Signed, now: number, out: State.Out): void => {
  const { envelope, origin, payload } = candidate
  const presence = Presences.get(self.presences, envelope.key, now)
  if (presence !== undefined && Presences.isSame(presence, payload)) {
    return Receiving.seeAgain(self, candidate, now, out)
  }
  const known = Floors.get(self.floors, envelope.key, now)
  const isStale = Floors.isStale(known, envelope)
  if (isStale && !Holding.isWorthIt(self, envelope, now)) return State.refuse(self, "stale", origin, out)
  const body = Body.decode(Envelope.bodyOf(payload), "announce")
  if (Result.isFailure(body)) return State.refuse(self, "body", origin, out)
  if (isStale) return Holding.hold(self, candidate, now, out)
  accept(self, candidate, { body: body.success, before: known, isRaised: false }, now, out)
}

/** An announcement holds from now on. Its stamp is taken, unless a later one of its sender was taken with `isRaised`. */
const accept = (
  self: State.Gate,
  { envelope, group, origin, payload, ttl }: Candidate.Signed,
  { before, body, isRaised }: {
    readonly body: Body.Body
    readonly before: Floors.Entry | undefined
    readonly isRaised: boolean
  },
  now: number,
  out: State.Out
): void => {
  const { instance, key } = envelope
  const isListed = Standing.isListed(self.standing, key)
  const last = Presences.get(self.presences, key, now)?.instance ?? before?.floor.instance
  const isRestart = last !== undefined && last !== instance
  Held.remove(self.held, key)
  Presences.put(self.presences, envelope, { payload, instance, group, ttl, origin, isListed }, now)
  if (!isRaised) raise(self, envelope, ttl, now, out)
  out.push({ _tag: "Accepted", key, envelope, body, origin, group, ttl, isRestart })
  Succession.consider(self, { key, body, origin }, now, out)
}

const commitGoodbye = (self: State.Gate, candidate: Candidate.Signed, now: number, out: State.Out): void => {
  const { envelope: { key }, origin, payload } = candidate
  if (Presences.isSaid(self.presences, key, payload)) return State.refuse(self, "duplicate", origin, out)
  if (!takeStamp(self, candidate, now, out)) return
  Held.remove(self.held, key)
  Presences.sayGoodbye(self.presences, candidate, now)
}

const commitRetirement = (self: State.Gate, { envelope }: Candidate.Signed, out: State.Out): void => {
  const { key } = envelope
  Standing.retire(self.standing, key)
  out.push({ _tag: "Retired", key })
  Forgetting.drop(self, key, out)
}

const commitChallenge = (self: State.Gate, candidate: Candidate.Signed, now: number, out: State.Out): void => {
  const { envelope, origin, payload } = candidate
  const body = Body.decode(Envelope.bodyOf(payload), "challenge")
  if (Result.isFailure(body)) return State.refuse(self, "body", origin, out)
  const { nonce, target } = body.success
  if (nonce === undefined || target === undefined || !self.options.own.has(target)) {
    return State.refuse(self, "policy", origin, out)
  }
  if (!takeStamp(self, candidate, now, out)) return
  if (!Holding.canAnswer(self, envelope.key, now)) return State.refuse(self, "policy", origin, out)
  Challenges.spend(self.challenges, now)
  out.push({ _tag: "Prove", nonce, key: target, challenger: envelope.key, to: origin })
}

const commitProof = (self: State.Gate, candidate: Candidate.Signed, now: number, out: State.Out): void => {
  const { envelope, origin, payload } = candidate
  const { key } = envelope
  const body = Body.decode(Envelope.bodyOf(payload), "proof")
  if (Result.isFailure(body)) return State.refuse(self, "body", origin, out)
  const { nonce, target } = body.success
  const isOurs = nonce !== undefined && target !== undefined && self.options.own.has(target)
  if (!isOurs || !Challenges.answer(self.challenges, key, nonce, now)) return State.refuse(self, "unasked", origin, out)
  const before = Floors.get(self.floors, key, now)
  const held = Held.get(self.held, envelope)
  Held.remove(self.held, key)
  takeProof(self, envelope, before, now, out)
  if (held !== undefined && Stamp.compare(held.envelope.stamp, envelope.stamp) < 0) {
    commitHeld(self, held, before, now, out)
  } else confirm(self, envelope, now, out)
}

/** A proof's stamp is of now. When it is behind the floor and of another run, the sender's clock went back. */
const takeProof = (
  self: State.Gate,
  proof: Envelope.Header,
  before: Floors.Entry | undefined,
  now: number,
  out: State.Out
): void => {
  if (!Floors.isStale(before, proof)) return raise(self, proof, undefined, now, out)
  if (before?.floor.instance === proof.instance) return
  const lowered = Floors.lower(self.floors, proof, Standing.isListed(self.standing, proof.key), now)
  out.push({ _tag: "FloorRaised", key: proof.key, floor: Floors.lasting(lowered), hasEnded: true })
}

// what is held is of the proof's own run: else somebody could send an old announcement, relay our challenge to its living sender, and
// revive an old address
const commitHeld = (
  self: State.Gate,
  held: Candidate.Signed,
  before: Floors.Entry | undefined,
  now: number,
  out: State.Out
): void => {
  const body = Body.decode(Envelope.bodyOf(held.payload), "announce")
  if (Result.isFailure(body)) return State.refuse(self, "body", held.origin, out)
  accept(self, held, { body: body.success, before, isRaised: true }, now, out)
}

const confirm = (self: State.Gate, { instance, key }: Envelope.Header, now: number, out: State.Out): void => {
  const presence = Presences.get(self.presences, key, now)
  if (presence === undefined || presence.instance !== instance || presence.isConfirmed) return
  Presences.confirm(presence, now)
  out.push({ _tag: "Confirmed", key, origins: [...presence.origins], ttl: presence.ttl })
}

/** Takes the stamp of an envelope that is no announcement; false when it is stale by now. */
const takeStamp = (self: State.Gate, { envelope, origin }: Candidate.Signed, now: number, out: State.Out): boolean => {
  if (Floors.isStale(Floors.get(self.floors, envelope.key, now), envelope)) {
    State.refuse(self, "stale", origin, out)
    return false
  }
  raise(self, envelope, undefined, now, out)
  return true
}

const raise = (
  self: State.Gate,
  envelope: Envelope.Header,
  ttl: number | undefined,
  now: number,
  out: State.Out
): void => {
  const { key, kind } = envelope
  const isListed = Standing.isListed(self.standing, key)
  const { ceiling, floor } = Floors.raise(self.floors, envelope, { isListed, ttl }, now)
  // below the ceiling, the floor that was kept outside is the higher one
  if (isListed && ceiling === undefined) {
    out.push({ _tag: "FloorRaised", key, floor, hasEnded: kind === "goodbye" })
  }
}
