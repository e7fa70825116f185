/**
 * Which libp2p peers the instances name: a peer with many addresses is announced by several of them.
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import * as Attributes from "../../../Attributes.ts"
import * as Claim from "../../../Claim.ts"
import type * as PeerRegistry from "../../../PeerRegistry.ts"
import * as Libp2p from "../../../protocol/mdns/Libp2p.ts"
import type * as Provenance from "../../../Provenance.ts"
import * as Service from "./Service.ts"

/** What each instance says, by its key. */
export interface Book {
  readonly source: string
  /** Our own id: what bears it is our own. */
  readonly own: string | undefined
  readonly instances: Map<string, Entry>
}

interface Entry {
  readonly provenance: Provenance.Provenance
  readonly multiaddrs: ReadonlyMap<string, ReadonlyArray<string>>
}

export const make = (source: string, own: string | undefined): Book => ({ source, own, instances: new Map() })

/** Takes in what a link says of an instance. */
export const tell = (self: Book, sighting: Service.Sighting): ReadonlyArray<PeerRegistry.Input> => {
  const key = Service.keyOf(sighting)
  const before = self.instances.get(key)
  const entry = sighting._tag === "Seen" ? entryOf(self, sighting) : undefined
  if (entry === undefined) self.instances.delete(key)
  else self.instances.set(key, entry)
  const gone = before === undefined ? [] : Array.from(before.multiaddrs.keys(), (peer) => [peer, before] as const)
  const here = entry === undefined ? [] : Array.from(entry.multiaddrs.keys(), (peer) => [peer, entry] as const)
  const ttl = sighting._tag === "Seen" ? sighting.ttl : undefined
  return Array.from(
    new Map([...gone, ...here]),
    ([peer, { provenance }]) => inputOf(self, peer, provenance, ttl, sighting)
  )
    .filter((input) => input !== undefined)
}

const entryOf = (self: Book, { interface: local, origin, service }: Service.Seen): Entry => {
  const multiaddrs = new Map<string, Array<string>>()
  for (const { multiaddr, peer } of service.texts.flatMap(Libp2p.decode)) {
    if (peer === self.own) continue
    const known = multiaddrs.get(peer)
    if (known === undefined) multiaddrs.set(peer, [multiaddr])
    else known.push(multiaddr)
  }
  return { provenance: { source: self.source, interface: local, address: origin }, multiaddrs }
}

const inputOf = (
  { instances }: Book,
  peer: string,
  provenance: Provenance.Provenance,
  ttl: number | undefined,
  sighting: Service.Sighting
): PeerRegistry.Input | undefined => {
  const all = Array.from(instances.values()).filter((entry) =>
    entry.provenance.interface === provenance.interface && entry.provenance.address === provenance.address
  ).flatMap(({ multiaddrs }) => multiaddrs.get(peer) ?? [])
  if (all.length === 0) {
    const reason = sighting._tag === "Gone" ? sighting.reason : "Goodbye"
    return { _tag: "Withdrawn", provenance, identity: peer, reason }
  }
  // what other instances say holds as long as it was said to
  if (ttl === undefined || sighting._tag === "Gone") return undefined
  return {
    _tag: "Announced",
    provenance,
    claim: claimOf(peer, all, ttl, provenance.address),
    networkInterface: sighting.networkInterface
  }
}

const claimOf = (peer: string, all: ReadonlyArray<string>, ttl: number, origin: string): Claim.Claim => {
  const multiaddrs = Array.from(new Set(all))
  return {
    identity: peer,
    name: peer.length <= mostName ? peer : peer.slice(0, mostName),
    addresses: addressesOf(multiaddrs, Result.getOrUndefined(NetAddress.ipFromString(origin))),
    attributes: Attributes.make({ multiaddrs: joined(multiaddrs) }),
    ttl,
    // who is dialled has to prove that the id is theirs (S-U1)
    authentication: "claimed"
  }
}

const mostName = 63

// a link-local address leads nowhere without its interface, which a multiaddr does not name in a way that programs share
const addressesOf = (
  multiaddrs: ReadonlyArray<string>,
  origin: NetAddress.IpAddress | undefined
): ReadonlyArray<NetAddress.InetAddress> =>
  Service.unionOf(
    multiaddrs.map((multiaddr) => Libp2p.endpointOf(multiaddr)).filter((address) => address !== undefined)
      .filter((address) => Claim.isDialable(address, origin) && !isScoped(address))
  )

const isScoped = ({ address }: NetAddress.InetAddress): boolean =>
  NetAddress.isIpv6Address(address) && NetAddress.isLinkLocal(address)

// attributes have 2 KiB by default
const mostOctets = 1_900

const utf8 = new TextEncoder()

const joined = (multiaddrs: ReadonlyArray<string>): string => {
  let text = ""
  let octets = 0
  for (const multiaddr of multiaddrs) {
    octets += utf8.encode(multiaddr).length + 1
    if (octets > mostOctets) break
    text += text === "" ? multiaddr : ` ${multiaddr}`
  }
  return text
}
