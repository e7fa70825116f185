/**
 * A datagram as the rules of a test see it.
 */
import type * as Faults from "../../Faults.ts"
import type { Frame } from "../kernel/Journal.ts"
import type { Interface } from "../kernel/Topology.ts"

/** @internal */
export const make = (frame: Frame, from: Interface, to: Interface): Faults.Datagram => ({
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
