/**
 * What every signed announcement passes through before anybody hears of it.
 */
import type * as PeerKey from "../../PeerKey.ts"
import type * as TrustState from "../../TrustState.ts"
import type * as Output from "./gate/Output.ts"
import type * as State from "./gate/State.ts"

export type * from "./gate/Output.ts"
export type { Clock, Gate, Options, Received } from "./gate/State.ts"

type Out = Array<Output.Output>

/** A gate that knows no key yet. */
export declare const make: (options: State.Options) => State.Gate
/** A datagram has come. Outputs are pushed to `out`; a `Verify` or `Open` may be answered at once or later, in any order. */
export declare const receive: (self: State.Gate, datagram: State.Received, now: number, out: Out) => void
/** What was inside of a sealed datagram, `undefined` when it could not be opened. */
export declare const opened: (
  self: State.Gate,
  ticket: number,
  inner: Uint8Array | undefined,
  now: number,
  out: Out
) => void
/** Whether a signature is good. */
export declare const verified: (self: State.Gate, ticket: number, isValid: boolean, now: number, out: Out) => void
/** The nonce of a challenge that is about to be sent. */
export declare const challenged: (self: State.Gate, ticket: number, nonce: Uint8Array, now: number) => void
/** Asks a trusted key for a proof that it is there now; false when it may not be asked, or not so soon. */
export declare const challenge: (
  self: State.Gate,
  target: PeerKey.PeerKey,
  to: Output.Origin,
  now: number,
  out: Out
) => boolean
/** What the program thinks of a key from now on. */
export declare const trust: (
  self: State.Gate,
  key: PeerKey.PeerKey,
  state: TrustState.TrustState,
  now: number,
  out: Out
) => void
/** The floor of a key as it was kept, before the first datagram. */
export declare const restoreFloor: (self: State.Gate, key: PeerKey.PeerKey, floor: Output.Floor, now: number) => void
/** Forgets the floor of a key, so that older announcements are taken again. */
export declare const resetFloor: (self: State.Gate, key: PeerKey.PeerKey) => void
/** Does what is due. */
export declare const wake: (self: State.Gate, now: number, out: Out) => void
/** When `wake` is to be called. */
export declare const wakeAt: (self: State.Gate) => number
