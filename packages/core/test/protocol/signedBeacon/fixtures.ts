/** The datagrams under `test/fixtures/signed-beacon`, and envelopes with their bodies as they are written down there, values of attributes as Latin-1. */
import { NetAddress } from "effect/net"
import type * as Body from "../../../src/protocol/signedBeacon/Body.ts"
import type * as Endpoint from "../../../src/protocol/signedBeacon/Endpoint.ts"
import type * as Envelope from "../../../src/protocol/signedBeacon/Envelope.ts"
import * as Vectors from "../vectors.ts"

export interface Vector {
  readonly id: string
  readonly realm: string
  /** The private half of the key. */
  readonly seed: string
  readonly hex: string
  /** What is signed for it. */
  readonly signedInput?: string
  /** The private half of the next key. */
  readonly nextSeed?: string
  /** The key of the group that it is sealed for. */
  readonly sharedKey?: string
  readonly expected: unknown
}

const vectors = new Map(Vectors.read<Vector>("signed-beacon").map((vector) => [vector.id, vector]))

export const announce = vectors.get("announce")!
export const goodbye = vectors.get("goodbye")!
export const successor = vectors.get("successor")!
export const sealed = vectors.get("sealed")!

/** Those that are signed and not sealed. */
export const plain: ReadonlyArray<Vector> = [announce, goodbye, successor]

export const fromHex = Vectors.fromHex

export const toHex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex")

/** An envelope with its body, as the fixtures have it. */
export const describe = (envelope: Envelope.Envelope, body: Body.Body) => ({
  kind: envelope.kind,
  isClocked: envelope.isClocked,
  realmTag: toHex(envelope.realmTag),
  key: envelope.key,
  stamp: envelope.stamp,
  instance: envelope.instance,
  ttl: envelope.ttl,
  body: describeBody(body)
})

/** A body as the fixtures have it. */
export const describeBody = (
  { attributes, endpoints, handshakeKey, name, nonce, services, successor, target }: Body.Body
) => ({
  ...(name === undefined ? undefined : { name }),
  services,
  endpoints: endpoints.map(describeEndpoint),
  attributes: Object.fromEntries(
    Array.from(attributes.keys(), (key) => [key, Buffer.from(attributes.bytes(key)!).toString("latin1")])
  ),
  ...(handshakeKey === undefined ? undefined : { handshakeKey: toHex(handshakeKey) }),
  ...(successor === undefined
    ? undefined
    : { successor: { key: successor.key, signature: toHex(successor.signature) } }),
  ...(nonce === undefined ? undefined : { nonce: toHex(nonce) }),
  ...(target === undefined ? undefined : { target })
})

/** An endpoint as the fixtures have it. */
export const describeEndpoint = ({ address, port, transport }: Endpoint.Endpoint): string =>
  `${transport} ${describeAddress(address)}:${port}`

// of IPv6 every segment, none left out
const describeAddress = (address: NetAddress.IpAddress): string =>
  NetAddress.isIpv4Address(address)
    ? NetAddress.ipv4ToOctets(address).join(".")
    : `[${NetAddress.ipv6ToSegments(address).map((segment) => segment.toString(16)).join(":")}]`

/** The same, its lists in one order. */
export const sorted = (body: Body.Body) => {
  const described = describeBody(body)
  return { ...described, services: [...described.services].toSorted(), endpoints: described.endpoints.toSorted() }
}
