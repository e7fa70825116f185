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
import type * as Engine from "./Engine.ts"
import * as Link from "./Link.ts"
import * as Message from "./Message.ts"
import * as Querier from "./Querier.ts"
import type * as State from "./querier/State.ts"
import * as Quiet from "./Quiet.ts"
import type * as Record from "./Record.ts"
import * as Renewal from "./Renewal.ts"

/** A link with what is asked of every datagram that comes from it. */
interface OpenLink {
  readonly link: Link.Link
  readonly networks: ReadonlyArray<IpNetwork.IpNetwork>
  /** Those that tell it from other links, as they were last known. */
  readonly home: ReadonlyArray<IpNetwork.IpNetwork>
  /** Whether another program of this host was heard here that has the port, too. */
  readonly isPortShared: boolean
}

/** The engine at work. Its state is updated in place and given back: a step may be taken from the latest state only. */
export interface Host {
  readonly links: Map<string, OpenLink>
  /** The addresses of all links, as text. */
  ownAddresses: ReadonlySet<string>
  readonly querier: Querier.Querier
  readonly claims: Claims.Claims
  readonly answering: Answering.Answering
  readonly browsing: Browsing.Browsing
  readonly echoes: Echoes.Echoes
  /** What was heard again since the last step. */
  readonly renewals: Renewal.Renewals<State.Entry, State.Early>
}

const make = ({ allowOtherDomains, announcements, host, limits }: Engine.Options, seed: Seed.Seed): Host => {
  const owned = (link: string, name: string, type: number) => ownedBy(claims, link, name, type)
  const claims = Claims.make({ seed: Seed.derive(seed, "claims"), host, announcements, limits })
  const querier = Querier.make({
    seed: Seed.derive(seed, "querier"),
    limits,
    allowOtherDomains,
    owned
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
      isOwn: (link, name) => Claims.isOwn(claims, link, name),
      owned
    }),
    echoes: Echoes.make(),
    renewals: Renewal.none()
  }
}

const ownedBy = (claims: Claims.Claims, link: string, name: string, type: number): ReadonlyArray<Record.Record> =>
  Claims.zone(claims, link)?.names.get(name)?.records.flatMap(({ record }) => record.type === type ? [record] : []) ??
    []

/** The engine as a machine. */
export const machine = (options: Engine.Options): Machine.Machine<Host, Engine.Input, Engine.Output> => ({
  init: (seed) => ({ state: make(options, seed), outputs: [], wakeAt: Infinity }),
  step: (host, input, now) => {
    const outputs: Array<Engine.Output> = []
    hearAgain(host)
    const before = Quiet.of(host)
    const wins = Claims.wins(host.claims)
    take(host, input, now, outputs)
    if (Claims.wins(host.claims) > wins) Browsing.owns(host.browsing, now, outputs)
    if (outputs.some(({ _tag }) => _tag === "Renamed")) Browsing.disowns(host.browsing, now, outputs)
    tellSubscribers(host, now, outputs)
    for (let index = 0; index < outputs.length; index++) {
      const output = outputs[index]!
      if (output._tag === "Transmit" && output.to === "group") Echoes.remember(host.echoes, output.payload, now)
    }
    host.renewals.wants = host.querier.wants
    if (!Quiet.isContained(before, host, input, outputs)) host.renewals.era++
    else if (input._tag === "Received" && Quiet.isStill(before, host)) tellRenewed(host, outputs, now)
    return { state: host, outputs, wakeAt: wakeAt(host) }
  }
})

const tellRenewed = (host: Host, outputs: Array<Engine.Output>, now: number): void => {
  const { querier: { renewed }, renewals } = host
  if (renewed === undefined || !Quiet.isRepeatable(host, outputs)) return
  outputs.push({ _tag: "Renewed", renewal: Renewal.make(renewals, renewed, now) })
}

const hearAgain = ({ querier, renewals }: Host): void => {
  if (renewals.pending.length === 0) return
  for (const renewal of Renewal.takePending(renewals)) Querier.hearAgain(querier, renewal, renewal.at)
}

const wakeAt = ({ answering, browsing, claims, querier }: Host): number =>
  Math.min(Querier.wakeAt(querier), Claims.wakeAt(claims), Answering.wakeAt(answering), Browsing.wakeAt(browsing))

