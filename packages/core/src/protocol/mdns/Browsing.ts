/**
 * Turns what programs want to know into questions, and what was heard into what they are told (RFC 6763, sections 4 and 9).
 *
 * Every subscription is told for itself, by link. One that comes late is told at once what the cache holds.
 */
import * as Timers from "../../internal/Timers.ts"
import type * as Seed from "../../Seed.ts"
import * as Changes from "./browsing/Changes.ts"
import type * as Heard from "./browsing/Heard.ts"
import * as Instance from "./browsing/Instance.ts"
import * as Instances from "./browsing/Instances.ts"
import * as Interests from "./browsing/Interests.ts"
import * as Offer from "./browsing/Offer.ts"
import type * as State from "./browsing/State.ts"
import * as Told from "./browsing/Told.ts"
import * as Chance from "./Chance.ts"
import type * as Engine from "./Engine.ts"
import type * as Link from "./Link.ts"
import type * as Name from "./Name.ts"
import * as Querier from "./Querier.ts"
import * as Record from "./Record.ts"
import * as ServiceType from "./ServiceType.ts"
import type * as Subscription from "./Subscription.ts"

export type { Browsing } from "./browsing/State.ts"

/** `isOwn` tells the names that this engine announces itself on a link: its own services are no news. */
export const make = (options: {
  readonly seed: Seed.Seed
  readonly limits: Engine.Limits
  readonly querier: Querier.Querier
  readonly isOwn: (linkKey: string, nameKey: string) => boolean
  readonly owned: State.Browsing["owned"]
}): State.Browsing => ({
  querier: options.querier,
  isOwn: options.isOwn,
  owned: options.owned,
  limits: options.limits,
  chance: Chance.make(options.seed, "browsing"),
  links: new Map(),
  subscribers: new Map(),
  listeners: new Map(),
  timers: Timers.make(),
  places: undefined,
  instances: 0,
  nextInterest: 0
})

/** Takes up a subscription, in place of the one that has its key. One whose type is no service type is never told anything. */
export const subscribe = (
  self: State.Browsing,
  key: number,
  subscription: Subscription.Subscription,
  now: number,
  out: Array<Engine.Output>
): void => {
  unsubscribe(self, key, now)
  const wanted = wantedBy(subscription)
  if (wanted === undefined) return
  const subscriber: State.Subscriber = {
    key,
    subscription,
    type: undefined,
    name: wanted.name,
    types: wanted.types,
    interests: wanted.types.map(() => self.nextInterest++),
    instances: new Map(),
    told: new Map(),
    addresses: new Map()
  }
  self.subscribers.set(key, subscriber)
  if (wanted.types.length > 0) Interests.subscribe(self, subscriber)
  const isBrowsing = subscription._tag === "Browse" || subscription._tag === "Types"
  for (const [index, type] of wanted.types.entries()) {
    Querier.ask(
      self.querier,
      {
        id: subscriber.interests[index]!,
        name: wanted.name,
        type,
        interface: subscription.interface,
        mode: isBrowsing || !isUnique(type) ? "browse" : "resolve",
        refresh: true,
        isOnce: subscription._tag === "Host" && subscription.isOnce
      },
      now
    )
  }
  for (const link of self.links.values()) begin(self, subscriber, link, now, out)
}

/** Pointers are shared as a rule, so that one answer is not all. */
const isUnique = (type: number): boolean => type !== Record.Type.PTR && type !== Record.Type.ANY

interface Wanted {
  readonly name: Name.Name
  readonly types: ReadonlyArray<number>
}

/** What a subscription asks for on all its links; of an instance every link has its own questions. */
const wantedBy = (subscription: Subscription.Subscription): Wanted | undefined => {
  switch (subscription._tag) {
    case "Browse": {
      const name = ServiceType.browsed(subscription.type, subscription.subtype)
      return name && { name, types: [Record.Type.PTR] }
    }
    case "Types":
      return { name: ServiceType.all, types: [Record.Type.PTR] }
    case "Instance":
      return { name: subscription.name, types: [] }
    case "Host":
      return { name: subscription.name, types: [Record.Type.A, Record.Type.AAAA] }
    case "Records":
      return { name: subscription.name, types: [subscription.type] }
  }
}

