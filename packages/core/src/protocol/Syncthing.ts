/**
 * Syncthing's local discovery, as it is today (version 4): every device announces its id and the URLs that it can be reached by.
 *
 * A program that speaks it is listed by the Syncthing programs of its network, and lists them.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import type * as Announcement from "../Announcement.ts"
import * as Attributes from "../Attributes.ts"
import type * as DiscoveryError from "../DiscoveryError.ts"
import * as Endpoint from "../Endpoint.ts"
import { isSameAddress } from "../internal/Same.ts"
import * as Limits from "../Limits.ts"
import type * as Network from "../Network.ts"
import type * as Peer from "../Peer.ts"
import * as PeerKey from "../PeerKey.ts"
import type * as Protocol from "../Protocol.ts"
import * as Source from "../Source.ts"
import * as Beacon from "./Beacon.ts"
import type { Rejection } from "./syncthing/Announce.ts"
import * as Datagram from "./syncthing/Announce.ts"
import * as DeviceId from "./syncthing/DeviceId.ts"
import * as Predecessors from "./syncthing/Predecessors.ts"
import * as Url from "./syncthing/Url.ts"

export type { Rejection } from "./syncthing/Announce.ts"

/**
 * What one datagram says.
 *
 * @category models
 * @since 0.1.0
 */
export interface Announce {
  /** The 32 octets of the device id. */
  readonly id: Uint8Array
  /** Up to 32 addresses as they were announced. */
  readonly addresses: ReadonlyArray<string>
  /** The number that the program drew when it started, 0 when it does not say. */
  readonly instance: bigint
}

/**
 * Where to announce, for how long an announcement holds, and the schemes of addresses that have none.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The UDP port. Default: 21027. */
  readonly port?: number | undefined
  /** The IPv6 group. Default: ff12::8384. In IPv4 it is broadcast. */
  readonly group?: string | undefined
  /** For how long an announcement holds. Default: 90 seconds. */
  readonly ttl?: Duration.Input | undefined
  /** The schemes by which an announced port or address can be reached. Default: `["tcp"]`; `"quic"` is the other one in use. */
  readonly schemes?: ReadonlyArray<string> | undefined
}

/**
 * What a protocol remembers.
 *
 * @category models
 * @since 0.1.0
 */
export type State = Predecessors.State<Beacon.State>

/**
 * What a datagram says.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode: (payload: Uint8Array) => Result.Result<Announce, Rejection> = Datagram.decode

/**
 * The datagram that says this, octet for octet as Syncthing sends it.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode: (announce: Announce) => Uint8Array = Datagram.encode

/**
 * A device id as Syncthing shows it: 56 characters, four of them checks, in groups of seven.
 *
 * **Example**
 *
 * ```ts
 * import { PeerKey } from "@effect-discovery/core"
 * import { Syncthing } from "@effect-discovery/core/protocol"
 *
 * const key = PeerKey.fromBytes(new TextEncoder().encode("asdl".repeat(8)))
 * Syncthing.deviceId(key) // "MFZWI3D-BONSGYC-YLTMRWG-C43ENR5-QXGZDMM-FZWI3DP-BONSGYY-LTMRWAD"
 * ```
 *
 * @category formatting
 * @since 0.1.0
 */
export const deviceId = (key: PeerKey.PeerKey): string => DeviceId.format(PeerKey.toBytes(key))

/**
 * The first seven characters of a device id, which is what Syncthing shows where there is little room.
 *
 * @category formatting
 * @since 0.1.0
 */
export const shortId = (key: PeerKey.PeerKey): string => DeviceId.short(PeerKey.toBytes(key))

/**
 * The key that a device id spells, `undefined` for a text that is none or has a mistake in it.
 *
 * **Details**
 *
 * Like Syncthing it takes small letters, hyphens and blanks anywhere, 0, 1 and 8 for O, I and B, and ids without check characters.
 *
 * @category parsing
 * @since 0.1.0
 */
export const keyOf = (text: string): PeerKey.PeerKey | undefined =>
  Result.getOrUndefined(Result.map(idOf(text), PeerKey.fromBytes))

