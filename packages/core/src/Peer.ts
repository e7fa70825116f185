/**
 * A discovered node.
 *
 * Discovery is a hint: a peer says that someone claimed this name at these addresses a short while ago. Only the connection
 * that one then makes can prove it.
 *
 * @since 0.1.0
 */
import type * as Brand from "effect/Brand"
import * as NetAddress from "effect/net/NetAddress"
import * as Schema from "effect/Schema"
import type * as Attributes from "./Attributes.ts"
import { areSameAddresses, areSameAttributes, areSameTexts } from "./internal/Same.ts"
import type * as PeerKey from "./PeerKey.ts"

/**
 * Identifies a peer: the protocol's name, a colon, and what the protocol identifies nodes by, as in `peerage:a@host`.
 *
 * **Details**
 *
 * The namespace keeps protocols apart: an announcement heard by one can never speak for a peer of another (S-U5).
 *
 * @category models
 * @since 0.1.0
 */
export type PeerId = Brand.Branded<string, "@effect-discovery/core/PeerId">

/**
 * Schema of a `PeerId`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const PeerId = Schema.String.check(
  Schema.makeFilter((id) => id.indexOf(":") > 0, { expected: "a protocol name, a colon and an identifier" })
).pipe(Schema.brand("@effect-discovery/core/PeerId"))

/**
 * Builds the id of a node that `source` knows as `identity`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const id = (source: string, identity: string): PeerId =>
  // a text of its own: one that refers to its parts takes twice the memory
  [source, identity].join(":") as PeerId

/**
 * The id of a node that has proven its key: the same from whatever source, since only the holder of the key can claim it (S-U5).
 *
 * @category constructors
 * @since 0.1.0
 */
export const idOfKey = (key: PeerKey.PeerKey): PeerId => `key:${key}` as PeerId

/**
 * How far a peer's claims are proven.
 *
 * **Details**
 *
 * `none`: anyone on the link can say this. `claimed`: the peer names a key, which the connection has to prove. `group`: it
 * holds the group's pre-shared key. `signed`: its own key signed the announcement.
 *
 * @category models
 * @since 0.1.0
 */
export type Authentication = "none" | "claimed" | "group" | "signed"

/**
 * A discovered node, as a value: two peers are equal when their content is.
 *
 * @category models
 * @since 0.1.0
 */
export interface Peer {
  /** What identifies it in this program: source and identity, or the key that it has proven. */
  readonly id: PeerId
  /** What people read. */
  readonly name: string
  /**
   * Where it can be reached: ranked, the likeliest to answer first, and free of those that cannot be dialed or lie off the link (S-U6). For a
   * link-local IPv6 one `node:net` needs what `NetAddress.formatNativeHost` makes of it.
   */
  readonly addresses: ReadonlyArray<NetAddress.InetAddress>
  /** Anything else it says of itself. */
  readonly attributes: Attributes.Attributes
  /** The sources that currently know it, in order. */
  readonly sources: ReadonlyArray<string>
  /** How far what it says is proven. */
  readonly authentication: Authentication
  /** The key that it has proven (`authentication` is `signed`) or only names (`claimed`). */
  readonly key?: PeerKey.PeerKey | undefined
  /** The label of the group's key, when what proves it best came sealed under one. */
  readonly group?: string | undefined
}

/**
 * A part of a peer that an update can change. `evidence` stands for the sources that know it.
 *
 * @category models
 * @since 0.1.0
 */
export type Aspect = "name" | "addresses" | "attributes" | "evidence" | "authentication" | "key" | "group"

/**
 * The aspects in which two states of one peer differ, none when they are equal.
 *
 * @category comparing
 * @since 0.1.0
 */
export const changes = (previous: Peer, peer: Peer): ReadonlyArray<Aspect> => {
  if (previous === peer) return []
  const changed: Array<Aspect> = []
  if (previous.name !== peer.name) changed.push("name")
  if (!areSameAddresses(previous.addresses, peer.addresses)) changed.push("addresses")
  if (!areSameAttributes(previous.attributes, peer.attributes)) changed.push("attributes")
  if (!areSameTexts(previous.sources, peer.sources)) changed.push("evidence")
  if (previous.authentication !== peer.authentication) changed.push("authentication")
  if (previous.key !== peer.key) changed.push("key")
  if (previous.group !== peer.group) changed.push("group")
  return changed
}

/**
 * A peer as plain JSON: addresses as `host:port` text, attributes as a record.
 *
 * @category encoding
 * @since 0.1.0
 */
export const toJson = (self: Peer): {
  readonly id: string
  readonly name: string
  readonly addresses: ReadonlyArray<string>
  readonly attributes: Readonly<Record<string, string>>
  readonly sources: ReadonlyArray<string>
  readonly authentication: Authentication
  readonly key?: string
  readonly group?: string
} => ({
  id: self.id,
  name: self.name,
  addresses: self.addresses.map(NetAddress.formatInet),
  attributes: self.attributes.toJSON(),
  sources: self.sources,
  authentication: self.authentication,
  ...(self.key === undefined ? undefined : { key: self.key }),
  ...(self.group === undefined ? undefined : { group: self.group })
})
