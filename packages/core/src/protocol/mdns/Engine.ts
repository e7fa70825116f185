/**
 * mDNS and DNS-SD as one machine: querier and responder on every link of a host.
 *
 * One machine serves all links, since names are the host's and not a link's: a conflict on one link renames on all, and what we sent on
 * one may be heard on another.
 */
import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import type * as Machine from "../../Machine.ts"
import * as Seed from "../../Seed.ts"
import * as Answering from "./Answering.ts"
import * as Browsing from "./Browsing.ts"
import * as Claims from "./Claims.ts"
import * as Echoes from "./Echoes.ts"
import type * as Link from "./Link.ts"
import * as Message from "./Message.ts"
import type * as Name from "./Name.ts"
import * as Querier from "./Querier.ts"
import type * as Record from "./Record.ts"
import type * as Registration from "./Registration.ts"
import type * as Subscription from "./Subscription.ts"

/** What the engine is told. Keys of registrations and of subscriptions are the caller's, each unique among its kind. */
export type Input =
  /** A link came up, or is as it is now: other addresses, or its port shared. */
  | { readonly _tag: "LinkUp"; readonly link: Link.Link }
  /** A link is gone: what was learnt there is forgotten. With `canSend` a goodbye is sent first. */
  | { readonly _tag: "LinkDown"; readonly link: string; readonly canSend: boolean }
  /** The host was asleep, or a link was off and on: everything is to be asked and probed again. */
  | { readonly _tag: "Resumed" }
  | {
    readonly _tag: "Received"
    readonly link: string
    readonly payload: Uint8Array
    readonly source: NetAddress.InetAddress
    readonly isMulticast: boolean
  }
  /** Announce this; with a key that is announced already, in its place. */
  | { readonly _tag: "Register"; readonly key: number; readonly registration: Registration.Registration }
  | { readonly _tag: "Deregister"; readonly key: number }
  | { readonly _tag: "Subscribe"; readonly key: number; readonly subscription: Subscription.Subscription }
  | { readonly _tag: "Unsubscribe"; readonly key: number }
  /** A record is suspected to be wrong: all of this name are asked for again, and dropped without an answer (RFC 6762, section 10.4). */
  | { readonly _tag: "Reconfirm"; readonly name: Name.Name }
  /** Say goodbye for everything, at once: the program ends. */
  | { readonly _tag: "Close" }
  | Machine.Woke

/** A datagram to send on a link: to the group, or to one address. */
export interface Transmit {
  readonly _tag: "Transmit"
  readonly link: string
  readonly payload: Uint8Array
  readonly to: "group" | NetAddress.InetAddress
}

/** What became of a registration. `name` is the instance's label now. */
export type RegistrationNotice =
  | { readonly _tag: "Probing"; readonly key: number; readonly name: string }
  /** The name is ours on every link that is up. */
  | { readonly _tag: "Registered"; readonly key: number; readonly name: string }
  | { readonly _tag: "Renamed"; readonly key: number; readonly name: string; readonly previous: string }
  /** A minute of probing has not found a free name; it goes on (RFC 6762, section 9). */
  | { readonly _tag: "Unsettled"; readonly key: number; readonly name: string }
  | { readonly _tag: "HostRenamed"; readonly name: string; readonly previous: string }

/** A datagram, or a part of one, that was refused; `reason` is from a closed set. */
export interface Rejected {
  readonly _tag: "Rejected"
  readonly reason: string
}

/** What the engine wants done. */
export type Output = Transmit | Subscription.Notice | RegistrationNotice | Rejected

/** How an engine is made. */
export interface Options {
  /** The label of this host; from the seed when absent. */
  readonly host?: string | undefined
  /** How often new records are announced: 2 to 8 (RFC 6762, section 8.3). */
  readonly announcements: number
  /** Whether names outside `local` may be asked for by multicast (RFC 6762, section 13). */
  readonly allowOtherDomains: boolean
  readonly limits: Limits
}

/** Bounds of what the network can make us keep or do. */
export interface Limits {
  /** Records in the caches of all links. */
  readonly records: number
  /** Octets of their data. */
  readonly recordOctets: number
  readonly recordsPerName: number
  /** Shared pointers of one name, of which a service type has one for each instance. */
  readonly pointersPerName: number
  /** Names that one source address can have in the cache. */
  readonly namesPerSource: number
  /** Queries of several datagrams that are put together at one time, and the datagrams of one. */
  readonly assemblies: number
  readonly datagramsPerAssembly: number
  /** Answers by unicast a second, to one source and in all (S-A2). */
  readonly unicastPerSource: number
  readonly unicastAnswers: number
  /** Subscriptions and registrations of the program itself. */
  readonly subscriptions: number
  readonly registrations: number
}

