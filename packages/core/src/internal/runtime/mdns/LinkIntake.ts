/**
 * What a link does with a batch of datagrams: those that are of this link and within the limits are told to the engine.
 */
import type * as NetAddress from "effect/net/NetAddress"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import type * as Diagnostic from "../../../Diagnostic.ts"
import type * as Limits from "../../../Limits.ts"
import * as Network from "../../../Network.ts"
import type * as Engine from "../../../protocol/mdns/Engine.ts"
import * as Message from "../../../protocol/mdns/Message.ts"
import * as Renewal from "../../../protocol/mdns/Renewal.ts"
import * as Seed from "../../../Seed.ts"
import * as Origin from "../../registry/Origin.ts"
import * as Arrival from "../Arrival.ts"
import * as RateLimiter from "../RateLimiter.ts"
import * as Refusals from "../Refusals.ts"
import * as Turnstile from "../Turnstile.ts"
import type * as Hub from "./Hub.ts"
import * as LinkRepeats from "./LinkRepeats.ts"

/** What an intake works with. */
export interface Options extends Arrival.Surroundings {
  readonly source: string
  readonly link: string
  /** The address that the link sends to its group from. */
  readonly from: string
  readonly limits: Limits.Limits
  readonly most: Engine.Limits
  readonly seed: number
  readonly report: (report: Diagnostic.Report, count?: number) => void
  readonly step: (input: Engine.Input, now: number) => Hub.Done
}

/** The intake of one link. */
export interface LinkIntake {
  readonly options: Options
  readonly repeats: LinkRepeats.LinkRepeats
  readonly perSource: RateLimiter.RateLimiter
  readonly turnstile: Turnstile.Turnstile
  readonly overall: RateLimiter.Bucket
  /** How many datagrams were sent to the group that have not come back, since a time. */
  expected: number
  expectedSince: number
}

export const make = (options: Options, now: number): LinkIntake => {
  const { datagramsPerSession, datagramsPerSource, repeatsPerSource, sources } = options.limits
  const { recordOctets: octets, records: datagrams } = options.most
  const perSource = RateLimiter.make(datagramsPerSource, sources, now, datagramsPerSession)
  const overall = RateLimiter.bucket(datagramsPerSession, now)
  return {
    options,
    repeats: LinkRepeats.make({ perSource: repeatsPerSource, datagrams, octets }, Seed.derive(options.seed, "repeats")),
    perSource,
    turnstile: Turnstile.make(options, perSource, overall),
    overall,
    expected: 0,
    expectedSince: -Infinity
  }
}

// milliseconds within which what was sent to the group is back
const loop = 1_000

/** Notes that so many datagrams are sent to the group, and so will come back to us. */
export const expect = (self: LinkIntake, count: number, now: number): void => {
  if (now - self.expectedSince > loop) {
    self.expected = 0
    self.expectedSince = now
  }
  self.expected += count
}

// They are counted and not compared: as many more of our own address are no flood, and who forges it gains no more than that.
const isExpected = (self: LinkIntake, host: string, now: number): boolean => {
  if (self.expected === 0 || now - self.expectedSince > 2 * loop) return false
  const { from } = self.options
  if (host !== from && !host.startsWith(`${from}%`)) return false
  self.expected--
  return true
}

/**
 * Takes a datagram that came by the group, if there is nothing to decode: it only renews what is known, is another link's, or is one too many of
 * its source in a flood. Nothing else may wait to be taken.
 */
export const takeAtOnce = (
  self: LinkIntake,
  payload: Uint8Array,
  host: string,
  port: number,
  now: number
): boolean => {
  const renewal = LinkRepeats.find(self.repeats, host, port, payload)
  if (renewal === undefined) {
    // what is sent on other links is no reason to hear less of this one
    return Arrival.isElsewhere(self.options, host) || Turnstile.refuses(self.turnstile, payload, host, port, now)
  }
  // whole milliseconds are numbers that need no object of their own
  Renewal.hear(renewal, Math.floor(now))
  return true
}

/** Takes a batch that came by the group or to us alone; gives what is to be sent. */
export const take = (
  self: LinkIntake,
  datagrams: ReadonlyArray<DatagramSocket.Datagram>,
  isMulticast: boolean,
  now: number
): Hub.Done => {
  const { link, networkInterface, report, source, step } = self.options
  const taken: Hub.Done = { transmits: [], reasons: [] }
  const refused = Refusals.make()
  for (const datagram of datagrams) {
    if (isMulticast && isRepeat(self, datagram, now)) continue
    const verdict = judge(self, datagram, isMulticast, now)
    if (verdict === "ignore") continue
    if (typeof verdict === "string") {
      Refusals.add(refused, datagram, verdict)
      continue
    }
    const { payload } = datagram
    const { reasons, renewal, transmits } = step({ _tag: "Received", link, payload, source: verdict, isMulticast }, now)
    if (renewal !== undefined) {
      LinkRepeats.remember(self.repeats, Network.hostOf(datagram), verdict.port, payload, renewal)
    }
    if (transmits.length > 0) { for (const transmit of transmits) taken.transmits.push(transmit) }
    if (reasons.length > 0) { for (const reason of reasons) Refusals.add(refused, datagram, reason) }
  }
  if (refused.size > 0) Refusals.report(refused, { source, interface: networkInterface().name }, report)
  return taken
}

const isRepeat = (self: LinkIntake, datagram: DatagramSocket.Datagram, now: number): boolean =>
  takeAtOnce(self, datagram.payload, Network.hostOf(datagram), Network.portOf(datagram), now)

type Verdict = "ignore" | "off-link" | "port" | "rate" | "size" | NetAddress.InetAddress

const judge = (
  self: LinkIntake,
  datagram: DatagramSocket.Datagram,
  isMulticast: boolean,
  now: number
): Verdict => {
  const host = Network.hostOf(datagram)
  // of what came by the group that has been asked, when it was looked at for a repeat
  if (!isMulticast && Arrival.isElsewhere(self.options, host)) return "ignore"
  if (datagram.payload.length > Message.maxOctets) return "size"
  const isOurs = isMulticast && isExpected(self, host, now)
  if (!isOurs && !RateLimiter.allows(self.perSource, Origin.of(host), now)) return "rate"
  const source = Arrival.sourceOf(datagram)
  const verdict = source === undefined ? "ignore" : Arrival.linkOf(self.options, source, isMulticast)
  if (verdict !== "accept") return verdict
  return RateLimiter.take(self.overall, now) ? source! : "rate"
}

/** Tells of datagrams that came faster than they were taken; gives how many there are by now. */
export const countDropped = ({ options }: LinkIntake, dropped: number, before: number): number => {
  if (dropped > before) {
    options.report(
      { _tag: "DatagramsDropped", source: options.source, interface: options.networkInterface().name },
      dropped - before
    )
  }
  return dropped
}
