/**
 * A datagram as one IP packet: RFC 768, RFC 791, RFC 8200; and the port that nobody holds: RFC 792, RFC 4443. What would be fragmented on the wire stays whole, as in the host that sent it.
 */
import * as NetAddress from "effect/net/NetAddress"
import type * as NetworkEvent from "../../NetworkEvent.ts"
import * as Block from "./Block.ts"

const udpHeader = 8
const protocols = { udp: 17, icmp: 1, icmpv6: 58 }

/** @internal */
export const of = (datagram: NetworkEvent.Datagram, ttl = datagram.ttl): Uint8Array => {
  const addresses = { from: octetsOf(datagram.source.address), to: octetsOf(datagram.destination.address) }
  const isIpv4 = addresses.from.length === 4
  if (datagram.kind !== "Icmp") return packetOf(datagram, addresses, protocols.udp, udp(datagram, addresses), ttl)
  return packetOf(
    datagram,
    addresses,
    isIpv4 ? protocols.icmp : protocols.icmpv6,
    portUnreachable(datagram, addresses),
    ttl
  )
}

/** @internal Its headers alone, by which nobody takes it for one more message; of what is no UDP, all of it. */
export const headers = ({ kind, source }: NetworkEvent.Datagram, packet: Uint8Array): Uint8Array =>
  kind === "Icmp" ? packet : packet.subarray(0, (octetsOf(source.address).length === 4 ? 20 : 40) + udpHeader)

interface Addresses {
  readonly from: Uint8Array
  readonly to: Uint8Array
}

const packetOf = (
  { id }: NetworkEvent.Datagram,
  { from, to }: Addresses,
  protocol: number,
  body: Uint8Array,
  ttl: number
): Uint8Array => {
  const isIpv4 = from.length === 4
  const head = isIpv4 ? ipv4(id, body.length, protocol, ttl) : ipv6(body.length, protocol, ttl)
  const header = Block.join([head, from, to])
  if (isIpv4) new DataView(header.buffer).setUint16(10, checksum(header))
  return Block.join([header, body])
}

/** @internal The octets of an address; of an IPv4 address in IPv6 form, those of the former. */
export const octetsOf = (address: string): Uint8Array => {
  const ip = NetAddress.ipFromStringUnsafe(address)
  if (NetAddress.isIpv4Address(ip)) return Uint8Array.from(NetAddress.ipv4ToOctets(ip))
  const octets = Uint8Array.from(NetAddress.ipv6ToOctets(ip))
  const isMapped = octets[10] === 0xff && octets[11] === 0xff && octets.subarray(0, 10).every((octet) => octet === 0)
  return isMapped ? octets.subarray(12) : octets
}

const ipv4 = (id: number, length: number, protocol: number, ttl: number): Uint8Array => {
  const total = 20 + length
  return Uint8Array.of(0x45, 0, total >> 8, total & 255, (id >> 8) & 255, id & 255, 0, 0, ttl & 255, protocol, 0, 0)
}

const ipv6 = (length: number, protocol: number, ttl: number): Uint8Array =>
  Uint8Array.of(0x60, 0, 0, 0, length >> 8, length & 255, protocol, ttl & 255)

const udp = ({ destination, payload, source }: NetworkEvent.Datagram, addresses: Addresses): Uint8Array => {
  const body = new Uint8Array(udpHeader + payload.length)
  const view = new DataView(body.buffer)
  view.setUint16(0, source.port)
  view.setUint16(2, destination.port)
  view.setUint16(4, body.length)
  body.set(payload, udpHeader)
  // zero would mean that there is none
  view.setUint16(6, checksum(pseudoHeader(addresses, protocols.udp, body.length), body) || 0xffff)
  return body
}

const pseudoHeader = ({ from, to }: Addresses, protocol: number, length: number): Uint8Array =>
  Block.join([from, to, Uint8Array.of(0, protocol, length >> 8, length & 255)])

// The quoted datagram went the other way; what it said is not quoted.
const portUnreachable = (datagram: NetworkEvent.Datagram, addresses: Addresses): Uint8Array => {
  const quoted = of({ ...datagram, kind: "Unicast", source: datagram.destination, destination: datagram.source })
  const isIpv4 = addresses.from.length === 4
  const body = Block.join([isIpv4 ? Uint8Array.of(3, 3) : Uint8Array.of(1, 4), new Uint8Array(6), quoted])
  const covered = isIpv4 ? body : Block.join([pseudoHeader(addresses, protocols.icmpv6, body.length), body])
  new DataView(body.buffer).setUint16(2, checksum(covered))
  return body
}

// RFC 1071: each part starts at an even octet.
const checksum = (...parts: ReadonlyArray<Uint8Array>): number => {
  let sum = 0
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 2) sum += (part[i]! << 8) | (part[i + 1] ?? 0)
  }
  while (sum > 0xffff) sum = Math.floor(sum / 0x10000) + (sum & 0xffff)
  return ~sum & 0xffff
}
