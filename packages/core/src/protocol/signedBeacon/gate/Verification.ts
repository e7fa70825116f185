/**
 * Which signatures are verified, of more than can be.
 *
 * Half of all verifications is kept for trusted keys, so that sybils cannot take them; trusted keys may use the other half as well while
 * nobody else waits for it. Of what is too much, a random part is dropped. While there are too few, they go in batches, since one
 * alone has to wake what verifies.
 */
import type * as Limits from "../../../Limits.ts"
import * as Bucket from "./Bucket.ts"
import type * as Candidate from "./Candidate.ts"
import * as Presences from "./Presences.ts"
import * as Suspects from "./Suspects.ts"
import * as Waiting from "./Waiting.ts"

/** How many are verified at one time, and for how many milliseconds one is waited for. */
export const maxRunning = 64
export const patience = 5_000
/** For how many keys of each half something waits. */
const maxWaiting = 256
/** Of what suspects send while verifications are scarce, this part is let through: to drop it all would silence whom they imitate. */
const suspectOdds = 1 / 16

/** The part of a second's verifications that are spared for a batch. */
const batch = 1 / 8

/** One half. */
interface Half {
  readonly bucket: Bucket.Bucket
  /** How many there have to be before the next one is used: more than one when they were used up. */
  enough: number
  readonly waiting: Waiting.Waiting<Candidate.Candidate>
}

interface Running {
  readonly candidate: Candidate.Candidate
  readonly startedAt: number
}

export interface Verification {
  readonly reserved: Half
  readonly open: Half
  /** By ticket, the oldest first. */
  readonly running: Map<number, Running>
  readonly suspects: Suspects.Suspects
}

export const make = ({ burst, perSecond }: Limits.Rate): Verification => {
  const half = (): Half => ({
    bucket: Bucket.make({ perSecond: perSecond / 2, burst: Math.max(1, burst / 2) }),
    enough: 1,
    waiting: Waiting.make(maxWaiting)
  })
  return { reserved: half(), open: half(), running: new Map(), suspects: Suspects.make() }
}

/** Whether the same octets of the same place are being verified: a sender says them in both address families. */
export const isRunning = (
  { running }: Verification,
  { envelope: { key }, origin, payload }: Candidate.Signed
): boolean => {
  for (const { candidate: other } of running.values()) {
    if (
      other._tag === "Signed" && other.envelope.key === key && Presences.isSame(other, payload) &&
      Presences.placeOf(other.origin) === Presences.placeOf(origin)
    ) return true
  }
  return false
}

/** Lets a candidate wait. Returns the one that is dropped for it, which may be itself. */
export const submit = (
  self: Verification,
  candidate: Candidate.Candidate,
  isReserved: boolean,
  draw: Waiting.Draw,
  now: number
): Candidate.Candidate | undefined => {
  const half = isReserved ? self.reserved : self.open
  if (isScarce(half, now) && isSuspect(self, candidate, now) && draw() >= suspectOdds) return candidate
  return Waiting.offer(half.waiting, slotOf(candidate), candidate, draw)
}

const isScarce = ({ bucket }: Half, now: number): boolean => Bucket.level(bucket, now) < bucket.rate.burst / 2

const isSuspect = ({ suspects }: Verification, candidate: Candidate.Candidate, now: number): boolean =>
  candidate._tag === "Signed" && Suspects.has(suspects, candidate.origin, candidate.envelope.key, now)

// a successor's signature must not compete with what is sent in the name of its key
const slotOf = (candidate: Candidate.Candidate): string =>
  candidate._tag === "Signed" ? candidate.envelope.key : `successor of ${candidate.key}`

/** Takes out a candidate that is to be verified now. */
export const pick = (self: Verification, draw: Waiting.Draw, now: number): Candidate.Candidate | undefined => {
  if (self.running.size >= maxRunning) return undefined
  const { open, reserved } = self
  if (isWaiting(reserved) && spend(reserved, now)) return Waiting.pick(reserved.waiting, draw)
  const other = isWaiting(open) ? open : reserved
  return isWaiting(other) && spend(open, now) ? Waiting.pick(other.waiting, draw) : undefined
}

const spend = (half: Half, now: number): boolean => {
  const { burst, perSecond } = half.bucket.rate
  if (Bucket.level(half.bucket, now) < half.enough) return false
  Bucket.take(half.bucket, now)
  half.enough = half.bucket.tokens >= 1 ? 1 : Math.max(1, Math.min(burst, perSecond * batch))
  return true
}

const isWaiting = ({ waiting }: Half): boolean => waiting.keys.length > 0

/** Takes note that a candidate is being verified. */
export const start = (
  { running }: Verification,
  ticket: number,
  candidate: Candidate.Candidate,
  now: number
): void => {
  running.set(ticket, { candidate, startedAt: now })
}

/** Takes out what a ticket was given for. */
export const finish = ({ running }: Verification, ticket: number): Candidate.Candidate | undefined => {
  const found = running.get(ticket)
  running.delete(ticket)
  return found?.candidate
}

/** Takes out what was waited for in vain. */
export const takeLost = ({ running }: Verification, now: number): ReadonlyArray<Candidate.Candidate> => {
  const lost: Array<Candidate.Candidate> = []
  for (const [ticket, { candidate, startedAt }] of running) {
    if (startedAt + patience > now) break
    running.delete(ticket)
    lost.push(candidate)
  }
  return lost
}

/** Forgets what waits in the name of a key. */
export const remove = ({ open, reserved }: Verification, key: string): void => {
  Waiting.remove(open.waiting, key)
  Waiting.remove(reserved.waiting, key)
}

/** When there is something to do. */
export const dueAt = (self: Verification): number => {
  const lostAt = (self.running.values().next().value?.startedAt ?? Infinity) + patience
  return self.running.size >= maxRunning ? lostAt : Math.min(lostAt, pickableAt(self))
}

const pickableAt = ({ open, reserved }: Verification): number => {
  if (!isWaiting(open) && !isWaiting(reserved)) return Infinity
  const openAt = Bucket.readyAt(open.bucket, open.enough)
  return isWaiting(reserved) ? Math.min(openAt, Bucket.readyAt(reserved.bucket, reserved.enough)) : openAt
}
