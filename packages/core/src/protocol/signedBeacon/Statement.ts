/**
 * From an announcement to the body that is signed, and from a body that was signed to a claim.
 */
import * as Duration from "effect/Duration"
import * as NetAddress from "effect/net/NetAddress"
import type * as Announcement from "../../Announcement.ts"
import * as Attributes from "../../Attributes.ts"
import type * as Claim from "../../Claim.ts"
import type * as PeerKey from "../../PeerKey.ts"
import type * as Body from "./Body.ts"
import * as Endpoint from "./Endpoint.ts"

/** What a source says in each of its announcements beside what the program announces. */
export interface Options {
  readonly transport: Endpoint.Transport
  readonly handshakeKey: Uint8Array | undefined
}

/** What an announcement says, to be signed. */
export const bodyOf = (
  { addresses = [], attributes, name, port, service }: Announcement.Announcement,
  { handshakeKey, transport }: Options
): Body.Body => ({
  name,
  services: service === undefined ? [] : [service.type],
  endpoints: addresses.length > 0
    ? addresses.map(({ address, port }) => ({ transport, address, port }))
    : port === undefined || port === 0
    ? []
    : anywhere.map((address) => ({ transport, address, port })),
  attributes,
  handshakeKey
})

// the address that the datagram comes from, in either family
const anywhere: ReadonlyArray<NetAddress.IpAddress> = [NetAddress.ipv4Unspecified, NetAddress.ipv6Unspecified]

const maxTtl = 65_535

/** The seconds for which an announcement holds, `undefined` when the format cannot say so. */
export const ttlOf = ({ ttl }: Announcement.Announcement, usual: number): number | undefined => {
  const seconds = ttl === undefined ? usual : Math.ceil(Duration.toSeconds(ttl))
  return seconds >= 1 && seconds <= maxTtl ? seconds : undefined
}

/** A name that says nothing of a node but its key (S-V1). */
export const nameOf = (key: PeerKey.PeerKey): string => `peer-${key.slice(0, 8)}`

/** A statement that its key has signed. */
export interface Statement {
  readonly key: PeerKey.PeerKey
  readonly body: Body.Body
  readonly group: string | undefined
  /** Milliseconds. */
  readonly ttl: number
}

/** Where a statement was heard. */
export interface Place {
  readonly from: NetAddress.InetAddress
  /** Whether an endpoint without an address means `from`: not when anybody may have sent the statement once more from there. */
  readonly isSource: boolean
  /** Addresses that nobody signed, to be tried after those that were. */
  readonly candidates: ReadonlyArray<NetAddress.InetAddress>
}

/** The attributes under which a claim tells of what is no attribute of the announcement, unless that has them itself. */
export const serviceKey = "service"
export const handshakeKey = "handshake-key"

/** What a statement claims. */
export const claimOf = ({ body, group, key, ttl }: Statement, place: Place): Claim.Claim => ({
  identity: key,
  name: body.name ?? nameOf(key),
  addresses: addressesOf(body, place),
  attributes: attributesOf(body),
  ttl,
  authentication: "signed",
  key,
  ...(group === undefined ? undefined : { group })
})

const addressesOf = ({ endpoints }: Body.Body, { candidates, from, isSource }: Place) => {
  const signed = endpoints.flatMap((endpoint) => {
    const exposed = Endpoint.expose(endpoint, from)
    return exposed === undefined || !(isSource || exposed.isAddressSigned) ? [] : [exposed.address]
  })
  const byText = new Map([...signed, ...candidates].map((address) => [NetAddress.formatInet(address), address]))
  return [...byText.values()]
}

const attributesOf = ({ attributes, handshakeKey: octets, services }: Body.Body): Attributes.Attributes => {
  if (services.length === 0 && octets === undefined) return attributes
  const added: Array<readonly [string, Attributes.Value]> = []
  if (services.length > 0) added.push([serviceKey, services.join(",")])
  if (octets !== undefined) added.push([handshakeKey, octets])
  const own = Array.from(attributes.keys(), (name) => [name, attributes.bytes(name)!] as const)
  return Attributes.make([...added, ...own])
}