const take = (self: Host, input: Engine.Input, now: number, out: Array<Engine.Output>): void => {
  switch (input._tag) {
    case "Received":
      return receive(self, input, now, out)
    case "Woke":
      return wake(self, now, out)
    case "LinkUp":
      return linkUp(self, input.link, now, out, input.unsaid)
    case "LinkDown":
      return linkDown(self, input.link, input.canSend, now, out, input.unsaid)
    case "Resumed":
      for (const link of input.link === undefined ? self.links.keys() : [input.link]) resume(self, link, now, out)
      return
    case "Register":
      return Claims.register(self.claims, input.key, input.registration, now, out)
    case "Deregister":
      return Claims.deregister(self.claims, input.key, now, out)
    case "Subscribe":
      return Browsing.subscribe(self.browsing, input.key, input.subscription, now, out)
    case "Unsubscribe":
      return Browsing.unsubscribe(self.browsing, input.key, now)
    case "Reconfirm":
      Querier.reconfirm(self.querier, input.name, now)
      return Browsing.reconfirm(self.browsing, input.name, now, out)
    case "Close":
      for (const link of Array.from(self.links.keys())) linkDown(self, link, true, now, out)
      return Claims.close(self.claims, out)
  }
}

// what subscribers are told may make them ask for more, of which the cache may know something already
const tellSubscribers = (self: Host, now: number, out: Array<Engine.Output>): void => {
  for (
    let changes = Querier.takeChanges(self.querier);
    changes.length > 0;
    changes = Querier.takeChanges(self.querier)
  ) {
    Browsing.review(self.browsing, changes, now, out)
  }
}

const wake = (self: Host, now: number, out: Array<Engine.Output>): void => {
  if (Claims.wakeAt(self.claims) <= now) Claims.wake(self.claims, now, out)
  if (Answering.wakeAt(self.answering) <= now) {
    Answering.wake(self.answering, (link) => Claims.zone(self.claims, link), now, out)
  }
  if (Querier.wakeAt(self.querier) <= now) Querier.wake(self.querier, now, out)
  if (Browsing.wakeAt(self.browsing) <= now) Browsing.wake(self.browsing, now, out)
}

const linkUp = (
  self: Host,
  link: Link.Link,
  now: number,
  out: Array<Engine.Output>,
  unsaid?: ReadonlyArray<Record.Record>
): void => {
  const { home: before = [], isPortShared = false } = self.links.get(link.key) ?? {}
  const networks = Link.networks(link)
  const telling = Link.home(link)
  const home = telling.length === 0 ? before : telling
  const place = { link: isPortShared ? { ...link, isPortOwned: false } : link, networks, home, isPortShared }
  open(self, place, now, out, unsaid)
  // the interface has gone elsewhere, where nobody knows us and our names may be others' (RFC 6762, section 8)
  if (!Link.areTogether(before, home)) resume(self, link.key, now, out)
}

const open = (
  self: Host,
  place: OpenLink,
  now: number,
  out: Array<Engine.Output>,
  unsaid?: ReadonlyArray<Record.Record>
): void => {
  const { link } = place
  self.links.set(link.key, place)
  self.ownAddresses = addressesOf(self.links.values())
  Claims.linkUp(self.claims, link, now, out, unsaid)
  Querier.linkUp(self.querier, link, now)
  Browsing.linkUp(self.browsing, link, now, out)
}

const resume = (self: Host, link: string, now: number, out: Array<Engine.Output>): void => {
  Claims.resume(self.claims, link, now, out)
  Querier.resume(self.querier, link, now)
  Browsing.resume(self.browsing, link, now, out)
}

const linkDown = (
  self: Host,
  key: string,
  canSend: boolean,
  now: number,
  out: Array<Engine.Output>,
  unsaid: ReadonlyArray<Record.Record> = []
): void => {
  if (!self.links.has(key)) return
  Claims.linkDown(self.claims, key, canSend, now, out, unsaid)
  Answering.linkDown(self.answering, key)
  Querier.linkDown(self.querier, key)
  Browsing.linkDown(self.browsing, key, now, out)
  self.links.delete(key)
  self.ownAddresses = addressesOf(self.links.values())
}

const addressesOf = (links: Iterable<OpenLink>): ReadonlySet<string> =>
  new Set(Array.from(links).flatMap(({ link }) => link.addresses.map(({ address }) => NetAddress.formatIp(address))))

