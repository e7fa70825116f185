/**
 * How an envelope travels: alone in a datagram, or as an attribute of another format's announcement.
 *
 * Between the two it is the attribute `sa`. Where a value has room for 251 octets only, as in a TXT record, a longer envelope is cut into
 * `sa0`, `sa1` and so on.
 */
import type * as NetAddress from "effect/net/NetAddress"
import * as Announcement from "../../Announcement.ts"
import * as Attributes from "../../Attributes.ts"
import type * as Claim from "../../Claim.ts"
import * as Octets from "../internal/octets.ts"
import * as Seal from "./Seal.ts"

/** A carriage. */
export interface Carriage {
  /** The octets of the longest envelope, sealed or not, that it has room for. */
  readonly maxOctets: number
  /** What the carrying source is to announce for an announcement, or its goodbye, to be carried. */
  readonly put: (
    announcement: Announcement.Announcement,
    envelope: Uint8Array,
    isGoodbye?: boolean
  ) => Announcement.Announcement
  /** A whole datagram with an envelope in it, where there is such a thing. */
  readonly frame?: ((envelope: Uint8Array) => Uint8Array) | undefined
  /** Whether what the carrying source says of addresses may be tried after what is signed. */
  readonly hasCandidates: boolean
}

/** The key of an attribute that is an envelope. */
export const key = "sa"

const mostParts = 5
/** `sa0=` and this many octets are the longest string of a TXT record (RFC 6763, section 6.1). */
const partOctets = 251
const wholeOctets = 252

/** The envelope alone, for carriers that have no use for the rest. */
export const whole = (
  options: { readonly maxOctets?: number | undefined; readonly frame: (envelope: Uint8Array) => Uint8Array }
): Carriage => ({
  maxOctets: options.maxOctets ?? Seal.maxOctets,
  // by its ttl the carrying session knows a goodbye
  put: (_, envelope, isGoodbye = false) =>
    Announcement.make({ name: key, attributes: [[key, envelope]], ttl: isGoodbye ? 0 : undefined }),
  frame: options.frame,
  hasCandidates: false
})

/** The envelope beside what the source announces anyway, in values short enough for a TXT record. */
export const attributes: Carriage = {
  maxOctets: mostParts * partOctets,
  put: (announcement, envelope) => {
    const own = Array.from(
      announcement.attributes.keys(),
      (name) => [name, valueOf(announcement.attributes, name)] as const
    )
    return Announcement.update(announcement, {
      attributes: [...own.filter(([name]) => !isPart(name)), ...split(envelope)]
    })
  },
  hasCandidates: true
}

const valueOf = (attributes: Attributes.Attributes, name: string): Attributes.Value =>
  attributes.isFlag(name) || attributes.bytes(name)!

const isPart = (name: string): boolean => /^sa[0-9]?$/i.test(name)

const split = (envelope: Uint8Array): ReadonlyArray<readonly [string, Uint8Array]> => {
  if (envelope.length <= wholeOctets) return [[key, envelope]]
  const parts: Array<readonly [string, Uint8Array]> = []
  for (let start = 0; start < envelope.length; start += partOctets) {
    parts.push([`${key}${parts.length}`, envelope.subarray(start, start + partOctets)])
  }
  return parts
}

/** What a carrier of envelopes makes of a datagram: that one came from somewhere. */
export interface Carried extends Claim.Claim {
  /** As it is: to make an attribute of it would look for text in it. */
  readonly envelope: Uint8Array
}

/** The claim that an envelope came from this address. */
export const carried = (envelope: Uint8Array, source: NetAddress.InetAddress): Carried => ({
  identity: key,
  name: key,
  addresses: [source],
  attributes: Attributes.empty,
  // what it says of its time is not read yet
  ttl: 1,
  authentication: "none",
  envelope
})

/** The envelope that a claim carries, `undefined` when it carries none. Whether it is one at all is not judged here. */
export const take = (claim: Claim.Claim): Uint8Array | undefined => {
  if ("envelope" in claim) return (claim as Carried).envelope
  const { attributes } = claim
  if (attributes.size === 0) return undefined
  const only = bytesOf(attributes, key)
  if (only !== undefined) return only
  const parts: Array<Uint8Array> = []
  for (let part = bytesOf(attributes, `${key}0`); part !== undefined && parts.length < mostParts;) {
    parts.push(part)
    part = bytesOf(attributes, `${key}${parts.length}`)
  }
  return parts.length === 0 ? undefined : Octets.concatenate(parts)
}

// keys of TXT records differ in case only by accident (RFC 6763, section 6.4)
const bytesOf = (attributes: Attributes.Attributes, name: string): Uint8Array | undefined => {
  const found = Attributes.findKey(attributes, name)
  return found === undefined ? undefined : attributes.bytes(found)
}
