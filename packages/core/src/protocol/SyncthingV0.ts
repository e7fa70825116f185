/**
 * Syncthing's first local discovery (December 2013): every node broadcasts its id and the TCP port it listens on.
 *
 * Syncthing itself speaks another format today. Datagrams of those later formats are recognised and refused as `successor`.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type * as DiscoveryError from "../DiscoveryError.ts"
import * as Endpoint from "../Endpoint.ts"
import type * as Network from "../Network.ts"
import type * as Protocol from "../Protocol.ts"
import * as Source from "../Source.ts"
import * as Beacon from "./Beacon.ts"
import * as Origin from "./internal/origin.ts"
import * as Port from "./internal/port.ts"
import * as Text from "./internal/text.ts"

/**
 * Why a datagram is refused.
 *
 * **Details**
 *
 * - `size`: it is longer than 1,024 octets.
 * - `truncated`: it is shorter than its header, or than the id it promises.
 * - `magic`: it does not start with 00 12 10 25.
 * - `successor`: it starts like one of the formats that Syncthing used later.
 * - `length`: the id has no octets, or more than 1,016.
 * - `encoding`: the id is not UTF-8.
 *
 * @category models
 * @since 0.1.0
 */
export type Rejection = "size" | "truncated" | "magic" | "successor" | "length" | "encoding"

/**
 * What one datagram says.
 *
 * @category models
 * @since 0.1.0
 */
export interface Node {
  /** What identifies the node. */
  readonly id: string
  /** Where the node listens on TCP; 0 when it does not say. */
  readonly port: number
}

/**
 * Where to broadcast, and for how long an announcement holds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The UDP port. Default: 21025. */
  readonly port?: number | undefined
  /** For how long an announcement holds. Default: 90 seconds. */
  readonly ttl?: Duration.Input | undefined
}

const MAGIC = 0x00121025
const HEADER = 8
const MAX_DATAGRAM = 1_024
const MAX_ID = MAX_DATAGRAM - HEADER
// every deployed sender reserves four octets too many, and sends them
const SURPLUS = 4

// announcements and queries, from the XDR format of 2013-12-22 to v4 of 2016-07-04
const SUCCESSORS: ReadonlySet<number> = new Set([
  0x20121025,
  0x19760309,
  0x029e4c77,
  0x23d63a9a,
  0x9d79bc39,
  0x2ca856f5,
  0x9d79bc40,
  0x2ca856f6,
  0x7d79bc40,
  0x2ea7d90b
])

/**
 * What a datagram says. Octets after the id mean nothing and are ignored.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (payload: Uint8Array): Result.Result<Node, Rejection> => {
  if (payload.length > MAX_DATAGRAM) return Result.fail("size")
  if (payload.length < HEADER) return Result.fail("truncated")
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
  const magic = view.getUint32(0)
  if (magic !== MAGIC) return Result.fail(SUCCESSORS.has(magic) ? "successor" : "magic")
  const length = view.getUint16(6)
  if (length < 1 || length > MAX_ID) return Result.fail("length")
  if (length > payload.length - HEADER) return Result.fail("truncated")
  const id = Text.fromUtf8(payload.subarray(HEADER, HEADER + length))
  return id === undefined ? Result.fail("encoding") : Result.succeed({ id, port: view.getUint16(4) })
}

/**
 * The datagram that announces a node, octet for octet as the original sends it.
 *
 * **Gotchas**
 *
 * The four surplus zeros are left out as far as they would make the datagram longer than 1,024 octets: an original receiver
 * reads no more than that.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode = (node: Node): Result.Result<Uint8Array, Beacon.Unencodable> => {
  if (node.id === "" || !Text.fits(node.id, MAX_ID)) {
    return Result.fail({ field: "name", limit: "1 to 1,016 octets of UTF-8" })
  }
  if (!Port.isPort(node.port)) return Result.fail({ field: "port", limit: Port.limit })
  const id = Text.toUtf8(node.id)
  const payload = new Uint8Array(Math.min(HEADER + id.length + SURPLUS, MAX_DATAGRAM))
  const view = new DataView(payload.buffer)
  view.setUint32(0, MAGIC)
  view.setUint16(4, node.port)
  view.setUint16(6, id.length)
  payload.set(id, HEADER)
  return Result.succeed(payload)
}

/**
 * The protocol.
 *
 * **Details**
 *
 * A node is identified by its id, which is the announcement's name, and its address is where the datagram came from, with the
 * announced port; a node that announces port 0 has no address. The first announcement goes out at once, each further one
 * 28.5 to 30 seconds after the one before. What the original calls `lookup` is `Discovery.lookup`.
 *
 * **Gotchas**
 *
 * The format carries a name and a port, so an announcement without a port cannot be made, nor one with addresses of
 * its own; attributes and ttl are not sent.
 *
 * Throws a `RangeError` on a `port` outside 1 to 65535, and on a `ttl` of nothing.
 *
 * **Example**
 *
 * ```ts
 * import { SyncthingV0 } from "@effect-discovery/core/protocol"
 *
 * const protocol = SyncthingV0.protocol()
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const protocol = (options: Options = {}): Protocol.Protocol<Beacon.State> =>
  Beacon.make({
    name: "syncthing-v0",
    endpoint: Endpoint.broadcast(options.port ?? 21_025),
    interval: { min: "28.5 seconds", max: "30 seconds" },
    ttl: options.ttl ?? "90 seconds",
    maxDatagram: MAX_DATAGRAM,
    identify: ({ name }) => name,
    encode: Origin.only(({ name, port }) => encode({ id: name, port: port ?? 0 })),
    decode: (payload) => Result.map(decode(payload), ({ id, port }) => ({ name: id, port }))
  })

/**
 * The protocol as a source.
 *
 * **Gotchas**
 *
 * Throws like `protocol`.
 *
 * **Example** (Giving up after 30 failures in a row, as the original does)
 *
 * ```ts
 * import { SyncthingV0 } from "@effect-discovery/core/protocol"
 * import { Schedule } from "effect"
 *
 * const source = SyncthingV0.source({
 *   retry: Schedule.max([Schedule.spaced("30 seconds"), Schedule.recurs(30)])
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const source = (
  options: Options & Source.ProtocolOptions = {}
): Source.Source<DiscoveryError.DiscoveryError, Network.Network> => Source.fromProtocol(protocol(options), options)
