/**
 * What a service is in records (RFC 6763, sections 4 to 7; RFC 6762, section 6.2).
 */
import type * as IpInterface from "effect/net/IpInterface"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import * as Name from "./Name.ts"
import * as Record from "./Record.ts"
import type * as Registration from "./Registration.ts"
import * as ServiceType from "./ServiceType.ts"

/** A name with all records that are to be its owner's alone, and shared records that make no sense without it. */
export interface Claimed {
  readonly name: Name.Name
  readonly unique: ReadonlyArray<Record.Record>
  readonly shared: ReadonlyArray<Record.Record>
}

/** The name of an instance; the registration is valid, and the label a valid one. */
export const instanceName = (instance: string, { type }: Registration.Registration): Name.Name =>
  Result.getOrThrow(ServiceType.instance(instance, typeName(type)))

/** The name of a host by its label. */
export const hostName = (label: string): Name.Name => Result.getOrThrow(Name.prepend(label, ServiceType.local))

const typeName = (type: string): Name.Name => Result.getOrThrow(ServiceType.fromString(type))

/**
 * The records of a service: SRV and TXT are the instance's own, the pointers to it are shared by all that offer the like.
 *
 * The host is the one that the service is offered on; the registration's own `host` goes before it. Of a placeholder there is the SRV
 * record alone, with a port of zero, so that the name is held and nobody finds it (RFC 6763, section 8).
 */
export const serviceRecords = (
  registration: Registration.Registration,
  options: { readonly instance: string; readonly host: Name.Name }
): Claimed => {
  const { isPlaceholder, priority, text, ttl = Record.otherTtl, weight } = registration
  const name = instanceName(options.instance, registration)
  const service: Record.Data = {
    _tag: "Service",
    priority,
    weight,
    port: isPlaceholder ? 0 : registration.port,
    target: registration.host === undefined ? options.host : hostName(registration.host)
  }
  const srv = unique(name, Record.Type.SRV, registration.ttl ?? Record.hostTtl, service)
  return isPlaceholder ? { name, unique: [srv], shared: [] } : {
    name,
    unique: [
      ...(registration.isTextOnly === true ? [] : [srv]),
      unique(name, Record.Type.TXT, ttl, { _tag: "Text", octets: text })
    ],
    shared: [
      ...Array.from(pointers(registration), (owner) => shared(owner, ttl, name)),
      // one for all services of the type, however long each of them holds
      shared(ServiceType.all, Record.otherTtl, typeName(registration.type))
    ]
  }
}

/** The owners of the pointers to an instance: its type and each subtype. */
const pointers = ({ subtypes, type }: Registration.Registration): Iterable<Name.Name> => {
  const name = typeName(type)
  const owners = [name, ...subtypes.map((label) => Result.getOrThrow(ServiceType.subtype(label, name)))]
  return new Map(owners.map((owner) => [owner.key, owner])).values()
}

/**
 * The records of a host on one link: every address of the interface, of both families, and of no other interface (RFC 6762, section 6.2).
 *
 * The reverse pointers are unique, and need no probing: nobody else can have the address (section 8.1). They stand by `reverse`, each under
 * a name of its own.
 */
export const hostRecords = (
  host: Name.Name,
  addresses: ReadonlyArray<IpInterface.IpInterface>,
  ttl: number = Record.hostTtl
): Claimed & { readonly reverse: ReadonlyArray<Record.Record> } => {
  const own = usable(addresses)
  return {
    name: host,
    unique: own.map((address) => addressRecord(host, address, ttl)),
    shared: [],
    reverse: own.map((address) => unique(reverseName(address), Record.Type.PTR, ttl, { _tag: "Pointer", target: host }))
  }
}

/** The records of the host that a proxy speaks for, when it names its addresses: they are said as they are, on every link. */
export const proxiedHost = ({ addresses, host, ttl }: Registration.Registration): Claimed | undefined => {
  if (host === undefined || addresses === undefined || addresses.length === 0) return undefined
  const name = hostName(host)
  return {
    name,
    unique: usable(addresses).map((address) => addressRecord(name, address, ttl ?? Record.hostTtl)),
    shared: []
  }
}

// IPv4 first, each once
const usable = (addresses: ReadonlyArray<IpInterface.IpInterface>): ReadonlyArray<NetAddress.IpAddress> => {
  const unicast = addresses.map(({ address }) => NetAddress.toCanonical(address)).filter(NetAddress.isUnicast)
  const distinct = Array.from(new Map(unicast.map((address) => [NetAddress.formatIp(address), address])).values())
  return [...distinct.filter(NetAddress.isIpv4Address), ...distinct.filter(NetAddress.isIpv6Address)]
}

const octetsOf = (address: NetAddress.IpAddress): Uint8Array =>
  Uint8Array.from(
    NetAddress.isIpv4Address(address) ? NetAddress.ipv4ToOctets(address) : NetAddress.ipv6ToOctets(address)
  )

const addressRecord = (host: Name.Name, address: NetAddress.IpAddress, ttl: number): Record.Record =>
  unique(host, NetAddress.isIpv4Address(address) ? Record.Type.A : Record.Type.AAAA, ttl, {
    _tag: "Address",
    octets: octetsOf(address)
  })

/** `10.2.0.192.in-addr.arpa`, or the 32 digits below `ip6.arpa`. */
export const reverseName = (address: NetAddress.IpAddress): Name.Name => {
  const octets = Array.from(octetsOf(address)).toReversed()
  const labels = NetAddress.isIpv4Address(address)
    ? [...octets.map(String), "in-addr"]
    : [...octets.flatMap((octet) => [(octet & 15).toString(16), (octet >> 4).toString(16)]), "ip6"]
  return Result.getOrThrow(Name.fromLabels([...labels, "arpa"]))
}

const unique = (name: Name.Name, type: number, ttl: number, data: Record.Data): Record.Record => ({
  name,
  type,
  class: Record.IN,
  flush: true,
  ttl,
  data
})

const shared = (name: Name.Name, ttl: number, target: Name.Name): Record.Record => ({
  name,
  type: Record.Type.PTR,
  class: Record.IN,
  flush: false,
  ttl,
  data: { _tag: "Pointer", target }
})
