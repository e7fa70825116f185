/** Envelopes of signed announcements, with their bodies. */
import { Result } from "effect"
import * as Body from "../../../src/protocol/signedBeacon/Body.ts"
import * as Ed25519 from "../../../src/protocol/signedBeacon/Ed25519.ts"
import * as Envelope from "../../../src/protocol/signedBeacon/Envelope.ts"
import * as Arbitrary from "../../protocol/mdns/arbitrary.ts"
import * as Draw from "../../protocol/signedBeacon/draw.ts"
import * as Fixtures from "../../protocol/signedBeacon/fixtures.ts"
import * as Reference from "../../protocol/signedBeacon/reference.ts"
import * as Mutation from "../Mutation.ts"
import * as Target from "../Target.ts"

const { fromHex } = Fixtures

/** Fields whole and cut, lengths, and what begins or ends text badly. */
export const words = "0100 0161 8000 ff 0000 7f00 05020161 0c01 efbbbf cc81 1b c0 eda080 d153c056 0430".split(" ")
  .map(fromHex)

/** Good envelopes of every kind. */
export const made = (seed: number): ReadonlyArray<Envelope.Parts> => {
  const draw = Arbitrary.draw(seed)
  return Array.from({ length: 200 }, () => Draw.envelope(draw, new Uint8Array(8), Draw.key(draw)).parts)
}

const inputs = (seed: number) => {
  const { octets } = Arbitrary.draw(seed)
  const drawn = made(seed).map((parts) => Envelope.encode(Envelope.encodeUnsigned(parts), octets(64)))
  const corpus = [...Fixtures.plain.map(({ hex }) => fromHex(hex)), ...drawn]
  const mutated = Mutation.make({ seed, corpus, words, maxLength: 1_300 })
  return Mutation.inTurn([mutated, () => lengthened(mutated())])
}

/** Says how long its body is as it should. */
const lengthened = (octets: Uint8Array): Uint8Array => {
  const length = octets.length - Envelope.minOctets
  if (length < 0) return octets
  const changed = octets.slice()
  changed.set([length >> 8 & 0xff, length & 0xff], 62)
  return changed
}

const decode = (octets: Uint8Array) =>
  Result.map(Envelope.decode(octets), (envelope) => ({
    envelope,
    body: Body.decode(envelope.body, envelope.kind),
    isWeak: Ed25519.isWeakKey(Envelope.keyOctets(envelope)),
    isCanonical: Ed25519.isCanonicalSignature(envelope.signature)
  }))

const judge = (decoded: ReturnType<typeof decode>, octets: Uint8Array): string => {
  const read = Result.getOrUndefined(decoded)
  const body = read && Result.getOrUndefined(read.body)
  const described = read && body && Fixtures.describe(read.envelope, body)
  Target.agree(described, Reference.readUnverified(octets), "not as the second reader reads it")
  if (Result.isFailure(decoded)) return decoded.failure
  const { envelope, isCanonical, isWeak } = decoded.success
  Target.same(Envelope.encode(Envelope.encodeUnsigned(envelope), envelope.signature), octets, "an envelope")
  return body === undefined ? "body" : isWeak ? "weak key" : isCanonical ? "good" : "not canonical"
}

export const target = Target.make({
  name: "sa1",
  inputs,
  decode,
  judge,
  outcomes: ["good", "size", "format", "body", "not canonical"]
})
