/**
 * The address of a swarm's peer as text: `ppspp://host:port/<swarm>?option=value`.
 *
 * No standard has one. This is the draft form in use, which names options as RFC 7574, section 7, does, in lower case and with underscores;
 * and the form in which membership certificates name a peer, `file://ip:port/swarm` (RFC 7574, section 13.2).
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Swarm from "./Swarm.ts"

/**
 * The address of a peer as text, read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Url {
  /** A name, or an IP address without brackets. */
  readonly host: string
  /** The UDP port. */
  readonly port: number
  /** The id of the swarm in hex, or the name of its content; absent when the URL names none. */
  readonly swarm?: string | undefined
  /** Those that the URL tells; empty when it tells none. */
  readonly settings: Omit<Swarm.Options, "id">
}

/**
 * Why text is no URL of a peer.
 *
 * @category errors
 * @since 0.1.0
 */
export class UrlError extends Schema.TaggedError<UrlError>()("UrlError", {
  reason: Schema.Literals(["length", "scheme", "host", "port", "swarm", "option", "value"]),
  /** The part that is wrong, at most 64 characters of it. */
  part: Schema.String
}) {
  override get message() {
    return `${
      advice[this.reason]
    }, not "${this.part}". A peer is written as in ppspp://192.168.0.1:6778/c89800bf?chunk_size=1024.`
  }
}

const maxLength = 2_048

const advice = {
  length: `The URL of a peer has at most ${maxLength} characters`,
  scheme: "The URL of a peer starts with ppspp:// or file://",
  host: "The host is a name, an IPv4 address, or an IPv6 address in brackets",
  port: "The port is a number from 1 to 65535",
  swarm: "The swarm is named by hex digits or the letters of a file name",
  option: "The options are those of RFC 7574, section 7",
  value: "The value is none of this option"
}

const fail = (reason: keyof typeof advice, part: string): Result.Result<never, UrlError> =>
  Result.fail(new UrlError({ reason, part: part.slice(0, 64) }))

/** Reads either form. */
export const parse = (text: string): Result.Result<Url, UrlError> => {
  if (text.length > maxLength) return fail("length", text)
  const scheme = schemes.find((scheme) => text.startsWith(scheme))
  if (scheme === undefined) return fail("scheme", text)
  const [address, query] = splitAt(text.slice(scheme.length), "?")
  const [authority, path] = splitAt(address, "/")
  return Result.gen(function*() {
    const { host, port } = yield* parseAuthority(authority)
    if (scheme === "file://" && Result.isFailure(NetAddress.ipFromString(host))) return yield* fail("host", host)
    if (!isSwarm(path)) return yield* fail("swarm", path)
    const settings = yield* parseSettings(query)
    return { host, port, ...(path === "" ? undefined : { swarm: path }), settings }
  })
}

const schemes = ["ppspp://", "ppspp+udp://", "file://"] as const

const splitAt = (text: string, separator: string): readonly [before: string, after: string] => {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)]
}

const parseAuthority = (authority: string): Result.Result<Pick<Url, "host" | "port">, UrlError> => {
  const colon = authority.lastIndexOf(":")
  const [host, digits] = [authority.slice(0, Math.max(0, colon)), authority.slice(colon + 1)]
  const port = /^[0-9]{1,5}$/.test(digits) ? Number(digits) : 0
  if (colon === -1 || port < 1 || port > 65_535) return fail("port", authority)
  const isBracketed = host.startsWith("[") && host.endsWith("]")
  const plain = isBracketed ? host.slice(1, -1) : host
  const isHost = isBracketed ? Result.isSuccess(NetAddress.ipv6FromString(plain)) : isHostName(plain)
  return isHost ? Result.succeed({ host: plain, port }) : fail("host", host)
}

const isHostName = (host: string): boolean => host.length <= 255 && /^[0-9A-Za-z._-]+$/.test(host)

const isSwarm = (path: string): boolean => path.length <= 2 * Swarm.maxIdOctets && /^[0-9A-Za-z._~-]*$/.test(path)

type Settings = { -readonly [Setting in keyof Url["settings"]]: Url["settings"][Setting] }

