/**
 * One instance on one link: from its name to a host, a port and addresses (RFC 6763, sections 4 to 6).
 *
 * Records come in any message and any order (section 12); whatever the cache has is taken from there, and the rest asked for. Once it
 * is resolved nothing is asked any more, unless it is followed.
 */
import * as Timers from "../../../internal/Timers.ts"
import type * as Engine from "../Engine.ts"
import type * as Link from "../Link.ts"
import * as Name from "../Name.ts"
import * as Querier from "../Querier.ts"
import * as Series from "../querier/Series.ts"
import * as Record from "../Record.ts"
import * as Addresses from "./Addresses.ts"
import * as Changes from "./Changes.ts"
import * as Choice from "./Choice.ts"
import * as Heard from "./Heard.ts"
import * as Interests from "./Interests.ts"
import * as Known from "./Known.ts"
import * as Offer from "./Offer.ts"
import * as Sets from "./Sets.ts"
import type * as State from "./State.ts"

/** How long is waited for a TXT record that may not exist, and for addresses in place of those that are gone. */
const patience = 3_000
/** The same for a program that asks once: so that it is answered in the time it has, and yet each question was asked twice. */
const patienceOnce = 1_500
/** For how long what is in doubt is asked for: as long as the cache gives it. */
const doubtPatience = 10_000

/** Begins to resolve an instance. `assess` is due. */
export const make = (
  self: State.Browsing,
  subscriber: State.Subscriber,
  found: Known.Found,
  now: number
): State.Instance => {
  const { link, name } = found
  const instance = Known.make(subscriber, found, Math.ceil(now) + patienceOf(subscriber))
  self.instances += 1
  Interests.listen(self, name, instance)
  Querier.watch(self.querier, link.key, name, typesOf(instance), now)
  Timers.set(self.timers, instance, instance.patienceAt)
  return instance
}

const patienceOf = ({ subscription }: State.Subscriber): number =>
  subscription._tag === "Instance" && subscription.isOnce === true ? patienceOnce : patience

const typesOf = (instance: State.Instance): ReadonlyArray<number> =>
  isTextOnly(instance) ? Sets.typesOfText : Sets.typesOfName

const none: ReadonlyArray<never> = []

/** Whether its records are kept fresh, and it is lost without them. */
const isFollowed = ({ subscriber: { subscription } }: State.Instance): boolean =>
  subscription._tag === "Instance" || (subscription._tag === "Browse" && subscription.follow)

/** Whether it has no host: its TXT record says all of it. */
const isTextOnly = ({ subscriber: { subscription } }: State.Instance): boolean =>
  subscription._tag === "Browse" && subscription.isTextOnly === true

/** Ends it, and says so where it was told of. */
export const end = (
  self: State.Browsing,
  instance: State.Instance,
  reason: Offer.Loss,
  now: number,
  out: Array<Engine.Output>
): void => {
  lose(self, instance, reason, out)
  Interests.release(self, instance, Sets.all, now)
  Interests.unlisten(self, instance.name, instance)
  Querier.unwatch(self.querier, instance.link.key, instance.name, typesOf(instance), now)
  leave(self, instance, now)
  Timers.clear(self.timers, instance)
  // there is room for one that was left out
  if (self.instances >= self.limits.records) Querier.disturbAll(self.querier)
  self.instances -= 1
}

const lose = (
  self: State.Browsing,
  instance: State.Instance,
  reason: Offer.Loss,
  out: Array<Engine.Output>
): void => {
  if (instance.told !== undefined) out.push(Offer.lost(instance, originOf(self, instance), reason))
  instance.told = undefined
  instance.missingSince = undefined
}

/** Who said first what leads to it. */
const originOf = (self: State.Browsing, instance: State.Instance): string =>
  instance.pointer?.origin ?? Sets.records(self, instance, Sets.services)[0]?.origin ?? ""

/**
 * Takes a change in. Whether it means that what is told holds longer, `undefined` when it means nothing to this instance: many instances
 * share a host, whose records are said over and over.
 */
export const hear = (
  self: State.Browsing,
  instance: State.Instance,
  change: Querier.Change,
  now: number
): { readonly isRenewed: boolean } | undefined => {
  const { name, type } = Changes.subjectOf(change)
  const set = Sets.of(instance, name.key, type)
  if (set === 0) return undefined
  switch (change.kind) {
    case "added":
    case "renewed":
      return take(self, instance, set, change.kind)
    case "denied":
      if ((instance.denied & set) !== 0) return undefined
      instance.denied |= set
      Querier.disturb(self.querier, change.link, name)
      // what was kept beyond its ttl is known to be gone now
      Sets.release(instance, set)
      break
    case "withdrawn":
      if (!withdraw(instance, set, change, now)) return undefined
      Querier.disturbAll(self.querier)
      break
    case "removed":
      remove(self, instance, set, change, now)
  }
  instance.news |= set
  return unrenewed
}

