/**
 * What a program of ours sees on loopback: a line for each event, and how many datagrams it refused for what.
 */
import {
  type Announcement,
  type Diagnostic,
  Discovery,
  type DiscoveryEvent,
  NetworkInterface,
  type Source
} from "@effect-discovery/core"
import { NodeDiscovery } from "@effect-discovery/node"
import { Context, Effect, Layer, Option, Stream } from "effect"
import { NetAddress } from "effect/net"

const lineOf = (event: DiscoveryEvent.DiscoveryEvent): string => {
  const { addresses, id } = event.peer
  const line = `${event._tag} ${id} ${addresses.map(NetAddress.formatInet).join()}`
  return event._tag === "PeerLost" ? `${line} ${event.reason}` : line
}

const isReason = (diagnostic: Diagnostic.Diagnostic, reason: string, total: number): boolean =>
  diagnostic._tag === "DatagramRejected" && diagnostic.reason === reason && diagnostic.total >= total

/** Discovery by one source. What is waited for fails the test when it does not come in time. */
export const make = Effect.fnUntraced(function*(source: Source.Source<any, any>) {
  const layer = NodeDiscovery.layer({
    sources: [source],
    interfaces: NetworkInterface.isLoopback,
    limits: { diagnosticInterval: 1 }
  }) as Layer.Layer<Discovery.Discovery>
  const discovery = Context.get(yield* Layer.build(layer), Discovery.Discovery)
  const lines: Array<string> = []
  const within = <A, E>(effect: Effect.Effect<A, E>, what: string) =>
    Effect.timeoutOrElse(effect, {
      duration: "20 seconds",
      orElse: () => Effect.die(new Error(`${what}: not in time\n${lines.join("\n")}`))
    })
  yield* Stream.runForEach(discovery.stream, (event) => Effect.sync(() => lines.push(lineOf(event)))).pipe(
    Effect.forkScoped({ startImmediately: true })
  )
  return {
    ...discovery,
    /** Every event so far. */
    lines,
    /** Waits for the peers known to be such. */
    knows: (expected: string) =>
      within(
        Stream.runHead(Stream.filterEffect(discovery.stream, () =>
          Effect.map(discovery.peers, (peers) =>
            peers.map(({ addresses, id }) =>
              `${id} ${addresses.map(NetAddress.formatInet).toSorted().join()}`
            )
              .toSorted().join("; ") === expected))),
        expected
      ),
    loses: (id: string) =>
      within(
        Stream.runHead(Stream.filter(discovery.stream, ({ _tag, peer }) => _tag === "PeerLost" && peer.id === id)),
        `the loss of ${id}`
      ),
    /** How many datagrams were refused for this reason, once there are `total`. */
    refuses: (reason: string, total: number) =>
      within(
        Stream.runHead(Stream.filter(discovery.diagnostics, (diagnostic) => isReason(diagnostic, reason, total))).pipe(
          Effect.map((found) => Option.getOrThrow(found).total)
        ),
        `${total} × ${reason}`
      ),
    announce: (announcement: Announcement.Announcement) => discovery.advertise(announcement)
  }
})
