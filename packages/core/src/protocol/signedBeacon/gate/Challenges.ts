/**
 * The challenges that wait for a proof, and how many may be sent and answered (S-A5).
 */
import type * as PeerKey from "../../../PeerKey.ts"
import * as Bucket from "./Bucket.ts"
import type * as Output from "./Output.ts"

/** Milliseconds for which a challenge may be answered, and in which a key is challenged once. */
const patience = 5_000
const interval = 30_000

const sending = { perSecond: 10, burst: 10 }
const answering = { perSecond: 1, burst: 1 }

/** A challenge on its way. */
interface Open {
  readonly ticket: number
  readonly expiresAt: number
  /** Unknown until it is about to be sent. */
  nonce: Uint8Array | undefined
}

export interface Challenges {
  /** The oldest first. */
  readonly open: Map<PeerKey.PeerKey, Open>
  /** When each key was challenged, the oldest first: no more than `sending` lets through in `interval`. */
  readonly askedAt: Map<PeerKey.PeerKey, number>
  readonly capacity: number
  readonly sending: Bucket.Bucket
  readonly answering: Bucket.Bucket
}

export const make = (capacity: number): Challenges => ({
  open: new Map(),
  askedAt: new Map(),
  capacity,
  sending: Bucket.make(sending),
  answering: Bucket.make(answering)
})

/** The challenge of a key that waits for a proof. */
export const get = ({ open }: Challenges, key: PeerKey.PeerKey, now: number): Open | undefined => {
  const found = open.get(key)
  return found !== undefined && now < found.expiresAt ? found : undefined
}

/** Whether a key may be challenged now. */
export const canAsk = (self: Challenges, key: PeerKey.PeerKey, now: number): boolean => {
  forget(self, now)
  return !self.askedAt.has(key) && self.open.size < self.capacity && Bucket.level(self.sending, now) >= 1
}

/** When a key may be challenged, if nothing else happens. */
export const readyAt = ({ askedAt, capacity, open, sending }: Challenges, key: PeerKey.PeerKey): number => {
  const before = askedAt.get(key)
  return Math.max(
    before === undefined ? -Infinity : before + interval,
    Bucket.readyAt(sending, 1),
    open.size < capacity ? -Infinity : open.values().next().value!.expiresAt
  )
}

/** Opens a challenge, which `canAsk` allowed. */
export const ask = (
  self: Challenges,
  options: {
    readonly ticket: number
    readonly target: PeerKey.PeerKey
    readonly to: Output.Origin
  },
  now: number
): Output.Challenge => {
  const { target, ticket, to } = options
  Bucket.take(self.sending, now)
  self.askedAt.set(target, now)
  self.open.set(target, { ticket, expiresAt: now + patience, nonce: undefined })
  return { _tag: "Challenge", ticket, target, to }
}

/** Takes note of the nonce that goes out. */
export const arm = (self: Challenges, ticket: number, nonce: Uint8Array, now: number): void => {
  forget(self, now)
  for (const challenge of self.open.values()) {
    if (challenge.ticket === ticket) challenge.nonce ??= new Uint8Array(nonce)
  }
}

/** Takes out the challenge that a proof answers; false when there is none. */
export const answer = (
  self: Challenges,
  key: PeerKey.PeerKey,
  nonce: Uint8Array,
  now: number
): boolean => {
  const expected = get(self, key, now)?.nonce
  return expected !== undefined && expected.every((octet, index) => octet === nonce[index]) && self.open.delete(key)
}

/** Forgets a key that is not to be challenged any more. */
export const remove = ({ open }: Challenges, key: PeerKey.PeerKey): void => {
  open.delete(key)
}

/** Forgets what was not answered. */
export const forget = ({ askedAt, open }: Challenges, now: number): void => {
  for (const [key, { expiresAt }] of open) {
    if (expiresAt > now) break
    open.delete(key)
  }
  for (const [key, at] of askedAt) {
    if (at + interval > now) break
    askedAt.delete(key)
  }
}

/** When the next one is forgotten. */
export const dueAt = ({ open }: Challenges): number => open.values().next().value?.expiresAt ?? Infinity

/** Whether a challenge may be answered now. */
export const canAnswer = ({ answering }: Pick<Challenges, "answering">, now: number): boolean =>
  Bucket.level(answering, now) >= 1

/** Takes note that one is answered. */
export const spend = ({ answering }: Pick<Challenges, "answering">, now: number): void => {
  Bucket.take(answering, now)
}
