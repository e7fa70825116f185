/**
 * What happens to a datagram between two interfaces of a segment. Times are microseconds of the network.
 */
import type { Errno } from "./Errno.ts"
import type { Frame } from "./Journal.ts"
import type { Lost } from "./Lost.ts"
import type { Host, Interface } from "./Topology.ts"

/** @internal One that arrives; a damaged one has other octets than were sent. */
export interface Copy {
  readonly at: number
  readonly frame: Frame
}

/** @internal When it arrives, several copies (none while it is held, for the medium to schedule later), or why it does not. */
export type Fate = number | ReadonlyArray<Copy> | Lost

/** @internal */
export interface Medium {
  /** Asked once for each segment it is put on: when it has left the sender, or why it does not. */
  leave(frame: Frame, from: Interface, now: number): number | Lost
  /** Asked once for each receiver, with the time it left. */
  reach(frame: Frame, from: Interface, to: Interface, departed: number): Fate
  /** Asked on arrival, for what began while it was under way. */
  arrive(frame: Frame, from: Interface, to: Interface, now: number): Lost | undefined
  /** Asked before a socket call does anything: the code it is to fail with. */
  inject(operation: Operation, host: Host): Refusal | undefined
  /** Asked before a datagram leaves the host by a route that was found: rule 121. */
  permit(frame: Frame): Refusal | undefined
  /** Asked where several have the address: who of them the sender takes for its owner (rule 120). */
  choose(from: Interface, address: string, owners: ReadonlyArray<Interface>): ReadonlyArray<Interface>
}

/** @internal How a call is to fail, and the event of the fault that wants it. */
export interface Refusal {
  readonly code: Errno
  readonly cause: number
}

/** @internal A call that a socket can be made to fail. */
export type Operation = "bind" | "connect" | "join" | "send"

/** @internal */
export const isLost = (fate: Fate): fate is Lost => typeof fate === "object" && "reason" in fate
