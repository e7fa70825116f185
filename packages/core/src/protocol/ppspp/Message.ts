/**
 * The messages of PPSPP, as many as a datagram has room for (RFC 7574, section 8).
 *
 * A message says neither how long it is nor where the next one starts: that follows from the settings of the swarm. So the first message that
 * is not known, or not sound, ends what can be read of its datagram.
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Chunks from "./Chunks.ts"
import * as Cursor from "./Cursor.ts"
import * as Handshake from "./Handshake.ts"
import * as Octets from "./Octets.ts"
import * as Swarm from "./Swarm.ts"

/** Content; the last message of its datagram. `timestamp` is the sender's clock in microseconds. */
export interface Data {
  readonly _tag: "Data"
  /** Which chunks it is. */
  readonly chunks: Chunks.Chunks
  /** The sender's clock, in microseconds. */
  readonly timestamp: bigint
  /** The octets of the chunks. */
  readonly content: Uint8Array
}

/** Content came; `delay` is how long it was under way, in microseconds. */
export interface Ack {
  readonly _tag: "Ack"
  /** Which chunks came. */
  readonly chunks: Chunks.Chunks
  /** How long they were under way, in microseconds. */
  readonly delay: bigint
}

/** The sender has these chunks, wants them, or does not want them any more. */
export interface About<out Tag extends "Have" | "Request" | "Cancel"> {
  readonly _tag: Tag
  /** Which chunks it is about. */
  readonly chunks: Chunks.Chunks
}

/** The hash of chunks. */
export interface Integrity {
  readonly _tag: "Integrity"
  /** Which chunks it is of. */
  readonly chunks: Chunks.Chunks
  /** Its octets, as many as the hash of the swarm has. */
  readonly hash: Uint8Array
}

/** The signature of chunks. */
export interface SignedIntegrity {
  readonly _tag: "SignedIntegrity"
  /** Which chunks it is of. */
  readonly chunks: Chunks.Chunks
  /** The time that is signed, as the sender writes it. */
  readonly timestamp: bigint
  /** Its octets. */
  readonly signature: Uint8Array
}

/** The address of another peer. */
export interface PeerAddress<out Tag extends "PexResV4" | "PexResV6"> {
  readonly _tag: Tag
  /** Where that peer is said to be. */
  readonly address: NetAddress.InetAddress
}

/** The membership certificate of another peer, in DER. */
export interface PeerCertificate {
  readonly _tag: "PexResCert"
  /** Its octets. */
  readonly certificate: Uint8Array
}

/** A message that is its type and nothing more. */
export interface Plain<out Tag extends "PexReq" | "Choke" | "Unchoke"> {
  readonly _tag: Tag
}

/**
 * A message: `Data`, `Have`, `Request` and the others of RFC 7574, section 8.
 *
 * @category models
 * @since 0.1.0
 */
export type Message =
  | Handshake.Handshake
  | Data
  | Ack
  | About<"Have">
  | About<"Request">
  | About<"Cancel">
  | Integrity
  | SignedIntegrity
  | PeerAddress<"PexResV4">
  | PeerAddress<"PexResV6">
  | PeerCertificate
  | Plain<"PexReq">
  | Plain<"Choke">
  | Plain<"Unchoke">

/** Why the rest of a datagram is left unread. */
export type Stop = "unknown" | "malformed" | "truncated" | "many"

/** What could be read. */
export interface Decoded {
  readonly messages: ReadonlyArray<Message>
  readonly stop?: Stop | undefined
}

/** The messages read of one datagram; the largest that a network carries in one piece has room for no more that make sense. */
export const maxMessages = 512

/** Reads messages from `at` to the end. */
export const decode = (octets: Uint8Array, swarm: Swarm.Swarm, at = 0): Decoded => {
  const cursor = Cursor.make(octets, at)
  const messages: Array<Message> = []
  while (Cursor.left(cursor) > 0) {
    if (messages.length === maxMessages) return { messages, stop: "many" }
    const message = readMessage(cursor, swarm)
    if (cursor.isShort) return { messages, stop: "truncated" }
    if (typeof message === "string") return { messages, stop: message }
    messages.push(message)
  }
  return { messages }
}

/** Reads the one handshake that every channel starts with, before it is known of which swarm: the message, and where it ends. */
export const decodeHandshake = (
  octets: Uint8Array,
  at: number
): { readonly handshake: Handshake.Handshake; readonly end: number } | undefined => {
  const cursor = Cursor.make(octets, at)
  if (Cursor.uint8(cursor) !== 0 || cursor.isShort) return undefined
  const handshake = Handshake.read(cursor)
  return handshake === undefined || cursor.isShort ? undefined : { handshake, end: cursor.at }
}

const readMessage = (cursor: Cursor.Cursor, swarm: Swarm.Swarm): Message | "unknown" | "malformed" => {
  const type = Cursor.uint8(cursor)
  switch (type) {
    case 0:
      return Handshake.read(cursor) ?? "malformed"
    case 5:
      return { _tag: "PexResV4", address: readV4(cursor) }
    case 6:
      return { _tag: "PexReq" }
    case 10:
      return { _tag: "Choke" }
    case 11:
      return { _tag: "Unchoke" }
    case 12:
      return { _tag: "PexResV6", address: readV6(cursor) }
    case 13:
      return { _tag: "PexResCert", certificate: Cursor.bytes(cursor, Cursor.uint16(cursor)) }
    default:
      return type > 13 ? "unknown" : readAboutChunks(cursor, swarm, type)
  }
}