// no device has the id of nothing but zeros
const idOf = (text: string): Result.Result<Uint8Array, DeviceId.Fault> =>
  Result.flatMap(
    DeviceId.parse(text),
    (id) => id.some((octet) => octet !== 0) ? Result.succeed(id) : Result.fail("check")
  )

/**
 * The URLs that a peer announced, such as `tcp://10.0.0.2:22000` and `quic://[fe80::1%252]:22000`.
 *
 * **Details**
 *
 * Syncthing leaves out the host where it listens on all addresses; there stands each of the peer's own addresses with that port, on
 * whatever interface and in whatever family it was heard. Where a host is named, the URL is as it was announced.
 *
 * **Gotchas**
 *
 * Anyone on the link can announce anything: only the connection can prove that the device is there, and a host may be a name, which
 * nobody has looked up.
 *
 * @category getters
 * @since 0.1.0
 */
export const urls = (peer: Pick<Peer.Peer, "attributes" | "addresses">): ReadonlyArray<string> => {
  const all = announcedUrls(peer.attributes).flatMap((url) =>
    url.isOpen
      ? peer.addresses.flatMap((address) => Url.stands(url, address) ? [Url.complete(url, address)!] : [])
      : [url.text]
  )
  return Array.from(new Set(all))
}

/**
 * The number that a peer's program drew when it started, `undefined` when it does not say: another one is another start.
 *
 * @category getters
 * @since 0.1.0
 */
export const instance = (peer: Pick<Peer.Peer, "attributes">): string | undefined => peer.attributes.get(INSTANCE)

const URLS = "urls"
const INSTANCE = "instance"

// a URL has no blanks
const announcedUrls = (attributes: Attributes.Attributes): ReadonlyArray<Url.Url> =>
  parseAll(attributes.get(URLS)?.split(" ") ?? [])

const parseAll = (texts: ReadonlyArray<string>): ReadonlyArray<Url.Url> =>
  texts.flatMap((text) => {
    const url = Url.parse(text)
    return url === undefined ? [] : [url]
  })

// what is left for URLs beside the instance, both keys included
const urlsBytes = Limits.defaults.attributesBytes - 32

const toAnnouncement = (
  { addresses, id, instance }: Announce,
  source: NetAddress.InetAddress
): Announcement.Options => {
  const urls = parseAll(addresses)
  const text = joined(urls)
  const identity = DeviceId.format(id)
  return {
    name: identity,
    identity,
    key: PeerKey.fromBytes(id),
    authentication: "claimed",
    addresses: dialable(urls, source),
    // without addresses there are none: the format names its ports
    port: 0,
    attributes: Attributes.make([
      ...(text === "" ? [] : [[URLS, text] as const]),
      ...(instance === 0n ? [] : [[INSTANCE, String(instance)] as const])
    ])
  }
}

const joined = (urls: ReadonlyArray<Url.Url>): string => {
  let text = ""
  for (const url of urls) {
    if (text.length + 1 + url.text.length > urlsBytes) break
    text += text === "" ? url.text : ` ${url.text}`
  }
  return text
}

const dialable = (
  urls: ReadonlyArray<Url.Url>,
  source: NetAddress.InetAddress
): ReadonlyArray<NetAddress.InetAddress> => {
  const addresses: Array<NetAddress.InetAddress> = []
  for (const url of urls) {
    const address = Url.addressOf(url, source)
    if (address !== undefined && !addresses.some((known) => isSameAddress(known, address))) addresses.push(address)
  }
  return addresses
}

const identify = ({ identity, name }: Announcement.Announcement): string =>
  Result.match(idOf(identity ?? name), { onSuccess: DeviceId.format, onFailure: () => identity ?? name })

// what one frame holds in either family, so that nothing is sent in fragments
const MAX_SENT = 1_452

const toDatagram = (schemes: ReadonlyArray<string>) =>
(
  announcement: Announcement.Announcement,
  identity: string,
  instance: string
): Result.Result<Uint8Array | undefined, Beacon.Unencodable> => {
  const id = idOf(identity)
  if (Result.isFailure(id)) {
    return Result.fail({
      field: announcement.identity === undefined ? "name" : "identity",
      limit: "a device id: 56 characters of A to Z and 2 to 7, four of which check the others"
    })
  }
  const addresses = toAnnounce(announcement, schemes)
  if (addresses.length === 0) return Result.succeed(undefined)
  const payload = encode({ id: id.success, addresses, instance: BigInt(`0x${instance}`) })
  return payload.length > MAX_SENT || addresses.length > Datagram.maxAddresses || addresses.some(isTooLong)
    ? Result.fail({
      field: "addresses",
      limit: `at most ${Datagram.maxAddresses}, of at most ${Datagram.maxAddress} octets each and about 1,400 in all`
    })
    : Result.succeed(payload)
}

