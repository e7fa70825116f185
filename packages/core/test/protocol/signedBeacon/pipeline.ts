/** All that a datagram goes through before it is believed, without what depends on time and on who sent it. */
import { Effect, Layer, Result } from "effect"
import { SecureRandom, Signature } from "effect/crypto"
import { createHash } from "node:crypto"
import * as Body from "../../../src/protocol/signedBeacon/Body.ts"
import * as Ed25519 from "../../../src/protocol/signedBeacon/Ed25519.ts"
import * as Envelope from "../../../src/protocol/signedBeacon/Envelope.ts"

/** The layer that verifies and signs. */
export const layer = Signature.layerWebCrypto.pipe(Layer.provide(SecureRandom.layerWebCrypto))

/** Why a datagram is refused; a signature can be no good before and after it was verified. */
export type Refusal = Envelope.Reason | "realm" | "weak-key" | "not-canonical" | "signature" | "body"

export const tagOf = (realm: string): Uint8Array =>
  new Uint8Array(createHash("sha256").update(Envelope.realmLabel(realm)).digest().subarray(0, Envelope.realmTagOctets))

export interface Accepted {
  readonly envelope: Envelope.Envelope
  readonly body: Body.Body
}

/** Judges a datagram of a realm. */
export const judge = Effect.fnUntraced(function*(datagram: Uint8Array, realm: string) {
  const envelope = yield* Effect.fromResult(Envelope.decode(datagram))
  const key = Envelope.keyOctets(envelope)
  if (!Buffer.from(envelope.realmTag).equals(tagOf(realm))) return yield* Effect.fail<Refusal>("realm")
  if (Ed25519.isWeakKey(key)) return yield* Effect.fail<Refusal>("weak-key")
  if (!Ed25519.isCanonicalSignature(envelope.signature)) return yield* Effect.fail<Refusal>("not-canonical")
  const message = Envelope.signedInput(realm, envelope.signed)
  if (!(yield* verify(key, envelope.signature, message))) return yield* Effect.fail<Refusal>("signature")
  const body = yield* Effect.fromResult(Body.decode(envelope.body, envelope.kind))
  return { envelope, body }
})

/** The refusal, or `accepted`. */
export const verdict = (datagram: Uint8Array, realm: string) =>
  judge(datagram, realm).pipe(Effect.match({ onFailure: (refusal) => refusal, onSuccess: () => "accepted" as const }))

const verify = Effect.fnUntraced(function*(octets: Uint8Array, signature: Uint8Array, message: Uint8Array) {
  const { verify } = yield* Signature.Signature
  const key = yield* Signature.publicKey(Signature.ed25519, octets)
  // a key that is no point of the curve is one that verifies nothing
  return yield* verify(key, signature, message)
}, Effect.orElseSucceed(() => false))

/** Signs what is to be an envelope of a realm. */
export const sign = Effect.fnUntraced(function*(seed: Uint8Array, realm: string, unsigned: Uint8Array) {
  const { sign } = yield* Signature.Signature
  const key = yield* Signature.privateKey(Signature.ed25519, seed)
  return Envelope.encode(unsigned, yield* sign(key, Envelope.signedInput(realm, unsigned)))
})

/** The body that a result has, or a defect. */
export const bodyOctets = (body: Body.Body): Uint8Array => Result.getOrThrow(Body.encode(body))
