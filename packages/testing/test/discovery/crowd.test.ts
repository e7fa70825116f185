/** Hosts in numbers: what they cost on the wire, and how soon they know each other, through the whole library. */
import { Announcement, Discovery, type Limits } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { Context } from "effect"

type Lan = SimulatedNetwork.SimulatedNetwork

const join = Effect.fnUntraced(
  function*(lan: Lan, name: string, options: JsonBeacon.Options = {}, limits: Partial<Limits.Limits> = {}) {
    const layer = Discovery.layer({ sources: [JsonBeacon.source(options)], limits }).pipe(
      Layer.provide(lan.host(name).layer)
    )
    return Context.get(yield* Layer.build(layer), Discovery.Discovery)
  }
)

const announce = Effect.fnUntraced(function*(discovery: Discovery.Discovery["Service"], name: string) {
  yield* discovery.advertise(
    Announcement.make({ name, identity: name, port: 4_000, attributes: { floor: name.length.toString() } })
  )
})

const start = Effect.fnUntraced(function*(lan: Lan, name: string, options: JsonBeacon.Options = {}) {
  const discovery = yield* join(lan, name, options)
  yield* announce(discovery, name)
  return discovery
})

const names = (count: number) => Array.from({ length: count }, (_, index) => `host${index}`)

const known = (discovery: Discovery.Discovery["Service"]) =>
  Effect.map(discovery.peers, (peers) => peers.map(({ name }) => name).toSorted())

describe("hosts in numbers", () => {
  it.effect("all find each other, and lose nobody while they are there", () =>
    Simulation.run(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ latency: "2 millis", loss: 0.01, network: "10.0.0.0/16" })
        const all = yield* Effect.forEach(names(40), (name) => start(lan, name))
        yield* Effect.sleep("1 minute")
        for (const each of all) assert.strictEqual((yield* each.peers).length, 39)
        yield* Effect.sleep("1 minute")
        for (const each of all) assert.strictEqual((yield* each.peers).length, 39)
      }),
      { duration: "1 hour", eventLimit: 50_000_000 }
    ), 60_000)

  it.effect("lose hardly anybody while they become many, on a link that loses and delays", () =>
    Simulation.run(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({
          latency: "2 millis",
          jitter: "300 millis",
          loss: 0.02,
          history: 1_000
        })
        const frequent = { interval: "500 millis" } as const
        const lost: Array<string> = []
        for (const name of names(60)) {
          const discovery = yield* start(lan, name, frequent)
          const losses = Stream.filter(discovery.stream, ({ _tag }) => _tag === "PeerLost")
          yield* Effect.forkScoped(Stream.runForEach(losses, ({ peer }) => Effect.sync(() => lost.push(peer.name))))
          if (name === "host5") yield* Effect.sleep("5 seconds")
        }
        yield* Effect.sleep("15 seconds")

        assert.isBelow(lost.length, 30)
      }),
      { duration: "1 hour", eventLimit: 50_000_000 }
    ), 60_000)

  it.effect(
    "send no more than their share together, where beacons of a fixed interval send as many times more as they are",
    () =>
      Simulation.run(
        Effect.gen(function*() {
          const perSecond = Effect.fnUntraced(function*(options: JsonBeacon.Options) {
            const lan = yield* SimulatedNetwork.make({ latency: "2 millis", network: "10.0.0.0/16" })
            yield* Effect.forEach(names(60), (name) => start(lan, name, options))
            yield* Effect.sleep("30 seconds")
            const from = (yield* lan.frames).at(-1)!.time
            yield* Effect.sleep("10 seconds")
            return (yield* lan.frames).filter(({ time }) => time > from).length / 10
          })

          assert.isAtMost(yield* perSecond({}), 25)
          assert.isAtLeast(yield* perSecond({ scaling: false }), 29)
        }),
        { duration: "1 hour", eventLimit: 50_000_000 }
      ),
    60_000
  )
})

/** So many that know each other, some of which seldom announce themselves. */
const settled = Effect.fnUntraced(function*(count: number) {
  const lan = yield* SimulatedNetwork.make({ latency: "2 millis", network: "10.0.0.0/16" })
  const rare = { interval: { min: "10 seconds", max: "60 seconds" } } as const
  yield* Effect.forEach(names(count), (name) => start(lan, name, rare))
  yield* Effect.sleep("5 minutes")
  return { lan, rare }
})

describe("a newcomer", () => {
  it.effect(
    "is told of those it did not hear, with all they say, and takes nobody for more than is said",
    () =>
      Simulation.run(Effect.gen(function*() {
        const { lan, rare } = yield* settled(40)
        const newcomer = yield* start(lan, "newcomer", rare)
        yield* Effect.sleep("6 seconds")
        const peers = yield* newcomer.peers

        assert.deepStrictEqual(peers.map(({ name }) => name).toSorted(), names(40).toSorted())
        for (const { addresses, attributes, authentication, name } of peers) {
          assert.deepStrictEqual(addresses.map(String).length, 1)
          assert.strictEqual(attributes.get("floor"), name.length.toString())
          assert.strictEqual(authentication, "none")
          assert.strictEqual(Array.from(addresses)[0]!.port, 4_000)
        }
        // few have announced themselves meanwhile
        assert.isBelow(
          (yield* Effect.forEach(peers, ({ id }) => newcomer.explain(id))).filter((each) =>
            each._tag === "Some" && each.value.evidence[0]!.heard > 0
          ).length,
          30
        )
      })),
    60_000
  )

  it.effect("hears who says goodbye afterwards, and who falls silent", () =>
    Simulation.run(Effect.gen(function*() {
      const { lan, rare } = yield* settled(20)
      const leaving = yield* Effect.scoped(Effect.gen(function*() {
        yield* start(lan, "leaving", rare)
        yield* Effect.sleep("100 seconds")
        const newcomer = yield* start(lan, "newcomer", rare)
        yield* Effect.sleep("10 seconds")
        return yield* known(newcomer)
      }))
      const later = yield* start(lan, "later", rare)
      yield* Effect.sleep("10 seconds")
      const after = yield* known(later)

      assert.include(leaving, "leaving")
      assert.notInclude(after, "leaving")
      assert.strictEqual(after.length, 20)
    })), 60_000)

  it.effect(
    "S-V2 that only listens sends nothing, and waits until each has announced itself",
    () =>
      Simulation.run(Effect.gen(function*() {
        const { lan, rare } = yield* settled(40)
        const listener = yield* join(lan, "listener", rare)
        yield* Effect.sleep("6 seconds")
        assert.isBelow((yield* listener.peers).length, 30)
        yield* Effect.sleep("2 minutes")

        assert.strictEqual((yield* listener.peers).length, 40)
        assert.strictEqual((yield* lan.frames).filter(({ from }) => from.startsWith("listener")).length, 0)
      })),
    60_000
  )

  it.effect("is heard by programs that know nothing of this, and hears them", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "2 millis" })
      const plain = yield* start(lan, "plain", { scaling: false })
      const scaled = yield* start(lan, "scaled")
      const original = yield* join(lan, "original", { body: JsonBeacon.username() })
      yield* announce(original, "original")
      yield* Effect.sleep("1 minute")

      assert.deepStrictEqual(yield* known(plain), ["original", "scaled"])
      assert.deepStrictEqual(yield* known(scaled), ["original", "plain"])
      assert.deepStrictEqual(yield* known(original), ["plain", "scaled"])
    })))
})
