/**
 * Hosts that discover each other, and what each of them has seen.
 */
import { Announcement, Discovery, type DiscoveryEvent, type Peer } from "@effect-discovery/core"
import { JsonBeacon, Peerage, SyncthingV0 } from "@effect-discovery/core/protocol"
import type { SimulatedNetwork } from "@effect-discovery/testing"
import { Clock, Context, Effect, Exit, Layer, Scope, Stream } from "effect"

export const sources = () => [JsonBeacon.source(), Peerage.source(), SyncthingV0.source()]

/** One host's program: it advertises and follows what happens, until it is closed. */
export interface Node {
  readonly name: string
  /** Every event with its virtual time in seconds, as `12.5 lost json:… Expired`. */
  readonly log: Array<string>
  readonly discovered: Set<Peer.PeerId>
  readonly lost: Map<Peer.PeerId, { readonly at: number; readonly reason: DiscoveryEvent.LossReason }>
  readonly peers: Effect.Effect<ReadonlyArray<Peer.Peer>>
  readonly close: Effect.Effect<void>
}

export const start = Effect.fnUntraced(function*(lan: SimulatedNetwork.SimulatedNetwork, name: string) {
  const scope = yield* Scope.fork(yield* Effect.scope)
  const layer = Discovery.layer({ sources: sources() }).pipe(Layer.provide(lan.host(name).layer))
  const discovery = Context.get(yield* Layer.buildWithScope(layer, scope), Discovery.Discovery)
  const node: Node = {
    name,
    log: [],
    discovered: new Set(),
    lost: new Map(),
    peers: discovery.peers,
    close: Scope.close(scope, Exit.void)
  }
  yield* Stream.runForEach(
    discovery.stream,
    (event) => Effect.map(Clock.currentTimeMillis, (now) => note(node, event, now))
  ).pipe(
    Effect.forkIn(scope, { startImmediately: true })
  )
  // what every format can carry: `name@host` for Peerage, a port for Syncthing, an id for JSON
  yield* discovery.advertise(Announcement.make({ name: `${name}@lan`, identity: name, port: 22_000 })).pipe(
    Scope.provide(scope)
  )
  return node
})

const note = (node: Node, event: DiscoveryEvent.DiscoveryEvent, now: number): void => {
  const { id } = event.peer
  node.log.push(`${now} ${event._tag} ${id} ${event._tag === "PeerLost" ? event.reason : ""}`)
  if (event._tag === "PeerLost") node.lost.set(id, { at: now, reason: event.reason })
  else node.discovered.add(id)
}

/** The ids by which the three protocols know a host. */
export const idsOf = (
  name: string
): ReadonlyArray<string> => [`json:${name}`, `peerage:${name}@lan`, `syncthing-v0:${name}@lan`]

/** Which hosts' ids a node is missing of those it should have. */
export const missing = (known: ReadonlySet<string>, node: Node, others: ReadonlyArray<Node>): ReadonlyArray<string> =>
  others.filter((other) => other !== node).flatMap((other) => idsOf(other.name)).filter((id) => !known.has(id))
