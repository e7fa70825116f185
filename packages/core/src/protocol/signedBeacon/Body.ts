/**
 * What an envelope says, in fields. Of every content there is one encoding, and any other is refused.
 */
import * as Result from "effect/Result"
import * as PeerKey from "../../PeerKey.ts"
import * as BodyReader from "./BodyReader.ts"
import * as BodyWriter from "./BodyWriter.ts"
import * as Content from "./Content.ts"
import type * as Envelope from "./Envelope.ts"
import * as Label from "./Label.ts"

export type Body = Content.Content
export type Successor = Content.Successor
export type Fault = Content.Fault

/** A body that says nothing, as that of a goodbye. */
export const empty: Body = Content.empty

/** The body of a challenge or a proof. */
export const challenge = (nonce: Uint8Array, target: PeerKey.PeerKey): Body => ({ ...empty, nonce, target })

/** Reads the body of an envelope of this kind. Its parts are copied. */
export const decode = (octets: Uint8Array, kind: Envelope.Kind): Result.Result<Body, "body"> => {
  const body = BodyReader.read(octets, kind)
  return body === undefined ? Result.fail("body") : Result.succeed(body)
}

/** The encoding of a body. What is listed twice is said once, and an attribute without a value as an empty one. */
export const encode = (body: Body): Result.Result<Uint8Array, Fault> => {
  const written = BodyWriter.write(body)
  return written instanceof Uint8Array ? Result.succeed(written) : Result.fail(written)
}

/** What the next key signs to succeed the old one. */
export const successorInput = (old: PeerKey.PeerKey, next: PeerKey.PeerKey): Uint8Array =>
  Label.concat(Label.make("LAN-ROTATE-v1"), PeerKey.toBytes(old), PeerKey.toBytes(next))
