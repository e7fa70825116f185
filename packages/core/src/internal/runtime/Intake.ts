/**
 * What a session does with a batch of datagrams: one synchronous pass that leaves only what changed.
 */
import * as NetAddress from "effect/net/NetAddress"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import * as Claim from "../../Claim.ts"
import type * as Diagnostic from "../../Diagnostic.ts"
import * as Lease from "../../Lease.ts"
import type * as Limits from "../../Limits.ts"
import * as Network from "../../Network.ts"
import * as NetworkInterface from "../../NetworkInterface.ts"
import type * as PeerRegistry from "../../PeerRegistry.ts"
import type * as Protocol from "../../Protocol.ts"
import * as Seed from "../../Seed.ts"
import * as Origin from "../registry/Origin.ts"
import * as Arrival from "./Arrival.ts"
import * as RateLimiter from "./RateLimiter.ts"
import * as Refusals from "./Refusals.ts"
import * as Repeats from "./Repeats.ts"
import * as Turnstile from "./Turnstile.ts"

/** What an intake works with. */
export interface Options extends Arrival.Surroundings {
  readonly source: string
  readonly protocol: Pick<Protocol.Protocol<never>, "maxDatagram" | "isIdempotent" | "rereadAfter"> & {
    readonly isPrivileged?: ((payload: Uint8Array) => boolean) | undefined
  }
  readonly limits: Limits.Limits
  readonly seed: number
  /** Whether what comes from there is of a socket of our own. */
  readonly isOwn: (host: string, port: number) => boolean
  readonly step: (received: Protocol.Received, now: number) => ReadonlyArray<Protocol.Output>
  readonly report: (report: Diagnostic.Report, count?: number) => void
}

/** How datagrams came: to a group, to all, or to us alone. */
export interface Way {
  readonly _tag: "Multicast" | "Broadcast" | "Unicast"
}

/** What a batch came to. */
export interface Taken {
  readonly inputs: Array<PeerRegistry.Input>
  readonly transmits: Array<Protocol.Transmit>
}

interface Batch extends Taken {
  readonly refused: Refusals.Refusals
  refusals: number
}

/** The intake of one session. Its counts are of datagrams and add up: `received` is the sum of the others. */
export interface Intake {
  readonly options: Options
  readonly repeats: Repeats.Repeats
  readonly perSource: RateLimiter.RateLimiter
  readonly turnstile: Turnstile.Turnstile
  readonly overall: RateLimiter.Bucket
  /** For what is privileged once the flood of all else has used that up. */
  readonly privileged: RateLimiter.Bucket
  readonly counts: {
    received: number
    repeated: number
    announced: number
    withdrawn: number
    rejected: number
    /** Our own, another session's, or of no consequence to the protocol. */
    ignored: number
  }
}

export const make = (options: Options, now: number): Intake => {
  const { datagramsPerSession, datagramsPerSource, repeatsPerSource, sources } = options.limits
  const perSource = RateLimiter.make(datagramsPerSource, sources, now, datagramsPerSession)
  const overall = RateLimiter.bucket(datagramsPerSession, now)
  return {
    options,
    repeats: Repeats.make(repeatsPerSource, Seed.derive(options.seed, "repeats")),
    perSource,
    turnstile: Turnstile.make(options, perSource, overall),
    overall,
    privileged: RateLimiter.bucket(datagramsPerSession, now),
    counts: { received: 0, repeated: 0, announced: 0, withdrawn: 0, rejected: 0, ignored: 0 }
  }
}

/**
 * Takes a datagram at the socket if there is nothing to decode: it is a repeat, our own, another link's, or one too many of its source in a
 * flood. Nothing else may wait to be taken.
 */
export const takeAtOnce = (
  self: Intake,
  payload: Uint8Array,
  host: string,
  port: number,
  now: number
): boolean => {
  const { counts } = self
  const known = Repeats.find(self.repeats, host, port, payload)
  if (known !== undefined) {
    const at = Math.floor(now)
    // what a flood of its source leaves no room to decode is renewed all the same (S-4.1)
    if (Repeats.isDue(known, at) && !RateLimiter.refuses(self.perSource, Origin.of(host), at)) return false
    Lease.renew(known, at)
    counts.received++
    counts.repeated++
    return true
  }
  if (isOfOthers(self, host, port)) counts.ignored++
  else if (self.options.protocol.isPrivileged?.(payload) === true) return false
  else if (Turnstile.refuses(self.turnstile, payload, host, port, now)) counts.rejected++
  else return false
  counts.received++
  return true
}

// what we send ourselves and what is sent on other links is no reason to hear less of this one
const isOfOthers = ({ options }: Intake, host: string, port: number): boolean =>
  options.isOwn(host, port) || Arrival.isElsewhere(options, host)

/** Takes a batch that came in on a socket of `endpoint`; `undefined` when nothing but repeats was in it. */
export const take = (
  self: Intake,
  datagrams: ReadonlyArray<DatagramSocket.Datagram>,
  endpoint: Way,
  now: number
): Taken | undefined => {
  let batch: Batch | undefined
  const { counts, options, repeats } = self
  counts.received += datagrams.length
  for (const datagram of datagrams) {
    const host = Network.hostOf(datagram)
    if (
      options.protocol.isIdempotent && Repeats.renew(repeats, host, Network.portOf(datagram), datagram.payload, now)
    ) counts.repeated++
    else counts[takeNew(self, datagram, host, endpoint, now, batch ??= empty())]++
  }
  if (batch !== undefined && batch.refusals > 0) reportRefused(self, batch)
  return batch
}

