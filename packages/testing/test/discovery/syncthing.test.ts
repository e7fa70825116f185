import { Announcement, Discovery, type DiscoveryEvent, Peer, PeerKey } from "@effect-discovery/core"
import { Syncthing } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Exit, Layer, Option, Scope, Stream } from "effect"
import { NetAddress } from "effect/net"
import * as Endpoint from "../endpoint.ts"

const deviceOf = (number: number): string =>
  Syncthing.deviceId(PeerKey.fromBytes(Uint8Array.from({ length: 32 }, (_, at) => at < 4 ? number >> (8 * at) : 7)))

const idOf = (number: number): Peer.PeerId => Peer.id("syncthing", deviceOf(number))

/** A host's program, which advertises its device and follows what happens, until it is closed. */
const start = Effect.fnUntraced(function*(lan: SimulatedNetwork.SimulatedNetwork, number: number) {
  const scope = yield* Scope.fork(yield* Effect.scope)
  const host = lan.host(`h${number}`)
  const layer = Discovery.layer({ sources: [Syncthing.source()] }).pipe(Layer.provide(host.layer))
  const discovery = Context.get(yield* Layer.buildWithScope(layer, scope), Discovery.Discovery)
  const events: Array<readonly [at: number, event: DiscoveryEvent.DiscoveryEvent]> = []
  const diagnostics: Array<string> = []
  yield* Stream.runForEach(
    discovery.stream,
    (event) => Effect.map(Clock.currentTimeMillis, (now) => void events.push([now, event]))
  ).pipe(Effect.forkIn(scope, { startImmediately: true }))
  yield* Stream.runForEach(
    discovery.diagnostics,
    (diagnostic) => Effect.sync(() => void diagnostics.push(JSON.stringify(diagnostic)))
  ).pipe(Effect.forkIn(scope, { startImmediately: true }))
  yield* discovery.advertise(Announcement.make({ name: deviceOf(number), port: 22_000 })).pipe(Scope.provide(scope))
  return { number, host, discovery, events, diagnostics, close: Scope.close(scope, Exit.void) }
})

type Node = Effect.Success<ReturnType<typeof start>>

const tagsOf = ({ events }: Node, number: number) =>
  events.filter(([, { peer }]) => peer.id === idOf(number)).map(([, { _tag }]) => _tag)

const addressesOf = ({ discovery }: Node, number: number) =>
  Effect.map(
    discovery.lookup(idOf(number)),
    (peer) => Option.getOrThrow(peer).addresses.map(NetAddress.formatInet).toSorted()
  )

const broadcast = "10.11.0.255:21027"

/** The datagrams that a host sent there. */
const sentBy = (lan: SimulatedNetwork.SimulatedNetwork, number: number, destination: string) =>
  Effect.map(
    lan.frames,
    (frames) => frames.filter((frame) => frame.from === `h${number}/eth0` && frame.destination === destination)
  )

const network = { latency: "1 millis", jitter: "2 millis", network: "10.11.0.0/24", ipv6: "fd11::/64" } as const

const simulate = (title: string, body: () => Effect.Effect<unknown, unknown, Scope.Scope>, duration = "10 minutes") =>
  it.effect(
    title,
    () => Simulation.run(Effect.suspend(body), { seed: 21_027, duration: duration as "10 minutes" }),
    60_000
  )

