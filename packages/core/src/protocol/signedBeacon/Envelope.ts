/**
 * The signed announcement, SA1: a header of 64 octets, a body, and an Ed25519 signature over both, as they were sent.
 *
 * Nothing here says that a signature is good. Until it was verified, an envelope is what anybody may have written.
 */
import * as Result from "effect/Result"
import * as PeerKey from "../../PeerKey.ts"
import * as Text from "../internal/text.ts"
import * as Ed25519 from "./Ed25519.ts"
import * as Label from "./Label.ts"
import * as Stamp from "./Stamp.ts"

/** What an envelope is for. */
export type Kind = "announce" | "goodbye" | "challenge" | "proof" | "retire"

/** What is signed. */
export interface Parts {
  readonly kind: Kind
  /** Whether the sender believes that its stamp is real time. */
  readonly isClocked: boolean
  /** The first 8 octets of the SHA-256 of `realmLabel`. */
  readonly realmTag: Uint8Array
  readonly key: PeerKey.PeerKey
  readonly stamp: Stamp.Stamp
  /** Of one run of the sender's process; not 0. */
  readonly instance: number
  /** Seconds: 1 to 65,535 in an announcement, 0 in all else. */
  readonly ttl: number
  readonly body: Uint8Array
}

/** A whole envelope. Its octets are parts of the datagram, which must not be written to afterwards. */
export interface Envelope extends Parts {
  /** The datagram up to the signature. */
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

/** Why a datagram is no envelope: its length is none that an envelope has, or what it says of itself is not this format. */
export type Reason = "size" | "format"

export const headerOctets = 64
export const minOctets = headerOctets + Ed25519.signatureOctets
export const maxOctets = 1_200
export const maxBodyOctets = maxOctets - minOctets
export const realmTagOctets = 8
const keyAt = 16
export const maxRealmOctets = 63

// a response with an opcode that mDNS has no use for, so that its stacks ignore it (RFC 6762, section 18.3)
const magic = 0xd153_c056
const version = 1
const suite = 1
const clocked = 1
const kinds: ReadonlyArray<Kind | undefined> = [undefined, "announce", "goodbye", "challenge", "proof", "retire"]

/** What the first 64 octets say, without the realm's tag. It is all that it takes to refuse most of what nobody has signed. */
export type Header = Pick<Envelope, "kind" | "isClocked" | "key" | "stamp" | "instance" | "ttl">

/** Reads a datagram as far as it can be judged without its signature, the body unread. */
export const decode = (datagram: Uint8Array): Result.Result<Envelope, Reason> =>
  Result.map(decodeHeader(datagram), (header) => complete(header, datagram))

/** Judges the same, but reads no more than the header. */
export const decodeHeader = (datagram: Uint8Array): Result.Result<Header, Reason> => {
  if (datagram.length < minOctets || datagram.length > maxOctets) return Result.fail("size")
  const kind = kinds[datagram[5]!]
  const length = uint16(datagram, 62)
  if (kind === undefined || !isOurs(datagram) || datagram.length !== minOctets + length) return Result.fail("format")
  const instance = uint32(datagram, 56)
  const ttl = uint16(datagram, 60)
  if (instance === 0 || !isTtl(kind, ttl) || !isBodyLength(kind, length)) return Result.fail("format")
  return Result.succeed({
    kind,
    isClocked: datagram[7] === clocked,
    key: PeerKey.fromBytes(datagram.subarray(keyAt, keyAt + PeerKey.byteLength)),
    stamp: { ms: uint16(datagram, 48) * 2 ** 32 + uint32(datagram, 50), counter: uint16(datagram, 54) },
    instance,
    ttl
  })
}

/** The envelope of which this is the header. */
export const complete = ({ instance, isClocked, key, kind, stamp, ttl }: Header, datagram: Uint8Array): Envelope => {
  const signed = datagram.subarray(0, datagram.length - Ed25519.signatureOctets)
  return {
    kind,
    isClocked,
    key,
    stamp,
    instance,
    ttl,
    realmTag: datagram.subarray(8, keyAt),
    body: bodyOf(datagram),
    signed,
    signature: datagram.subarray(signed.length)
  }
}

/** The body of a datagram with a header. */
export const bodyOf = (datagram: Uint8Array): Uint8Array =>
  datagram.subarray(headerOctets, datagram.length - Ed25519.signatureOctets)

/** Whether the tag of a datagram with a header is this one. */
export const isOfRealm = (datagram: Uint8Array, realmTag: Uint8Array): boolean => {
  for (let i = 0; i < realmTagOctets; i++) {
    if (datagram[8 + i] !== realmTag[i]) return false
  }
  return true
}

const uint16 = (octets: Uint8Array, at: number): number => octets[at]! << 8 | octets[at + 1]!

const uint32 = (octets: Uint8Array, at: number): number => uint16(octets, at) * 2 ** 16 + uint16(octets, at + 2)

const isOurs = (datagram: Uint8Array): boolean =>
  uint32(datagram, 0) === magic && datagram[4] === version && datagram[6] === suite && datagram[7]! <= clocked

const isTtl = (kind: Kind, ttl: number): boolean => (kind === "announce") === (ttl > 0)

/** Whether an envelope of a kind can have a body of so many octets. */
const isBodyLength = (kind: Kind, length: number): boolean => {
  switch (kind) {
    case "announce":
      return length <= maxBodyOctets
    case "goodbye":
    case "retire":
      return length === 0
    case "challenge":
    case "proof":
      // nonce and target
      return length === 18 + 34
  }
}

/** The octets of the key that signed. */
export const keyOctets = ({ signed }: Envelope): Uint8Array => signed.subarray(keyAt, keyAt + PeerKey.byteLength)

/**
 * Header and body, to be signed. Throws when a part cannot be said: that the parts are sound is up to the caller.
 */
export const encodeUnsigned = (parts: Parts): Uint8Array => {
  check(parts)
  const { body, instance, isClocked, key, kind, realmTag, stamp, ttl } = parts
  const octets = new Uint8Array(headerOctets + body.length)
  const view = new DataView(octets.buffer)
  view.setUint32(0, magic)
  octets.set([version, kinds.indexOf(kind), suite, isClocked ? clocked : 0], 4)
  octets.set(realmTag, 8)
  octets.set(PeerKey.toBytes(key), keyAt)
  view.setUint16(48, Math.floor(stamp.ms / 2 ** 32))
  view.setUint32(50, stamp.ms % 2 ** 32)
  view.setUint16(54, stamp.counter)
  view.setUint32(56, instance)
  view.setUint16(60, ttl)
  view.setUint16(62, body.length)
  octets.set(body, headerOctets)
  return octets
}

const check = ({ body, instance, kind, realmTag, stamp, ttl }: Parts): void => {
  if (realmTag.length !== realmTagOctets) throw new RangeError(`A realm's tag has ${realmTagOctets} octets`)
  if (!Stamp.isStamp(stamp)) throw new RangeError(`${stamp.ms}/${stamp.counter} is no stamp`)
  if (!isUint(instance, 32) || instance === 0) throw new RangeError(`${instance} is no instance`)
  if (!isUint(ttl, 16) || !isTtl(kind, ttl)) throw new RangeError(`${ttl} s is no ttl of an envelope to ${kind}`)
  if (!isBodyLength(kind, body.length)) {
    throw new RangeError(`${body.length} octets are no body of an envelope to ${kind}`)
  }
}

const isUint = (value: number, bits: number): boolean => Number.isInteger(value) && value >= 0 && value < 2 ** bits

/** The datagram of what was signed and its signature. */
export const encode = (signed: Uint8Array, signature: Uint8Array): Uint8Array => {
  if (signature.length !== Ed25519.signatureOctets) throw new RangeError(`${signature.length} octets are no signature`)
  return Label.concat(signed, signature)
}

/** Whether text can be a realm: 1 to 63 octets of UTF-8 in the normal form NFC. */
export const isRealm = (realm: string): boolean =>
  realm.length > 0 && Text.fits(realm, maxRealmOctets) && realm.normalize("NFC") === realm

/** What is hashed for the realm's tag. Throws when `realm` is none. */
export const realmLabel = (realm: string): Uint8Array => Label.concat(Label.make("LAN-REALM-v1"), realmOctets(realm))

/**
 * What is signed for `signed` to be a datagram of this realm. Throws when `realm` is none.
 *
 * The label keeps every other use of the key apart from this one, and the realm is whole here, of which only a tag travels.
 */
export const signedInput = (realm: string, signed: Uint8Array): Uint8Array => {
  const octets = realmOctets(realm)
  return Label.concat(Label.make("LAN-ANNOUNCE-v1"), Uint8Array.of(octets.length), octets, signed)
}

const realmOctets = (realm: string): Uint8Array => {
  if (!isRealm(realm)) throw new RangeError(`A realm is 1 to ${maxRealmOctets} octets of UTF-8 in the normal form NFC`)
  return Text.toUtf8(realm)
}
