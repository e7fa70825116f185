/**
 * One instance on one link: from its name to a host, a port and addresses (RFC 6763, sections 4 to 6).
 *
 * Records come in any message and any order (section 12); whatever the cache has is taken from there, and the rest asked for. Once it
 * is resolved nothing is asked any more, unless it is followed.
 */
import type * as Engine from "../Engine.ts"
import type * as Link from "../Link.ts"
import type * as Name from "../Name.ts"
import * as Querier from "../Querier.ts"
import * as Series from "../querier/Series.ts"
import * as Timers from "../querier/Timers.ts"
import * as Record from "../Record.ts"
import * as Choice from "./Choice.ts"
import * as Heard from "./Heard.ts"
import * as Interests from "./Interests.ts"
import * as Offer from "./Offer.ts"
import type * as State from "./State.ts"

/** How long is waited for a TXT record that may not exist, and for addresses in place of those that are gone. */
const patience = 3_000
/** For how long what is in doubt is asked for: as long as the cache gives it. */
const doubtPatience = 10_000

/** Begins to resolve an instance. `assess` is due. */
export const make = (
  self: State.Browsing,
  subscriber: State.Subscriber,
  options: {
    readonly name: Name.Name
    readonly link: Link.Link
    readonly isFollowed: boolean
    readonly isTextOnly: boolean
    readonly pointer: Heard.Heard | undefined
  },
  now: number
): State.Instance => {
  const instance: State.Instance = {
    _tag: "Instance",
    slot: -1,
    subscriber,
    ...options,
    services: slot(Record.Type.SRV),
    texts: slot(Record.Type.TXT),
    ipv4: slot(Record.Type.A),
    ipv6: slot(Record.Type.AAAA),
    chosen: undefined,
    host: undefined,
    patienceAt: now + patience,
    missingSince: undefined,
    loss: "Expired",
    told: undefined
  }
  self.instances += 1
  Interests.listen(self, options.name, instance)
  for (const each of [instance.services, instance.texts]) recall(self, instance, each, options.name)
  Timers.set(self.timers, instance, instance.patienceAt)
  return instance
}

const slot = (type: number): State.Slot => ({
  type,
  heards: new Map(),
  isDenied: false,
  isDoubted: false,
  interest: undefined
})

/** Takes what the cache has. */
const recall = (self: State.Browsing, { link }: State.Instance, slot: State.Slot, name: Name.Name): void => {
  for (const cached of Querier.records(self.querier, link.key, name, slot.type)) {
    Heard.hear(slot.heards, Record.key(cached.record), Heard.of(cached))
  }
}

/** Ends it, and says so where it was told of. */
export const end = (
  self: State.Browsing,
  instance: State.Instance,
  reason: Offer.Loss,
  now: number,
  out: Array<Engine.Output>
): void => {
  lose(instance, reason, out)
  for (const slot of slotsOf(instance)) Interests.release(self, slot, now)
  Interests.unlisten(self, instance.name, instance)
  if (instance.host !== undefined) Interests.unlisten(self, instance.host, instance)
  Timers.clear(self.timers, instance)
  self.instances -= 1
}

const lose = (instance: State.Instance, reason: Offer.Loss, out: Array<Engine.Output>): void => {
  if (instance.told !== undefined) out.push(Offer.lost(instance, reason))
  instance.told = undefined
  instance.missingSince = undefined
}

const slotsOf = ({ ipv4, ipv6, services, texts }: State.Instance): ReadonlyArray<State.Slot> => [
  services,
  texts,
  ipv4,
  ipv6
]

const slotOfType = ({ ipv4, ipv6, services, texts }: State.Instance, type: number): State.Slot | undefined => {
  switch (type) {
    case Record.Type.SRV:
      return services
    case Record.Type.TXT:
      return texts
    case Record.Type.A:
      return ipv4
    case Record.Type.AAAA:
      return ipv6
    default:
      return undefined
  }
}

/** The slot that records of a name and type belong to. */
const slotOf = (instance: State.Instance, name: Name.Name, type: number): State.Slot | undefined => {
  const slot = slotOfType(instance, type)
  const owner = slot === instance.services || slot === instance.texts ? instance.name : instance.host
  return owner?.key === name.key ? slot : undefined
}

