/**
 * What is checked of a datagram before its signature, the cheapest first: whoever sends what is refused here makes us pay next to nothing.
 */
import * as Result from "effect/Result"
import type * as PeerKey from "../../../PeerKey.ts"
import * as Body from "../Body.ts"
import * as Envelope from "../Envelope.ts"
import * as Seal from "../Seal.ts"
import * as Bucket from "./Bucket.ts"
import type * as Candidate from "./Candidate.ts"
import * as Challenges from "./Challenges.ts"
import * as Clock from "./Clock.ts"
import * as Floors from "./Floors.ts"
import * as Holding from "./Holding.ts"
import type * as Output from "./Output.ts"
import * as Presences from "./Presences.ts"
import * as Standing from "./Standing.ts"
import * as State from "./State.ts"
import * as Verification from "./Verification.ts"
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
  if (self.openings.size >= maxOpenings || !Bucket.take(self.openable, now)) {
    return State.refuse(self, "budget", received.origin, out)
  }
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
  received: State.Received,
  group: string | undefined,
  now: number,
  out: State.Out
): void => {
  const { origin, payload } = received
  const decoded = Envelope.decodeHeader(payload)
  if (Result.isFailure(decoded)) return State.refuse(self, decoded.failure, origin, out)
  const header = decoded.success
  const reason = judge(self, { header, received, group }, now)
  if (reason !== undefined && reason !== "duplicate") return State.refuse(self, reason, origin, out)
  const ttl = Clock.remaining(self.options.clock, header, ttlOf(self, header), received.wallNow)
  const candidate: Candidate.Signed = { _tag: "Signed", envelope: header, payload, origin, group, ttl }
  if (reason === "duplicate") seeAgain(self, candidate, now, out)
  else if (Verification.isRunning(self.verification, candidate)) State.refuse(self, "duplicate", origin, out)
  else Verifying.submit(self, candidate, now, out)
}

const ttlOf = ({ options }: State.Gate, { ttl }: Envelope.Header): number => Math.min(ttl, options.maxTtl) * 1_000

/** What is judged: no more of it than it takes. */
interface Judged {
  readonly header: Envelope.Header
  readonly received: State.Received
  readonly group: string | undefined
}

const judge = (self: State.Gate, judged: Judged, now: number): Output.Reason | undefined => {
  const { acceptPlain, realmTag, ring } = self.options
  if (ring.length > 0 && judged.group === undefined && !acceptPlain) return "plain"
  if (!Envelope.isOfRealm(judged.received.payload, realmTag)) return "realm"
  return judgeKey(self, judged.header) ?? judgeKind(self, judged, now)
}

const judgeKey = (
  { options, standing }: State.Gate,
  { instance, key, kind }: Envelope.Header
): Output.Reason | undefined => {
  // our key may be retired like any other, by whoever holds it
  if (options.own.has(key) && kind !== "retire") return instance === options.instance ? "self" : "selfSpoof"
  return Standing.isDenied(standing, key) ? "denied" : undefined
}

const judgeKind = (
  self: State.Gate,
  { header, received: { payload, wallNow } }: Judged,
  now: number
): Output.Reason | undefined => {
  switch (header.kind) {
    case "retire":
      // holds for good, however old it is: a thief must not outrun it with stamps of the future
      return undefined
    case "proof":
      // its nonce says that it is of now
      return Challenges.get(self.challenges, header.key, now) === undefined
        ? "unasked"
        : judgeFuture(self, header, wallNow)
    case "challenge":
      return Holding.canAnswer(self, header.key, now) ? judgeStamp(self, header, wallNow, now) : "policy"
    case "announce":
    case "goodbye":
      return isRepeat(self, header.key, payload, now) ? "duplicate" : judgeStamp(self, header, wallNow, now)
  }
}

const isRepeat = ({ presences }: State.Gate, key: PeerKey.PeerKey, payload: Uint8Array, now: number): boolean => {
  const presence = Presences.get(presences, key, now)
  return presence === undefined ? Presences.isSaid(presences, key, payload) : Presences.isSame(presence, payload)
}

const judgeStamp = (
  self: State.Gate,
  header: Envelope.Header,
  wallNow: number,
  now: number
): Output.Reason | undefined => {
  const known = Floors.get(self.floors, header.key, now)
  if (Floors.isStale(known, header) && !Holding.isWorthIt(self, header, now)) return "stale"
  return judgeFuture(self, header, wallNow) ??
    (Clock.isFresh(self.options.clock, header, ttlOf(self, header), wallNow) ? undefined : "notFresh")
}

const judgeFuture = (
  { options }: State.Gate,
  header: Envelope.Header,
  wallNow: number
): Output.Reason | undefined => Clock.isFarFuture(options.clock, header, wallNow) ? "farFuture" : undefined

/** The octets of the announcement that holds came once more. On another interface that is news, but extends nothing. */
export const seeAgain = (
  self: State.Gate,
  { envelope, origin, payload }: Candidate.Signed,
  now: number,
  out: State.Out
): void => {
  const { key, kind, stamp } = envelope
  const presence = Presences.get(self.presences, key, now)
  if (presence === undefined) return State.refuse(self, "duplicate", origin, out)
  const { expiresAt, group } = presence
  const ttl = expiresAt - now
  if (!Presences.addInterface(presence, origin)) return State.refuseDuplicate(self, origin, { key, stamp, ttl }, out)
  // these octets were accepted
  const body = Result.getOrThrow(Body.decode(Envelope.bodyOf(payload), kind))
  out.push({ _tag: "SeenAlso", key, envelope, body, origin, group, ttl })
}
