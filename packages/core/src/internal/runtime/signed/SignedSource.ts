/**
 * A source that proves itself, over one that carries envelopes.
 */
import * as Clock from "effect/Clock"
import type * as Aead from "effect/crypto/Aead"
import type * as CryptoError from "effect/crypto/CryptoError"
import * as Digest from "effect/crypto/Digest"
import type * as Mac from "effect/crypto/Mac"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Signature from "effect/crypto/Signature"
import * as Effect from "effect/Effect"
import * as DiscoveryError from "../../../DiscoveryError.ts"
import * as Body from "../../../protocol/signedBeacon/Body.ts"
import type * as Carriage from "../../../protocol/signedBeacon/Carriage.ts"
import * as Envelope from "../../../protocol/signedBeacon/Envelope.ts"
import type * as Gate from "../../../protocol/signedBeacon/Gate.ts"
import type * as Statement from "../../../protocol/signedBeacon/Statement.ts"
import * as Source from "../../../Source.ts"
import * as Trust from "../../../Trust.ts"
import * as Company from "./Company.ts"
import * as Group from "./Group.ts"
import type * as Heard from "./Heard.ts"
import type * as Identity from "./Identity.ts"
import * as Receiver from "./Receiver.ts"
import * as Sender from "./Sender.ts"
import * as Signer from "./Signer.ts"

/**
 * The services that proving and sealing need: `Trust`, and those of `effect/crypto`, such as `NodeCrypto.layer`.
 *
 * @category services
 * @since 0.1.0
 */
export type Services =
  | Trust.Trust
  | Signature.Signature
  | Digest.Digest
  | SecureRandom.SecureRandom
  | Mac.Mac
  | Aead.Aead

/** What a source is made of, defaults filled in. */
export interface Options {
  readonly realm: string
  readonly identity: Identity.Identity | undefined
  readonly next: Identity.Identity | undefined
  readonly retired: ReadonlyArray<Identity.Identity>
  readonly ring: ReadonlyArray<Group.SharedKey> | undefined
  readonly acceptPlain: boolean
  readonly sendPlain: boolean
  readonly carriage: Carriage.Carriage
  readonly statement: Statement.Options
  /** Seconds. */
  readonly ttl: number
  readonly maxTtl: number
  /** Milliseconds. */
  readonly interval: { readonly min: number; readonly max: number }
  /** Whether the interval grows with the number of nodes. */
  readonly scaling: boolean
  readonly clock: Gate.Clock
  readonly challenges: boolean
}

/** Opens a source, and with it the one that carries. */
export const open = Effect.fnUntraced(function*<E, R>(inner: Source.Source<E, R>, options: Options) {
  const settings = yield* Source.Settings
  const random = yield* SecureRandom.SecureRandom
  const trust = yield* Trust.Trust
  const clock = yield* Clock.clockWith(Effect.succeed)
  yield* check(options)
  const failing = <A, E2, R2>(effect: Effect.Effect<A, E2, R2>) => failingOf(inner.name, effect)
  const group = options.ring === undefined ? undefined : yield* failing(Group.make(options.ring))
  const { identity, realm, retired } = options
  const signer = yield* signerOf(options, group)
  const { realmTag, signature } = signer
  const authors = yield* failing(authorsOf(options, signature))
  const carrying = yield* inner.open
  const company = options.scaling ? Company.make() : undefined
  const send = (to: Gate.Origin, kind: "challenge" | "proof", body: Body.Body) =>
    unicast(options, carrying, signer, to, kind, body)
  const inputs = yield* failing(Receiver.open({
    inner: carrying,
    carriage: options.carriage,
    gate: {
      realm,
      realmTag,
      limits: settings.limits,
      clock: options.clock,
      maxTtl: options.maxTtl,
      challenges: options.challenges && carrying.send !== undefined && identity !== undefined,
      policy: trust.policy,
      ring: group?.ids ?? [],
      acceptPlain: options.acceptPlain,
      own: new Set(authors.map((author) => author.identity.key)),
      instance: identity?.instance
    },
    settings,
    wallNow: () => clock.currentTimeMillisUnsafe(),
    signature,
    group,
    trust,
    company,
    challenge: ({ target, to }, opened) =>
      Effect.flatMap(random.randomBytes(nonceOctets), (nonce) => {
        opened(nonce)
        return send(to, "challenge", Body.challenge(nonce, target))
      }),
    prove: ({ challenger, nonce, to }) => send(to, "proof", Body.challenge(nonce, challenger))
  }))
  const opened: Source.Open = { inputs, send: carrying.send }
  if (carrying.advertiser === undefined || authors.length + retired.length === 0) return opened
  const announcing = { source: inner.name, inner: carrying.advertiser, settings, signer, authors, company }
  const advertiser = yield* Sender.make({ ...options, ...announcing })
  return authors.length === 0 ? opened : { ...opened, advertiser }
})