const renewed = { isRenewed: true }
const unrenewed = { isRenewed: false }

const take = (
  self: State.Browsing,
  instance: State.Instance,
  set: number,
  kind: "added" | "renewed"
): { readonly isRenewed: boolean } | undefined => {
  const isNews = kind === "added" || (instance.doubted & set) !== 0 || !Sets.isOne(self, instance, set)
  if (isNews) instance.news |= set
  // those of its set that are beyond their ttl have been replaced by it
  Sets.release(instance, set)
  if ((instance.denied & set) !== 0) instance.denied &= ~set
  if ((instance.doubted & set) !== 0) instance.doubted &= ~set
  if (isFollowed(instance)) return renewed
  return isNews ? unrenewed : undefined
}

/** What is only beyond its ttl stays as it was last heard; what was ended before is gone, whoever ended it. */
const remove = (
  self: State.Browsing,
  instance: State.Instance,
  set: number,
  { entry, reason, record }: Extract<Querier.Change, { readonly kind: "removed" }>,
  now: number
): void => {
  const isKept = (!isFollowed(instance) || set === Sets.texts) && !isDenied(self, instance.link, record)
  if (reason === "Expired" && isKept && now >= Heard.endOf(entry)) Sets.keep(instance, entry)
  else instance.loss = reason === "Expired" ? "Expired" : "Goodbye"
}

/** A goodbye to what was kept beyond its ttl counts if it comes from whoever said it; otherwise the owner is asked. */
const withdraw = (
  instance: State.Instance,
  set: number,
  { origin, record }: Extract<Querier.Change, { readonly kind: "withdrawn" }>,
  now: number
): boolean => {
  const known = Sets.keptOf(instance, set).find((heard) => Record.isSame(heard.record, record))
  if (known === undefined) return false
  if (known.origin === origin) {
    Sets.releaseAll(instance, [known])
    instance.loss = "Goodbye"
  } else doubt(instance, now)
  return true
}

const isDenied = (self: State.Browsing, link: Link.Link, { name, type }: Record.Record): boolean =>
  Querier.records(self.querier, link.key, name, Record.Type.NSEC).some(({ record }) => Series.denies(record, type))

/** Lets all of it be asked for again, for as long as is waited for answers: the host was asleep, or somebody has found it wrong. */
export const doubt = (instance: State.Instance, now: number): void => {
  instance.doubted = Sets.all
  instance.patienceAt = Math.ceil(now) + (instance.told === undefined ? patience : doubtPatience)
}

/** A pointer leads to it: in other letters than before, maybe. */
export const follow = (instance: State.Instance, pointer: Heard.Heard, name: Name.Name): void => {
  instance.pointer = pointer
  if (Name.isSpelledAlike(instance.name, name)) return
  instance.name = Name.keep(name)
  instance.label = undefined
}

/** Goes on where its link is otherwise now. */
export const relink = (instance: State.Instance, link: Link.Link): void => {
  instance.link = link
  instance.news = Sets.all
}

/** Goes on from what was heard: to its host, to what is to be asked, and to what is to be told. */
export const assess = (
  self: State.Browsing,
  instance: State.Instance,
  isRenewed: boolean,
  now: number,
  out: Array<Engine.Output>
): void => {
  const { told } = instance
  const wasOffered = instance.isOffered
  const hasNoHost = isTextOnly(instance)
  let isToldOtherwise = false
  if (told === undefined) instance.news = Sets.all
  const service = hasNoHost ? undefined : choose(self, instance)
  const data = service && Offer.serviceOf(service)
  moveTo(self, instance, data?.target, now)
  const offer = hasNoHost ? offerText(self, instance) : offerService(self, instance, service, data, now)
  if (offer !== undefined) {
    instance.missingSince = undefined
    // what leads to it may have been renewed while something of it was missing
    const known = wasOffered ? told : undefined
    if (isRenewed || known === undefined || !Offer.isSame(offer, known)) {
      isToldOtherwise = !isRenewed
      out.push(Offer.seen(instance, offer, data, originOf(self, instance), endOf(self, instance), now))
    }
    instance.told = offer
    instance.news = 0
  } else if (told !== undefined) miss(self, instance, data, now, out)
  const isOther = instance.isOffered !== wasOffered
  // the same datagram would not do it again
  if (isToldOtherwise || isOther) Querier.disturbSource(self.querier, originOf(self, instance))
  if (isOther && isFollowed(instance)) disturb(self, instance)
  ask(self, instance, now)
  Timers.set(self.timers, instance, deadlineOf(instance, now))
}

