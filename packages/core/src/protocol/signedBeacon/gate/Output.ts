/**
 * What the gate of signed announcements wants done, and what it says of them.
 */
import type * as PeerKey from "../../../PeerKey.ts"
import type * as Provenance from "../../../Provenance.ts"
import type * as Body from "../Body.ts"
import type * as Envelope from "../Envelope.ts"
import type * as Stamp from "../Stamp.ts"

/** Where a datagram came from. */
export interface Origin extends Provenance.Provenance {
  readonly port: number
}

/** A source at work on an interface. */
export type Place = Pick<Origin, "source" | "interface">

/** The newest stamp taken from a key, and the run of its process that it came from: nothing older is taken again. */
export interface Floor extends Stamp.Stamp {
  readonly instance: number
}

/** Why a datagram was refused: a closed set, each with its own counter. */
export type Reason =
  /** Shorter or longer than the format allows. */
  | "size"
  /** No envelope and nothing sealed. */
  | "format"
  /** Of another realm. */
  | "realm"
  /** Not sealed, though the group is closed. */
  | "plain"
  /** Sealed with a key that is not ours, or damaged. */
  | "seal"
  /** By a key that is denied, or that has retired. */
  | "denied"
  /** Not newer than what was taken from its key. */
  | "stale"
  /** The same octets again, which extend nothing. */
  | "duplicate"
  /** More than a day ahead of the clock. */
  | "farFuture"
  /** Too far from the clock to be of now. */
  | "notFresh"
  /** One too many to be opened or verified. */
  | "budget"
  | "signature"
  /** Signed, but not by the rules of the format. */
  | "body"
  /** A challenge that is not to be answered. */
  | "policy"
  /** A proof that nobody asked for. */
  | "unasked"
  /** Our own, come back. */
  | "self"
  /** By our key, but not by us. */
  | "selfSpoof"

/** A sealed datagram is to be opened; `Gate.opened` takes what was inside. */
export interface Open {
  readonly _tag: "Open"
  readonly ticket: number
  readonly keyId: string
  readonly salt: Uint8Array
  /** What is authenticated with it. */
  readonly header: Uint8Array
  readonly sealed: Uint8Array
}

/** A signature is to be verified; `Gate.verified` takes whether it is good. */
export interface Verify {
  readonly _tag: "Verify"
  readonly ticket: number
  readonly key: Uint8Array
  readonly signature: Uint8Array
  readonly message: Uint8Array
}

/** What an announcement says that its key has signed. */
interface Announced {
  readonly key: PeerKey.PeerKey
  readonly envelope: Envelope.Header
  readonly body: Body.Body
  readonly origin: Origin
  /** The id of the shared key that it was sealed with. */
  readonly group: string | undefined
  /** For how many milliseconds it holds from now on. */
  readonly ttl: number
}

/**
 * A new announcement holds. An endpoint without an address means the address of `origin`, which nobody has signed. `isRestart`: it is from
 * another run of the sender's process than the one before.
 */
export interface Accepted extends Announced {
  readonly _tag: "Accepted"
  readonly isRestart: boolean
}

/**
 * The announcement that holds was heard on another interface as well, for the rest of its time. Anybody can send it again, so an endpoint
 * without an address does not mean the address of this `origin`.
 */
export interface SeenAlso extends Announced {
  readonly _tag: "SeenAlso"
}

/** A proof has confirmed that the peer is there: what holds at these origins does so for `ttl` milliseconds from now on. */
export interface Confirmed {
  readonly _tag: "Confirmed"
  readonly key: PeerKey.PeerKey
  readonly origins: ReadonlyArray<Origin>
  readonly ttl: number
}

/** What a key announced at these origins holds no longer. */
export interface Withdrawn {
  readonly _tag: "Withdrawn"
  readonly key: PeerKey.PeerKey
  readonly origins: ReadonlyArray<Origin>
}

/** A key has retired itself: it is to be denied for good. It may be our own. */
export interface Retired {
  readonly _tag: "Retired"
  readonly key: PeerKey.PeerKey
}

/** A trusted key names the one that takes over, which has signed as well: with each of its announcements until it is trusted. */
export interface RotationOffered {
  readonly _tag: "RotationOffered"
  readonly key: PeerKey.PeerKey
  readonly next: PeerKey.PeerKey
}

/**
 * The floor of a key with an entry in the trust list is higher now; it has to outlive the process. `hasEnded`: what the key announced up
 * to it holds no longer, and could be sent again to a process that started anew without this floor.
 */
export interface FloorRaised {
  readonly _tag: "FloorRaised"
  readonly key: PeerKey.PeerKey
  readonly floor: Floor
  readonly hasEnded: boolean
}

/** A key is to be challenged: `Gate.challenged` takes the nonce, which has to be drawn where nobody can foresee it, then it is sent. */
export interface Challenge {
  readonly _tag: "Challenge"
  readonly ticket: number
  readonly target: PeerKey.PeerKey
  readonly to: Origin
}

/** A challenge is to be answered: with a proof of this nonce, aimed at the challenger. */
export interface Prove {
  readonly _tag: "Prove"
  readonly nonce: Uint8Array
  /** Our own key that was challenged. */
  readonly key: PeerKey.PeerKey
  readonly challenger: PeerKey.PeerKey
  readonly to: Origin
}

/** A datagram was refused. Of a duplicate, `original` is the announcement that holds, for `ttl` milliseconds from now on. */
export interface Rejected {
  readonly _tag: "Rejected"
  readonly reason: Reason
  readonly origin: Origin
  readonly original?: { readonly key: PeerKey.PeerKey; readonly stamp: Stamp.Stamp; readonly ttl: number }
}

export type Output =
  | Open
  | Verify
  | Accepted
  | SeenAlso
  | Confirmed
  | Withdrawn
  | Retired
  | RotationOffered
  | FloorRaised
  | Challenge
  | Prove
  | Rejected