/**
 * Takes a change in, `heard` being the record as the cache has it. Whether it means that what is told holds longer, `undefined` when it
 * means nothing to this instance: many instances share a host, whose records are said over and over.
 */
export const hear = (
  self: State.Browsing,
  instance: State.Instance,
  change: Querier.Change,
  heard: Heard.Heard | undefined,
  now: number
): { readonly isRenewed: boolean } | undefined => {
  const { name, type } = change.kind === "denied" ? change : change.record
  const slot = slotOf(instance, name, type)
  if (slot === undefined) return undefined
  switch (change.kind) {
    case "denied":
      if (slot.isDenied) return undefined
      slot.isDenied = true
      self.querier.disturbances++
      // what was kept beyond its ttl is known to be gone now
      slot.heards.clear()
      return { isRenewed: false }
    case "withdrawn":
      return withdraw(instance, slot, change, now)
    case "removed":
      remove(self, instance, slot, change, now)
      return { isRenewed: false }
    default:
      return heard === undefined ? undefined : take(instance, slot, heard)
  }
}

const take = (
  instance: State.Instance,
  slot: State.Slot,
  heard: Heard.Heard
): { readonly isRenewed: boolean } | undefined => {
  const key = Record.key(heard.record)
  const isNews = slot.heards.size !== 1 || slot.heards.get(key)?.isStale !== false || slot.isDoubted
  Heard.hear(slot.heards, key, heard)
  slot.isDenied = false
  slot.isDoubted = false
  return isNews || instance.isFollowed ? { isRenewed: instance.isFollowed } : undefined
}

/** Hears again what is known as it is, and holds for longer now. */
export const hearAgain = (instance: State.Instance, key: string, heard: Heard.Heard): void => {
  const slot = slotOf(instance, heard.record.name, heard.record.type)
  if (slot?.heards.has(key) === true) slot.heards.set(key, heard)
}

/** A record as the cache has it. */
export const find = (self: State.Browsing, link: string, record: Record.Record): Heard.Heard | undefined => {
  const cached = Querier.find(self.querier, link, record)
  return cached && Heard.of(cached)
}

/** What is only beyond its ttl stays as it was last heard; what was ended before is gone, whoever ended it. */
const remove = (
  self: State.Browsing,
  instance: State.Instance,
  slot: State.Slot,
  { reason, record }: Extract<Querier.Change, { readonly kind: "removed" }>,
  now: number
): void => {
  const key = Record.key(record)
  const heard = slot.heards.get(key)
  if (heard === undefined) return
  const isKept = (!instance.isFollowed || slot === instance.texts) && !isDenied(self, instance.link, record)
  if (reason === "Expired" && isKept && now >= heard.expiresAt) return Heard.keep(slot.heards, key)
  slot.heards.delete(key)
  instance.loss = reason === "Expired" ? "Expired" : "Goodbye"
}

/** A goodbye to what was kept beyond its ttl counts if it comes from whoever said it; otherwise the owner is asked. */
const withdraw = (
  instance: State.Instance,
  slot: State.Slot,
  { origin, record }: Extract<Querier.Change, { readonly kind: "withdrawn" }>,
  now: number
): { readonly isRenewed: boolean } | undefined => {
  const key = Record.key(record)
  const heard = slot.heards.get(key)
  if (heard === undefined) return undefined
  if (heard.origin === origin) {
    slot.heards.delete(key)
    instance.loss = "Goodbye"
  } else doubt(instance, now)
  return { isRenewed: false }
}

const isDenied = (self: State.Browsing, link: Link.Link, { name, type }: Record.Record): boolean =>
  Querier.records(self.querier, link.key, name, Record.Type.NSEC).some(({ record }) => Series.denies(record, type))

/** Lets all of it be asked for again, for as long as is waited for answers: the host was asleep, or somebody has found it wrong. */
export const doubt = (instance: State.Instance, now: number): void => {
  for (const slot of slotsOf(instance)) slot.isDoubted = true
  instance.patienceAt = now + (instance.told === undefined ? patience : doubtPatience)
}