export const limits: Limits = {
  records: 4_096,
  recordOctets: 1_048_576,
  recordsPerName: 64,
  pointersPerName: 1_024,
  namesPerSource: 256,
  assemblies: 512,
  datagramsPerAssembly: 16,
  unicastPerSource: 20,
  unicastAnswers: 100,
  subscriptions: 1_024,
  registrations: 1_024
}

/** A link with what is asked of every datagram that comes from it. */
interface OpenLink {
  readonly link: Link.Link
  readonly networks: ReadonlyArray<IpNetwork.IpNetwork>
}

/** The engine. Its state is updated in place and given back: a step may be taken from the latest state only. */
export interface Engine {
  readonly links: Map<string, OpenLink>
  /** The addresses of all links, as text. */
  ownAddresses: ReadonlySet<string>
  readonly querier: Querier.Querier
  readonly claims: Claims.Claims
  readonly answering: Answering.Answering
  readonly browsing: Browsing.Browsing
  readonly echoes: Echoes.Echoes
}

const make = ({ allowOtherDomains, announcements, host, limits }: Options, seed: Seed.Seed): Engine => {
  const claims = Claims.make({ seed: Seed.derive(seed, "claims"), host, announcements, limits })
  const querier = Querier.make({
    seed: Seed.derive(seed, "querier"),
    limits,
    allowOtherDomains,
    owned: (link, name, type) => ownedBy(claims, link, name, type)
  })
  return {
    links: new Map(),
    ownAddresses: new Set(),
    querier,
    claims,
    answering: Answering.make({ seed: Seed.derive(seed, "answering"), limits }),
    browsing: Browsing.make({
      querier,
      seed: Seed.derive(seed, "browsing"),
      limits,
      isOwn: (link, name) => Claims.isOwn(claims, link, name)
    }),
    echoes: Echoes.make()
  }
}

const ownedBy = (claims: Claims.Claims, link: string, name: string, type: number): ReadonlyArray<Record.Record> =>
  Claims.zone(claims, link)?.names.get(name)?.records.flatMap(({ record }) => record.type === type ? [record] : []) ??
    []

/** The engine as a machine. */
export const machine = (options: Options): Machine.Machine<Engine, Input, Output> => ({
  init: (seed) => ({ state: make(options, seed), outputs: [], wakeAt: Infinity }),
  step: (engine, input, now) => {
    const outputs: Array<Output> = []
    take(engine, input, now, outputs)
    tellSubscribers(engine, now, outputs)
    for (const output of outputs) {
      if (output._tag === "Transmit" && output.to === "group") {
        Echoes.remember(engine.echoes, output.link, output.payload, now)
      }
    }
    return { state: engine, outputs, wakeAt: wakeAt(engine) }
  }
})

const wakeAt = ({ answering, browsing, claims, querier }: Engine): number =>
  Math.min(Querier.wakeAt(querier), Claims.wakeAt(claims), Answering.wakeAt(answering), Browsing.wakeAt(browsing))

const take = (self: Engine, input: Input, now: number, out: Array<Output>): void => {
  switch (input._tag) {
    case "Received":
      return receive(self, input, now, out)
    case "Woke":
      return wake(self, now, out)
    case "LinkUp":
      return linkUp(self, input.link, now, out)
    case "LinkDown":
      return linkDown(self, input.link, input.canSend, now, out)
    case "Resumed":
      Claims.resume(self.claims, now, out)
      Querier.resume(self.querier, now, out)
      return Browsing.resume(self.browsing, now, out)
    case "Register":
      return Claims.register(self.claims, input.key, input.registration, now, out)
    case "Deregister":
      return Claims.deregister(self.claims, input.key, now, out)
    case "Subscribe":
      return Browsing.subscribe(self.browsing, input.key, input.subscription, now, out)
    case "Unsubscribe":
      return Browsing.unsubscribe(self.browsing, input.key, now)
    case "Reconfirm":
      return Querier.reconfirm(self.querier, input.name, now, out)
    case "Close":
      for (const link of Array.from(self.links.keys())) linkDown(self, link, true, now, out)
      return Claims.close(self.claims, now, out)
  }
}