const receive = (
  self: Host,
  { isMulticast, link: key, payload, source }: Extract<Engine.Input, { readonly _tag: "Received" }>,
  now: number,
  out: Array<Engine.Output>
): void => {
  self.querier.renewed = undefined
  const place = self.links.get(key)
  if (place === undefined) return
  const refuse = (reason: string) => void out.push({ _tag: "Rejected", reason })
  const origin = new Origin(place, source, isMulticast, self.ownAddresses)
  const isEcho = Echoes.isEcho(self.echoes, key, payload, origin, now)
  // what we have asked needs no answer of ours
  if (isEcho && !Message.isResponse(payload)) return
  const decoded = Message.decode(payload)
  if (Result.isFailure(decoded)) return refuse(decoded.failure)
  const message = decoded.success
  if (isEcho) return Claims.hearEcho(self.claims, place.link, message, origin, now, out)
  // it may get what is sent to us alone, so that we ask for no answers by unicast any more (RFC 6762, section 15.1)
  if (place.link.isPortOwned && origin.isMulticast && origin.isOwnAddress && source.port === Link.port) {
    open(self, { ...place, link: { ...place.link, isPortOwned: false }, isPortShared: true }, now, out)
    out.push({ _tag: "PortShared", link: key })
  }
  if (message.skipped > 0) refuse("record")
  return message.isResponse
    ? hearResponse(self, self.links.get(key)!.link, message, origin, now, out, refuse)
    : hearQuery(self, self.links.get(key)!.link, message, origin, now, out)
}

/** Where a datagram came from. Whether that is on the link is not asked of most, and takes several arrays to tell. */
class Origin implements Link.Origin {
  readonly source: NetAddress.InetAddress
  readonly host: string
  readonly isMulticast: boolean
  readonly isOwnAddress: boolean
  readonly place: OpenLink

  constructor(place: OpenLink, source: NetAddress.InetAddress, isMulticast: boolean, own: ReadonlySet<string>) {
    this.source = source
    this.host = NetAddress.formatIp(source.address)
    this.isMulticast = isMulticast
    this.isOwnAddress = own.has(this.host)
    this.place = place
  }

  get isOnLink(): boolean {
    const { address } = this.source
    return NetAddress.isLinkLocal(address) ||
      this.place.networks.some((network) => IpNetwork.contains(network, address))
  }
}

const hearQuery = (
  self: Host,
  link: Link.Link,
  message: Message.Message,
  origin: Link.Origin,
  now: number,
  out: Array<Engine.Output>
): void => {
  Querier.hearQuery(self.querier, link, message, origin, now)
  Claims.hearQuery(self.claims, link, message, origin, now, out)
  const zone = Claims.zone(self.claims, link.key)
  if (zone !== undefined) Answering.hearQuery(self.answering, link, zone, message, origin, now, out)
}

const hearResponse = (
  self: Host,
  link: Link.Link,
  message: Message.Message,
  origin: Link.Origin,
  now: number,
  out: Array<Engine.Output>,
  refuse: (reason: string) => void
): void => {
  // RFC 6762, sections 6 and 11
  if (origin.source.port !== Link.port) return refuse("port")
  if (!origin.isMulticast && !origin.isOnLink) return refuse("off-link")
  const isAwaited = origin.isMulticast || answersProbe(self, link, message)
  Claims.hearResponse(self.claims, link, message, origin, now, out)
  const zone = Claims.zone(self.claims, link.key)
  if (zone !== undefined) Answering.hearResponse(self.answering, link, zone, message, origin)
  const isAnswer = Querier.hearResponse(self.querier, link, message, origin, now, out)
  if (!isAwaited && !isAnswer) refuse("unexpected response by unicast")
  if (self.querier.renewed === undefined) return
  // by unicast it is for a moment only that it is expected
  const all = [...message.answers, ...message.authorities, ...message.additionals]
  if (!origin.isMulticast || all.some((record) => Claims.concerns(self.claims, link.key, record))) {
    self.querier.renewed = undefined
  }
}

const answersProbe = ({ claims }: Host, link: Link.Link, { additionals, answers, authorities }: Message.Message) =>
  [...answers, ...authorities, ...additionals].some(({ name }) => Claims.isProbing(claims, link.key, name.key))
