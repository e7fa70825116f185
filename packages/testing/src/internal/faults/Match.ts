/**
 * Which datagrams a fault is about.
 */
import type * as Fault from "../../Fault.ts"
import type { Frame } from "../kernel/Journal.ts"
import type { Interface } from "../kernel/Topology.ts"

/** @internal Whether all holds that the match names. */
export const isMatch = (match: Fault.Match, frame: Frame, from: Interface, to: Interface): boolean =>
  (match.from === undefined || match.from === from.host.name) &&
  (match.to === undefined || match.to === to.host.name) &&
  (match.group === undefined || match.group === frame.to.address.text) &&
  (match.port === undefined || match.port === frame.to.port) &&
  (match.isMulticast === undefined || match.isMulticast === (frame.to.kind === "Multicast"))
