import { type DiscoveryEvent, Lease, Limits, type Peer, PeerRegistry } from "@effect-discovery/core"
import { Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as Registry from "../../../src/internal/runtime/Registry.ts"
import * as Given from "../Given.ts"

/** There is room for few, and much of what is heard is over soon, or by the time that the registry hears of it. */
const input = ({ between, oneIn, pick }: Given.Dice, now: number): PeerRegistry.Input => {
  const name = `${between(0, 11)}`
  const key = Given.key(between(1, 3))
  const source = pick(["a", "b"])
  const from = { source, interface: pick(["eth0", "eth1"]), address: pick(["", "10.0.0.1", "10.0.0.2", "10.0.0.3"]) }
  const odds = between(0, 99)
  if (odds < 8) return Given.goodbye(name, from)
  if (odds < 10) return { _tag: "Closed", source, interface: "eth0", reason: "InterfaceLost" }
  if (odds < 14) return { _tag: "Trusted", key, state: pick(["trusted", "pinned", "denied", "unknown"]) }
  const ttl = pick([0, 1, 5, 20, 64, 200, 1_000, 5_000, 600_000])
  const proof = pick([{}, {}, { authentication: "signed", key }, { authentication: "group", group: "g" }] as const)
  const heard = Given.heard(name, { ttl, name: `${name} ${between(0, 2)}`, ...proof }, from)
  return { ...heard, isHearsay: oneIn(8), lease: Lease.make(ttl, now - pick([0, 0, 3, 10, 100])) }
}

type Known = Map<Peer.PeerId, Peer.Peer>

/** Each change is of what was known before it. */
const apply = (known: Known, event: DiscoveryEvent.DiscoveryEvent): void => {
  const { _tag, peer } = event
  const before = known.get(peer.id)
  if (_tag === "PeerDiscovered") assert.isUndefined(before)
  else assert.deepStrictEqual(before, _tag === "PeerUpdated" ? event.previous : before ?? peer.id)
  if (_tag === "PeerLost") known.delete(peer.id)
  else known.set(peer.id, peer)
}

const run = Effect.fnUntraced(function*(seed: number) {
  const dice = Given.dice(seed)
  const { between, oneIn, pick } = dice
  const limits = { unverifiedPeers: 8, verifiedPeers: 2, peersPerSource: 4, evidencePerPeer: 3, trustEntries: 2 }
  const registry = yield* Registry.make(
    Limits.make({ ...limits, subscriberBacklog: between(1, 20) }),
    {},
    seed,
    () => {}
  )
  const { gatherer, stream } = registry.subscribers
  for (const each of [registry.timer, gatherer]) yield* Effect.forkScoped(each, { startImmediately: true })
  const all: Array<Known> = []
  const follow = Effect.suspend(() => {
    const known: Known = new Map()
    all.push(known)
    const isSlow = oneIn(2)
    return Stream.runForEach(stream, (event) => {
      apply(known, event)
      return isSlow && oneIn(3) ? Effect.sleep(between(1, 200)) : Effect.void
    })
  })
  for (let step = 0; step < 400; step++) {
    if (oneIn(40)) yield* Effect.forkScoped(follow, { startImmediately: true })
    registry.fold(Array.from({ length: between(1, 6) }, () => input(dice, Math.floor(registry.now()))))
    if (oneIn(2)) yield* Effect.sleep(pick([0.1, 0.5, 1, 3, 10, 50, 300, 2_000]))
  }
  yield* Effect.sleep("20 seconds")
  const peers = new Map(PeerRegistry.peers(registry.state()).map((peer) => [peer.id, peer]))
  for (const known of all) assert.sameDeepMembers([...known], [...peers], `seed ${seed}`)
})

describe("subscribers", () => {
  it.effect(
    "end with what the registry knows, by changes of what they knew",
    () => Effect.forEach(Array.from({ length: 10 }, (_, seed) => seed), (seed) => Simulation.run(run(seed), { seed })),
    60_000
  )
})
