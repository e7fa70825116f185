/**
 * JSON beacons: every node multicasts a small JSON object every two seconds.
 *
 * The shape of the object is a `Body`: the bare `{"username": …}` of the programs this format comes from, our own superset of
 * it, or any schema.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as NetAddress from "effect/net/NetAddress"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Announcement from "../Announcement.ts"
import type * as DiscoveryError from "../DiscoveryError.ts"
import * as Endpoint from "../Endpoint.ts"
import type * as Network from "../Network.ts"
import type * as Protocol from "../Protocol.ts"
import * as Source from "../Source.ts"
import * as Beacon from "./Beacon.ts"
import * as Beacons from "./internal/beacons.ts"
import * as Sample from "./internal/crowd/Sample.ts"
import * as Json from "./internal/json.ts"
import * as JsonPeer from "./internal/jsonPeer.ts"
import * as Origin from "./internal/origin.ts"
import * as Text from "./internal/text.ts"
import * as Machine from "./jsonBeacon/Machine.ts"
import * as Wire from "./jsonBeacon/Wire.ts"

/**
 * Why a datagram is refused.
 *
 * **Details**
 *
 * - `size`: it is longer than `maxDatagram`.
 * - `too-deep`, `too-many`: it nests more than 8 levels, or has more than 128 commas between values. Judged before parsing.
 * - `encoding`: it is not UTF-8.
 * - `not-json`, `not-an-object`: it is not JSON, or not an object.
 * - `username`, `id`, `port`, `attributes`, `ttl`: that member of a built-in body is missing, of another type or out of range.
 * - `ask`, `offer`, `want`, `page`: such a message between nodes is not of its form; `unasked`: it answers nothing that was asked.
 * - `schema`: the schema of a body of one's own does not accept it.
 * - `announcement`: such a body made no valid announcement of it.
 *
 * @category models
 * @since 0.1.0
 */
export type Rejection =
  | "size"
  | Json.Malformed
  | JsonPeer.Member
  | Wire.Rejection
  | "unasked"
  | "schema"
  | "announcement"

/**
 * What a JSON object on the wire means.
 *
 * @category models
 * @since 0.1.0
 */
export interface Body {
  /** As that of a beacon. */
  readonly identify: NonNullable<Beacon.Options["identify"]>
  /** What becomes the datagram by `JSON.stringify`, or what the format cannot carry. */
  readonly encode: (
    announcement: Announcement.Announcement,
    identity: string
  ) => Result.Result<unknown, Beacon.Unencodable>
  /** What an object says, or why it is refused. */
  readonly decode: (
    object: { readonly [key: string]: unknown },
    source: NetAddress.InetAddress
  ) => Result.Result<Announcement.Options, Rejection>
  /** The object that ends an announcement, where the format has one. */
  readonly goodbye?: ((announcement: Announcement.Announcement, identity: string) => unknown) | undefined
}

/**
 * Our own body, a superset of `username`'s: `{"username", "id", "port"?, "attributes"?, "ttl"?}`.
 *
 * **Details**
 *
 * A node is identified by `id`: the announcement's `identity`, or else eight hex digits drawn from the layer's seed. Objects
 * without an `id`, and so the plain ones, are identified as `username@address`. `ttl` is in seconds, and 0 is the goodbye. The
 * node's address is where the datagram came from, with `port`.
 *
 * **Gotchas**
 *
 * The drawn id is the same on every interface and another one after a restart of the program: give an `identity` to a node that is
 * to be the same peer then.
 *
 * @category bodies
 * @since 0.1.0
 */
export const peer: Body = {
  identify: ({ identity }, instance) => identity ?? instance,
  encode: (announcement, identity) => writePeer(announcement, identity),
  decode: (object, source) => JsonPeer.readPeer(object, (username) => JsonPeer.usernameAtIp(username, source)),
  goodbye: JsonPeer.writeGoodbye
}

