/**
 * What subscribers are told of an instance.
 */
import { areSameAddresses } from "../../../internal/Same.ts"
import * as Name from "../Name.ts"
import * as ServiceType from "../ServiceType.ts"
import type * as Subscription from "../Subscription.ts"
import * as Addresses from "./Addresses.ts"
import type * as Choice from "./Choice.ts"
import * as Heard from "./Heard.ts"
import type * as State from "./State.ts"

export type Loss = Extract<Subscription.Notice, { readonly _tag: "ServiceLost" }>["reason"]

/** Whether a target is that of a service which is not offered (RFC 2782). */
export const isNowhere = (host: Name.Name): boolean => host.key === Name.root.key

/** Whether an SRV record offers anything: one without a host or a port only holds a name (RFC 6763, section 8). */
export const isOffered = ({ port, target }: Choice.Service): boolean => port !== 0 && !isNowhere(target)

/** The instance as a service, `undefined` while something of it is missing. A TXT record that may not exist is not waited for too long. */
export const make = (
  instance: State.Instance,
  service: Choice.Service | undefined,
  isPatienceOver: boolean
): Subscription.Service | undefined => {
  if (instance.isTextOnly) return textOnly(instance)
  if (service === undefined || !isOffered(service)) return undefined
  const { ipv4, ipv6, link, texts, told } = instance
  const heards = [...Heard.current(ipv4.heards), ...Heard.current(ipv6.heards)]
  const addresses = Addresses.fromRecords(heards, service.port, link)
  if (addresses.length === 0) return undefined
  // what a new one has replaced is in the cache for a second more, and no news
  const [text, ...otherTexts] = textsOf(Heard.latest(texts.heards))
  if (text === undefined && !texts.isDenied && !isPatienceOver && told === undefined) return undefined
  const { port, priority, target: host, weight } = service
  return { ...identity(instance), host, port, priority, weight, addresses, text: text ?? noText, otherTexts }
}

const noText = new Uint8Array()

const textsOf = (heards: ReadonlyArray<Heard.Heard>): ReadonlyArray<Uint8Array> =>
  heards.flatMap(({ record: { data } }) => data._tag === "Text" ? [data.octets] : [])

const textOnly = (instance: State.Instance): Subscription.Service | undefined => {
  const [text, ...otherTexts] = textsOf(Heard.latestFirst(instance.texts.heards))
  if (text === undefined) return undefined
  return { ...identity(instance), host: Name.root, port: 0, priority: 0, weight: 0, addresses: [], text, otherTexts }
}

/** A pointer may lead to an instance of another type than was asked for (RFC 6763, section 4.2): it is what it says it is. */
const identity = ({ name }: State.Instance): Pick<Subscription.Service, "name" | "instance" | "type"> => {
  const parts = ServiceType.split(name)
  return {
    name,
    instance: Name.formatLabel(parts?.instance ?? Name.labels(name)[0] ?? noText),
    type: ServiceType.format(parts?.type ?? Name.parent(name))
  }
}

/** Whether two services say the same. */
export const isSame = (self: Subscription.Service, that: Subscription.Service): boolean =>
  self.port === that.port && self.priority === that.priority && self.weight === that.weight &&
  self.host.key === that.host.key && areSameAddresses(self.addresses, that.addresses) &&
  areSameOctets([self.text, ...self.otherTexts], [that.text, ...that.otherTexts])

const areSameOctets = (self: ReadonlyArray<Uint8Array>, that: ReadonlyArray<Uint8Array>): boolean =>
  self.length === that.length && self.every((octets, index) => {
    const other = that[index]!
    return octets === other || (octets.length === other.length && octets.every((octet, at) => octet === other[at]))
  })

const where = ({ link, pointer, services }: State.Instance): Subscription.Where => {
  const [service] = services.heards.values()
  return { link: link.key, interface: link.interface, origin: pointer?.origin ?? service?.origin ?? "" }
}

/** It holds as long as its pointer, and when it is followed no longer than its host and an address of it. */
const endOf = ({ ipv4, ipv6, isFollowed, isTextOnly, pointer, services }: State.Instance): number => {
  const pointerEnd = pointer?.expiresAt ?? Infinity
  if (!isFollowed || isTextOnly) return pointerEnd
  const latest = (heards: Iterable<Heard.Heard>) => Math.max(...Array.from(heards, ({ expiresAt }) => expiresAt))
  return Math.min(
    pointerEnd,
    latest(services.heards.values()),
    latest([...ipv4.heards.values(), ...ipv6.heards.values()])
  )
}

export const seen = (
  instance: State.Instance,
  service: Subscription.Service,
  now: number
): Subscription.Notice => ({
  _tag: "ServiceSeen",
  key: instance.subscriber.key,
  where: where(instance),
  service,
  ttl: Math.max(0, endOf(instance) - now)
})

export const lost = (instance: State.Instance, reason: Loss): Subscription.Notice => ({
  _tag: "ServiceLost",
  key: instance.subscriber.key,
  where: where(instance),
  name: instance.name,
  reason
})
