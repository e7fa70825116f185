/**
 * A datagram as the rules of a test see it.
 */
import type * as Duration from "effect/Duration"
import type { Frame } from "../kernel/Journal.ts"
import type { Interface } from "../kernel/Topology.ts"

/** @internal */
export interface Datagram {
  readonly id: number
  readonly time: number
  readonly from: string
  readonly to: string
  readonly fromInterface: string
  readonly toInterface: string
  readonly segment: string
  readonly source: string
  readonly sourcePort: number
  readonly destination: string
  readonly port: number
  readonly isMulticast: boolean
  readonly isBroadcast: boolean
  readonly payload: Uint8Array
}

/** @internal */
export type Verdict =
  | { readonly _tag: "Pass" }
  | { readonly _tag: "Drop"; readonly label: string }
  | { readonly _tag: "Delay"; readonly duration: Duration.Input }

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
