/**
 * How words become a shared key: what is fixed of it, so that all who use the same words in a realm have the same key.
 */
import * as Text from "../internal/text.ts"
import * as Envelope from "./Envelope.ts"
import * as Label from "./Label.ts"
import * as Seal from "./Seal.ts"

/** At least what scrypt takes with N = 2^17: 128 MiB (RFC 9106, section 4, gives 64 MiB with as many passes as the least for all). */
export const cost = { memory: 131_072, passes: 3, parallelism: 4 } as const

export const octets = Seal.sharedKeyOctets

/** The words as octets, in a form that does not depend on how they are typed. */
export const toBytes = (words: string): Uint8Array => Text.toUtf8(words.normalize("NFC"))

/** A salt that is the realm's. Throws when `realm` is none. */
export const salt = (realm: string): Uint8Array => {
  if (!Envelope.isRealm(realm)) throw new RangeError("A realm is 1 to 63 octets of UTF-8 in the normal form NFC")
  return Label.concat(Label.make("LAN-PHRASE-v1"), Text.toUtf8(realm))
}
