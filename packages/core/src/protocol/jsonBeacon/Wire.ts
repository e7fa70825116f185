/**
 * What passes between nodes beside their announcements: a newcomer asks for what is known, somebody offers it, the newcomer wants some pages of
 * it, and gets them. All are JSON objects, which programs that know nothing of them refuse for want of a `username`.
 *
 * @since 0.1.0
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import type * as Announcement from "../../Announcement.ts"
import * as Sample from "../internal/crowd/Sample.ts"
import * as Json from "../internal/json.ts"
import * as JsonPeer from "../internal/jsonPeer.ts"
import * as Text from "../internal/text.ts"

/** `{"ask": nonce}`: to all, by one who knows little. */
export interface Ask {
  readonly _tag: "Ask"
  readonly nonce: string
}

/** `{"offer": nonce}`: to all, by one who knows much; nobody else needs to. */
export interface Offer {
  readonly _tag: "Offer"
  readonly nonce: string
}

/**
 * `{"want": nonce, "key", "token"?, "pages": [0, 1]}`: to the one who offered. `key` is what the answer is known by, `token` what came with page 0,
 * which shows that answers arrive where they are sent. Without it `fill` makes the request so long that its answer is no more than ten times that.
 */
export interface Want {
  readonly _tag: "Want"
  readonly nonce: string
  readonly key: string
  readonly token: string | undefined
  readonly pages: ReadonlyArray<number>
  readonly octets: number
}

/** `{"page": key, "token", "at": 0, "of": 3, "peers": [{…, "from"?, "ttl"}]}`: a part of what is known. */
export interface Page {
  readonly _tag: "Page"
  readonly key: string
  readonly token: string
  readonly at: number
  readonly of: number
  readonly peers: ReadonlyArray<Peer>
}

/** A peer of a page: what it says of itself and for how long that holds still, and where from, unless it is the one who tells. */
export interface Peer {
  readonly announcement: Announcement.Options
  readonly ttl: number
  readonly from: NetAddress.IpAddress | undefined
}

export type Message = Ask | Offer | Want | Page

/** The member for which a message is refused. */
export type Rejection = "ask" | "offer" | "want" | "page"

/** Octets of the longest datagram, pages of the longest answer, and pages that are wanted at a time. */
export const maxOctets = 1_400
export const mostPages = 4_096
export const mostWanted = 16

/** By how much an answer to who has no token may be longer than the question (S-A2). */
export const gain = 10

/** The message that an object is, `undefined` when it is none. */
export const read = (
  object: Json.JsonObject,
  octets: number
): Result.Result<Message, Rejection> | undefined => {
  const { ask, offer, page, username, want } = object
  if (username !== undefined) return undefined
  if (ask !== undefined) return isNonce(ask) ? Result.succeed({ _tag: "Ask", nonce: ask }) : Result.fail("ask")
  if (offer !== undefined) {
    return isNonce(offer) ? Result.succeed({ _tag: "Offer", nonce: offer }) : Result.fail("offer")
  }
  if (want !== undefined) return orFail(readWant(want, object, octets), "want")
  return page === undefined ? undefined : orFail(readPage(page, object), "page")
}

const orFail = <A extends Message>(
  message: A | undefined,
  reason: Rejection
): Result.Result<A, Rejection> => message === undefined ? Result.fail(reason) : Result.succeed(message)

const readWant = (nonce: unknown, { key, pages, token }: Json.JsonObject, octets: number): Want | undefined => {
  if (!isNonce(nonce) || !isNonce(key) || (token !== undefined && !isNonce(token))) return undefined
  if (!Array.isArray(pages) || pages.length === 0 || pages.length > mostWanted) return undefined
  return pages.every(isPageNumber) ? { _tag: "Want", nonce, key, token, pages, octets } : undefined
}

const readPage = (key: unknown, { at, of, peers, token }: Json.JsonObject): Page | undefined => {
  if (!isNonce(key) || !isNonce(token) || !isPageNumber(at) || !isCount(of) || at >= of) return undefined
  if (!Array.isArray(peers)) return undefined
  const read: Array<Peer> = []
  for (const each of peers) {
    const peer = Json.isObject(each) ? readPeer(each) : undefined
    if (peer === undefined) return undefined
    read.push(peer)
  }
  return { _tag: "Page", key, token, at, of, peers: read }
}