/** Begins on a link, with what the cache has. */
const begin = (
  self: State.Browsing,
  subscriber: State.Subscriber,
  link: Link.Link,
  now: number,
  out: Array<Engine.Output>
): void => {
  const { name, subscription, types } = subscriber
  if (subscription.interface !== undefined && subscription.interface !== link.interface) return
  const introduce = (name: Name.Name, pointer?: Heard.Heard) => {
    if (Interests.find(self, subscriber, link.key, name) !== undefined) return
    const instance = add(self, subscriber, link, name, pointer, now)
    if (instance !== undefined) Instance.assess(self, instance, false, now, out)
  }
  if (subscription._tag === "Instance") return introduce(name)
  if (subscription._tag === "Host") return Told.tellHost(self, subscriber, link, out)
  const all = types.flatMap((type) => Querier.records(self.querier, link.key, name, type))
  for (const heard of all) {
    if (subscription._tag !== "Browse") Told.tell(subscriber, link, heard, out)
    else {
      const target = targetOf(heard)
      if (target !== undefined) introduce(target, heard)
    }
  }
}

/** Begins with an instance that is not known, unless it is our own. It is still to be assessed. */
const add = (
  self: State.Browsing,
  subscriber: State.Subscriber,
  link: Link.Link,
  name: Name.Name,
  pointer: Heard.Heard | undefined,
  now: number
): State.Instance | undefined => {
  if (self.instances >= self.limits.records) return undefined
  if (pointer !== undefined && (Offer.isNowhere(name) || self.isOwn(link.key, name.key))) return undefined
  const instance = Instance.make(self, subscriber, { name, link, pointer }, now)
  const instances = subscriber.instances.get(link.key) ?? Instances.make()
  subscriber.instances.set(link.key, instances)
  Instances.add(instances, instance)
  return instance
}

/** What a pointer leads to: by the name that the cache has of it, which others share. */
const targetOf = ({ data }: Pick<Heard.Heard, "data">): Name.Name | undefined =>
  data._tag === "Pointer" ? data.target : undefined

/** Lets a subscription go. It is told nothing more. */
export const unsubscribe = (self: State.Browsing, key: number, now: number): void => {
  const subscriber = self.subscribers.get(key)
  if (subscriber === undefined) return
  self.subscribers.delete(key)
  Interests.unsubscribe(self, subscriber)
  for (const id of subscriber.interests) Querier.release(self.querier, id, now)
  for (const ofLink of subscriber.instances.values()) {
    for (const instance of Instances.all(ofLink)) Instance.end(self, instance, "LinkLost", now, [])
  }
}

/** A link is up, or has changed. The querier knows of it already. */
export const linkUp = (self: State.Browsing, link: Link.Link, now: number, out: Array<Engine.Output>): void => {
  const isNew = !self.links.has(link.key)
  self.links.set(link.key, link)
  for (const subscriber of self.subscribers.values()) {
    for (const instance of Instances.all(subscriber.instances.get(link.key))) Instance.relink(instance, link)
    if (isNew) begin(self, subscriber, link, now, out)
  }
}

/** A link is gone: so is all that was seen there. */
export const linkDown = (self: State.Browsing, linkKey: string, now: number, out: Array<Engine.Output>): void => {
  const link = self.links.get(linkKey)
  if (link === undefined) return
  for (const subscriber of self.subscribers.values()) {
    for (const instance of Instances.all(subscriber.instances.get(linkKey))) {
      Instance.end(self, instance, "LinkLost", now, out)
    }
    subscriber.instances.delete(linkKey)
    for (const key of Array.from(subscriber.told.get(linkKey)?.keys() ?? [])) Told.untell(subscriber, link, key, out)
    subscriber.told.delete(linkKey)
    if ((subscriber.addresses.get(linkKey) ?? "") !== "") {
      out.push({ _tag: "HostSeen", key: subscriber.key, where: Told.where(link, ""), addresses: [] })
    }
    subscriber.addresses.delete(linkKey)
  }
  self.links.delete(linkKey)
  // its records lead to all that was known there
  if (self.places?.link.key === linkKey) self.places = undefined
}

