/**
 * Where a signed announcement says that its node can be reached.
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Claim from "../../Claim.ts"
import * as Port from "../internal/port.ts"

/**
 * How an announced endpoint is to be connected to.
 *
 * @category models
 * @since 0.1.0
 */
export type Transport = "tcp" | "udp" | "quic"

/** The unspecified address, `0.0.0.0` or `::`, stands for the one that the datagram comes from. */
export interface Endpoint {
  readonly transport: Transport
  readonly address: NetAddress.IpAddress
  /** 1 to 65,535. */
  readonly port: number
}

const transports: ReadonlyArray<Transport | undefined> = [undefined, "tcp", "udp", "quic"]

/** Octets before the address: transport and port. */
const addressOffset = 3

/** Reads the value of an endpoint with an address of 4 or of 16 octets. */
export const decode = (value: Uint8Array, addressOctets: 4 | 16): Endpoint | undefined => {
  if (value.length !== addressOffset + addressOctets) return undefined
  const transport = transports[value[0]!]
  const port = value[1]! << 8 | value[2]!
  if (transport === undefined || !Port.isPort(port)) return undefined
  const octets = value.subarray(addressOffset)
  const address = addressOctets === 4 ? NetAddress.ipv4FromBytesUnsafe(octets) : NetAddress.ipv6FromBytesUnsafe(octets)
  return { transport, address, port }
}

/** The value of an endpoint. */
export const encode = ({ address, port, transport }: Endpoint): Uint8Array => {
  const octets = NetAddress.isIpv4Address(address) ? NetAddress.ipv4ToOctets(address) : NetAddress.ipv6ToOctets(address)
  return Uint8Array.of(transports.indexOf(transport), port >> 8, port & 0xff, ...octets)
}

/** What to dial for an endpoint. */
export interface Exposed {
  readonly transport: Transport
  readonly address: NetAddress.InetAddress
  /** Whether the address was announced, and not taken from where the datagram came from, which anybody can forge. */
  readonly isAddressSigned: boolean
}

/**
 * What to dial for an endpoint that was announced from `source`, `undefined` when nobody could dial it (S-U6). An address without meaning
 * beyond its link gets the scope of the interface that `source` came in by.
 */
export const expose = ({ address, port, transport }: Endpoint, source: NetAddress.InetAddress): Exposed | undefined => {
  const isAddressSigned = !NetAddress.isUnspecified(address)
  // another family than the datagram's: there is no such source address
  if (!isAddressSigned && NetAddress.familyOf(address) !== NetAddress.familyOf(source)) return undefined
  const dialed = at(isAddressSigned ? address : source.address, port, source)
  return Claim.isDialable(dialed, source.address) ? { transport, address: dialed, isAddressSigned } : undefined
}

const at = (address: NetAddress.IpAddress, port: number, source: NetAddress.InetAddress): NetAddress.InetAddress =>
  NetAddress.isLinkLocal(address) && NetAddress.isIpv6Address(address) && NetAddress.isInetAddressV6(source)
    ? NetAddress.inetAddressFromInputUnsafe({ address, port, scopeId: source.scopeId })
    : NetAddress.inetAddressFromInputUnsafe({ address, port })
