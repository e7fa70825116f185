/**
 * What an envelope can say, of which fields, and how much of it.
 */
import * as Attributes from "../../Attributes.ts"
import type * as PeerKey from "../../PeerKey.ts"
import type * as Endpoint from "./Endpoint.ts"

/** The key that is going to take over, and its signature of `Body.successorInput`. */
export interface Successor {
  readonly key: PeerKey.PeerKey
  readonly signature: Uint8Array
}

/** What an envelope says. `nonce` and `target` are all there is to a challenge or a proof, and in nothing else. */
export interface Content {
  readonly name?: string | undefined
  readonly services: ReadonlyArray<string>
  readonly endpoints: ReadonlyArray<Endpoint.Endpoint>
  readonly attributes: Attributes.Attributes
  /** The X25519 key that connections are made with. */
  readonly handshakeKey?: Uint8Array | undefined
  readonly successor?: Successor | undefined
  readonly nonce?: Uint8Array | undefined
  readonly target?: PeerKey.PeerKey | undefined
}

/** What cannot be said. */
export interface Fault {
  readonly field: keyof Content | "body"
  readonly limit: string
}

/** Nothing, as in a goodbye. */
export const empty: Content = { services: [], endpoints: [], attributes: Attributes.empty }

/** What a field is, by its type. Those from `optional` on may be skipped when they are not known; all others must be. */
export const Type = {
  name: 1,
  service: 2,
  endpoint4: 3,
  endpoint6: 4,
  attribute: 5,
  handshakeKey: 6,
  successor: 7,
  nonce: 8,
  target: 9,
  optional: 0x80
} as const

export const maxServices = 4
/** Endpoints of each family. */
export const maxEndpoints = 8
export const maxAttributes = 16

export const nonceOctets = 16
export const handshakeKeyOctets = 32