/** All of it renews what is told when it is followed, as what leads to it does in any case; and nothing while there is nothing to tell. */
const disturb = (self: State.Browsing, { host, link, name }: State.Instance): void => {
  Querier.disturb(self.querier, link.key, name)
  if (host !== undefined) Querier.disturb(self.querier, link.key, host)
}

const deadlineOf = (instance: State.Instance, now: number): number => {
  // an instance that is told and in no doubt waits for nothing
  if (isAtRest(instance)) return Infinity
  const { doubted, missingSince, patienceAt, told } = instance
  const isWaiting = patienceAt > now && (told === undefined || doubted !== 0)
  return Math.min(isWaiting ? patienceAt : Infinity, missingSince === undefined ? Infinity : missingSince + patience)
}

/** The SRV record to go by, the same one for as long as it is there. */
const choose = (self: State.Browsing, instance: State.Instance): Heard.Heard | undefined => {
  if ((instance.news & Sets.services) === 0) return instance.told?.service
  const services = Heard.latest(Sets.records(self, instance, Sets.services))
  instance.chosen = services.length < 2 ? services[0] : chooseAmong(self, instance, services.filter(isService))
  return instance.chosen
}

const isService = (heard: Heard.Heard): boolean => Offer.serviceOf(heard) !== undefined

const chooseAmong = (
  self: State.Browsing,
  { chosen }: State.Instance,
  services: ReadonlyArray<Heard.Heard>
): Heard.Heard | undefined => {
  const offered = services.map((heard) => Offer.serviceOf(heard)!)
  const kept = chosen && services.findIndex((heard) => Heard.isSame(heard, chosen))
  const best = Math.min(...offered.map(({ priority }) => priority))
  if (kept !== undefined && offered[kept]?.priority === best) return services[kept]
  return services[offered.indexOf(Choice.choose(offered, self.chance)!)]
}

/** Turns to another host. Without an SRV record it stays with the one it had, in case that comes back. */
const moveTo = (self: State.Browsing, instance: State.Instance, host: Name.Name | undefined, now: number): void => {
  if (host === undefined || host.key === instance.host?.key) return
  leave(self, instance, now)
  Interests.release(self, instance, Sets.ofHost, now)
  Sets.release(instance, Sets.ofHost)
  instance.host = host
  instance.denied &= ~Sets.ofHost
  instance.news |= Sets.ofHost
  instance.patienceAt = Math.ceil(now) + patienceOf(instance.subscriber)
  if (Offer.isNowhere(host)) return
  Interests.listen(self, host, instance)
  Querier.watch(self.querier, instance.link.key, host, Sets.typesOfHost, now)
  // what the cache gives up soon was doubted while nobody listened
  if (Querier.hasEnding(self.querier, instance.link.key, host) && currentOf(self, instance).some(Heard.isEnding)) {
    instance.doubted |= Sets.ofHost
  }
}

/** Listens no more to its host, which may have the instance's own name. */
const leave = (self: State.Browsing, instance: State.Instance, now: number): void => {
  const { host, link, name } = instance
  if (host === undefined || Offer.isNowhere(host)) return
  if (host.key !== name.key) Interests.unlisten(self, host, instance)
  Querier.unwatch(self.querier, link.key, host, Sets.typesOfHost, now)
}

/** The instance as a service, `undefined` while something of it is missing. A TXT record that may not exist is not waited for too long. */
const offerService = (
  self: State.Browsing,
  instance: State.Instance,
  service: Heard.Heard | undefined,
  data: Choice.Service | undefined,
  now: number
): State.Offer | undefined => {
  if (service === undefined || data === undefined || !Offer.isOffered(data)) return undefined
  const { denied, patienceAt, told } = instance
  const addresses = addressesOf(self, instance, service, data.port)
  if (addresses.length === 0) return undefined
  const { otherTexts, text } = textsOf(self, instance, Heard.latest)
  const isAwaited = (denied & Sets.texts) === 0 && now < patienceAt
  return text === undefined && isAwaited && told === undefined ? undefined : { service, text, otherTexts, addresses }
}