/** Goes on from what was heard: to its host, to what is to be asked, and to what is to be told. */
export const assess = (
  self: State.Browsing,
  instance: State.Instance,
  isRenewed: boolean,
  now: number,
  out: Array<Engine.Output>
): void => {
  const service = instance.isTextOnly ? undefined : choose(self, instance)
  moveTo(self, instance, service?.target, now)
  const offer = Offer.make(instance, service, now >= instance.patienceAt)
  if (offer !== undefined) {
    instance.missingSince = undefined
    if (isRenewed || instance.told === undefined || !Offer.isSame(offer, instance.told)) {
      out.push(Offer.seen(instance, offer, now))
    }
    instance.told = offer
  } else if (instance.told !== undefined) miss(instance, service, now, out)
  ask(self, instance, now, out)
  Timers.set(self.timers, instance, deadlineOf(instance, now))
}

const deadlineOf = (instance: State.Instance, now: number): number => {
  const { missingSince, patienceAt, told } = instance
  // an instance that is told and in no doubt waits for nothing
  const isWaiting = patienceAt > now && (told === undefined || slotsOf(instance).some(({ isDoubted }) => isDoubted))
  return Math.min(isWaiting ? patienceAt : Infinity, missingSince === undefined ? Infinity : missingSince + patience)
}

/** The SRV record to go by, the same one for as long as it is there. */
const choose = (self: State.Browsing, instance: State.Instance): Choice.Service | undefined => {
  const services = new Map(
    Heard.latest(instance.services.heards).flatMap(({ record }) =>
      record.data._tag === "Service" ? [[Record.key(record), record.data] as const] : []
    )
  )
  const kept = instance.chosen === undefined ? undefined : services.get(instance.chosen)
  const best = Math.min(...Array.from(services.values(), ({ priority }) => priority))
  if (kept?.priority === best) return kept
  const chosen = Choice.choose(Array.from(services.values()), self.chance)
  instance.chosen = Array.from(services).find(([, service]) => service === chosen)?.[0]
  return chosen
}

/** Turns to another host. Without an SRV record it stays with the one it had, in case that comes back. */
const moveTo = (self: State.Browsing, instance: State.Instance, host: Name.Name | undefined, now: number): void => {
  if (host === undefined || host.key === instance.host?.key) return
  if (instance.host !== undefined && instance.host.key !== instance.name.key) {
    Interests.unlisten(self, instance.host, instance)
  }
  instance.host = host
  for (const slot of [instance.ipv4, instance.ipv6]) {
    Interests.release(self, slot, now)
    slot.heards.clear()
    slot.isDenied = false
    if (!Offer.isNowhere(host)) recall(self, instance, slot, host)
  }
  if (!Offer.isNowhere(host)) Interests.listen(self, host, instance)
  instance.patienceAt = now + patience
}

/** What was told of is no longer complete: without addresses it is given time, without a service it is lost. */
const miss = (
  instance: State.Instance,
  service: Choice.Service | undefined,
  now: number,
  out: Array<Engine.Output>
): void => {
  if (service === undefined || !Offer.isOffered(service)) {
    return lose(instance, service ? "Goodbye" : instance.loss, out)
  }
  const isExpired = instance.isFollowed && instance.loss === "Expired" && instance.host?.key === instance.told?.host.key
  instance.missingSince ??= now
  if (isExpired || now >= instance.missingSince + patience) lose(instance, instance.loss, out)
}

const ask = (self: State.Browsing, instance: State.Instance, now: number, out: Array<Engine.Output>): void => {
  for (const slot of instance.isTextOnly ? [instance.texts] : [instance.services, instance.texts]) {
    Interests.ask(self, instance, slot, instance.name, modeOf(instance, slot, now), now, out)
  }
  if (instance.host === undefined || Offer.isNowhere(instance.host)) return
  for (const slot of [instance.ipv4, instance.ipv6]) {
    Interests.ask(self, instance, slot, instance.host, modeOf(instance, slot, now), now, out)
  }
}

/**
 * Asks for what is missing; what is there is only listened to, unless it is followed. Of a host that has said addresses of one family those
 * of the other are not missing: it says all that it has (RFC 6762, section 6.2).
 */
const modeOf = (instance: State.Instance, slot: State.Slot, now: number): Querier.Interest["mode"] => {
  if (slot.isDoubted && now < instance.patienceAt) return "resolve"
  if (slot.heards.size > 0) return instance.isFollowed && slot !== instance.texts ? "resolve" : "watch"
  const isComplete = instance.told !== undefined && instance.missingSince === undefined
  return isComplete || slot.isDenied ? "watch" : "resolve"
}
