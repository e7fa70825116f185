/**
 * Services as programs see them: one of a name, whatever links and families it is seen on.
 */
import * as NetAddress from "effect/net/NetAddress"
import type * as Attributes from "../../../Attributes.ts"
import type * as Lease from "../../../Lease.ts"
import type * as NetworkInterface from "../../../NetworkInterface.ts"
import * as Name from "../../../protocol/mdns/Name.ts"
import type * as Subscription from "../../../protocol/mdns/Subscription.ts"
import * as Txt from "../../../protocol/mdns/Txt.ts"
import * as Latin1 from "../../Latin1.ts"

/**
 * An instance of a service, merged over the links and address families it is seen on.
 *
 * @category models
 * @since 0.1.0
 */
export interface Service {
  /** What identifies it: its full name with ASCII letters in lower case, dots and backslashes of labels escaped (RFC 6763, section 4.3). */
  readonly id: string
  /**
   * Its own part of that, such as `Dr. Pepper`, in which nothing is escaped that a name may have: what people read, and what `publish` and
   * `resolve` take.
   */
  readonly name: string
  /** `_http._tcp` and the like. */
  readonly type: string
  /** The name of the host that offers it, such as `printer.local`. */
  readonly host: string
  /** The port that it is offered on. */
  readonly port: number
  /** Of several that do the same, those with the lowest are to be tried first (RFC 2782). */
  readonly priority: number
  /** The share that it is to have among those of equal priority (RFC 2782). */
  readonly weight: number
  /** Where it can be reached, with its port; link-local IPv6 ones with the index of the interface as their scope. */
  readonly addresses: ReadonlyArray<NetAddress.InetAddress>
  /** What its TXT record says. */
  readonly attributes: Attributes.Attributes
  /** Whether its TXT record is not as it should be; `attributes` is then read as far as it goes. */
  readonly isTextMalformed: boolean
  /** The data of its TXT records octet by octet, of which `attributes` is the first. There should be one (RFC 6763, section 6.8). */
  readonly texts: ReadonlyArray<Uint8Array>
  /** The interfaces it is seen on. */
  readonly interfaces: ReadonlyArray<string>
}

/**
 * Why a service is gone.
 *
 * @category models
 * @since 0.1.0
 */
export type LossReason = "Goodbye" | "Expired" | "InterfaceLost"

/**
 * What happens to services. Each is found once, and lost when the last link that had it has it no longer.
 *
 * @category models
 * @since 0.1.0
 */
export type ServiceEvent =
  | { readonly _tag: "ServiceFound"; readonly service: Service }
  | { readonly _tag: "ServiceUpdated"; readonly service: Service; readonly previous: Service }
  | { readonly _tag: "ServiceLost"; readonly service: Service; readonly reason: LossReason }

/**
 * A service as one link has it: again whenever it is renewed there.
 *
 * @category models
 * @since 0.1.0
 */
export interface Seen {
  readonly _tag: "Seen"
  /** The service, as this link has it. */
  readonly service: Service
  /** The interface and the family, such as `eth0/IPv4`. */
  readonly link: string
  /** The name of the interface. */
  readonly interface: string
  /** The interface as it was then. */
  readonly networkInterface?: NetworkInterface.NetworkInterface | undefined
  /** Who said it first. */
  readonly origin: string
  /** For how many milliseconds it holds. */
  readonly ttl: number
}

/**
 * A service that one link has no longer.
 *
 * @category models
 * @since 0.1.0
 */
export interface Gone {
  readonly _tag: "Gone"
  /** What identified it. */
  readonly id: string
  /** The interface and the family, such as `eth0/IPv4`. */
  readonly link: string
  /** The name of the interface. */
  readonly interface: string
  /** Who said it first. */
  readonly origin: string
  /** Why it is gone. */
  readonly reason: LossReason
}

/**
 * What one link says of a service: that it is `Seen`, again whenever it is renewed there, or `Gone`.
 *
 * @category models
 * @since 0.1.0
 */
