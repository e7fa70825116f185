/**
 * What a node says of itself.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type * as NetAddress from "effect/net/NetAddress"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Attributes from "./Attributes.ts"
import type * as Peer from "./Peer.ts"
import * as PeerKey from "./PeerKey.ts"

/**
 * What a node says of itself, as it is handed to `Discovery.advertise` and as a source reports it.
 *
 * **Details**
 *
 * What each of its parts says stands at `Options`.
 *
 * @category models
 * @since 0.1.0
 */
export class Announcement extends Schema.Class<Announcement>("@effect-discovery/core/Announcement")({
  name: Schema.NonEmptyString,
  identity: Schema.optionalKey(Schema.NonEmptyString),
  port: Schema.optionalKey(Schema.Port),
  addresses: Schema.optionalKey(Schema.Array(Schema.InetAddress)),
  attributes: Schema.declare(Attributes.isAttributes, { identifier: "Attributes" }),
  ttl: Schema.optionalKey(Schema.Duration),
  authentication: Schema.optionalKey(Schema.Literals(["none", "claimed", "group", "signed"])),
  key: Schema.optionalKey(PeerKey.PeerKey),
  group: Schema.optionalKey(Schema.NonEmptyString),
  service: Schema.optionalKey(Schema.Struct({
    type: Schema.NonEmptyString,
    subtypes: Schema.optionalKey(Schema.Array(Schema.NonEmptyString))
  }))
}) {}

/**
 * What an announcement can be made from.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** What people read, and what protocols without another identity identify the node by. At least one character. */
  readonly name: string
  /** What identifies the node within its source, when that is not its name. */
  readonly identity?: string | undefined
  /** Where the node listens, 0 to 65535. Absent for formats that carry none. */
  readonly port?: number | undefined
  /** Where it can be reached. Absent or empty stands for "where this announcement came from". */
  readonly addresses?: ReadonlyArray<NetAddress.InetAddress> | undefined
  /** Anything else, as text or bytes. Default: none. */
  readonly attributes?: Attributes.Input | undefined
  /** How long the announcement holds without being repeated; the source's own default when absent. Zero is a goodbye. */
  readonly ttl?: Duration.Input | undefined
  /** How far the claim is proven; `none` when absent. */
  readonly authentication?: Peer.Authentication | undefined
  /** The key that the node names, or by which the claim is proven. */
  readonly key?: PeerKey.PeerKey | undefined
  /** The label of the group's key under which the announcement came sealed. */
  readonly group?: string | undefined
  /** What kind of service it is, such as `{ type: "_http._tcp" }`, for protocols that tell kinds apart. */
  readonly service?: { readonly type: string; readonly subtypes?: ReadonlyArray<string> | undefined } | undefined
}

/**
 * Makes an announcement.
 *
 * **Gotchas**
 *
 * Throws what `fault` tells of, as an empty name or a port outside 0 to 65535: these are mistakes in the program, not input.
 *
 * **Example**
 *
 * ```ts
 * import { Announcement } from "@effect-discovery/core"
 *
 * const announcement = Announcement.make({ name: "ada", port: 8080, attributes: { role: "leader" } })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options): Announcement => {
  const wrong = fault(options)
  if (wrong !== undefined) {
    throw new RangeError(`An announcement cannot have this ${wrong.field}: it must be ${wrong.limit}`)
  }
  return new Announcement({
    name: options.name,
    attributes: options.attributes === undefined ? Attributes.empty : Attributes.make(options.attributes),
    ...(options.identity === undefined ? undefined : { identity: options.identity }),
    ...(options.port === undefined ? undefined : { port: options.port }),
    ...(options.addresses === undefined ? undefined : { addresses: options.addresses }),
    ...(options.ttl === undefined ? undefined : { ttl: Duration.fromInputUnsafe(options.ttl) }),
    ...(options.authentication === undefined ? undefined : { authentication: options.authentication }),
    ...(options.key === undefined ? undefined : { key: options.key }),
    ...(options.group === undefined ? undefined : { group: options.group }),
    ...(options.service === undefined ? undefined : { service: serviceOf(options.service) })
  })
}

const serviceOf = ({ subtypes, type }: NonNullable<Options["service"]>) =>
  subtypes === undefined ? { type } : { type, subtypes }

/**
 * What of a change no announcement can have, `undefined` when `make` and `update` accept it.
 *
 * @category guards
 * @since 0.1.0
 */
export const fault = (change: Partial<Options>): { readonly field: string; readonly limit: string } | undefined => {
  if (change.name === "") return { field: "name", limit: "at least one character" }
  if (change.identity === "") return { field: "identity", limit: "at least one character" }
  if (change.group === "") return { field: "group", limit: "at least one character" }
  if (change.service?.type === "") return { field: "service.type", limit: "at least one character" }
  if (change.service?.subtypes?.includes("") === true) {
    return { field: "service.subtypes", limit: "at least one character each" }
  }
  const { port = 0 } = change
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return { field: "port", limit: "0 to 65535" }
  if (change.ttl !== undefined && !isTtl(change.ttl)) {
    return { field: "ttl", limit: "a duration, and not less than nothing" }
  }
  return undefined
}

// a number that is none would be no time at all
const isTtl = (ttl: Duration.Input): boolean =>
  !Number.isNaN(ttl) && Option.exists(Duration.fromInput(ttl), (duration) => !Duration.isNegative(duration))

/**
 * The announcement with some of its parts replaced.
 *
 * **Gotchas**
 *
 * Throws like `make`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const update = (self: Announcement, change: Partial<Options>): Announcement =>
  make({ ...self, ...change, name: change.name ?? self.name })