const readAboutChunks = (
  cursor: Cursor.Cursor,
  swarm: Swarm.Swarm,
  type: number
): Message | "unknown" | "malformed" => {
  const chunks = Chunks.read(cursor, swarm.addressing)
  if (chunks === undefined) return "malformed"
  switch (type) {
    case 1:
      return readData(cursor, swarm, chunks)
    case 2:
      return { _tag: "Ack", chunks, delay: Cursor.uint64(cursor) }
    case 3:
      return { _tag: "Have", chunks }
    case 4:
      // a swarm without hashes has no length for them
      return Swarm.hashesContent(swarm)
        ? { _tag: "Integrity", chunks, hash: Cursor.bytes(cursor, Swarm.hashOctets(swarm)) }
        : "unknown"
    case 7:
      return readSignature(cursor, swarm, chunks)
    case 8:
      return { _tag: "Request", chunks }
    default:
      return { _tag: "Cancel", chunks }
  }
}

const readData = (cursor: Cursor.Cursor, swarm: Swarm.Swarm, chunks: Chunks.Chunks): Message | "malformed" => {
  const timestamp = Cursor.uint64(cursor)
  const content = Cursor.bytes(cursor, Math.max(0, Cursor.left(cursor)))
  return Chunks.canHold(chunks, content.length, swarm) ? { _tag: "Data", chunks, timestamp, content } : "malformed"
}

const readSignature = (cursor: Cursor.Cursor, swarm: Swarm.Swarm, chunks: Chunks.Chunks): Message | "unknown" => {
  const length = Swarm.signs(swarm) ? Swarm.signatureOctets(swarm) : undefined
  if (length === undefined) return "unknown"
  const timestamp = Cursor.uint64(cursor)
  return { _tag: "SignedIntegrity", chunks, timestamp, signature: Cursor.bytes(cursor, length) }
}

const readV4 = (cursor: Cursor.Cursor): NetAddress.InetAddress => {
  const octets = Cursor.bytes(cursor, 4)
  const address = cursor.isShort ? NetAddress.ipv4Unspecified : NetAddress.ipv4FromBytesUnsafe(octets)
  return NetAddress.inetAddressUnsafe(address, Cursor.uint16(cursor))
}

const readV6 = (cursor: Cursor.Cursor): NetAddress.InetAddress => {
  const octets = Cursor.bytes(cursor, 16)
  const address = cursor.isShort ? NetAddress.ipv6Unspecified : NetAddress.ipv6FromBytesUnsafe(octets)
  return NetAddress.inetAddressUnsafe(address, Cursor.uint16(cursor))
}

/**
 * A datagram to a channel with these messages; with none of them it keeps the channel alive.
 *
 * Throws a `RangeError` on a message that the swarm has no words for, and on content that is not the last message.
 */
export const encode = (channel: number, messages: ReadonlyArray<Message>, swarm: Swarm.Swarm): Uint8Array => {
  const octets: Octets.Octets = []
  Octets.uint32(octets, channel)
  for (const [index, message] of messages.entries()) {
    if (message._tag === "Data" && index < messages.length - 1) throw new RangeError("Data is the end of its datagram")
    write(octets, message, swarm)
  }
  return Uint8Array.from(octets)
}

/** Writes one message. */
export const write = (octets: Octets.Octets, message: Message, swarm: Swarm.Swarm): void => {
  if (message._tag === "Handshake") return Handshake.write(octets, message)
  octets.push(types[message._tag])
  if ("chunks" in message) Chunks.write(octets, message.chunks, swarm.addressing)
  switch (message._tag) {
    case "Data":
      return writeData(octets, message, swarm)
    case "Ack":
      return Octets.uint64(octets, message.delay)
    case "Integrity":
      return writeExactly(octets, message.hash, Swarm.hashesContent(swarm) ? Swarm.hashOctets(swarm) : undefined)
    case "SignedIntegrity":
      Octets.uint64(octets, message.timestamp)
      return writeExactly(octets, message.signature, Swarm.signs(swarm) ? Swarm.signatureOctets(swarm) : undefined)
    case "PexResV4":
    case "PexResV6":
      return writeAddress(octets, message)
    case "PexResCert":
      if (message.certificate.length > 65_535) throw new RangeError("The certificate is too long")
      Octets.uint16(octets, message.certificate.length)
      return Octets.bytes(octets, message.certificate)
  }
}

const types: Readonly<Record<Exclude<Message["_tag"], "Handshake">, number>> = {
  Data: 1,
  Ack: 2,
  Have: 3,
  Integrity: 4,
  PexResV4: 5,
  PexReq: 6,
  SignedIntegrity: 7,
  Request: 8,
  Cancel: 9,
  Choke: 10,
  Unchoke: 11,
  PexResV6: 12,
  PexResCert: 13
}

const writeData = (octets: Octets.Octets, { chunks, content, timestamp }: Data, swarm: Swarm.Swarm): void => {
  if (!Chunks.canHold(chunks, content.length, swarm)) {
    throw new RangeError(`${content.length} octets are not these chunks`)
  }
  Octets.uint64(octets, timestamp)
  Octets.bytes(octets, content)
}

const writeExactly = (octets: Octets.Octets, value: Uint8Array, length: number | undefined): void => {
  if (value.length !== length) throw new RangeError(`The swarm has no value of ${value.length} octets here`)
  Octets.bytes(octets, value)
}

const writeAddress = (octets: Octets.Octets, { _tag, address }: PeerAddress<"PexResV4" | "PexResV6">): void => {
  const ip = address.address
  if (NetAddress.isIpv4Address(ip) !== (_tag === "PexResV4")) throw new RangeError(`${_tag} is for the other family`)
  octets.push(...(NetAddress.isIpv4Address(ip) ? NetAddress.ipv4ToOctets(ip) : NetAddress.ipv6ToOctets(ip)))
  Octets.uint16(octets, address.port)
}
