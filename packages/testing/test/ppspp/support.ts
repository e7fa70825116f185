import { Discovery, type DiscoveryEvent, type Peer } from "@effect-discovery/core"
import { Ppspp } from "@effect-discovery/core/protocol"
import { NodeTestCrypto } from "@effect-discovery/node"
import type { SimulatedHost, SimulatedNetwork } from "@effect-discovery/testing"
import { Clock, Context, Effect, Exit, Layer, Scope, Stream } from "effect"
import { NetAddress } from "effect/net"

export const port = 6_778

export const swarm = Ppspp.swarm({ id: "c89800bfc82ed01ed6e3bfd5408c51274491f7d4", hash: "sha-1" })

export const addressOf = (host: SimulatedHost.SimulatedHost): NetAddress.InetAddress =>
  NetAddress.inetAddressUnsafe(host.address, port)

export const textOf = (host: SimulatedHost.SimulatedHost): string => NetAddress.formatInet(addressOf(host))

/** A worker on a host, and what happened to its peers, as `Opened 10.11.0.2:6778`. */
export const start = Effect.fnUntraced(function*(
  host: SimulatedHost.SimulatedHost,
  options: Partial<Ppspp.Options> = {}
) {
  const scope = yield* Scope.fork(yield* Effect.scope)
  const worker = yield* Ppspp.worker({ swarm, bind: { port }, ...options }).pipe(
    Effect.provide([host.layer, NodeTestCrypto.layer]),
    Scope.provide(scope)
  )
  const log: Array<string> = []
  yield* Stream.runForEach(worker.events, (event) => Effect.sync(() => log.push(line(event)))).pipe(
    Effect.forkIn(scope, { startImmediately: true })
  )
  return { ...worker, log, leave: Scope.close(scope, Exit.void) }
})

const line = (event: Ppspp.Event): string => {
  const at = NetAddress.formatInet(event._tag === "Unanswered" ? event.address : event.peer.address)
  switch (event._tag) {
    case "Opened":
      return `Opened ${at}${event.isRestart ? " again" : ""}`
    case "Closed":
      return `Closed ${at} ${event.reason}`
    case "Named":
      return `Named ${event.addresses.map(NetAddress.formatInet).join(" ")} by ${at}`
    default:
      return `${event._tag} ${at}`
  }
}

/** A host that discovers the swarm, and what it has seen. */
export const discover = Effect.fnUntraced(function*(
  host: SimulatedHost.SimulatedHost,
  options: Partial<Ppspp.SourceOptions> = {}
) {
  const scope = yield* Scope.fork(yield* Effect.scope)
  const layer = Discovery.layer({ sources: [Ppspp.source({ swarm, bind: { port }, ...options })] }).pipe(
    Layer.provide([host.layer, NodeTestCrypto.layer])
  )
  const discovery = Context.get(yield* Layer.buildWithScope(layer, scope), Discovery.Discovery)
  const log: Array<string> = []
  const note = (event: DiscoveryEvent.DiscoveryEvent) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      const reason = event._tag === "PeerLost" ? ` ${event.reason}` : ""
      log.push(`${Math.round(now / 1_000)} ${event._tag} ${event.peer.name}${reason}`)
    })
  yield* Stream.runForEach(discovery.stream, note).pipe(Effect.forkIn(scope, { startImmediately: true }))
  return { ...discovery, log, leave: Scope.close(scope, Exit.void) }
})

export const names = (peers: ReadonlyArray<Peer.Peer>): ReadonlyArray<string> =>
  peers.map(({ name }) => name).toSorted()

/** What a host sent so far. */
export const sentBy = Effect.fnUntraced(function*(
  lan: SimulatedNetwork.SimulatedNetwork,
  host: SimulatedHost.SimulatedHost
) {
  const frames = yield* lan.frames
  return frames.filter(({ source }) => source === textOf(host))
})
