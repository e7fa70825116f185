import { Announcement, Discovery, Source } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Stream } from "effect"

// a beacon every 2 seconds, which holds for 7
const source = () => JsonBeacon.source()

/** What a host's program saw, as `12.5 PeerLost ada Expired`, by its own clock. */
type Log = Array<string>

const program = (log: Log, name: string) =>
  Effect.gen(function*() {
    const discovery = yield* Discovery.Discovery
    yield* discovery.advertise(Announcement.make({ name, identity: name, port: 22_000 }))
    yield* Stream.runForEach(discovery.stream, (event) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const reason = event._tag === "PeerLost" ? ` ${event.reason}` : ""
        log.push(`${now / 1000} ${event._tag} ${event.peer.id.replace("json:", "")}${reason}`)
      }))
  }).pipe(Effect.provide(Discovery.layer({ sources: [source()] })))

const lanOf = Effect.fnUntraced(function*(names: ReadonlyArray<string>) {
  const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
  const logs = new Map(names.map((name): [string, Log] => [name, []]))
  for (const [name, log] of logs) yield* lan.host(name).start(program(log, name))
  yield* Effect.sleep("10 seconds")
  return { lan, log: (name: string) => logs.get(name)! }
})

/** What a log says of losses. */
const losses = (log: Log) => log.filter((line) => line.includes("PeerLost"))
const secondsOf = (line: string | undefined) => Number(line?.split(" ")[0])

describe("a discovering host", () => {
  it.effect("that stops says goodbye; started again it is discovered again", () =>
    Simulation.run(Effect.gen(function*() {
      const { lan, log } = yield* lanOf(["ada", "bob"])
      yield* lan.host("ada").stop
      yield* Effect.sleep("1 second")
      assert.match(losses(log("bob")).join(), /^10\.\d+ PeerLost ada Goodbye$/)
      yield* lan.host("ada").restart
      yield* Effect.sleep("5 seconds")

      assert.match(log("bob").at(-1)!, /^1[1-3].* PeerDiscovered ada$/)
    })))

  it.effect("that crashes is missed when its last word holds no longer", () =>
    Simulation.run(Effect.gen(function*() {
      const { lan, log } = yield* lanOf(["ada", "bob"])
      yield* lan.host("ada").crash
      yield* Effect.sleep("1 minute")

      const lost = losses(log("bob"))
      assert.strictEqual(lost.length, 1)
      assert.match(lost[0]!, /PeerLost ada Expired$/)
      assert.isTrue(secondsOf(lost[0]) > 14 && secondsOf(lost[0]) <= 17.1, lost[0])
    })))

  const standStill = (mode: "gc" | "sleep", isDeaf: boolean) =>
    Effect.gen(function*() {
      const { lan, log } = yield* lanOf(["ada", "bob"])
      yield* lan.host("ada").pause("20 seconds", mode)
      const pass = Effect.sleep("20 seconds")
      yield* isDeaf ? Effect.scoped(Effect.andThen(lan.partition([["ada"], ["bob"]]), pass)) : pass
      yield* Effect.sleep("20 seconds")
      return { ada: log("ada").slice(1), bob: log("bob").slice(1).map((line) => line.split(" ").slice(1).join(" ")) }
    })

  const lostAndFound = (name: string) => [`PeerLost ${name} Expired`, `PeerDiscovered ${name}`]

  it.effect("that stands still is lost and found again, and the burst renews what it knew", () =>
    Simulation.run(Effect.gen(function*() {
      for (const mode of ["gc", "sleep"] as const) {
        const { ada, bob } = yield* standStill(mode, false)

        assert.deepStrictEqual(bob, lostAndFound("ada"))
        assert.deepStrictEqual(losses(ada), [])
      }
    })))

  it.effect("without a burst it loses what no longer holds by its own clock, soon after it goes on", () =>
    Simulation.run(Effect.gen(function*() {
      const paused = yield* standStill("gc", true)
      const asleep = yield* standStill("sleep", true)

      // a tenth of a second is left to what may have come meanwhile
      assert.deepStrictEqual(losses(paused.ada), ["30.1 PeerLost bob Expired"])
      // its monotonic clock has stood still: what bob said holds for what it held then
      assert.deepStrictEqual(losses(asleep.ada), [])
    })))

  it.effect("bears a wall clock that is set and a quartz that drifts", () =>
    Simulation.run(Effect.gen(function*() {
      const { lan, log } = yield* lanOf(["ada", "bob", "eve"])
      yield* lan.host("ada").clock.skew("-3 days")
      yield* lan.host("bob").clock.drift(5000)
      yield* lan.host("eve").clock.drift(-5000)
      for (let i = 0; i < 20; i++) {
        yield* Effect.sleep("10 seconds")
        yield* lan.host("eve").clock.jump(i % 2 === 0 ? "1 hour" : "-1 hour")
      }

      assert.deepStrictEqual(["ada", "bob", "eve"].flatMap((name) => losses(log(name))), [])
    })))

  it.effect("holds to what was announced by hand, though its wall clock is set", () =>
    Simulation.run(Effect.gen(function*() {
      const { clock, run } = (yield* SimulatedNetwork.make()).host("ada")
      const manual = Source.manual("list")
      yield* run(manual.announce(Announcement.make({ name: "bob", ttl: "1 minute" })))
      const known = Effect.andThen(Effect.sleep("1 second"), Discovery.peers).pipe(
        Effect.provide(Discovery.layer({ sources: [manual] })),
        Effect.map((peers) => peers.length)
      )
      yield* clock.jump("1 hour")
      assert.strictEqual(yield* run(known), 1)
      yield* clock.jump("-1 hour")
      yield* Effect.sleep("1 minute")
      assert.strictEqual(yield* run(known), 0)
    })))
})

describe("determinism", () => {
  it.effect("hosts that come, go and stand still go the same way twice, in every order and pre-empted", () =>
    Effect.gen(function*() {
      const eventful = Effect.gen(function*() {
        const { lan, log } = yield* lanOf(["ada", "bob", "eve", "zoe"])
        yield* lan.setLoss(0.2).pipe(Effect.orDie)
        yield* lan.host("ada").pause("5 seconds")
        yield* lan.host("bob").crash
        yield* Effect.sleep("8 seconds")
        yield* lan.host("bob").restart
        yield* lan.host("eve").stop
        yield* Effect.sleep("20 seconds")
        return ["ada", "bob", "eve", "zoe"].map(log)
      })
      const runs = yield* Simulation.checkDeterminism(eventful, {
        seeds: [1, 2, 3, 4],
        preemption: 0.02,
        outside: "fail"
      })

      assert.strictEqual(new Set(runs.map(({ hash }) => hash)).size, 12)
    }))
})