/** Names have become ours: whoever asks for the host that we are ourselves is told, and nobody else is listed by them any more. */
export const owns = (self: State.Browsing, now: number, out: Array<Engine.Output>): void => {
  for (const subscriber of self.subscribers.values()) {
    for (const link of self.links.values()) {
      if (subscriber.subscription._tag === "Host") begin(self, subscriber, link, now, out)
      const instances = subscriber.instances.get(link.key)
      for (const instance of Instances.all(instances)) {
        if (!isOwnBrowsed(self, instance)) continue
        Instances.remove(instances!, instance)
        Instance.end(self, instance, "Goodbye", now, out)
      }
    }
  }
}

// what is asked for by its name is told whoever has it
const isOwnBrowsed = (self: State.Browsing, { link, name, pointer }: State.Instance): boolean =>
  pointer !== undefined && self.isOwn(link.key, name.key)

/** A name has been left to whoever has it: they are listed, as far as they were heard of while it was ours. */
export const disowns = (self: State.Browsing, now: number, out: Array<Engine.Output>): void => {
  for (const subscriber of self.subscribers.values()) {
    if (subscriber.subscription._tag !== "Browse") continue
    for (const link of self.links.values()) begin(self, subscriber, link, now, out)
  }
}

/** We were away from a link: what was resolved there is asked for again. */
export const resume = (self: State.Browsing, linkKey: string, now: number, out: Array<Engine.Output>): void => {
  for (const { instances } of self.subscribers.values()) {
    for (const instance of Instances.all(instances.get(linkKey))) doubt(self, instance, now, out)
  }
}

/** What is known of a name is in doubt, and so is what has been kept of it beyond its ttl. */
export const reconfirm = (self: State.Browsing, name: Name.Name, now: number, out: Array<Engine.Output>): void => {
  for (const link of self.links.keys()) {
    for (const instance of Interests.instancesOf(self, link, name)) doubt(self, instance, now, out)
  }
}

const doubt = (self: State.Browsing, instance: State.Instance, now: number, out: Array<Engine.Output>): void => {
  Instance.doubt(instance, now)
  Instance.assess(self, instance, false, now, out)
}

/** Takes in what the querier has heard. Each instance is told of once, however many of its records have changed. */
export const review = (
  self: State.Browsing,
  changes: ReadonlyArray<Querier.Change>,
  now: number,
  out: Array<Engine.Output>
): void => {
  const touched = new Map<State.Instance, boolean>()
  let hosts: Map<State.Subscriber, Set<Link.Link>> | undefined
  const touch = (instance: State.Instance, isRenewed: boolean): void =>
    void touched.set(instance, isRenewed || touched.get(instance) === true)
  for (let index = 0; index < changes.length; index++) {
    const change = changes[index]!
    const link = self.links.get(change.link)
    if (link === undefined) continue
    const { name } = Changes.subjectOf(change)
    const instances = Interests.instancesOf(self, link.key, name)
    if (change.kind !== "withdrawn") {
      for (const subscriber of Interests.subscribersOf(self, name.key)) {
        if (!isFor(subscriber, link, change)) continue
        const { _tag } = subscriber.subscription
        if (_tag === "Host") (hosts ??= new Map()).set(subscriber, (hosts.get(subscriber) ?? new Set()).add(link))
        hear(self, subscriber, link, change, touch, now, out)
      }
    }
    if (Changes.isRepeated(change, changes[index - 1])) continue
    for (let at = 0; at < instances.length; at++) {
      const instance = instances[at]!
      const heard = Instance.hear(self, instance, change, now)
      if (heard === undefined) continue
      touch(instance, heard.isRenewed)
      if (change.kind === "denied") tellDenial(instance.subscriber, link, change, out)
    }
  }
  hosts?.forEach((links, subscriber) => {
    for (const link of links) Told.tellHost(self, subscriber, link, out)
  })
  touched.forEach((isRenewed, instance) => {
    if (isAlive(instance)) Instance.assess(self, instance, isRenewed, now, out)
  })
}

