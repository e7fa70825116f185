/**
 * What waits for a signature to be verified.
 */
import type * as PeerKey from "../../../PeerKey.ts"
import type * as Envelope from "../Envelope.ts"
import type * as Output from "./Output.ts"

/** An envelope, as it came: most of those that wait are dropped, so that no more than the header is read of any before its turn. */
export interface Signed {
  readonly _tag: "Signed"
  readonly envelope: Envelope.Header
  readonly payload: Uint8Array
  readonly origin: Output.Origin
  readonly group: string | undefined
  /** For how many milliseconds it was to hold when it came. */
  readonly ttl: number
}

/** The signature of a key that another one, which has signed, names as its successor. */
export interface Succession {
  readonly _tag: "Succession"
  readonly key: PeerKey.PeerKey
  readonly next: PeerKey.PeerKey
  readonly signature: Uint8Array
  readonly origin: Output.Origin
}

export type Candidate = Signed | Succession
