/**
 * A host that floods the link with peers that do not exist, from its own address and from those of others.
 */
import { Announcement, type Diagnostic, Discovery, type Limits } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Stream } from "effect"
import { NetAddress } from "effect/net"
import * as Endpoint from "../endpoint.ts"

const honest = Array.from({ length: 12 }, (_, i) => `host${i}`)
const group = "224.0.0.1:9778"
// a registry that is soon full
const limits: Partial<Limits.Limits> = { unverifiedPeers: 128, peersPerSource: 32 }

const source = () => JsonBeacon.source()
const member = Effect.fnUntraced(function*(name: string) {
  yield* Discovery.advertise(Announcement.make({ name, identity: name, port: 22_000 }))
  return yield* Effect.never
}, Effect.provide(Discovery.layer({ sources: [source()] })))

/** What the watching host saw of the honest ones. */
interface Watch {
  readonly lost: Array<string>
  readonly diagnostics: Map<string, Diagnostic.Diagnostic>
  peers: ReadonlyArray<string>
}

const watching = (watch: Watch) =>
  Effect.gen(function*() {
    const discovery = yield* Discovery.Discovery
    const losses = Stream.runForEach(discovery.stream, ({ _tag, peer }) =>
      Effect.sync(() => {
        if (_tag === "PeerLost" && honest.includes(peer.name)) watch.lost.push(peer.name)
      }))
    const reports = Stream.runForEach(discovery.diagnostics, (diagnostic) =>
      Effect.sync(() => watch.diagnostics.set(diagnostic._tag, diagnostic)))
    const count = Effect.forever(Effect.andThen(
      Effect.sleep("100 millis"),
      Effect.map(discovery.peers, (peers) => {
        watch.peers = peers.map(({ name }) =>
          name
        )
      })
    ))
    yield* Effect.all([losses, reports, count], { concurrency: "unbounded" })
  }).pipe(Effect.provide(Discovery.layer({ sources: [source()], limits })))

/**
 * Sends as fast as it is told to, from all its addresses in turn: announcements of peers that do not exist and, with `goodbyes`, goodbyes in the
 * names of those that do.
 */
const attack = Effect.fnUntraced(function*(
  lan: SimulatedNetwork.SimulatedNetwork,
  addresses: ReadonlyArray<string>,
  goodbyes: boolean
) {
  const mallory = lan.host("mallory")
  for (const address of addresses) yield* mallory.interface("eth0").addAddress(address)
  const sockets = yield* Effect.forEach(
    addresses,
    (address) =>
      Endpoint.open(mallory, {
        address,
        multicast: { interface: Result.getOrThrow(NetAddress.ipv4FromString(address)), ttl: 1 }
      })
  )
  let sent = 0
  for (let tick = 0; tick < 150; tick++) {
    for (let i = 0; i < 40; i++, sent++) {
      const isGoodbye = goodbyes && i === 0
      const id = isGoodbye ? honest[tick % honest.length] : `sybil ${sent}`
      const body = { username: id, id, port: 1, ttl: isGoodbye ? 0 : 7 }
      yield* sockets[sent % sockets.length]!.send(JSON.stringify(body), group)
    }
    yield* Effect.sleep("100 millis")
  }
})

const besiege = (
  addressesOf: (lan: SimulatedNetwork.SimulatedNetwork) => ReadonlyArray<string>,
  goodbyes: boolean
) =>
  Effect.gen(function*() {
    const lan = yield* SimulatedNetwork.make({ latency: "1 millis", history: 1_000 })
    const watch: Watch = { lost: [], diagnostics: new Map(), peers: [] }
    for (const name of honest) yield* lan.host(name).start(member(name))
    yield* lan.host("watcher").start(watching(watch))
    yield* Effect.sleep("20 seconds")
    assert.sameMembers([...watch.peers], honest)
    yield* attack(lan, addressesOf(lan), goodbyes)
    return watch
  })

describe("a flood through the whole of discovery", () => {
  it.effect(
    "S-4.1 from 50 addresses, goodbyes in their names included, costs no honest peer its place",
    () =>
      Simulation.run(Effect.gen(function*() {
        const watch = yield* besiege(() => Array.from({ length: 50 }, (_, i) => `10.77.0.${200 + i}`), true)

        assert.deepStrictEqual(watch.lost, [])
        assert.includeMembers([...watch.peers], honest)
        assert.isAtMost(watch.peers.length, 128)
        assert.isAbove(watch.diagnostics.get("RegistryPressure")?.total ?? 0, 100)
      })),
    60_000
  )

  it.effect("S-4.1 from their own addresses costs none its place", () =>
    Simulation.run(Effect.gen(function*() {
      const watch = yield* besiege((lan) => honest.map((name) => NetAddress.formatIp(lan.host(name).address)), false)

      assert.deepStrictEqual(watch.lost, [])
      assert.includeMembers([...watch.peers], honest)
    })), 60_000)
})
