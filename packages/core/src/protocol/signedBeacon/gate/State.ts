/**
 * What a gate is made from, and what it keeps.
 */
import type * as Limits from "../../../Limits.ts"
import type * as PeerKey from "../../../PeerKey.ts"
import * as Seed from "../../../Seed.ts"
import type * as TrustState from "../../../TrustState.ts"
import * as Bucket from "./Bucket.ts"
import * as Challenges from "./Challenges.ts"
import type { Clock } from "./Clock.ts"
import * as Floors from "./Floors.ts"
import * as Held from "./Held.ts"
import type * as Output from "./Output.ts"
import * as Presences from "./Presences.ts"
import * as Rotation from "./Rotation.ts"
import * as Standing from "./Standing.ts"
import * as Verification from "./Verification.ts"

export interface Options {
  readonly realm: string
  /** The first 8 octets of the SHA-256 of `Envelope.realmLabel(realm)`. */
  readonly realmTag: Uint8Array
  readonly limits: Limits.Limits
  readonly seed: Seed.Seed
  readonly clock: Clock
  /** Seconds for which an announcement holds at most. */
  readonly maxTtl: number
  /** Whether to challenge, and to answer challenges. */
  readonly challenges: boolean
  /** With `open`, challenges of keys that are not trusted are answered, too. */
  readonly policy: TrustState.Policy
  /** The ids of the shared keys of the group; with none, announcements are not sealed. */
  readonly ring: ReadonlyArray<string>
  /** Whether announcements that are not sealed are taken even so. */
  readonly acceptPlain: boolean
  readonly own: ReadonlySet<PeerKey.PeerKey>
  /** What our own announcements of this run bear. */
  readonly instance: number | undefined
}

/** A datagram, or an envelope that was carried in another format. Its octets must not be written to afterwards. */
export interface Received {
  readonly payload: Uint8Array
  readonly origin: Output.Origin
  /** The wall clock, in milliseconds since 1970. */
  readonly wallNow: number
}

/** A sealed datagram that is being opened. */
interface Opening {
  readonly received: Received
  readonly keyId: string
  readonly startedAt: number
}

/** The receiving machine. Its state changes in place. */
export interface Gate {
  readonly options: Options
  readonly standing: Standing.Standing
  readonly floors: Floors.Floors
  readonly presences: Presences.Presences
  readonly openings: Map<number, Opening>
  /** How many more may be opened. */
  readonly openable: Bucket.Bucket
  readonly verification: Verification.Verification
  readonly challenges: Challenges.Challenges
  readonly held: Held.Held
  readonly rotation: Rotation.Rotation
  /** How many were refused, by reason. */
  readonly refused: Record<Output.Reason, number>
  lastTicket: number
  seed: Seed.Seed
}

/** What is done is pushed here. */
export type Out = Array<Output.Output>

export const make = (options: Options): Gate => ({
  options,
  standing: Standing.make(options.limits.trustEntries),
  floors: Floors.make(options.limits.replayFloors, options.limits.replayFloorAge, options.clock.skew),
  presences: Presences.make(options.limits.verifiedPeers),
  openings: new Map(),
  openable: Bucket.make(options.limits.openings),
  verification: Verification.make(options.limits.verifications),
  challenges: Challenges.make(options.limits.openChallenges),
  held: Held.make(options.limits.openChallenges),
  rotation: Rotation.make(),
  refused: {
    size: 0,
    format: 0,
    realm: 0,
    plain: 0,
    seal: 0,
    denied: 0,
    stale: 0,
    duplicate: 0,
    farFuture: 0,
    notFresh: 0,
    budget: 0,
    signature: 0,
    body: 0,
    policy: 0,
    unasked: 0,
    self: 0,
    selfSpoof: 0
  },
  lastTicket: 0,
  seed: Seed.derive(options.seed, "gate")
})

/** Counts a datagram as refused, and says so. */
export const refuse = (self: Gate, reason: Output.Reason, origin: Output.Origin, out: Out): void => {
  self.refused[reason]++
  out.push({ _tag: "Rejected", reason, origin })
}

/** The same of a duplicate of an announcement that holds. */
export const refuseDuplicate = (
  self: Gate,
  origin: Output.Origin,
  original: Output.Rejected["original"] & {},
  out: Out
): void => {
  self.refused.duplicate++
  out.push({ _tag: "Rejected", reason: "duplicate", origin, original })
}

export const draw = (self: Gate): number => {
  const [value, seed] = Seed.next(self.seed)
  self.seed = seed
  return value
}

export const nextTicket = (self: Gate): number => ++self.lastTicket

/** Whether half of all verifications are kept for a key. */
export const isReserved = ({ options, standing }: Gate, key: PeerKey.PeerKey): boolean =>
  Standing.isTrusted(standing, key) || options.own.has(key)
