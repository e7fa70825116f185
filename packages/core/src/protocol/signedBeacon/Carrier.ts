/**
 * The protocol that carries envelopes: what is advertised is sent once and as it is, and whoever signs says when the next one is due. Only what a
 * session says again since it has opened its sockets waits.
 */
import type * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import * as Claim from "../../Claim.ts"
import type * as Endpoint from "../../Endpoint.ts"
import type * as Machine from "../../Machine.ts"
import type * as Protocol from "../../Protocol.ts"
import * as Seed from "../../Seed.ts"
import * as Json from "../internal/json.ts"
import * as JsonPeer from "../internal/jsonPeer.ts"
import * as Text from "../internal/text.ts"
import * as Base64Url from "./Base64Url.ts"
import * as Carriage from "./Carriage.ts"
import * as Envelope from "./Envelope.ts"
import * as Reopening from "./Reopening.ts"
import * as Seal from "./Seal.ts"

/** How envelopes lie in datagrams. */
export interface Codec {
  readonly maxDatagram: number
  readonly encode: (envelope: Uint8Array) => Uint8Array
  /** What a datagram claims: that it came from somewhere with an envelope, or something plain; a ttl of 0 is a goodbye. */
  readonly decode: (payload: Uint8Array, source: NetAddress.InetAddress) => Result.Result<Claim.Claim, string>
}

/** Where and how envelopes travel. */
export interface Options {
  readonly name: string
  readonly endpoints: ReadonlyArray<Endpoint.Endpoint>
  readonly codec: Codec
  /** Whether all nodes together send at a pace. */
  readonly isPaced: boolean
  readonly isPrivileged?: ((payload: Uint8Array) => boolean) | undefined
}

/** Makes the protocol. It remembers what waits. */
export const make = (options: Options): Protocol.Protocol<Reopening.Reopening> => ({
  name: options.name,
  endpoints: options.endpoints,
  maxDatagram: options.codec.maxDatagram,
  // the same octets again extend nothing (security notes, section 6.4)
  isIdempotent: false,
  // challenges and their proofs
  hearsReplies: true,
  isPrivileged: options.isPrivileged,
  validate: () => undefined,
  init: (seed) => next(Reopening.make(Seed.derive(seed, "reopening")), []),
  step: (state, input, now) => {
    switch (input._tag) {
      case "Received":
        Reopening.hear(state, input.source, now)
        return next(state, [hear(options.codec, input)])
      case "Advertise":
        return next(state, advertise(options, state, input, now))
      case "Withdraw":
        Reopening.end(state, input.key)
        return next(state, [])
      case "Woke":
        return next(state, Reopening.wake(state, now))
    }
  }
})

const next = (
  state: Reopening.Reopening,
  outputs: ReadonlyArray<Protocol.Output>
): Machine.Step<Reopening.Reopening, Protocol.Output> => ({ state, outputs, wakeAt: Reopening.wakeAt(state) })

const advertise = (
  { codec, endpoints, isPaced }: Options,
  state: Reopening.Reopening,
  { announcement, isOpening = false, key }: Protocol.Advertise,
  now: number
): ReadonlyArray<Protocol.Output> => {
  Reopening.end(state, key)
  const envelope = announcement.attributes.bytes(Carriage.key)
  if (envelope === undefined) return []
  const payload = codec.encode(envelope)
  const outputs = endpoints.map((to): Protocol.Transmit => ({ _tag: "Transmit", payload, to }))
  if (!isPaced || !isOpening) return outputs
  Reopening.begin(state, key, outputs, now)
  return []
}

const hear = (codec: Codec, { payload, source }: Protocol.Received): Protocol.Output => {
  const decoded = codec.decode(payload, source)
  if (Result.isFailure(decoded)) return { _tag: "Rejected", reason: decoded.failure }
  const claim = decoded.success
  return claim.ttl > 0 ? { _tag: "Announced", claim } : { _tag: "Withdrawn", identity: claim.identity }
}

/** A datagram is an envelope. */
export const raw: Codec = {
  maxDatagram: Seal.maxOctets,
  encode: (envelope) => envelope,
  decode: (payload, source) => Result.succeed(Carriage.carried(payload, source))
}

const prefix = `{"${Carriage.key}":"`
const suffix = `"}`
const maxJson = 1_472

/** The octets of the longest envelope that a JSON datagram has room for. */
export const maxJsonEnvelope = Math.floor((maxJson - prefix.length - suffix.length) * 3 / 4)

/**
 * A datagram is a JSON object, and its member `sa` an envelope. Of such an object nothing else is used. An object without that member is a
 * plain one, as the JSON beacon reads it.
 */
export const json = (plain: { readonly ttl: number; readonly port: number }): Codec => ({
  maxDatagram: maxJson,
  encode: (envelope) => Text.toUtf8(`${prefix}${Base64Url.encode(envelope)}${suffix}`),
  decode: (payload, source) => {
    const parsed = Json.parse(payload)
    if (Result.isFailure(parsed)) return Result.fail(parsed.failure)
    const { sa } = parsed.success
    if (sa === undefined) {
      return Result.map(readPlain(parsed.success, source), (options) => claimOf(options, source, plain))
    }
    const envelope = typeof sa === "string" ? Base64Url.decode(sa) : undefined
    return envelope === undefined ? Result.fail("base64url") : Result.succeed(Carriage.carried(envelope, source))
  }
})

const readPlain = (object: Json.JsonObject, source: NetAddress.InetAddress) =>
  JsonPeer.readPeer(object, (username) => JsonPeer.usernameAtIp(username, source))

const claimOf = (
  options: Parameters<typeof Claim.fromAnnouncement>[0],
  source: NetAddress.InetAddress,
  plain: { readonly ttl: number; readonly port: number }
): Claim.Claim => Claim.fromAnnouncement(options, { ...plain, origin: source.address })

/** The octets of the key that an envelope in the open says it is of, `undefined` when it says none. Nothing of this is proven. */
export const keyOf = (payload: Uint8Array): Uint8Array | undefined =>
  payload.length >= Envelope.minOctets && payload[0] === 0xd1 && payload[1] === 0x53 && payload[2] === 0xc0 &&
    payload[3] === 0x56
    ? payload.subarray(16, 48)
    : undefined
