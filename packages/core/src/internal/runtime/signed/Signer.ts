/**
 * Makes the envelopes of one identity, sealed where there is a group.
 */
import * as Clock from "effect/Clock"
import type * as CryptoError from "effect/crypto/CryptoError"
import type * as Signature from "effect/crypto/Signature"
import * as Effect from "effect/Effect"
import * as Envelope from "../../../protocol/signedBeacon/Envelope.ts"
import type * as TrustError from "../../../TrustError.ts"
import type * as Group from "./Group.ts"
import type * as Identity from "./Identity.ts"
import * as Stamps from "./Stamps.ts"

/** What signers work with. */
export interface Options {
  readonly realm: string
  readonly realmTag: Uint8Array
  readonly signature: Signature.Signature["Service"]
  readonly group: Group.Group | undefined
  readonly instance: number
  /** Whether a reading of the clock is believed to be real time. */
  readonly isClocked: (ms: number) => boolean
}

// a clock that went back is behind the stamps, which then are of no time that peers could compare with theirs
const leeway = 2 * Stamps.ahead

/** Signs, and seals, one more envelope. */
export const sign = Effect.fnUntraced(function*(
  options: Options,
  identity: Identity.Identity,
  parts: Pick<Envelope.Parts, "kind" | "ttl" | "body">
): Effect.fn.Return<Uint8Array, CryptoError.CryptoError | TrustError.TrustError> {
  const { group, instance, isClocked, realm, realmTag, signature } = options
  const stamp = yield* Stamps.next(identity.stamps)
  const now = yield* Clock.currentTimeMillis
  const signed = Envelope.encodeUnsigned({
    ...parts,
    realmTag,
    instance,
    key: identity.key,
    stamp,
    isClocked: isClocked(now) && stamp.ms <= now + leeway
  })
  const proof = yield* signature.sign(identity.privateKey, Envelope.signedInput(realm, signed))
  const envelope = Envelope.encode(signed, proof)
  return group === undefined ? envelope : yield* group.seal(envelope)
})
