/**
 * A datagram as the rules of a test see it.
 */
import type * as Duration from "effect/Duration"
import type { Frame } from "../kernel/Journal.ts"
import type { Interface } from "../kernel/Topology.ts"

/** @internal */
export interface Datagram {
  /** What the journal calls it. */
  readonly id: number
  /** Milliseconds since the network was made. */
  readonly time: number
  /** The name of the host, or router, that it comes from on this segment. */
  readonly from: string
  /** The name of the host, or router, that it is on its way to. */
  readonly to: string
  /** The interface it left by. */
  readonly fromInterface: string
  /** The interface it is to reach. */
  readonly toInterface: string
  /** The segment it crosses. */
  readonly segment: string
  /** The address it was sent from. */
  readonly source: string
  /** The port it was sent from. */
  readonly sourcePort: number
  /** The address it was sent to. */
  readonly destination: string
  /** The port it was sent to. */
  readonly port: number
  /** Whether it was sent to a group. */
  readonly isMulticast: boolean
  /** Whether it was sent to all. */
  readonly isBroadcast: boolean
  /** A copy of its octets. */
  readonly payload: Uint8Array
}

/** @internal */
export type Verdict =
  | {
    readonly _tag: "Pass"
  }
  | {
    readonly _tag: "Drop"
    /** What the journal says of the loss. */
    readonly label: string
  }
  | {
    readonly _tag: "Delay"
    /** How much later it arrives. */
    readonly duration: Duration.Input
  }

/** @internal */
export const make = (frame: Frame, from: Interface, to: Interface): Datagram => ({
  id: frame.seq,
  time: frame.time / 1000,
  from: from.host.name,
  to: to.host.name,
  fromInterface: from.name,
  toInterface: to.name,
  segment: from.segment!.name,
  source: frame.source,
  sourcePort: frame.sourcePort,
  destination: frame.to.address.text,
  port: frame.to.port,
  isMulticast: frame.to.kind === "Multicast",
  isBroadcast: frame.to.kind === "Broadcast",
  payload: frame.payload.slice()
})
