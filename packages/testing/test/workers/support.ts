import { PeerWorker } from "@effect-discovery/core"
import type { SimulatedHost } from "@effect-discovery/testing"
import { assert } from "@effect/vitest"
import { Effect, Result } from "effect"
import { NetAddress } from "effect/net"
import { open } from "../endpoint.ts"

const utf8 = new TextDecoder()

/** A decoder of text: what begins with an exclamation mark is refused, by what follows it. */
export const decode = (payload: Uint8Array): Result.Result<string, string> => {
  const text = utf8.decode(payload)
  return text.startsWith("!") ? Result.fail(text.slice(1)) : Result.succeed(text)
}

/** A rate that no test reaches. */
export const unlimited = { perSecond: 1_000_000, burst: 1_000_000 }

/** Starts a worker of text on a host. */
export const start = <E = never, R = never>(
  host: SimulatedHost.SimulatedHost,
  options: Partial<PeerWorker.Options<string, string, E, R>> & Pick<PeerWorker.Options<string, string, E, R>, "handle">
) => PeerWorker.make({ name: "worker", swarm: "swarm", decode, ...options }).pipe(Effect.provide(host.layer))

/** Sends to a worker from a socket of its own on another host. */
export const sender = Effect.fnUntraced(function*(
  host: SimulatedHost.SimulatedHost,
  to: SimulatedHost.SimulatedHost,
  port: number
) {
  const socket = yield* open(host)
  return {
    ...socket,
    say: (text: string) => socket.send(text, `${NetAddress.formatIp(to.address)}:${port}`)
  }
})

/** That every datagram is counted once. */
export const assertAccounted = (statistics: PeerWorker.Statistics): void =>
  assert.strictEqual(PeerWorker.accounted(statistics), statistics.received.datagrams)

/** The counts that are not zero, as one flat object. */
export const counts = (statistics: PeerWorker.Statistics): Record<string, number> => {
  assertAccounted(statistics)
  const { decoded, dropped, failed, handled, received, rejected, running, sent, waiting } = statistics
  const all = {
    received: received.datagrams,
    sent: sent.datagrams,
    unsent: sent.failed,
    decoded,
    handled,
    waiting,
    running,
    ...failed,
    ...dropped,
    ...Object.fromEntries(Array.from(rejected, ([reason, count]) => [`rejected ${reason}`, count]))
  }
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0))
}
