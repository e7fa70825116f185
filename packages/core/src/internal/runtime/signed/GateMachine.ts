/**
 * The gate of signed announcements as a machine. Its state is updated in place.
 */
import type * as Machine from "../../../Machine.ts"
import type * as PeerKey from "../../../PeerKey.ts"
import * as Gate from "../../../protocol/signedBeacon/Gate.ts"
import type * as TrustState from "../../../TrustState.ts"

/** What a gate is told. */
export type Input =
  | { readonly _tag: "Received" } & Gate.Received
  | { readonly _tag: "Opened"; readonly ticket: number; readonly inner: Uint8Array | undefined }
  | { readonly _tag: "Verified"; readonly ticket: number; readonly isValid: boolean }
  | { readonly _tag: "Challenged"; readonly ticket: number; readonly nonce: Uint8Array }
  | { readonly _tag: "Trust"; readonly key: PeerKey.PeerKey; readonly state: TrustState.TrustState }
  | { readonly _tag: "RestoreFloor"; readonly key: PeerKey.PeerKey; readonly floor: Gate.Floor }
  | { readonly _tag: "ResetFloor"; readonly key: PeerKey.PeerKey }
  | { readonly _tag: "Lost"; readonly key: PeerKey.PeerKey; readonly place: Gate.Place }
  | Machine.Woke

/** The machine of these options; its seed is the run's. */
export const make = (options: Omit<Gate.Options, "seed">): Machine.Machine<Gate.Gate, Input, Gate.Output> => ({
  init: (seed) => ({ state: Gate.make({ ...options, seed }), outputs: [], wakeAt: Infinity }),
  step: (state, input, now) => {
    const outputs: Array<Gate.Output> = []
    tell(state, input, now, outputs)
    return { state, outputs, wakeAt: Gate.wakeAt(state) }
  }
})

const tell = (self: Gate.Gate, input: Input, now: number, outputs: Array<Gate.Output>): void => {
  switch (input._tag) {
    case "Received":
      return Gate.receive(self, input, now, outputs)
    case "Opened":
      return Gate.opened(self, input.ticket, input.inner, now, outputs)
    case "Verified":
      return Gate.verified(self, input.ticket, input.isValid, now, outputs)
    case "Challenged":
      return Gate.challenged(self, input.ticket, input.nonce, now)
    case "Trust":
      return Gate.trust(self, input.key, input.state, now, outputs)
    case "RestoreFloor":
      return Gate.restoreFloor(self, input.key, input.floor, now)
    case "ResetFloor":
      return Gate.resetFloor(self, input.key)
    case "Lost":
      return Gate.lost(self, input.key, input.place)
    case "Woke":
      return Gate.wake(self, now, outputs)
  }
}
