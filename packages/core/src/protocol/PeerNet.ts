/**
 * PeerNet: every node broadcasts its public key and the TCP port it listens on, in 39 octets.
 *
 * The datagram carries the key and not its proof, so a peer is `claimed`: whoever dials it has to see the key proven by the connection.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type * as Announcement from "../Announcement.ts"
import type * as DiscoveryError from "../DiscoveryError.ts"
import * as Endpoint from "../Endpoint.ts"
import type * as Network from "../Network.ts"
import * as PeerKey from "../PeerKey.ts"
import type * as Protocol from "../Protocol.ts"
import * as Source from "../Source.ts"
import * as Beacon from "./Beacon.ts"
import * as Origin from "./internal/origin.ts"
import * as Port from "./internal/port.ts"

/**
 * Why a datagram is refused.
 *
 * **Details**
 *
 * - `size`: it is longer than 39 octets.
 * - `truncated`: it is shorter.
 * - `magic`: it does not start with `PNET`.
 * - `version`: its version is not 1.
 *
 * @category models
 * @since 0.1.0
 */
export type Rejection = "size" | "truncated" | "magic" | "version"

/**
 * What one datagram says.
 *
 * @category models
 * @since 0.1.0
 */
export interface Node {
  /** The public key of the node. */
  readonly key: PeerKey.PeerKey
  /** Where the node listens on TCP; 0 when it does not. */
  readonly port: number
}

/**
 * Where to broadcast, when to begin, and for how long an announcement holds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The UDP port. Default: 4040. */
  readonly port?: number | undefined
  /**
   * When the first announcement goes out. Default: `after an interval`, as the format has it: a node that is gone within five seconds was never
   * there.
   */
  readonly first?: "at once" | "after an interval" | undefined
  /** For how long an announcement holds. Default: 15 seconds, three intervals, so that a lost datagram loses no peer. */
  readonly ttl?: Duration.Input | undefined
}

const MAGIC = 0x504e4554
const VERSION = 1
const VERSION_AT = 4
const PORT_AT = 5
const KEY_AT = 7
const SIZE = KEY_AT + PeerKey.byteLength

/**
 * What a datagram says. It has exactly 39 octets.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (payload: Uint8Array): Result.Result<Node, Rejection> => {
  if (payload.length !== SIZE) return Result.fail(payload.length > SIZE ? "size" : "truncated")
  const view = new DataView(payload.buffer, payload.byteOffset, SIZE)
  if (view.getUint32(0) !== MAGIC) return Result.fail("magic")
  if (view.getUint8(VERSION_AT) !== VERSION) return Result.fail("version")
  return Result.succeed({ key: PeerKey.fromBytes(payload.subarray(KEY_AT)), port: view.getUint16(PORT_AT) })
}

/**
 * The datagram that announces a node.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode = ({ key, port }: Node): Result.Result<Uint8Array, Beacon.Unencodable> => {
  if (!PeerKey.isPeerKey(key)) {
    return Result.fail({ field: "key", limit: "64 lower-case hexadecimal digits, as key, identity or name" })
  }
  if (!Port.isPort(port)) return Result.fail({ field: "port", limit: Port.limit })
  const payload = new Uint8Array(SIZE)
  const view = new DataView(payload.buffer)
  view.setUint32(0, MAGIC)
  view.setUint8(VERSION_AT, VERSION)
  view.setUint16(PORT_AT, port)
  payload.set(PeerKey.toBytes(key), KEY_AT)
  return Result.succeed(payload)
}

const identify = ({ identity, key, name }: Announcement.Announcement): string => key ?? identity ?? name

const toAnnouncement = ({ key, port }: Node): Announcement.Options => ({
  name: key,
  identity: key,
  key,
  port,
  authentication: "claimed"
})

/**
 * The protocol.
 *
 * **Details**
 *
 * A node is identified by its key, which is also its name and the peer's `key`; its peer is `claimed`. Its address is where the datagram
 * came from, with the announced port; a node that announces port 0 has no address. The first announcement goes out after an interval
 * (option `first`), each further one 4.75 to 5 seconds after the one before. There is no goodbye.
 *
 * **Gotchas**
 *
 * The format carries a key and a port: an announcement needs a port, and a `key`, or else an `identity` or name that is one in hexadecimal
 * digits. It cannot have addresses of its own; name, attributes and ttl are not sent.
 *
 * Throws a `RangeError` on a `port` outside 1 to 65535, and on a `ttl` of nothing.
 *
 * **Example**
 *
 * ```ts
 * import { PeerNet } from "@effect-discovery/core/protocol"
 *
 * const protocol = PeerNet.protocol({ first: "at once" })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const protocol = (options: Options = {}): Protocol.Protocol<Beacon.State> =>
  Beacon.make({
    name: "peernet",
    endpoint: Endpoint.broadcast(options.port ?? 4_040),
    interval: { min: "4750 millis", max: "5 seconds" },
    ttl: options.ttl ?? "15 seconds",
    maxDatagram: SIZE,
    first: options.first ?? "after an interval",
    identify,
    encode: Origin.only(({ port }, identity) => encode({ key: identity as PeerKey.PeerKey, port: port ?? 0 })),
    decode: (payload) => Result.map(decode(payload), toAnnouncement)
  })

/**
 * The protocol as a source.
 *
 * **Gotchas**
 *
 * Throws like `protocol`.
 *
 * **Example**
 *
 * ```ts
 * import { Discovery, PeerKey } from "@effect-discovery/core"
 * import { PeerNet } from "@effect-discovery/core/protocol"
 * import { Effect } from "effect"
 *
 * const key = PeerKey.PeerKey.make("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
 *
 * const program = Effect.gen(function*() {
 *   const advertisement = yield* Discovery.advertise({ name: "ada", key, port: 7100 })
 *   // once it listens somewhere else
 *   yield* advertisement.update({ port: 7200 })
 * })
 * const layer = Discovery.layer({ sources: [PeerNet.source()] })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const source = (
  options: Options & Source.ProtocolOptions = {}
): Source.Source<DiscoveryError.DiscoveryError, Network.Network> => Source.fromProtocol(protocol(options), options)
