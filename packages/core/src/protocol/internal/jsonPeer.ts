/**
 * The JSON objects that `JsonBeacon` understands without a schema: `{"username": …}`, and what we add to it.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import type * as Announcement from "../../Announcement.ts"
import * as Attributes from "../../Attributes.ts"
import * as AttributeMap from "../../internal/AttributeMap.ts"
import * as Limits from "../../Limits.ts"
import { isObject, type JsonObject } from "./json.ts"
import * as Port from "./port.ts"
import * as Text from "./text.ts"

/** The member for which an object is refused. */
export type Member = "username" | "id" | "port" | "attributes" | "ttl"

type Read = Result.Result<Announcement.Options, Member>
type Written = Result.Result<JsonObject, { readonly field: string; readonly limit: string }>

const MAX_LABEL = 255
const MAX_TTL = 86_400
const { attributesBytes, attributesPerPeer } = Limits.defaults

/** What `{"username": …}` says, whatever else the object holds. */
export const readUsername = (
  { username }: JsonObject,
  identify: (username: string) => string
): Read =>
  isLabel(username) ? Result.succeed({ name: username, identity: identify(username) }) : Result.fail("username")

/** What a whole peer object says. Without an `id` it is identified as a plain one is. */
export const readPeer = (object: JsonObject, identify: (username: string) => string): Read => {
  const { attributes, id, port, ttl, username } = object
  if (!isLabel(username)) return Result.fail("username")
  if (id !== undefined && !isLabel(id)) return Result.fail("id")
  if (port !== undefined && !Port.isPort(port)) return Result.fail("port")
  if (ttl !== undefined && !isTtl(ttl)) return Result.fail("ttl")
  const read = attributes === undefined ? Attributes.empty : readAttributes(attributes)
  if (read === undefined) return Result.fail("attributes")
  return Result.succeed({
    name: username,
    identity: id ?? identify(username),
    port,
    attributes: read,
    ttl: ttl === undefined ? undefined : ttl * 1_000
  })
}

export const usernameAtIp = (username: string, source: NetAddress.InetAddress): string =>
  `${username}@${NetAddress.formatIp(source.address)}`

// each key and value is looked at once, and kept where it stays
const readAttributes = (value: unknown): Attributes.Attributes | undefined => {
  if (!isObject(value)) return undefined
  const keys = Object.keys(value)
  if (keys.length > attributesPerPeer) return undefined
  const values = new Map<string, string>()
  let units = 0
  for (const key of keys) {
    const text = value[key]
    if (!isText(text) || !isText(key)) return undefined
    units += key.length + text.length
    values.set(key, text)
  }
  if (!areShort(values, units)) return undefined
  return values.size === 0 ? Attributes.empty : AttributeMap.make(values)
}

/** Whether keys and values of so many UTF-16 units take no more octets than they may. */
const areShort = (entries: Iterable<readonly [key: string, value: string]>, units: number): boolean =>
  // one takes three octets at most
  units * 3 <= attributesBytes || Text.fits(Array.from(entries).flat().join(""), attributesBytes)

const isText = (value: unknown): value is string => typeof value === "string" && Text.isWellFormed(value)

const isLabel = (value: unknown): value is string =>
  typeof value === "string" && value.length > 0 && Text.fits(value, MAX_LABEL)

// JSON spells Infinity as 1e999
const isTtl = (value: unknown): value is number => typeof value === "number" && value >= 0 && value <= MAX_TTL

const labelLimit = "1 to 255 octets of UTF-8"

/** `{"username": …}`, member for member what the original programs send. */
export const writeUsername = ({ name }: Announcement.Announcement): Written =>
  isLabel(name) ? Result.succeed({ username: name }) : Result.fail({ field: "name", limit: labelLimit })

/** A whole peer object. It starts with `username`, and what is absent is left out. */
export const writePeer = (announcement: Announcement.Announcement, identity: string): Written => {
  const { attributes, name, port } = announcement
  const ttl = announcement.ttl === undefined ? undefined : Duration.toSeconds(announcement.ttl)
  if (!isLabel(name)) return Result.fail({ field: "name", limit: labelLimit })
  if (!isLabel(identity)) return Result.fail({ field: "identity", limit: labelLimit })
  if (port !== undefined && !Port.isPort(port)) return Result.fail({ field: "port", limit: Port.limit })
  if (ttl === 0 || (ttl !== undefined && !isTtl(ttl))) {
    return Result.fail({ field: "ttl", limit: "more than nothing and at most a day" })
  }
  const limit = attributesLimit(attributes)
  if (limit !== undefined) return Result.fail({ field: "attributes", limit })
  return Result.succeed({
    username: name,
    id: identity,
    // `JSON.stringify` leaves out what is undefined
    port,
    attributes: attributes.size === 0 ? undefined : attributes.toJSON(),
    ttl
  })
}

/** The peer object that ends an announcement. */
export const writeGoodbye = ({ name }: Announcement.Announcement, identity: string): JsonObject => ({
  username: name,
  id: identity,
  ttl: 0
})

const attributesLimit = (attributes: Attributes.Attributes): string | undefined => {
  if (attributes.size > attributesPerPeer) return `at most ${attributesPerPeer}`
  if (![...attributes.keys()].every((key) => isTextual(attributes, key))) {
    return "UTF-8 text, since JSON carries no bytes"
  }
  return areShort(attributes, Infinity) ? undefined : `at most ${attributesBytes} octets in all`
}

const isTextual = (attributes: Attributes.Attributes, key: string): boolean =>
  isText(key) && isText(attributes.get(key)) && Text.fromUtf8(attributes.bytes(key)!) !== undefined
