/**
 * What a worker does with a batch of datagrams: one synchronous pass that starts handlers and counts.
 */
import type * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import type * as Diagnostic from "../../../Diagnostic.ts"
import type * as Limits from "../../../Limits.ts"
import * as Network from "../../../Network.ts"
import * as Origin from "../../registry/Origin.ts"
import * as Arrival from "../Arrival.ts"
import * as RateLimiter from "../RateLimiter.ts"
import * as Refusals from "../Refusals.ts"
import * as Pool from "./Pool.ts"
import * as Tally from "./Tally.ts"

/** Says what is to be done about a datagram, or why it is refused. */
export type Accept = (
  datagram: DatagramSocket.Datagram,
  from: NetAddress.InetAddress
) => Result.Result<Pool.Task, string>

/** What a reception works with. */
export interface Options {
  readonly name: string
  /** The address and port of the worker, for people. */
  readonly place: string
  readonly limits: Limits.Limits
  readonly maxDatagram: number
  readonly tally: Tally.Tally
  readonly pool: Pool.Pool
  readonly reader: Pick<DatagramSocket.Reader, "dropped">
  readonly accept: Accept
  /** Whether a datagram shows that it comes from where it says, so that nobody else empties the bucket that it is counted in. */
  readonly isProven: ((payload: Uint8Array, from: NetAddress.InetAddress) => boolean) | undefined
  readonly report: (report: Diagnostic.Report, count?: number) => void
}

/** The reception of one worker. */
export interface Reception {
  readonly options: Options
  readonly perSource: RateLimiter.RateLimiter
  readonly perProven: RateLimiter.RateLimiter
  readonly overall: RateLimiter.Bucket
  /** Datagrams dropped for want of room that have been reported. */
  reported: number
}

export const make = (options: Options, now: number): Reception => ({
  options,
  perSource: RateLimiter.make(options.limits.datagramsPerSource, options.limits.sources, now),
  perProven: RateLimiter.make(options.limits.datagramsPerSource, options.limits.sources, now),
  overall: RateLimiter.bucket(options.limits.datagramsPerSession, now),
  reported: 0
})

/** Takes a batch: starts what it asks for, counts and reports the rest. */
export const take = (self: Reception, datagrams: ReadonlyArray<DatagramSocket.Datagram>, now: number): void => {
  const { tally } = self.options
  let refused: Refusals.Refusals | undefined
  for (const datagram of datagrams) {
    tally.received++
    tally.octetsIn += datagram.payload.length
    const reason = takeOne(self, datagram, now)
    if (reason !== undefined) Refusals.add(refused ??= Refusals.make(), datagram, reason)
  }
  if (refused !== undefined) reportRefused(self, refused)
  settle(self)
}

/** Counts a batch that came too late to be looked at. */
export const miss = ({ options }: Reception, datagrams: ReadonlyArray<DatagramSocket.Datagram>): void => {
  options.tally.received += datagrams.length
  options.tally.dropped.closing += datagrams.length
}

/** Counts what the socket had no room for since the last time, and reports all that there was no room for. */
export const settle = (self: Reception): void => {
  const { name, place, reader, report, tally: { dropped }, tally } = self.options
  const more = reader.dropped() - dropped.socket
  dropped.socket += more
  tally.received += more
  const unreported = dropped.socket + dropped.queue - self.reported
  if (unreported === 0) return
  self.reported += unreported
  report({ _tag: "DatagramsDropped", source: name, interface: place }, unreported)
}

/** Gives the reason for which a datagram was refused. */
const takeOne = (self: Reception, datagram: DatagramSocket.Datagram, now: number): string | undefined => {
  const { isProven, maxDatagram, pool, tally } = self.options
  if (datagram.payload.length > maxDatagram) return Tally.reject(tally, "size")
  const from = Arrival.sourceOf(datagram)
  const limiter = from !== undefined && holds(isProven, datagram, from) ? self.perProven : self.perSource
  if (!RateLimiter.allows(limiter, Origin.of(Network.hostOf(datagram)), now)) {
    tally.dropped.rate++
    return "rate"
  }
  if (!RateLimiter.take(self.overall, now)) {
    tally.dropped.overload++
    return "overload"
  }
  // nothing can be answered to port 0, and nobody sends from there
  if (from === undefined || from.port === 0) return Tally.reject(tally, "source")
  const task = accept(self, datagram, from)
  if (Result.isFailure(task)) return Tally.reject(tally, task.failure)
  tally.decoded++
  Pool.offer(pool, task.success)
  return undefined
}

const holds = (isProven: Options["isProven"], { payload }: DatagramSocket.Datagram, from: NetAddress.InetAddress) => {
  if (isProven === undefined) return false
  try {
    return isProven(payload, from)
  } catch {
    return false
  }
}

// a decoder is not ours, and a datagram that it breaks on is one datagram less (S-F1)
const accept = ({ options }: Reception, datagram: DatagramSocket.Datagram, from: NetAddress.InetAddress) => {
  try {
    return options.accept(datagram, from)
  } catch {
    return Result.fail("defect")
  }
}

const reportRefused = ({ options }: Reception, refused: Refusals.Refusals): void =>
  Refusals.report(refused, { source: options.name, interface: options.place }, options.report)
