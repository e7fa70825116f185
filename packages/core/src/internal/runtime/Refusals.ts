/**
 * What of a batch of datagrams was refused, by reason: how often, and the latest.
 */
import * as Hex from "effect/encoding/Hex"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import type * as Diagnostic from "../../Diagnostic.ts"
import * as Network from "../../Network.ts"
import * as Origin from "../registry/Origin.ts"

export type Refusals = Map<string, { count: number; datagram: DatagramSocket.Datagram }>

export const make = (): Refusals => new Map()

/** Counts one more. */
export const add = (self: Refusals, datagram: DatagramSocket.Datagram, reason: string): void => {
  const same = self.get(reason)
  if (same === undefined) self.set(reason, { count: 1, datagram })
  else {
    same.count++
    same.datagram = datagram
  }
}

/** Tells of all. */
export const report = (
  self: Refusals,
  where: { readonly source: string; readonly interface: string },
  tell: (report: Diagnostic.Report, count: number) => void
): void => {
  for (const [reason, { count, datagram }] of self) {
    tell({
      _tag: "DatagramRejected",
      source: where.source,
      interface: where.interface,
      reason,
      from: Origin.format(Network.hostOf(datagram), Network.portOf(datagram)),
      sample: Hex.encode(datagram.payload.subarray(0, 64))
    }, count)
  }
}
