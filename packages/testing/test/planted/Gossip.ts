/**
 * A small protocol with a planted bug: every second a node tells its group that it is there, and counts how often. Who falls silent is forgotten.
 *
 * The bug needs two faults: who was heard twice with the same count is taken for a forger, which does no harm as long as it is known, but once
 * such a peer was forgotten it is never taken back.
 */
import { Network } from "@effect-discovery/core"
import type { PropertyState } from "@effect-discovery/testing"
import { Clock, Effect } from "effect"
import { NetAddress } from "effect/net"

export const group = NetAddress.ipFromStringUnsafe("239.1.1.1") as NetAddress.MulticastAddress
const port = 9778

interface Known {
  readonly count: string
  readonly heardAt: number
}

export const run = Effect.fnUntraced(function*({ changed, name }: PropertyState.Participant) {
  const socket = yield* Network.Network.use((network) =>
    network.open({ family: "IPv4", bind: { port }, reuseAddress: true })
  )
  const reader = yield* socket.reader
  const writer = yield* socket.writer
  yield* reader.joinMulticast({ group })
  const peers = new Map<string, Known>()
  const forgers = new Set<string>()
  let sent = 0

  const hear = (text: string, now: number) => {
    const [peer = "", count = ""] = text.split(" ")
    if (peer === name) return
    const known = peers.get(peer)
    // the planted bug: networks duplicate datagrams
    if (known?.count === count) forgers.add(peer)
    if (known === undefined && forgers.has(peer)) return
    peers.set(peer, { count, heardAt: now })
  }
  const forget = (now: number) => {
    for (const [peer, { heardAt }] of peers) if (now - heardAt > 3500) peers.delete(peer)
  }
  const listen = Effect.gen(function*() {
    const datagrams = yield* reader.pull
    const now = yield* Clock.currentTimeMillis
    for (const { payload } of datagrams) hear(new TextDecoder().decode(payload), now)
    yield* changed
  })
  const beat = Effect.gen(function*() {
    forget(yield* Clock.currentTimeMillis)
    yield* changed
    yield* Effect.ignore(
      writer.write({ payload: `${name} ${++sent}`, address: NetAddress.inetAddressUnsafe(group, port) })
    )
    yield* Effect.sleep("1 second")
  })
  yield* Effect.forkScoped(Effect.forever(listen), { startImmediately: true })
  yield* Effect.forkScoped(Effect.forever(beat), { startImmediately: true })
  return Effect.sync((): ReadonlyArray<string> => Array.from(peers.keys()))
})

/** Pairs of hosts of which the second does not know the first. */
export const missing = ({ hosts }: PropertyState.State<ReadonlyArray<string>>) =>
  hosts.filter(({ isUp }) => isUp).flatMap(({ name, view }) =>
    hosts.filter((other) => other.isUp && other.name !== name && view?.includes(other.name) !== true).map((other) =>
      [other.name, name] as const
    )
  )

/** The property that the planted bug violates. */
export const property = {
  name: "gossip",
  topology: 5,
  workload: run,
  eventually: {
    allSeeAll: {
      check: (state: PropertyState.State<ReadonlyArray<string>>) => missing(state).length === 0,
      missing,
      within: "10 seconds"
    }
  },
  faultsFor: "12 seconds"
} as const