const parseSettings = (query: string): Result.Result<Url["settings"], UrlError> => {
  const settings: Settings = {}
  for (const option of query === "" ? [] : query.split("&")) {
    const [key, value] = splitAt(option, "=")
    const read = options.get(key)
    if (read === undefined) return fail("option", key)
    if (!read(settings, value)) return fail("value", value)
  }
  return Result.succeed(settings)
}

const integrityNames = ["none", "merkle_hash_tree", "sign_all", "unified_merkle_tree"] as const
const addressingNames = [
  "32-bit_bins",
  "64-bit_byte_ranges",
  "32-bit_chunk_ranges",
  "64-bit_bins",
  "64-bit_chunk_ranges"
] as const

const integer = (value: string): number | undefined => /^[0-9]{1,10}$/.test(value) ? Number(value) : undefined

const options: ReadonlyMap<string, (settings: Settings, value: string) => boolean> = new Map([
  ["content_integrity_protection_method", (settings, value) => {
    settings.integrity = Swarm.integrities[integrityNames.findIndex((name) => name === value)]
    return settings.integrity !== undefined
  }],
  ["merkle_hash_tree_function", (settings, value) => {
    settings.hash = Swarm.hashes.find((hash) => hash === value)
    return settings.hash !== undefined
  }],
  ["live_signature_algorithm", (settings, value) => {
    const number = integer(value)
    settings.liveSignature = number
    return number !== undefined && number > 0 && number < 256
  }],
  ["chunk_addressing_method", (settings, value) => {
    settings.addressing = Swarm.addressings[addressingNames.findIndex((name) => name === value)]
    return settings.addressing !== undefined
  }],
  ["chunk_size", (settings, value) => {
    settings.chunkSize = value === "variable" ? value : integer(value)
    return value === "variable" || isChunkSize(integer(value))
  }]
])

const isChunkSize = (size: number | undefined): boolean =>
  size !== undefined && size > 0 && size < Swarm.variableChunkSize

/** Writes the draft form. Options that are the RFC's defaults are left out. */
export const format = (self: Url): string => {
  const { addressing, chunkSize, hash, integrity, liveSignature } = self.settings
  const query: Array<string> = []
  const add = (key: string, value: string | number | undefined) => {
    if (value !== undefined) query.push(`${key}=${value}`)
  }
  add("content_integrity_protection_method", integrity && integrityNames[Swarm.integrities.indexOf(integrity)])
  add("merkle_hash_tree_function", hash)
  add("live_signature_algorithm", liveSignature)
  add("chunk_addressing_method", addressing && addressingNames[Swarm.addressings.indexOf(addressing)])
  add("chunk_size", chunkSize)
  return `ppspp://${authority(self)}/${self.swarm ?? ""}${query.length === 0 ? "" : `?${query.join("&")}`}`
}

/** Writes the form of membership certificates, which has no options. */
export const formatMembership = (self: Url): string => `file://${authority(self)}/${self.swarm ?? ""}`

const authority = ({ host, port }: Url): string => `${NetAddress.formatUrlHostString(host)}:${port}`

/** The URL of a peer of a swarm. */
export const make = (address: NetAddress.InetAddress, swarm: Swarm.Swarm): Url => ({
  // the zone is ours, and means nothing to others
  host: NetAddress.formatIp(address.address),
  port: address.port,
  swarm: Swarm.toHex(swarm.id),
  settings: settingsOf(swarm)
})

// what a reader would assume by itself is not said
const settingsOf = (swarm: Swarm.Swarm): Url["settings"] => {
  const { addressing, chunkSize, hash, integrity, liveSignature } = swarm
  return {
    ...(integrity === "merkle" ? undefined : { integrity }),
    ...(hash === "sha-256" || !Swarm.hashesContent(swarm) ? undefined : { hash }),
    ...(liveSignature === 13 || !Swarm.signs(swarm) ? undefined : { liveSignature }),
    ...(addressing === "chunks-32" ? undefined : { addressing }),
    ...(chunkSize === 1_024 ? undefined : { chunkSize })
  }
}