const readPeer = (object: Json.JsonObject): Peer | undefined => {
  const { from, id } = object
  const announcement = JsonPeer.readPeer(object, String)
  if (id === undefined || Result.isFailure(announcement)) return undefined
  const ttl = Number(announcement.success.ttl)
  if (!(ttl > 0)) return undefined
  if (from === undefined) return { announcement: announcement.success, ttl, from: undefined }
  const address = typeof from === "string" ? Result.getOrUndefined(NetAddress.ipFromString(from)) : undefined
  return address === undefined ? undefined : { announcement: announcement.success, ttl, from: address }
}

const nonceOf = /^[0-9a-f]{16}$/
const isNonce = (value: unknown): value is string => typeof value === "string" && nonceOf.test(value)
const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= mostPages
const isPageNumber = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value < mostPages

const write = (value: unknown): Uint8Array => Text.toUtf8(JSON.stringify(value))

export const ask = (nonce: string): Uint8Array => write({ ask: nonce })

export const offer = (nonce: string): Uint8Array => write({ offer: nonce })

/** Wants pages; without a token it is long enough to be answered. */
export const want = ({ key, nonce, pages, token }: Omit<Want, "_tag" | "octets">): Uint8Array =>
  token === undefined
    ? write({ want: nonce, key, pages, fill: "0".repeat(Math.ceil(maxOctets / gain)) })
    : write({ want: nonce, key, token, pages })

/** What is told of a node: what it says of itself, where it said so unless that was here, and until when it holds. */
export interface Told {
  readonly announcement: Announcement.Options
  readonly origin: string | undefined
  readonly until: number
}

/** The same ready to be sent, but for the seconds that it still holds: an object that is open at its end. */
export interface Entry {
  readonly identity: string | undefined
  readonly text: string
  readonly until: number
}

const describe = ({ announcement, origin, until }: Told): Entry => {
  const { attributes, identity, name, port } = announcement
  const object = { username: name, id: identity, port, attributes: attributesOf(attributes), from: origin }
  return { identity, text: JSON.stringify(object).slice(0, -1), until }
}

const attributesOf = (attributes: Announcement.Options["attributes"]): unknown =>
  (attributes as { readonly size?: number } | undefined)?.size === 0 ? undefined : attributes

const overhead = 120
const lifetime = `,"ttl":86400}`.length

/** What is told, in pages that fit in a datagram and in what a reader takes (S-P7). What is too long for any is left out. */
export const paginate = (told: ReadonlyArray<Told>): ReadonlyArray<ReadonlyArray<Entry>> => {
  const pages: Array<Array<Entry>> = []
  let [octets, commas] = [Infinity, 0]
  for (const entry of told.map(describe)) {
    const [length, separators] = [Text.toUtf8(entry.text).length + lifetime + 1, commasOf(entry.text) + 2]
    if (overhead + length > maxOctets || separators > mostCommas) continue
    if (octets + length > maxOctets || commas + separators > mostCommas) {
      pages.push([])
      octets = overhead
      commas = 0
    }
    pages.at(-1)!.push(entry)
    octets += length
    commas += separators
  }
  return pages.slice(0, mostPages)
}

const mostCommas = Json.MAX_COMMAS - 8

const commasOf = (text: string): number => {
  let count = 0
  for (let at = text.indexOf(","); at !== -1; at = text.indexOf(",", at + 1)) count++
  return count
}

/** A page as it is sent now: each peer with the seconds that it still holds. */
export const page = (
  { at, key, of, token }: Omit<Page, "_tag" | "peers">,
  peers: ReadonlyArray<Entry>,
  now: number
): Uint8Array => {
  const listed = peers.filter(({ until }) => until > now).map(({ text, until }) =>
    `${text},"ttl":${Math.max(1, Math.floor((until - now) / 1_000))}}`
  )
  return Text.toUtf8(`{"page":"${key}","token":"${token}","at":${at},"of":${of},"peers":[${listed.join(",")}]}`)
}

/** Whether a datagram is a page known by this key, judged by its first octets. */
export const isPageOf = (payload: Uint8Array, key: string): boolean => {
  const start = `{"page":"${key}"`
  for (let index = 0; index < start.length; index++) if (payload[index] !== start.charCodeAt(index)) return false
  return payload.length > start.length
}

/** The digest that an announcement bears, `undefined` when it bears none that can be read: it is of no other use. */
export const seenIn = ({ seen }: Json.JsonObject): Sample.Sample | undefined => Sample.parse(seen)

/** The octets that a digest takes of an announcement. */
export const seenOctets = (seen: Sample.Sample): number =>
  seen.length === 0 ? 0 : `,"seen":""`.length + seen.length * Sample.digits