const offerText = (self: State.Browsing, instance: State.Instance): State.Offer | undefined => {
  const { otherTexts, text } = textsOf(self, instance, Heard.latestFirst)
  return text === undefined ? undefined : { service: undefined, text, otherTexts, addresses: none }
}

// what a new one has replaced is in the cache for a second more, and no news
const textsOf = (
  self: State.Browsing,
  instance: State.Instance,
  select: (all: ReadonlyArray<Heard.Heard>) => ReadonlyArray<Heard.Heard>
): Pick<State.Offer, "text" | "otherTexts"> => {
  if ((instance.news & Sets.texts) === 0) return instance.told!
  const texts = select(Sets.records(self, instance, Sets.texts))
  return { text: texts[0], otherTexts: texts.length < 2 ? none : texts.slice(1) }
}

const addressesOf = (
  self: State.Browsing,
  instance: State.Instance,
  service: Heard.Heard,
  port: number
): State.Offer["addresses"] => {
  const { link, news, told } = instance
  if ((news & Sets.ofHost) === 0 && told?.service === service) return told.addresses
  const places = Addresses.fromRecords(currentOf(self, instance), port, link, self.places)
  self.places = places
  return told !== undefined && Addresses.areAtPort(told.addresses, places, port)
    ? told.addresses
    : Addresses.atPort(places, port)
}

/** What its host says of its addresses now. */
const currentOf = (self: State.Browsing, instance: State.Instance): ReadonlyArray<Heard.Heard> => {
  const ipv4 = Heard.current(Sets.records(self, instance, Sets.ipv4))
  const ipv6 = Heard.current(Sets.records(self, instance, Sets.ipv6))
  return ipv4.concat(ipv6)
}

/** It holds as long as its pointer, and when it is followed no longer than its host and an address of it. */
const endOf = (self: State.Browsing, instance: State.Instance): number => {
  const pointerEnd = instance.pointer === undefined ? Infinity : Heard.endOf(instance.pointer)
  if (!isFollowed(instance) || isTextOnly(instance)) return pointerEnd
  const latest = (...sets: ReadonlyArray<number>) =>
    Math.max(...sets.flatMap((set) => Sets.records(self, instance, set)).map(Heard.endOf))
  return Math.min(pointerEnd, latest(Sets.services), latest(Sets.ipv4, Sets.ipv6))
}

/** What was told of it is no longer complete: without addresses it is given time, without a service it is lost. */
const miss = (
  self: State.Browsing,
  instance: State.Instance,
  service: Choice.Service | undefined,
  now: number,
  out: Array<Engine.Output>
): void => {
  if (service === undefined || !Offer.isOffered(service)) {
    return lose(self, instance, service ? "Goodbye" : instance.loss, out)
  }
  const told = instance.told?.service && Offer.serviceOf(instance.told.service)
  const isExpired = isFollowed(instance) && instance.loss === "Expired" && service.target.key === told?.target.key
  instance.missingSince ??= Math.ceil(now)
  if (isExpired || now >= instance.missingSince + patience) lose(self, instance, instance.loss, out)
}

/** Asks for what is missing; what is there is only listened to, unless it is followed. */
const ask = (self: State.Browsing, instance: State.Instance, now: number): void => {
  const { host, interests, name } = instance
  const refresh = isFollowed(instance)
  if (isAtRest(instance) && !refresh && interests.length === 0) return
  for (const [set, type] of Sets.types) {
    const owner = (set & Sets.ofHost) === 0 ? name : host
    if (owner === undefined || Offer.isNowhere(owner) || (set !== Sets.texts && isTextOnly(instance))) continue
    if (!isAsked(self, instance, set, now)) Interests.release(self, instance, set, now)
    else Interests.ask(self, instance, { set, type, name: owner, refresh }, now)
  }
}

/** Whether it is told, all of it there, and in no doubt. */
const isAtRest = ({ doubted, isOffered }: State.Instance): boolean => isOffered && doubted === 0

/**
 * Of a host that has said addresses of one family those of the other are not missing: it says all that it has (RFC 6762, section 6.2).
 */
const isAsked = (self: State.Browsing, instance: State.Instance, set: number, now: number): boolean => {
  const { denied, doubted, patienceAt } = instance
  if ((doubted & set) !== 0 && now < patienceAt) return true
  if (Sets.records(self, instance, set).length > 0) return isFollowed(instance) && set !== Sets.texts
  return !instance.isOffered && (denied & set) === 0
}