const isTooLong = (address: string): boolean => address.length > Datagram.maxAddress

const toAnnounce = (
  { addresses = [], attributes, port = 0 }: Announcement.Announcement,
  schemes: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const own = attributes.get(URLS)?.split(" ") ?? (addresses.length > 0
    ? schemes.flatMap((scheme) => addresses.map((address) => Url.of(scheme, address)))
    : schemes.map((scheme) => `${scheme}://0.0.0.0:${port}`))
  return Array.from(new Set(parseAll(own).flatMap((url) => Url.announceable(url)?.text ?? [])))
}

/**
 * The protocol.
 *
 * **Details**
 *
 * A device is identified by its id, which is also its name and its `key`; its peer is `claimed`, since only the TLS connection proves
 * the id. Its addresses are those of its URLs that name an IP address, or none and so stand for where the datagram came from; ports 0
 * and relays give none, and no name is ever looked up. `urls` gives the URLs. Of several announcements from one place the last one
 * holds.
 *
 * The first announcement goes out at once, each further one 28.5 to 30 seconds after the one before, on every interface by directed
 * broadcast and to the group. When a device appears, or has started anew, the answer follows within a quarter of a second (S-A4).
 * There is no goodbye.
 *
 * **Gotchas**
 *
 * `identity`, or else the name, must be a device id. What is announced are the URLs of the attribute `urls`, separated by blanks, or else the
 * announcement's addresses, or else its port on all addresses; without any of them nothing is sent, as the format has it, and others do
 * not discover the node.
 *
 * A Syncthing program on the same machine holds the IPv4 port for itself. The source then works by IPv6 alone, tells so as
 * `SessionRestarting`, and tries again.
 *
 * Throws a `RangeError` on a `group` that is no multicast address, on a `port` outside 1 to 65535, and on a `ttl` of nothing.
 *
 * **Example**
 *
 * ```ts
 * import { Syncthing } from "@effect-discovery/core/protocol"
 *
 * const protocol = Syncthing.protocol({ schemes: ["tcp", "quic"] })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const protocol = (options: Options = {}): Protocol.Protocol<State> => {
  const port = options.port ?? 21_027
  const beacon = Beacon.make({
    name: "syncthing",
    endpoint: [
      Endpoint.broadcast(port, { isDirected: true }),
      Endpoint.multicast(options.group ?? "ff12::8384", port)
    ],
    interval: { min: "28.5 seconds", max: "30 seconds" },
    ttl: options.ttl ?? "90 seconds",
    maxDatagram: Datagram.maxDatagram,
    identify,
    encode: toDatagram(options.schemes ?? ["tcp"]),
    decode: (payload, source) => Result.map(decode(payload), (announce) => toAnnouncement(announce, source)),
    helloBack: { incarnation: ({ attributes }) => Attributes.make(attributes ?? []).get(INSTANCE) ?? "" },
    isPartial: true
  })
  return Predecessors.once(beacon, "predecessor" satisfies Rejection)
}

/**
 * The protocol as a source.
 *
 * **Gotchas**
 *
 * Throws like `protocol`.
 *
 * **Example** (Listing the devices of the network)
 *
 * ```ts
 * import { Discovery } from "@effect-discovery/core"
 * import { Syncthing } from "@effect-discovery/core/protocol"
 * import { Console, Stream } from "effect"
 *
 * const program = Stream.runForEach(
 *   Discovery.stream,
 *   ({ _tag, peer }) => Console.log(_tag, peer.name, ...Syncthing.urls(peer))
 * )
 * const layer = Discovery.layer({ sources: [Syncthing.source()] })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const source = (
  options: Options & Source.ProtocolOptions = {}
): Source.Source<DiscoveryError.DiscoveryError, Network.Network> => Source.fromProtocol(protocol(options), options)
