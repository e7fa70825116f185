/**
 * What a gate is made from, and what it keeps.
 */
import type * as Limits from "../../../Limits.ts"
import type * as PeerKey from "../../../PeerKey.ts"
import type * as Seed from "../../../Seed.ts"
import type * as TrustState from "../../../TrustState.ts"
import type * as Output from "./Output.ts"

/** How stamps are compared with the wall clock of this host. */
export interface Clock {
  /**
   * `prefer`: when both sides know the time. `require`: nothing is taken unless both do. `ignore`: never, for hosts whose clock is known
   * to be wrong.
   */
  readonly policy: "prefer" | "require" | "ignore"
  /** Milliseconds by which the two clocks may differ. */
  readonly skew: number
  /** When this program was built, in milliseconds since 1970: a clock that says earlier is wrong. */
  readonly builtAt: number
}

export interface Options {
  readonly realm: string
  /** The first 8 octets of the SHA-256 of `Envelope.realmLabel(realm)`. */
  readonly realmTag: Uint8Array
  readonly limits: Limits.Limits
  readonly seed: Seed.Seed
  readonly clock: Clock
  /** Seconds for which an announcement holds at most. */
  readonly maxTtl: number
  readonly rotation: "offer" | "auto"
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

/** The receiving machine. Its state changes in place. */
export interface Gate {
  readonly options: Options
  /** How many were refused, by reason. */
  readonly refused: Record<Output.Reason, number>
}