const signerOf = Effect.fnUntraced(function*(
  { clock, identity, realm, retired, sendPlain }: Options,
  group: Group.Group | undefined
) {
  const digest = yield* Digest.Digest
  const hash = yield* digest.digest(Digest.sha256, Envelope.realmLabel(realm))
  const signer: Signer.Options = {
    realm,
    realmTag: hash.slice(0, Envelope.realmTagOctets),
    signature: yield* Signature.Signature,
    group: sendPlain ? undefined : group,
    instance: identity?.instance ?? retired[0]?.instance ?? 1,
    isClocked: (ms) => ms > clock.builtAt
  }
  return signer
})

const nonceOctets = 16

const failingOf = <A, E, R>(source: string, effect: Effect.Effect<A, E, R>) =>
  Effect.mapError(effect, (cause) => DiscoveryError.make(new DiscoveryError.SourceFailed({ source, cause })))

const check = ({ realm, ring }: Options): Effect.Effect<void, DiscoveryError.DiscoveryError> => {
  if (!Envelope.isRealm(realm)) {
    return unsupported("A realm of this name", "It is 1 to 63 octets of UTF-8 in the normal form NFC.")
  }
  const fault = ring === undefined ? undefined : Group.fault(ring)
  return fault === undefined ? Effect.void : unsupported("A group of these shared keys", fault)
}

const unsupported = (operation: string, advice: string): Effect.Effect<never, DiscoveryError.DiscoveryError> =>
  DiscoveryError.make(new DiscoveryError.Unsupported({ operation, advice }))

// the next key signs that it takes over, once and for all
const authorsOf = (
  { identity, next }: Options,
  signature: Signature.Signature["Service"]
): Effect.Effect<ReadonlyArray<Sender.Author>, CryptoError.CryptoError> => {
  if (identity === undefined) return Effect.succeed([])
  if (next === undefined) return Effect.succeed([{ identity, successor: undefined }])
  return Effect.map(
    signature.sign(next.privateKey, Body.successorInput(identity.key, next.key)),
    (proof) => [
      { identity, successor: { key: next.key, signature: proof } },
      { identity: next, successor: undefined }
    ]
  )
}

const unicast = (
  { carriage, identity }: Options,
  { send }: Source.Open,
  signer: Signer.Options,
  to: Gate.Origin,
  kind: "challenge" | "proof",
  body: Body.Body
): Effect.Effect<void> => {
  const { frame } = carriage
  if (identity === undefined || send === undefined || frame === undefined) return Effect.void
  // the gate gives back what it was given
  const { from } = to as Heard.Heard
  return Effect.fromResult(Body.encode(body)).pipe(
    Effect.flatMap((octets) => Signer.sign(signer, identity, { kind, ttl: 0, body: octets })),
    Effect.flatMap((envelope) => send(to.interface, from, frame(envelope))),
    // one that cannot be made is like one that was lost
    Effect.ignore
  )
}
