/**
 * What is checked of a datagram before its signature, the cheapest first: whoever sends what is refused here makes us pay next to nothing.
 */
import * as Result from "effect/Result"
import * as Body from "../Body.ts"
import * as Envelope from "../Envelope.ts"
import * as Seal from "../Seal.ts"
import type * as Candidate from "./Candidate.ts"
import * as Challenges from "./Challenges.ts"
import * as Clock from "./Clock.ts"
import * as Floors from "./Floors.ts"
import * as Holding from "./Holding.ts"
import type * as Output from "./Output.ts"
import * as Presences from "./Presences.ts"
import * as Standing from "./Standing.ts"
import * as State from "./State.ts"
import * as Verifying from "./Verifying.ts"

/** How many datagrams are opened at one time, and for how many milliseconds one is waited for. */
const maxOpenings = 64
const patience = 5_000

export const receive = (self: State.Gate, received: State.Received, now: number, out: State.Out): void => {
  if (Seal.isSealed(received.payload)) open(self, received, now, out)
  else inspect(self, received, undefined, now, out)
}

// the header names the key: a ring is never tried key by key, which would cost more than a signature
const open = (self: State.Gate, received: State.Received, now: number, out: State.Out): void => {
  const seal = Seal.decode(received.payload)
  if (Result.isFailure(seal)) return State.refuse(self, seal.failure, received.origin, out)
  if (!self.options.ring.includes(seal.success.keyId)) return State.refuse(self, "seal", received.origin, out)
  if (self.openings.size >= maxOpenings) return State.refuse(self, "budget", received.origin, out)
  const ticket = State.nextTicket(self)
  self.openings.set(ticket, { received, keyId: seal.success.keyId, startedAt: now })
  out.push({ _tag: "Open", ticket, ...seal.success })
}

export const opened = (
  self: State.Gate,
  ticket: number,
  inner: Uint8Array | undefined,
  now: number,
  out: State.Out
): void => {
  const opening = self.openings.get(ticket)
  if (opening === undefined) return
  self.openings.delete(ticket)
  if (inner === undefined) return State.refuse(self, "seal", opening.received.origin, out)
  inspect(self, { ...opening.received, payload: inner }, opening.keyId, now, out)
}

/** Takes out what was waited for in vain. */
export const takeLost = ({ openings }: State.Gate, now: number): ReadonlyArray<State.Received> => {
  const lost: Array<State.Received> = []
  for (const [ticket, { received, startedAt }] of openings) {
    if (startedAt + patience > now) break
    openings.delete(ticket)
    lost.push(received)
  }
  return lost
}

export const lostAt = ({ openings }: State.Gate): number =>
  (openings.values().next().value?.startedAt ?? Infinity) + patience

const inspect = (
  self: State.Gate,
  { origin, payload, wallNow }: State.Received,
  group: string | undefined,
  now: number,
  out: State.Out
): void => {
  const decoded = Envelope.decode(payload)
  if (Result.isFailure(decoded)) return State.refuse(self, decoded.failure, origin, out)
  const envelope = decoded.success
  const ttl = Clock.remaining(self.options.clock, envelope, ttlOf(self, envelope), wallNow)
  const candidate: Candidate.Signed = { _tag: "Signed", envelope, payload, origin, group, ttl }
  const reason = judge(self, candidate, wallNow, now)
  if (reason === "duplicate") return seeAgain(self, candidate, now, out)
  if (reason !== undefined) return State.refuse(self, reason, origin, out)
  Verifying.submit(self, candidate, now, out)
}

const ttlOf = ({ options }: State.Gate, { ttl }: Envelope.Envelope): number => Math.min(ttl, options.maxTtl) * 1_000

const judge = (
  self: State.Gate,
  candidate: Candidate.Signed,
  wallNow: number,
  now: number
): Output.Reason | undefined => {
  const { envelope, group } = candidate
  const { acceptPlain, ring } = self.options
  if (ring.length > 0 && group === undefined && !acceptPlain) return "plain"
  if (!isRealm(self, envelope)) return "realm"
  return judgeKey(self, envelope) ?? judgeKind(self, candidate, wallNow, now)
}

const isRealm = ({ options }: State.Gate, { realmTag }: Envelope.Envelope): boolean =>
  realmTag.every((octet, index) => octet === options.realmTag[index])

const judgeKey = (
  { options, standing }: State.Gate,
  { instance, key, kind }: Envelope.Envelope
): Output.Reason | undefined => {
  // our key may be retired like any other, by whoever holds it
  if (options.own.has(key) && kind !== "retire") return instance === options.instance ? "self" : "selfSpoof"
  return Standing.isDenied(standing, key) ? "denied" : undefined
}

const judgeKind = (
  self: State.Gate,
  candidate: Candidate.Signed,
  wallNow: number,
  now: number
): Output.Reason | undefined => {
  const { envelope } = candidate
  switch (envelope.kind) {
    case "retire":
      // holds for good, however old it is: a thief must not outrun it with stamps of the future
      return undefined
    case "proof":
      // its nonce says that it is of now
      return Challenges.get(self.challenges, envelope.key, now) === undefined
        ? "unasked"
        : judgeFuture(self, envelope, wallNow)
    case "challenge":
      return Holding.canAnswer(self, envelope.key, now) ? judgeStamp(self, candidate, wallNow, now) : "policy"
    case "announce":
    case "goodbye":
      return isRepeat(self, candidate, now) ? "duplicate" : judgeStamp(self, candidate, wallNow, now)
  }
}

const isRepeat = ({ presences }: State.Gate, { envelope, payload }: Candidate.Signed, now: number): boolean => {
  const presence = Presences.get(presences, envelope.key, now)
  return presence !== undefined && Presences.isSame(presence, payload)
}

const judgeStamp = (
  self: State.Gate,
  { envelope }: Candidate.Signed,
  wallNow: number,
  now: number
): Output.Reason | undefined => {
  const known = Floors.get(self.floors, envelope.key, now)
  if (Floors.isStale(known, envelope) && !Holding.isWorthIt(self, envelope, now)) return "stale"
  if (!Clock.isFresh(self.options.clock, envelope, ttlOf(self, envelope), wallNow)) {
    return judgeFuture(self, envelope, wallNow) ?? "notFresh"
  }
  return judgeFuture(self, envelope, wallNow)
}

const judgeFuture = (
  { options }: State.Gate,
  envelope: Envelope.Envelope,
  wallNow: number
): Output.Reason | undefined => Clock.isFarFuture(options.clock, envelope, wallNow) ? "farFuture" : undefined

/** The octets of the announcement that holds came once more. On another interface that is news, but extends nothing. */
export const seeAgain = (
  self: State.Gate,
  { envelope, origin }: Candidate.Signed,
  now: number,
  out: State.Out
): void => {
  const { key, kind } = envelope
  const presence = Presences.get(self.presences, key, now)
  const body = Body.decode(envelope.body, kind)
  if (presence === undefined || Result.isFailure(body) || !Presences.addInterface(presence, origin)) {
    return State.refuse(self, "duplicate", origin, out)
  }
  const { expiresAt, group } = presence
  out.push({ _tag: "SeenAlso", key, envelope, body: body.success, origin, group, ttl: expiresAt - now })
}
