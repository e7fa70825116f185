/**
 * Peerage: every node multicasts its own name, `name@host`, and nothing else.
 *
 * The datagrams are those of the Elixir library `peerage`, so Effect programs and Elixir nodes find each other.
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
import * as Text from "./internal/text.ts"

/**
 * Why a datagram is refused.
 *
 * **Details**
 *
 * - `size`: it is longer than 512 octets.
 * - `prefix`: it does not start with `Peer:`.
 * - `length`: the name has fewer than 3 or more than 255 octets.
 * - `encoding`: the name is not UTF-8.
 * - `control-character`: the name has one.
 * - `at-sign`: the name has none or several.
 * - `empty-part`: nothing stands before or after the at sign.
 *
 * @category models
 * @since 0.1.0
 */
export type Rejection = "size" | "prefix" | "length" | "encoding" | "control-character" | "at-sign" | "empty-part"

/**
 * Where to announce, and for how long an announcement holds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The multicast group. Default: 230.1.1.1. */
  readonly group?: string | undefined
  /** The UDP port. Default: 45900. */
  readonly port?: number | undefined
  /**
   * For how long an announcement holds. Default: 21 seconds, three of the longest intervals. The format has no goodbye and the Elixir library
   * forgets nobody; a ttl of, say, `"3650 days"` does the same.
   */
  readonly ttl?: Duration.Input | undefined
}

const PREFIX = Text.toUtf8("Peer:")
const MIN_NAME = 3
const MAX_NAME = 255
const MAX_DATAGRAM = 512

/**
 * The name that a datagram announces.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (payload: Uint8Array): Result.Result<string, Rejection> => {
  if (payload.length > MAX_DATAGRAM) return Result.fail("size")
  if (!hasPrefix(payload)) return Result.fail("prefix")
  const length = payload.length - PREFIX.length
  if (length < MIN_NAME || length > MAX_NAME) return Result.fail("length")
  const name = Text.fromUtf8(payload, PREFIX.length)
  if (name === undefined) return Result.fail("encoding")
  const fault = faultOf(name)
  return fault === undefined ? Result.succeed(name) : Result.fail(fault)
}

const hasPrefix = (payload: Uint8Array): boolean => {
  for (let i = 0; i < PREFIX.length; i++) if (payload[i] !== PREFIX[i]) return false
  return true
}

const faultOf = (name: string): "control-character" | "at-sign" | "empty-part" | undefined => {
  let signs = 0
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i)
    // C0, DEL and C1
    if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0)) return "control-character"
    if (unit === AT) signs++
  }
  if (signs !== 1) return "at-sign"
  return name.charCodeAt(0) === AT || name.charCodeAt(name.length - 1) === AT ? "empty-part" : undefined
}

const AT = 0x40

/**
 * The datagram that announces a name. It must be one that `decode` accepts.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode = (name: string): Result.Result<Uint8Array, Beacon.Unencodable> => {
  const payload = Text.toUtf8(`Peer:${name}`)
  const read = decode(payload)
  if (Result.isFailure(read)) return Result.fail({ field: "name", limit: limits[read.failure] })
  return read.success === name ? Result.succeed(payload) : Result.fail({ field: "name", limit: limits.encoding })
}

const limits: { readonly [K in Rejection]: string } = {
  size: "of the form name@host, with 3 to 255 octets",
  prefix: "of the form name@host, with 3 to 255 octets",
  length: "of the form name@host, with 3 to 255 octets",
  encoding: "well-formed Unicode",
  "control-character": "free of control characters",
  "at-sign": "of the form name@host, with one at sign",
  "empty-part": "of the form name@host, with something on either side"
}

/**
 * The protocol.
 *
 * **Details**
 *
 * A node is identified by its name, and its address is where the datagram came from, with the protocol's port. The first
 * announcement goes out at once, each further one 3,001 to 7,000 ms after the one before.
 *
 * **Gotchas**
 *
 * The format carries a name only. An announcement's port, attributes and ttl are not sent, and one with addresses of
 * its own is refused.
 *
 * Throws a `RangeError` on a `group` that is no multicast address, on a `port` outside 1 to 65535, and on a `ttl` of nothing.
 *
 * **Example**
 *
 * ```ts
 * import { Peerage } from "@effect-discovery/core/protocol"
 *
 * const protocol = Peerage.protocol({ ttl: "1 minute" })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const protocol = (options: Options = {}): Protocol.Protocol<Beacon.State> =>
  Beacon.make({
    name: "peerage",
    endpoint: Endpoint.multicast(options.group ?? "230.1.1.1", options.port ?? 45_900),
    interval: { min: 3_001, max: 7_000 },
    ttl: options.ttl ?? "21 seconds",
    maxDatagram: MAX_DATAGRAM,
    identify: ({ name }) => name,
    encode: Origin.only(({ name }) => encode(name)),
    decode: (payload) => Result.map(decode(payload), (name) => ({ name }))
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
 * import { Discovery } from "@effect-discovery/core"
 * import { Peerage } from "@effect-discovery/core/protocol"
 *
 * const layer = Discovery.layer({ sources: [Peerage.source()] })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const source = (
  options: Options & Source.ProtocolOptions = {}
): Source.Source<DiscoveryError.DiscoveryError, Network.Network> => Source.fromProtocol(protocol(options), options)