const isAlive = (instance: State.Instance): boolean => {
  const instances = instance.subscriber.instances.get(instance.link.key)
  return instances !== undefined && Instances.has(instances, instance)
}

/** What a subscriber is told of; only instances have what the cache has no longer. */
type Change = Exclude<Querier.Change, { readonly kind: "withdrawn" }>

/** Whether a subscriber wants to know of records like this on a link. */
const isFor = ({ subscription, types }: State.Subscriber, link: Link.Link, change: Change): boolean => {
  if (subscription.interface !== undefined && subscription.interface !== link.interface) return false
  const { type } = Changes.subjectOf(change)
  return types.includes(type) || types.includes(Record.Type.ANY)
}

const hear = (
  self: State.Browsing,
  subscriber: State.Subscriber,
  link: Link.Link,
  change: Change,
  touch: (instance: State.Instance, isRenewed: boolean) => void,
  now: number,
  out: Array<Engine.Output>
): void => {
  if (change.kind === "denied") return tellDenial(subscriber, link, change, out)
  const { _tag } = subscriber.subscription
  if (_tag === "Browse") return lead(self, subscriber, link, change, touch, now, out)
  if (_tag !== "Types" && _tag !== "Records") return
  if (change.kind === "removed") return Told.untell(subscriber, link, Record.key(change.record), out)
  const heard = Querier.find(self.querier, link.key, change.record)
  if (heard !== undefined) Told.tell(subscriber, link, heard, out)
}

/** Hears of a pointer that leads to an instance, or no longer does. */
const lead = (
  self: State.Browsing,
  subscriber: State.Subscriber,
  link: Link.Link,
  change: Exclude<Change, { readonly kind: "denied" }>,
  touch: (instance: State.Instance, isRenewed: boolean) => void,
  now: number,
  out: Array<Engine.Output>
): void => {
  const target = targetOf(change.kind === "removed" ? change.record : change.entry)
  if (target === undefined) return
  const instance = Interests.find(self, subscriber, link.key, target)
  if (change.kind === "removed") {
    if (instance === undefined) return
    Instances.remove(subscriber.instances.get(link.key)!, instance)
    return Instance.end(self, instance, change.reason === "Flushed" ? "Goodbye" : change.reason, now, out)
  }
  const { entry } = change
  if (instance !== undefined) {
    Instance.follow(instance, entry, target)
    return touch(instance, true)
  }
  const added = add(self, subscriber, link, target, entry, now)
  if (added !== undefined) touch(added, false)
}

const tellDenial = (
  { key, subscription }: State.Subscriber,
  link: Link.Link,
  { name, type }: Extract<Querier.Change, { readonly kind: "denied" }>,
  out: Array<Engine.Output>
): void => {
  if (subscription._tag === "Browse" || subscription._tag === "Types") return
  out.push({ _tag: "Denied", key, where: Told.where(link, ""), name, type })
}

/** Does what is due: what was waited for long enough is done without. */
export const wake = (self: State.Browsing, now: number, out: Array<Engine.Output>): void => {
  for (
    let due = Timers.takeDue(self.timers, now);
    due !== undefined;
    due = Timers.takeDue(self.timers, now)
  ) Instance.assess(self, due, false, now, out)
}

/** When `wake` is to be called next. */
export const wakeAt = (self: State.Browsing): number => Timers.next(self.timers)
