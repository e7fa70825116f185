/**
 * Why a datagram gets no further.
 */
import type * as NetworkEvent from "../../NetworkEvent.ts"

/** @internal The rule that says so, and the event of the fault that caused it; each is 0 where there is none. */
export interface Lost {
  readonly reason: NetworkEvent.DropReason
  readonly rule: number
  readonly cause: number
  readonly text?: string | undefined
}
