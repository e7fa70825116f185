/** Envelopes without end, from a seed. */
import { Attributes, type PeerKey } from "@effect-discovery/core"
import { Result } from "effect"
import { NetAddress } from "effect/net"
import * as Body from "../../../src/protocol/signedBeacon/Body.ts"
import type * as Endpoint from "../../../src/protocol/signedBeacon/Endpoint.ts"
import type * as Envelope from "../../../src/protocol/signedBeacon/Envelope.ts"
import * as Stamp from "../../../src/protocol/signedBeacon/Stamp.ts"
import type * as Arbitrary from "../mdns/arbitrary.ts"
import * as Fixtures from "./fixtures.ts"

const names = ["alpha", "é", "\u{feff}bom", "日本語", "a b", "🦊", "x".repeat(63), "é".repeat(31), "<b>&", "__proto__"]
const keys = ["v", "__proto__", "constructor", "a.b-c_d", "k".repeat(32), "0", "10", "prototype", "tostring"]
const services = ["_chat._tcp", "_chat._udp", "_a._tcp", "_A-b_c._udp", `_${"s".repeat(18)}._tcp`, "_z._tcp"]

const times = <A>(count: number, make: () => A): Array<A> => Array.from({ length: count }, make)

const distinct = <A>(
  items: ReadonlyArray<A>,
  key: (item: A) => string
): ReadonlyArray<A> => [...new Map(items.map((item) => [key(item), item])).values()]

const few = ({ below }: Arbitrary.Draw, limit: number): number =>
  below(3) === 0 ? below(limit + 1) : below(Math.min(3, limit))

const endpoint = ({ below, octets, pick }: Arbitrary.Draw): Endpoint.Endpoint => ({
  transport: pick(["tcp", "udp", "quic"]),
  address: below(2) === 0
    ? NetAddress.ipv4FromBytesUnsafe(below(5) === 0 ? new Uint8Array(4) : octets(4))
    : NetAddress.ipv6FromBytesUnsafe(below(5) === 0 ? new Uint8Array(16) : octets(16)),
  port: pick([1, 80, 7_100, 65_535, 1 + below(65_535)])
})

const attributes = (draw: Arbitrary.Draw): Attributes.Attributes =>
  Attributes.make(times(few(draw, 16), () => {
    const key = draw.below(2) === 0 ? draw.pick(keys) : `k${draw.below(100)}`
    return [key, draw.below(3) === 0 ? draw.octets(draw.below(40)) : draw.pick(names)] as const
  }))

const announcement = (draw: Arbitrary.Draw): Body.Body => {
  const { below, octets, pick } = draw
  return {
    ...(below(4) > 0 ? { name: pick(names) } : undefined),
    services: distinct(times(few(draw, 4), () => pick(services)), (service) => service),
    endpoints: distinct(times(few(draw, 8), () => endpoint(draw)), Fixtures.describeEndpoint),
    attributes: attributes(draw),
    ...(below(3) === 0 ? { handshakeKey: octets(32) } : undefined),
    ...(below(3) === 0 ? { successor: { key: key(draw), signature: octets(64) } } : undefined)
  }
}

export const key = ({ octets }: Arbitrary.Draw): PeerKey.PeerKey => Fixtures.toHex(octets(32)) as PeerKey.PeerKey

/** What an envelope of some kind says. */
export const body = (draw: Arbitrary.Draw, kind: Envelope.Kind): Body.Body => {
  if (kind === "challenge" || kind === "proof") return Body.challenge(draw.octets(16), key(draw))
  return kind === "announce" ? announcement(draw) : Body.empty
}

/** An envelope to be signed with a key for a realm, and the body in it. */
export const envelope = (
  draw: Arbitrary.Draw,
  realmTag: Uint8Array,
  key: PeerKey.PeerKey
): { readonly parts: Envelope.Parts; readonly body: Body.Body } => {
  const { below, pick } = draw
  const kind = pick(["announce", "announce", "announce", "goodbye", "challenge", "proof", "retire"] as const)
  const drawn = body(draw, kind)
  const encoded = Result.getOrUndefined(Body.encode(drawn))
  // too long in all
  if (encoded === undefined) return envelope(draw, realmTag, key)
  const parts: Envelope.Parts = {
    kind,
    isClocked: below(2) === 0,
    realmTag,
    key,
    stamp: {
      ms: pick([0, 1_767_225_600_000 + below(1e9), 2 ** 32, Stamp.maxMs]),
      counter: pick([0, below(65_536), Stamp.maxCounter])
    },
    instance: pick([1, 1 + below(2 ** 32 - 1), 2 ** 32 - 1]),
    ttl: kind === "announce" ? pick([1, 90, 65_535, 1 + below(65_535)]) : 0,
    body: encoded
  }
  return { parts, body: drawn }
}