describe("Syncthing's local discovery in a simulated network", () => {
  simulate(
    "twenty hosts find each other within seconds, in both families, with few datagrams",
    () =>
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make(network)
        const numbers = Array.from({ length: 20 }, (_, at) => at + 1)
        const nodes: Array<Node> = []
        // one after the other, so that the first have announced themselves before the last are there
        for (const number of numbers) {
          nodes.push(yield* start(lan, number))
          yield* Effect.sleep("100 millis")
        }
        yield* Effect.sleep("4 seconds")

        for (const node of nodes) {
          const known = new Set((yield* node.discovery.peers).map(({ id }) => id))
          assert.deepStrictEqual(numbers.filter((number) => number !== node.number && !known.has(idOf(number))), [])
          assert.deepStrictEqual(node.diagnostics, [])
        }
        assert.deepStrictEqual(yield* addressesOf(nodes[0]!, 2), ["10.11.0.2:22000", "[fe80::2%2]:22000"])
        // in 6 s each host has one announcement of its own and four answers at most, in each family
        for (const { number } of nodes) assert.isAtMost((yield* sentBy(lan, number, broadcast)).length, 5)
        yield* Effect.sleep("5 minutes")
        for (const node of nodes) {
          assert.deepStrictEqual(node.events.filter(([, { _tag }]) => _tag === "PeerLost"), [])
        }
      })
  )

  simulate(
    "a device that starts anew is updated at once and told of us at once, and one that is gone expires",
    () =>
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make(network)
        const one = yield* start(lan, 1)
        const other = yield* start(lan, 2)
        yield* Effect.sleep("10 seconds")
        yield* other.close
        const again = yield* start(lan, 2)
        yield* Effect.sleep("1 second")

        assert.deepStrictEqual(tagsOf(one, 2).filter((tag) => tag === "PeerLost"), [])
        const last = one.events.at(-1)![1]
        assert.deepInclude(last, { _tag: "PeerUpdated", changed: ["attributes"] })
        assert.deepStrictEqual(tagsOf(again, 1)[0], "PeerDiscovered")
        yield* again.close
        yield* Effect.sleep("2 minutes")
        const [at, event] = one.events.at(-1)!
        assert.deepInclude(event, { _tag: "PeerLost", reason: "Expired" })
        assert.isAtMost(at, 11_000 + 91_000)
      })
  )

  simulate(
    "S-U2 another port takes the place of the old one, and another address is one more for its time",
    () =>
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ ...network, ipv6: undefined })
        const one = yield* start(lan, 1)
        yield* start(lan, 2)
        const scope = yield* Scope.make()
        const third = yield* start(lan, 3)
        const advertisement = yield* third.discovery.advertise(Announcement.make({ name: deviceOf(4), port: 1 })).pipe(
          Scope.provide(scope)
        )
        yield* Effect.sleep("1 second")
        yield* advertisement.update({ port: 2 })
        yield* Effect.sleep("100 millis")

        assert.deepStrictEqual(yield* addressesOf(one, 4), ["10.11.0.3:2"])
        yield* lan.host("h3").interface("eth0").addAddress("10.11.0.33/24")
        yield* lan.host("h3").interface("eth0").removeAddress("10.11.0.3/24")
        yield* Effect.sleep("10 seconds")
        assert.include(yield* addressesOf(one, 4), "10.11.0.33:2")
        yield* Effect.sleep("100 seconds")
        assert.deepStrictEqual(yield* addressesOf(one, 4), ["10.11.0.33:2"])
      })
  )

  simulate(
    "S-A4 S-U7 a flood of devices that do not exist, and of our own, makes nobody send more than the bound",
    () =>
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ ...network, ipv6: undefined })
        const nodes = yield* Effect.forEach([1, 2, 3], (number) => start(lan, number))
        yield* Effect.sleep("5 seconds")
        const before = (yield* sentBy(lan, 1, broadcast)).length
        const mallory = yield* Endpoint.open(lan.host("mallory"), { broadcast: true })
        for (let sent = 0; sent < 3_000; sent++) {
          const key = Syncthing.keyOf(deviceOf(sent % 100 === 0 ? 1 : 1_000 + sent))!
          const announce = { id: PeerKey.toBytes(key), addresses: ["tcp://:666"], instance: BigInt(sent) }
          yield* mallory.sendBytes(Syncthing.encode(announce), broadcast)
          yield* Effect.sleep("20 millis")
        }

        for (const { number } of nodes) {
          const answers = (yield* sentBy(lan, number, broadcast)).length - before
          // one in 2 s for a minute
          assert.isAtMost(answers, 31)
          assert.isAtLeast(answers, 20)
        }
        assert.isTrue(nodes[0]!.diagnostics.some((line) => line.includes("selfSpoof")))
        assert.isTrue(Option.isSome(yield* nodes[0]!.discovery.lookup(idOf(2))))
        assert.isTrue(Option.isNone(yield* nodes[0]!.discovery.lookup(idOf(1))))
      })
  )
})
