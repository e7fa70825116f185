/**
 * The mDNS profile of libp2p: peers are found by TXT records that hold their multiaddrs.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as DiscoveryError from "../DiscoveryError.ts"
import * as Libp2pBook from "../internal/runtime/mdns/Libp2pBook.ts"
import type * as Source from "../Source.ts"
import * as Mdns from "./Mdns.ts"
import * as Chance from "./mdns/Chance.ts"
import * as Profile from "./mdns/Libp2p.ts"

/**
 * What to look for.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Our own id, which is no peer. */
  readonly peer?: string | undefined
  /** The fingerprint of a private network's key, for the peers of that network alone. Default: the open network. */
  readonly network?: string | undefined
}

const name = "libp2p"

/**
 * The libp2p peers of the network as a source, on the mDNS that the program runs.
 *
 * **Details**
 *
 * A peer is identified by its peer id, which is `claimed`: whoever dials it has to let it prove that. Its addresses are those of its
 * multiaddrs that begin with an address and a port; all of them are in the attribute `multiaddrs`, with spaces between.
 *
 * **Example**
 *
 * ```ts
 * import { Discovery } from "@effect-discovery/core"
 * import { Libp2p, Mdns } from "@effect-discovery/core/protocol"
 * import { NodeNetwork } from "@effect-discovery/node"
 * import { Layer } from "effect"
 *
 * const DiscoveryLive = Discovery.layer({ sources: [Libp2p.source()] }).pipe(
 *   Layer.provide(Mdns.layer()),
 *   Layer.provide(NodeNetwork.layer())
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const source = ({ network, peer }: Options = {}): Source.Source<never, Mdns.Mdns> => ({
  name,
  open: Effect.gen(function*() {
    const mdns = yield* Mdns.Mdns
    const book = Libp2pBook.make(name, peer)
    const inputs = mdns.sightings(Profile.serviceType(network), { isTextOnly: true }).pipe(
      Stream.flatMap((sighting) => Stream.fromIterable(Libp2pBook.tell(book, sighting)))
    )
    return { inputs } satisfies Source.Open
  })
})

/**
 * Announces a libp2p peer until the scope closes.
 *
 * **Details**
 *
 * What does not fit into one record is announced under more names, each of chance. Fails with `InvalidAnnouncement` when one of the multiaddrs is
 * none, or does not fit into 255 octets with the id.
 *
 * **Example**
 *
 * ```ts
 * import { Libp2p } from "@effect-discovery/core/protocol"
 *
 * const program = Libp2p.advertise({
 *   peer: "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA",
 *   multiaddrs: ["/ip4/10.0.0.1/tcp/4001", "/ip4/10.0.0.1/udp/4001/quic-v1"]
 * })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const advertise = Effect.fnUntraced(function*(options: {
  /** The peer's id, letters and digits. */
  readonly peer: string
  /** Where it listens, without its id; at least one. */
  readonly multiaddrs: ReadonlyArray<string>
  /** The fingerprint of a private network's key. Default: the open network. */
  readonly network?: string | undefined
}): Effect.fn.Return<void, DiscoveryError.DiscoveryError, Mdns.Mdns | Scope.Scope> {
  const encoded = Profile.encode(options.peer, options.multiaddrs)
  if (Result.isFailure(encoded)) {
    return yield* Effect.fail(
      DiscoveryError.make(new DiscoveryError.InvalidAnnouncement({ source: name, ...encoded.failure }))
    )
  }
  const chance = Chance.make(yield* Random.nextInt, name)
  for (const text of encoded.success) {
    yield* Mdns.publish({
      name: Profile.instanceName(chance),
      type: Profile.serviceType(options.network),
      port: 0,
      text,
      isTextOnly: true
    })
  }
})