/**
 * The body of the original programs: `{"username": "ada"}` and nothing else.
 *
 * **Details**
 *
 * It names no id, so a node is identified by a guess: its name and the address it came from, or, with `identity: "ip"`, the
 * address alone, which makes it one peer a host.
 *
 * **Gotchas**
 *
 * There is no goodbye, and nothing in a datagram tells our own: a session ignores what came from its own socket's address and
 * port.
 *
 * @category bodies
 * @since 0.1.0
 */
export const username = (options: { readonly identity?: "username@ip" | "ip" | undefined } = {}): Body => ({
  identify: ({ name }) => name,
  encode: Origin.only(JsonPeer.writeUsername),
  decode: (object, source) =>
    JsonPeer.readUsername(
      object,
      (username) =>
        options.identity === "ip" ? NetAddress.formatIp(source.address) : JsonPeer.usernameAtIp(username, source)
    )
})

/**
 * A body of one's own, from any schema whose values are JSON objects.
 *
 * **Details**
 *
 * A node recognises its own datagrams by the identity that `toAnnouncement` finds in them.
 *
 * **Example**
 *
 * ```ts
 * import { JsonBeacon } from "@effect-discovery/core/protocol"
 * import { Schema } from "effect"
 *
 * const Player = Schema.Struct({ player: Schema.NonEmptyString, level: Schema.Int })
 *
 * const protocol = JsonBeacon.protocol({
 *   name: "game",
 *   port: 9779,
 *   body: JsonBeacon.body(Player, {
 *     toAnnouncement: ({ level, player }) => ({ name: player, attributes: { level: String(level) } }),
 *     fromAnnouncement: ({ attributes, name }) => ({ player: name, level: Number(attributes.get("level") ?? 1) })
 *   })
 * })
 * ```
 *
 * @category bodies
 * @since 0.1.0
 */
export const body = <S extends Schema.ConstraintCodec<unknown, unknown>>(schema: S, options: {
  /** What a decoded value says of the node that sent it. Without addresses it is where the datagram came from, and a `ttl` of zero is a goodbye. */
  readonly toAnnouncement: (value: S["Type"]) => Announcement.Options
  /**
   * The value that announces a node. A body with ids puts `id` there: the announcement's `identity`, or else eight hex digits drawn from the
   * layer's seed.
   */
  readonly fromAnnouncement: (announcement: Announcement.Announcement, id: string) => S["Type"]
  /** The value that ends an announcement, where the schema has one. */
  readonly goodbye?: ((announcement: Announcement.Announcement, id: string) => S["Type"]) | undefined
}): Body => {
  const codec = Schema.toCodecJson(schema)
  const read = Schema.decodeUnknownOption(codec)
  const encodeValue = Schema.encodeResult(codec)
  const { fromAnnouncement, goodbye, toAnnouncement } = options
  const write = (value: S["Type"]) => Result.mapError(encodeValue(value), invalidBody)
  const identify: Body["identify"] = (announcement, instance) => {
    const heard = toAnnouncement(fromAnnouncement(announcement, announcement.identity ?? instance))
    return heard.identity ?? heard.name
  }
  // both are tried, or a goodbye that cannot be sent would only be noticed when it is due
  const encode: Body["encode"] = (announcement, identity) => {
    const value = fromAnnouncement(announcement, identity)
    if (!Beacons.isSound(toAnnouncement(value))) return Result.fail(unsound)
    return Result.andThen(
      goodbye === undefined ? Result.succeed(undefined) : write(goodbye(announcement, identity)),
      () => write(value)
    )
  }
  const decode: Body["decode"] = (object) => {
    // the user's code: what it throws is, as far as the network is concerned, the datagram's fault
    try {
      const value = read(object)
      return Option.isSome(value) ? Result.succeed(toAnnouncement(value.value)) : Result.fail("schema")
    } catch {
      return Result.fail("schema")
    }
  }
  return {
    identify,
    encode,
    decode,
    goodbye: goodbye && ((announcement, identity) => Result.getOrThrow(write(goodbye(announcement, identity))))
  }
}

// everyone who heard it would refuse it as `announcement`
const unsound: Beacon.Unencodable = {
  field: "body",
  limit: "what `toAnnouncement` makes a name of, in well-formed Unicode, and no identity, port or ttl that cannot be"
}

