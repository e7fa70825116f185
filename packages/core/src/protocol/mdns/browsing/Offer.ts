/**
 * What subscribers are told of an instance.
 */
import * as Attributes from "../../../Attributes.ts"
import * as Getters from "../../../internal/Getters.ts"
import { areSameAddresses } from "../../../internal/Same.ts"
import * as LazyData from "../LazyData.ts"
import * as Name from "../Name.ts"
import * as ServiceType from "../ServiceType.ts"
import type * as Subscription from "../Subscription.ts"
import * as TxtReader from "../TxtReader.ts"
import type * as Choice from "./Choice.ts"
import * as Heard from "./Heard.ts"
import type * as State from "./State.ts"

export type Loss = Extract<Subscription.Notice, { readonly _tag: "ServiceLost" }>["reason"]

/** Whether a target is that of a service which is not offered (RFC 2782). */
export const isNowhere = (host: Name.Name): boolean => host.key === Name.root.key

/** Whether an SRV record offers anything: one without a host or a port only holds a name (RFC 6763, section 8). */
export const isOffered = ({ port, target }: Choice.Service): boolean => port !== 0 && !isNowhere(target)

/** What the SRV record of an offer says. */
export const serviceOf = (heard: Heard.Heard): Choice.Service | undefined => {
  const { data } = heard
  return data._tag === "Service" ? data : undefined
}

/** Whether two offers say the same. */
export const isSame = (self: State.Offer, that: State.Offer): boolean =>
  isSameRecord(self.service, that.service) && isSameRecord(self.text, that.text) &&
  self.otherTexts.length === that.otherTexts.length &&
  self.otherTexts.every((text, index) => Heard.isSame(text, that.otherTexts[index]!)) &&
  areSameAddresses(self.addresses, that.addresses)

const isSameRecord = (self: Heard.Heard | undefined, that: Heard.Heard | undefined): boolean =>
  self === that || (self !== undefined && that !== undefined && Heard.isSame(self, that))

const noText = new Uint8Array()

const octetsOf = ({ data }: Heard.Heard): Uint8Array => data._tag === "Text" ? data.octets : noText

// of the very text that the cache has
const attributesOf = ({ data }: Heard.Heard): Attributes.Attributes =>
  data._tag === "Text" ? TxtReader.fromText(LazyData.textOf(data)) : Attributes.empty

/** A service, of which is made when it is looked at what a peer does not need. */
class Told implements Subscription.Service {
  static {
    Getters.expose(this.prototype, "type", "text", "otherTexts")
  }

  readonly name: Name.Name
  readonly instance: string
  readonly host: Name.Name
  readonly port: number
  readonly priority: number
  readonly weight: number
  readonly addresses: State.Offer["addresses"]
  readonly attributes: Attributes.Attributes
  readonly #subscriber: State.Subscriber
  readonly #text: Heard.Heard | undefined
  readonly #otherTexts: ReadonlyArray<Heard.Heard>

  constructor(
    instance: State.Instance,
    { addresses, otherTexts, text }: State.Offer,
    { port, priority, target, weight }: Omit<Choice.Service, "_tag">
  ) {
    this.name = instance.name
    this.instance = labelOf(instance)
    this.host = target
    this.port = port
    this.priority = priority
    this.weight = weight
    this.addresses = addresses
    this.attributes = text === undefined ? Attributes.empty : attributesOf(text)
    this.#subscriber = instance.subscriber
    this.#text = text
    this.#otherTexts = otherTexts
  }

  get type(): string {
    return typeOf(this.#subscriber, this.name)
  }

  get text(): Uint8Array {
    return this.#text === undefined ? noText : octetsOf(this.#text)
  }

  get otherTexts(): ReadonlyArray<Uint8Array> {
    return this.#otherTexts.map(octetsOf)
  }
}

const nowhere = { port: 0, priority: 0, weight: 0, target: Name.root }

const labelOf = (instance: State.Instance): string => instance.label ??= Name.firstLabelText(instance.name)

// A pointer may lead to an instance of another type than was asked for (RFC 6763, section 4.2): it is what it says it is.
const typeOf = (subscriber: State.Subscriber, { wire }: Name.Name): string => {
  const type = wire[0] === 0 ? wire : wire.subarray(1 + wire[0]!)
  const known = subscriber.type
  if (known !== undefined && areSameOctets(known.octets, type)) return known.text
  const text = ServiceType.format(Name.fromWire(type))
  subscriber.type = { octets: type.slice(), text }
  return text
}

const areSameOctets = (self: Uint8Array, that: Uint8Array): boolean => {
  if (self.length !== that.length) return false
  for (let at = 0; at < self.length; at++) if (self[at] !== that[at]) return false
  return true
}

const where = (origin: string, { link }: State.Instance): Subscription.Where => ({
  link: link.key,
  interface: link.interface,
  origin
})

export const seen = (
  instance: State.Instance,
  offer: State.Offer,
  service: Choice.Service | undefined,
  origin: string,
  endsAt: number,
  now: number
): Subscription.Notice => ({
  _tag: "ServiceSeen",
  key: instance.subscriber.key,
  where: where(origin, instance),
  subject: instance,
  service: new Told(instance, offer, service ?? nowhere),
  // records are heard at whole milliseconds, so that it is the same whenever the same is heard again
  ttl: Math.max(0, endsAt - Math.floor(now))
})

export const lost = (instance: State.Instance, origin: string, reason: Loss): Subscription.Notice => ({
  _tag: "ServiceLost",
  key: instance.subscriber.key,
  where: where(origin, instance),
  name: instance.name,
  reason
})
