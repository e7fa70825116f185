/**
 * What of a batch was refused, by reason: how often, and the latest.
 */
import * as Hex from "effect/encoding/Hex"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import type * as Diagnostic from "../../Diagnostic.ts"
import * as Network from "../../Network.ts"
import * as Origin from "../registry/Origin.ts"

export type Refusals<A = DatagramSocket.Datagram> = Map<string, { count: number; latest: A }>

export const make = <A = DatagramSocket.Datagram>(): Refusals<A> => new Map()

/** Counts one more. */
export const add = <A>(self: Refusals<A>, latest: A, reason: string): void => {
  const same = self.get(reason)
  if (same === undefined) self.set(reason, { count: 1, latest })
  else {
    same.count++
    same.latest = latest
  }
}

/** What was refused, and where it came from. */
interface Refused {
  readonly source: string
  readonly interface: string
  readonly address: string
  readonly port: number
  readonly payload: Uint8Array
}

/** That it was refused. */
export const describe = (
  { address, interface: local, payload, port, source }: Refused,
  reason: string
): Diagnostic.Report => ({
  _tag: "DatagramRejected",
  source,
  interface: local,
  reason,
  from: Origin.format(address, port),
  sample: Hex.encode(payload.subarray(0, 64))
})

/** Tells of all. */
export const report = (
  self: Refusals,
  where: { readonly source: string; readonly interface: string },
  tell: (report: Diagnostic.Report, count: number) => void
): void => {
  for (const [reason, { count, latest }] of self) {
    const { payload } = latest
    const refused = { ...where, address: Network.hostOf(latest), port: Network.portOf(latest), payload }
    tell(describe(refused, reason), count)
  }
}