const invalidBody = ({ message }: Schema.SchemaError): Beacon.Unencodable => ({
  field: "body",
  limit: `what its schema allows (${message})`
})

/**
 * What is announced, where, and how often.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The protocol's name, part of every peer's id. Default: `json`. */
  readonly name?: string | undefined
  /** What the JSON means. Default: `peer`. */
  readonly body?: Body | undefined
  /** The multicast group. Default: 224.0.0.1. */
  readonly group?: string | undefined
  /** The UDP port. Default: 9778. */
  readonly port?: number | undefined
  /** Time between two announcements. Default: 1.9 to 2 seconds. */
  readonly interval?: Beacon.Options["interval"] | undefined
  /**
   * How long an announcement holds that does not say so. Default: 7 seconds, or three of the longest `interval`. Given here, it is also the least
   * that our own announcements say.
   */
  readonly ttl?: Duration.Input | undefined
  /** Whether the interval grows with the number of nodes heard, as is the default of the body `peer`; other bodies cannot. */
  readonly scaling?: boolean | undefined
  /** Octets of the longest datagram that is read, at most 8,192. Default: 1,472. */
  readonly maxDatagram?: number | undefined
}

/**
 * What the protocol remembers.
 *
 * @category models
 * @since 0.1.0
 */
export type State = Beacon.State | Machine.State