// what subscribers are told may make them ask for more, of which the cache may know something already
const tellSubscribers = (self: Engine, now: number, out: Array<Output>): void => {
  for (
    let changes = Querier.takeChanges(self.querier);
    changes.length > 0;
    changes = Querier.takeChanges(self.querier)
  ) {
    Browsing.review(self.browsing, changes, now, out)
  }
}

const wake = (self: Engine, now: number, out: Array<Output>): void => {
  if (Claims.wakeAt(self.claims) <= now) Claims.wake(self.claims, now, out)
  if (Answering.wakeAt(self.answering) <= now) {
    Answering.wake(self.answering, (link) => Claims.zone(self.claims, link), now, out)
  }
  if (Querier.wakeAt(self.querier) <= now) Querier.wake(self.querier, now, out)
  if (Browsing.wakeAt(self.browsing) <= now) Browsing.wake(self.browsing, now, out)
}

const linkUp = (self: Engine, link: Link.Link, now: number, out: Array<Output>): void => {
  const networks = link.addresses.map(({ address, prefixLength }) => IpNetwork.fromAddressUnsafe(address, prefixLength))
  self.links.set(link.key, { link, networks })
  self.ownAddresses = addressesOf(self.links.values())
  Claims.linkUp(self.claims, link, now, out)
  Querier.linkUp(self.querier, link, now, out)
  Browsing.linkUp(self.browsing, link, now, out)
}

const linkDown = (self: Engine, key: string, canSend: boolean, now: number, out: Array<Output>): void => {
  if (!self.links.has(key)) return
  Claims.linkDown(self.claims, key, canSend, now, out)
  Answering.linkDown(self.answering, key)
  Querier.linkDown(self.querier, key, now)
  Browsing.linkDown(self.browsing, key, now, out)
  self.links.delete(key)
  self.ownAddresses = addressesOf(self.links.values())
}

const addressesOf = (links: Iterable<OpenLink>): ReadonlySet<string> =>
  new Set(Array.from(links).flatMap(({ link }) => link.addresses.map(({ address }) => NetAddress.formatIp(address))))

/** The port of every full participant (RFC 6762, section 5.2). */
export const port = 5_353

const receive = (
  self: Engine,
  { isMulticast, link: key, payload, source }: Extract<Input, { readonly _tag: "Received" }>,
  now: number,
  out: Array<Output>
): void => {
  const open = self.links.get(key)
  if (open === undefined) return
  const refuse = (reason: string) => void out.push({ _tag: "Rejected", reason })
  const decoded = Message.decode(payload)
  if (Result.isFailure(decoded)) return refuse(decoded.failure)
  const message = decoded.success
  const origin = originOf(self, open, source, isMulticast)
  if (Echoes.isEcho(self.echoes, key, payload, message, origin, now)) return
  if (message.skipped > 0) refuse("record")
  return message.isResponse
    ? hearResponse(self, open.link, message, origin, now, out, refuse)
    : hearQuery(self, open.link, message, origin, now, out)
}

const originOf = (
  self: Engine,
  { networks }: OpenLink,
  source: NetAddress.InetAddress,
  isMulticast: boolean
): Link.Origin => {
  const { address } = source
  const host = NetAddress.formatIp(address)
  const isOnLink = NetAddress.isLinkLocal(address) || networks.some((network) => IpNetwork.contains(network, address))
  return { source, host, isMulticast, isOnLink, isOwnAddress: self.ownAddresses.has(host) }
}

const hearQuery = (
  self: Engine,
  link: Link.Link,
  message: Message.Message,
  origin: Link.Origin,
  now: number,
  out: Array<Output>
): void => {
  Querier.hearQuery(self.querier, link, message, origin, now, out)
  Claims.hearQuery(self.claims, link, message, origin, now, out)
  const zone = Claims.zone(self.claims, link.key)
  if (zone !== undefined) Answering.hearQuery(self.answering, link, zone, message, origin, now, out)
}

const hearResponse = (
  self: Engine,
  link: Link.Link,
  message: Message.Message,
  origin: Link.Origin,
  now: number,
  out: Array<Output>,
  refuse: (reason: string) => void
): void => {
  // RFC 6762, sections 6 and 11
  if (origin.source.port !== port) return refuse("port")
  if (!origin.isMulticast && !origin.isOnLink) return refuse("off-link")
  Claims.hearResponse(self.claims, link, message, origin, now, out)
  const zone = Claims.zone(self.claims, link.key)
  if (zone !== undefined) Answering.hearResponse(self.answering, link, zone, message, origin, now, out)
  Querier.hearResponse(self.querier, link, message, origin, now, out)
}
