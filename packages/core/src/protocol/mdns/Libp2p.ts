/**
 * The profile of DNS-SD by which libp2p hosts find each other: an instance's TXT record holds the addresses of a peer, each with the
 * peer's id at its end; there is neither SRV record nor host. The instance's name is of chance and says nothing.
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import * as Chance from "./Chance.ts"
import * as Name from "./Name.ts"
import * as Txt from "./Txt.ts"

/** `_p2p._udp`, or that of a private network by the fingerprint of its key. */
export const serviceType = (network?: string): string => network === undefined ? "_p2p._udp" : `_p2p-${network}._udp`

/** An address of a peer: a multiaddr without the peer's id. */
export interface PeerAddress {
  readonly peer: string
  readonly multiaddr: string
}

const prefix = "dnsaddr="
const separator = "/p2p/"

/** The addresses in a TXT record. Strings that are none are skipped. */
export const decode = (octets: Uint8Array): ReadonlyArray<PeerAddress> =>
  Array.from(Txt.strings(octets)).flatMap((string) => {
    const text = Name.toText(string)
    const address = text?.startsWith(prefix) === true ? parse(text.slice(prefix.length)) : undefined
    return address === undefined ? [] : [address]
  })

/** A relayed address names the relay's id first, so that it is the last one that counts. */
const parse = (text: string): PeerAddress | undefined => {
  const end = text.lastIndexOf(separator)
  const peer = text.slice(end + separator.length)
  return end > 0 && text.startsWith("/") && isPeerId(peer) ? { peer, multiaddr: text.slice(0, end) } : undefined
}

/** Base58 or base32 text; which of both, and what it encodes, is for libp2p to judge. */
export const isPeerId = (text: string): boolean => /^[0-9A-Za-z]{1,128}$/.test(text)

/** Why a peer cannot be announced. */
export interface Fault {
  readonly field: "identity" | "addresses"
  readonly limit: string
}

const utf8 = new TextEncoder()

/**
 * The data of TXT records that announce a peer at its addresses. What does not fit into one record of so many octets is said by more, each
 * for an instance of its own.
 */
export const encode = (
  peer: string,
  multiaddrs: ReadonlyArray<string>,
  maxOctets: number = Txt.recommendedOctets
): Result.Result<ReadonlyArray<Uint8Array>, Fault> => {
  if (!isPeerId(peer)) return fail("identity", "a peer id of letters and digits")
  if (multiaddrs.length === 0) return fail("addresses", "at least one multiaddr")
  const records: Array<Array<number>> = [[]]
  for (const multiaddr of multiaddrs) {
    const string = utf8.encode(`${prefix}${multiaddr}${separator}${peer}`)
    const isAddress = parse(`${multiaddr}${separator}${peer}`)?.multiaddr === multiaddr
    if (!isAddress || multiaddr.endsWith(`${separator}${peer}`) || string.length > 255) {
      return fail("addresses", "multiaddrs without the peer's id, short enough for 255 octets with it")
    }
    if (records.at(-1)!.length + string.length + 1 > maxOctets) records.push([])
    records.at(-1)!.push(string.length, ...string)
  }
  return Result.succeed(records.filter(({ length }) => length > 0).map((record) => Uint8Array.from(record)))
}

const fail = (field: Fault["field"], limit: string) => Result.fail<Fault>({ field, limit })

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

/** The name of an instance: 32 to 63 letters and digits of chance. */
export const instanceName = (chance: Chance.Chance): string =>
  Array.from({ length: Chance.between(chance, 32, 63) }, () => alphabet[Chance.between(chance, 0, alphabet.length - 1)])
    .join("")

/** Where a multiaddr leads, when it begins with an address and a port, and no relay stands between. */
export const endpointOf = (multiaddr: string, scopeId = 0): NetAddress.InetAddress | undefined => {
  const parts = multiaddr.split("/").slice(1)
  if (parts.includes("p2p-circuit")) return undefined
  const [kind, host, transport, port] = parts[0] === "ip6zone" ? parts.slice(2) : parts
  if ((kind !== "ip4" && kind !== "ip6") || (transport !== "tcp" && transport !== "udp")) return undefined
  if (host === undefined || port === undefined || !/^\d{1,5}$/.test(port) || Number(port) > 65_535) return undefined
  const address = Result.getOrUndefined(NetAddress.ipFromString(host))
  if (address === undefined || NetAddress.isIpv4Address(address) !== (kind === "ip4")) return undefined
  return NetAddress.isIpv6Address(address) && NetAddress.isLinkLocal(address)
    ? NetAddress.inetAddressFromInputUnsafe({ address, port: Number(port), scopeId })
    : NetAddress.inetAddressUnsafe(address, Number(port))
}