/**
 * The protocol.
 *
 * **Details**
 *
 * With the body `peer` all nodes of a link together send some 20 announcements a second however many they are: among more than some 26, the
 * interval grows with their number, is drawn from half to one and a half times as long, and the announcement's `ttl` is three of the longest one
 * (RFC 3550, section 6.2). The first announcement goes out within 50 ms; when many start together, within as long as 600 a second take. A
 * newcomer that hears of many it does not know asks for them once, and is told by one of them. What it is so told of a peer is replaced by what
 * the peer itself says. A node that announces nothing asks nothing.
 *
 * With another body, or without `scaling`, the first announcement goes out at once and the interval is what it is. A change is announced at once in
 * any case. An announcement that needs a datagram of more than 1,400 octets is refused; the digest of who is there takes 74 octets more.
 *
 * **Gotchas**
 *
 * Nodes count those they hear, at most 64 of one address and 16,384 in all. Whoever forges so many makes others announce themselves every 14
 * minutes at the least; what they say holds for as long.
 *
 * Throws a `RangeError` on a `group` that is no multicast address, on a `port`, an `interval`, a `ttl` or a `maxDatagram` that no beacon can have, and on
 * `scaling` with a body other than `peer`.
 *
 * **Example**
 *
 * ```ts
 * import { JsonBeacon } from "@effect-discovery/core/protocol"
 *
 * const protocol = JsonBeacon.protocol({ interval: { min: "9 seconds", max: "10 seconds" }, ttl: "31 seconds" })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const protocol = (options: Options = {}): Protocol.Protocol<State> => {
  const { body = peer, interval = usual, scaling = body === peer, ttl } = options
  const whole: Whole = {
    ...options,
    body,
    interval,
    name: options.name ?? "json",
    endpoint: Endpoint.multicast(options.group ?? "224.0.0.1", options.port ?? 9_778),
    ttl: ttl ?? (options.interval === undefined ? "7 seconds" : undefined),
    said: ttl,
    maxDatagram: boundOf(options.maxDatagram ?? 1_472)
  }
  if (scaling && body !== peer) {
    throw new RangeError("Only JsonBeacon's body `peer` says how long it holds and can scale")
  }
  // each is handed only the states that it gave
  return (scaling ? scaled(whole) : fixed(whole)) as Protocol.Protocol<any>
}

const usual = { min: 1_900, max: 2_000 }

interface Whole {
  readonly name: string
  readonly body: Body
  readonly endpoint: Endpoint.Endpoint
  readonly interval: Beacon.Options["interval"]
  readonly ttl: Duration.Input | undefined
  readonly said: Duration.Input | undefined
  readonly maxDatagram: number
}

const fixed = ({ body, said, ...options }: Whole): Protocol.Protocol<Beacon.State> => {
  const { goodbye } = body
  return Beacon.make({
    ...options,
    identify: body.identify,
    encode: (announcement, identity) =>
      Result.flatMap(
        body.encode(withTtl(announcement, said), identity),
        (value) => fit(toPayload(value), announcement)
      ),
    decode: (payload, source) => {
      const parsed = Json.parse(payload)
      return Result.isFailure(parsed) ? Result.fail(parsed.failure) : body.decode(parsed.success, source)
    },
    goodbye: goodbye && ((announcement, identity) => toPayload(goodbye(announcement, identity)))
  })
}

const scaled = (
  { body, endpoint, interval, maxDatagram, name, said, ttl }: Whole
): Protocol.Protocol<Machine.State> => {
  const range = Beacons.toRange(interval)
  return Machine.make({
    name,
    endpoint,
    range,
    ttl: ttl === undefined ? 3 * range.max : Beacons.toTtl(ttl),
    said: said === undefined ? undefined : Beacons.toTtl(said),
    maxDatagram,
    identify: body.identify,
    validate: (announcement, identity) =>
      Result.flatMap(
        body.encode(withTtl(announcement, said), identity),
        (value) => fit(toPayload(value), announcement)
      ),
    encode: (announcement, identity, seen) =>
      Result.map(writePeer(announcement, identity), (value) => {
        const marked = toPayload({ ...value, seen: seen.length === 0 ? undefined : Sample.format(seen) })
        // others can do without the digest
        return marked.length <= MAX_MARKED ? marked : toPayload(value)
      }),
    decode: (payload, source) => Result.flatMap(Json.parse(payload), (object) => read(object, payload.length, source)),
    goodbye: (announcement, identity) => toPayload(JsonPeer.writeGoodbye(announcement, identity))
  })
}

const read = (
  object: Json.JsonObject,
  octets: number,
  source: NetAddress.InetAddress
): Result.Result<Machine.Message, Rejection> =>
  Wire.read(object, octets) ?? Result.map(peer.decode(object, source), (announcement) => ({
    _tag: "Announcement",
    announcement,
    seen: Wire.seenIn(object) ?? Sample.empty
  }))

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
 * import { JsonBeacon } from "@effect-discovery/core/protocol"
 *
 * const layer = Discovery.layer({ sources: [JsonBeacon.source()] })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const source = (
  options: Options & Source.ProtocolOptions = {}
): Source.Source<DiscoveryError.DiscoveryError, Network.Network> => Source.fromProtocol(protocol(options), options)

const writePeer = Origin.only(JsonPeer.writePeer)

const MAX_SENT = 1_400
// what a longer ttl and a digest may add to that: others read as much
const MAX_MARKED = 1_472
const MAX_READ = 8_192

const boundOf = (maxDatagram: number): number => {
  if (maxDatagram >= 1 && maxDatagram <= MAX_READ) return maxDatagram
  throw new RangeError(`JsonBeacon's maxDatagram must be 1 to ${MAX_READ}`)
}

const withTtl = (announcement: Announcement.Announcement, ttl: Duration.Input | undefined): Announcement.Announcement =>
  ttl === undefined || announcement.ttl !== undefined ? announcement : Announcement.update(announcement, { ttl })

const toPayload = (value: unknown): Uint8Array => Text.toUtf8(JSON.stringify(value))

// nothing is sent that `decode` would not read
const fit = (
  payload: Uint8Array,
  announcement: Announcement.Announcement
): Result.Result<Uint8Array, Beacon.Unencodable> =>
  Result.isFailure(Json.parse(payload))
    ? Result.fail(notAnObject)
    : Beacons.fit(payload, announcement, MAX_SENT)

const notAnObject: Beacon.Unencodable = {
  field: "body",
  limit: `a JSON object of at most ${Json.MAX_DEPTH} levels and ${Json.MAX_COMMAS} commas`
}