export type Sighting = Seen | Gone

/** The parts of a service that a source makes a peer of. */
export type Part = Pick<Service, "id" | "name" | "addresses" | "attributes">

/** A sighting of which sources need no more. With a lease it holds for as long as that, and what renews it is not told. */
export type Leased = Gone | Omit<Seen, "service"> & { readonly service: Part; readonly lease?: Lease.Lease | undefined }

/** What sightings are about, on their link and on others. */
export const keyOf = (sighting: Leased): string =>
  `${sighting.link} ${sighting._tag === "Seen" ? sighting.service.id : sighting.id}`

/** The text that identifies a name. */
export const idOf = ({ key }: Name.Name): string => plainTextOf(key) ?? Name.format(Name.fromWire(Latin1.toOctets(key)))

/** The labels of a name's key with dots between, if there is nothing to escape in them. */
const plainTextOf = (key: string): string | undefined => {
  const characters = Latin1.room(Math.max(0, key.length - 2))
  let end = key.charCodeAt(0)
  if (end === 0) return undefined
  for (let at = 1; at < key.length - 1; at++) {
    const character = key.charCodeAt(at)
    if (at > end) {
      end = at + character
      characters[at - 1] = dot
    } else if (character < 0x20 || character > 0x7e || character === dot || character === backslash) return undefined
    else characters[at - 1] = character
  }
  return Latin1.text(characters)
}

const dot = 0x2e
const backslash = 0x5c

const reasons = { Goodbye: "Goodbye", Expired: "Expired", LinkLost: "InterfaceLost" } as const

/** What the engine says of an instance, as it is. */
export interface Report {
  readonly notice: Subscription.InstanceNotice
  /** The interface as it was then. */
  readonly networkInterface: NetworkInterface.NetworkInterface | undefined
  /** What keeps it, where what renews it need not be told. */
  readonly lease: Lease.Lease | undefined
}

/** What the engine says of an instance. */
export const sighting = (
  notice: Subscription.InstanceNotice,
  networkInterface?: NetworkInterface.NetworkInterface
): Sighting =>
  notice._tag === "ServiceLost"
    ? gone(notice)
    : { _tag: "Seen", service: fromNotice(notice), ...notice.where, networkInterface, ttl: notice.ttl }

/** The same for sources: what they do not need is not made. */
export const leased = ({ lease, networkInterface, notice }: Report): Leased => {
  if (notice._tag === "ServiceLost") return gone(notice)
  const { service: { addresses, attributes, instance, name }, ttl, where } = notice
  const service: Part = { id: idOf(name), name: instance, addresses, attributes }
  return { _tag: "Seen", service, ...where, networkInterface, ttl, lease }
}

const gone = ({ name, reason, where }: Subscription.Lost): Gone => ({
  _tag: "Gone",
  id: idOf(name),
  ...where,
  reason: reasons[reason]
})

const fromNotice = ({ service, where }: Subscription.Seen): Service => {
  const { addresses, attributes, host, instance, name, otherTexts, port, priority, text, type, weight } = service
  return {
    id: idOf(name),
    name: instance,
    type,
    host: Name.format(host),
    port,
    priority,
    weight,
    addresses,
    attributes,
    isTextMalformed: text.length > 0 && !Txt.isSound(text),
    texts: textsOf(text, otherTexts),
    interfaces: [where.interface]
  }
}

const textsOf = (text: Uint8Array, otherTexts: ReadonlyArray<Uint8Array>): ReadonlyArray<Uint8Array> =>
  otherTexts.length === 0 && text.length > 0
    ? [text]
    : [text, ...otherTexts].filter(({ length }) => length > 0)

/** The addresses of all, each once. */
export const unionOf = (
  addresses: Iterable<NetAddress.InetAddress>
): ReadonlyArray<NetAddress.InetAddress> =>
  Array.from(new Map(Array.from(addresses, (address) => [NetAddress.formatInet(address), address])).values())