const empty = (): Batch => ({ inputs: [], transmits: [], refused: Refusals.make(), refusals: 0 })

/** Forgets which datagrams need no decoding: an advertisement may change which peers are ourselves, and an interface which are of this link. */
export const forgetRepeats = (self: Intake): void => Repeats.clear(self.repeats)

type Verdict = "accept" | "ignore" | "off-link" | "port" | "rate" | "size"

const judge = (
  self: Intake,
  datagram: DatagramSocket.Datagram,
  host: string,
  endpoint: Way,
  now: number
): Verdict => {
  const { protocol } = self.options
  if (isOfOthers(self, host, Network.portOf(datagram))) return "ignore"
  if (datagram.payload.length > protocol.maxDatagram) return "size"
  const isPrivileged = protocol.isPrivileged?.(datagram.payload) === true
  if (!isPrivileged && !RateLimiter.allows(self.perSource, Origin.of(host), now)) return "rate"
  const source = Arrival.sourceOf(datagram)
  const link = source === undefined
    ? "ignore"
    : Arrival.linkOf(self.options, source, endpoint._tag === "Multicast")
  if (link !== "accept") return link
  if (RateLimiter.take(self.overall, now)) return "accept"
  return isPrivileged && RateLimiter.take(self.privileged, now) ? "accept" : "rate"
}

/** Takes a datagram that is no repeat; gives the count it belongs to. */
const takeNew = (
  self: Intake,
  datagram: DatagramSocket.Datagram,
  host: string,
  endpoint: Way,
  now: number,
  batch: Batch
): "announced" | "withdrawn" | "rejected" | "ignored" => {
  const { refusals } = batch
  const { length } = batch.inputs
  const verdict = judge(self, datagram, host, endpoint, now)
  if (verdict === "accept") decode(self, datagram, host, now, batch)
  else if (verdict !== "ignore") refuse(datagram, verdict, batch)
  const first = batch.inputs[length]
  if (first !== undefined) return first._tag === "Withdrawn" ? "withdrawn" : "announced"
  return batch.refusals > refusals ? "rejected" : "ignored"
}

const decode = (self: Intake, datagram: DatagramSocket.Datagram, host: string, now: number, batch: Batch): void => {
  const { payload } = datagram
  const outputs = self.options.step({ _tag: "Received", payload, source: datagram.address }, now)
  // only what announces one peer and does nothing else can be repeated without being decoded
  const isRepeatable = self.options.protocol.isIdempotent && outputs.length === 1
  const leaseFor = ({ identity, ttl }: Claim.Claim): Lease.Lease => {
    Repeats.forget(self.repeats, host, identity)
    return isRepeatable
      ? Repeats.remember(
        self.repeats,
        host,
        Network.portOf(datagram),
        payload,
        identity,
        ttl,
        now,
        rereadAt(self, ttl, now)
      )
      : Lease.make(ttl, now)
  }
  for (const output of outputs) handle(self, output, datagram, host, leaseFor, batch)
}

const rereadAt = ({ options: { protocol } }: Intake, ttl: number, now: number): number =>
  protocol.rereadAfter === undefined ? Repeats.never : Math.ceil(now + protocol.rereadAfter(ttl))

const handle = (
  self: Intake,
  output: Protocol.Output,
  datagram: DatagramSocket.Datagram,
  host: string,
  leaseFor: (claim: Claim.Claim) => Lease.Lease,
  batch: Batch
): void => {
  const networkInterface = self.options.networkInterface()
  const provenance = { source: self.options.source, interface: networkInterface.name, address: host }
  switch (output._tag) {
    case "Announced": {
      const { claim, hearsay } = output
      const excess = Claim.excess(claim, self.options.limits)
      if (excess !== undefined) return refuse(datagram, excess, batch)
      if (hearsay !== undefined) {
        if (!isOnLink(networkInterface, hearsay)) return refuse(datagram, "off-link", batch)
        const itself = { ...provenance, address: hostOf(hearsay, host) }
        batch.inputs.push({ _tag: "Announced", provenance: itself, claim, isHearsay: true, networkInterface })
        return
      }
      batch.inputs.push({ _tag: "Announced", provenance, claim, lease: leaseFor(claim), networkInterface })
      return
    }
    case "Withdrawn":
      Repeats.forget(self.repeats, host, output.identity)
      batch.inputs.push({ _tag: "Withdrawn", provenance, identity: output.identity })
      return
    case "Rejected":
      return refuse(datagram, output.reason, batch)
    case "Transmit":
      batch.transmits.push(output)
  }
}

// one node can only tell of nodes of its own link
const isOnLink = (networkInterface: NetworkInterface.NetworkInterface, { address }: NetAddress.InetAddress): boolean =>
  NetworkInterface.isOnLink(networkInterface, address) || NetAddress.isLinkLocal(address)

// with the zone as the system writes it
const hostOf = (hearsay: NetAddress.InetAddress, teller: string): string => {
  const host = NetAddress.formatIp(hearsay.address)
  return NetAddress.isLinkLocal(hearsay.address) ? `${host}${/%.*$/.exec(teller)?.[0] ?? ""}` : host
}

const refuse = (datagram: DatagramSocket.Datagram, reason: string, batch: Batch): void => {
  batch.refusals++
  Refusals.add(batch.refused, datagram, reason)
}

const reportRefused = ({ options }: Intake, { refused }: Batch): void =>
  Refusals.report(refused, { source: options.source, interface: options.networkInterface().name }, options.report)
