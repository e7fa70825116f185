/** Feeds the decoders of envelopes, bodies and seals with what nobody should send, and holds them to their bounds. */
import { Result } from "effect"
import * as Body from "../../../src/protocol/signedBeacon/Body.ts"
import * as Ed25519 from "../../../src/protocol/signedBeacon/Ed25519.ts"
import * as Envelope from "../../../src/protocol/signedBeacon/Envelope.ts"
import * as Seal from "../../../src/protocol/signedBeacon/Seal.ts"
import * as Arbitrary from "../mdns/arbitrary.ts"
import * as Mutation from "../Mutation.ts"
import * as Draw from "./draw.ts"
import * as Fixtures from "./fixtures.ts"
import * as Mutants from "./mutants.ts"

export interface Report {
  /** How often each decoder was run, and what came of it. */
  readonly outcomes: ReadonlyMap<string, number>
  /** Milliseconds that the slowest execution took. */
  readonly slowest: number
}

const { fromHex } = Fixtures

// fields whole and cut, lengths, and what begins or ends text badly
const words = "0100 0161 8000 ff 0000 7f00 05020161 0c01 efbbbf cc81 1b c0 eda080 d153c056 0430".split(" ").map(fromHex)

const unknown = fromHex("80008001618003616263ff00")

/** Runs the decoders so many times in all, each on its share; throws on the first broken bound. */
export const run = (executions: number, seed: number): Report => {
  const outcomes = new Map<string, number>()
  let slowest = 0
  const draw = Arbitrary.draw(seed)
  const made = Array.from({ length: 200 }, () => Draw.envelope(draw, new Uint8Array(8), Draw.key(draw)).parts)
  const announced = made.filter(({ kind }) => kind === "announce").map(({ body }) => Buffer.from(body))
  const bodies = [...announced, ...announced.map((body) => Buffer.concat([body, unknown]))]
  const envelopes = made.map((parts) => Envelope.encode(Envelope.encodeUnsigned(parts), draw.octets(64)))
  const corpora = {
    envelope: [...Fixtures.plain.map(({ hex }) => fromHex(hex)), ...envelopes],
    seal: [fromHex(Fixtures.sealed.hex)]
  }
  const mutated = Mutation.make({ seed, corpus: corpora.envelope, words, maxLength: 1_300 })
  const fields = Mutation.make({ seed, corpus: bodies, words, maxLength: 1_300 })
  const sealed = Mutation.make({ seed, corpus: corpora.seal, words, maxLength: 1_300 })
  const kinds: ReadonlyArray<readonly [make: () => Uint8Array, run: (octets: Uint8Array) => string]> = [
    [() => lengthened(mutated()), envelope],
    [fields, announcement],
    [() => Mutants.mutateBody(draw, draw.pick(bodies)), announcement],
    [fields, challenge],
    [mutated, envelope],
    [sealed, seal]
  ]
  for (let i = 0; i < executions; i++) {
    const [make, run] = kinds[i % kinds.length]!
    const octets = make()
    const [outcome, took] = timed(run, octets)
    slowest = Math.max(slowest, took)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  return { outcomes, slowest }
}

/** Milliseconds that no datagram may take, however slow the machine. */
const bound = 2

/** What comes of octets, and the milliseconds that it takes whenever nothing else runs. */
const timed = (run: (octets: Uint8Array) => string, octets: Uint8Array): readonly [outcome: string, took: number] => {
  let took = Infinity
  let outcome = ""
  for (let times = 0; times < 5 && took > bound; times++) {
    const from = performance.now()
    outcome = run(octets)
    took = Math.min(took, performance.now() - from)
  }
  if (took > bound) throw new Error(`${took.toFixed(1)} ms for ${Fixtures.toHex(octets)}`)
  return [outcome, took]
}

/** Says how long its body is as it should. */
const lengthened = (octets: Uint8Array): Uint8Array => {
  const length = octets.length - Envelope.minOctets
  if (length >= 0) octets.set([length >> 8 & 0xff, length & 0xff], 62)
  return octets
}

const same = (self: Uint8Array, that: Uint8Array, what: string): void => {
  if (!Buffer.from(self).equals(that)) throw new Error(`${what} changed by being read and written`)
}

const envelope = (octets: Uint8Array): string => {
  const decoded = Envelope.decode(octets)
  if (Result.isFailure(decoded)) return `envelope: ${decoded.failure}`
  const { signature } = decoded.success
  same(Envelope.encode(Envelope.encodeUnsigned(decoded.success), signature), octets, "an envelope")
  if (Ed25519.isWeakKey(Envelope.keyOctets(decoded.success))) return "envelope: weak key"
  if (!Ed25519.isCanonicalSignature(signature)) return "envelope: not canonical"
  return "envelope"
}

const announcement = (octets: Uint8Array): string => body(octets, "announce", "body")

const challenge = (octets: Uint8Array): string =>
  body(octets.length % 2 === 0 ? likeChallenge(octets) : octets, "challenge", "challenge")

/** Something like a challenge. */
const likeChallenge = (octets: Uint8Array): Uint8Array => {
  const like = new Uint8Array(52)
  like.set(octets.subarray(0, 52))
  like.set([8, 16], 0)
  like.set([9, 32 - (octets.length % 16 === 0 ? 1 : 0)], 18)
  return like
}

const body = (octets: Uint8Array, kind: Envelope.Kind, name: string): string => {
  const decoded = Body.decode(octets, kind)
  if (Result.isFailure(decoded)) return `${name}: refused`
  const { attributes, endpoints, services } = decoded.success
  if (services.length > 4 || endpoints.length > 16 || attributes.size > 16) throw new Error("more than there may be")
  const encoded = Body.encode(decoded.success)
  if (Result.isFailure(encoded)) throw new Error(`what was read cannot be said: ${encoded.failure.field}`)
  if (encoded.success.length < octets.length) return again(encoded.success, octets, kind, name)
  same(encoded.success, octets, "a body")
  return name
}

/** Nothing but what is not known may be gone, and nothing else goes when it is read again. */
const again = (encoded: Uint8Array, octets: Uint8Array, kind: Envelope.Kind, name: string): string => {
  same(encoded, octets.subarray(0, encoded.length), "a body")
  if (octets[encoded.length]! < 0x80) throw new Error("a known field is gone")
  const second = Result.getOrThrow(Result.flatMap(Body.decode(encoded, kind), Body.encode))
  same(second, encoded, "a body")
  return `${name}: unknown fields`
}

const seal = (octets: Uint8Array): string => {
  const decoded = Seal.decode(octets)
  if (Result.isFailure(decoded)) return `seal: ${decoded.failure}`
  const { keyId, salt, sealed } = decoded.success
  same(Seal.encode(Seal.encodeHeader(keyId, salt), sealed), octets, "a seal")
  return "seal"
}
