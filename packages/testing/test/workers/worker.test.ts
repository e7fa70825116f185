import { NetworkInterface, PeerWorker } from "@effect-discovery/core"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Option, Result, Scope, Stream } from "effect"
import { NetAddress } from "effect/net"
import { assertAccounted, counts, sender, start, unlimited } from "./support.ts"

type Handle = PeerWorker.Options<string, string, unknown, Scope.Scope>["handle"]

/** Has these texts handled, and closes the worker. */
const ask = Effect.fnUntraced(function*(handle: Handle, texts: ReadonlyArray<string>) {
  const lan = yield* SimulatedNetwork.make({ seed: 1 })
  const worker = yield* start(lan.host("ada"), { handle, limits: { workerHandler: 1_000 } })
  const bob = yield* sender(lan.host("bob"), lan.host("ada"), worker.port)
  for (const text of texts) yield* bob.say(text)
  yield* Effect.sleep("5 seconds")
  return { answers: yield* bob.received, counts: counts(yield* worker.close) }
})

describe("a worker", () => {
  it.effect("answers what its swarm understands, and counts it", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const worker = yield* start(lan.host("ada"), {
        handle: (text, { from, reply, worker }) => reply(`${worker.swarm} to port ${from.port}: ${text}`)
      })
      const bob = yield* sender(lan.host("bob"), lan.host("ada"), worker.port)
      yield* bob.say("hello")
      yield* bob.say("!prefix")
      yield* Effect.sleep("1 second")
      const statistics = yield* worker.close

      assert.deepStrictEqual(yield* bob.received, [`swarm to port ${bob.port}: hello`])
      assert.deepStrictEqual(counts(statistics), { received: 2, sent: 1, decoded: 1, handled: 1, "rejected prefix": 1 })
      assert.strictEqual(statistics.received.octets, 12)
      assert.isAtLeast(statistics.uptime, 1_000)
    })))

  it.effect("hands the decoder the options of its swarm, and where the datagram came from", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const seen: Array<unknown> = []
      const worker = yield* PeerWorker.make({
        name: "worker",
        swarm: { chunk: 1_024 },
        decode: (payload, swarm, from) => Result.succeed([payload.length, swarm.chunk, from.port] as const),
        handle: (message) => Effect.sync(() => seen.push(message))
      }).pipe(Effect.provide(lan.host("ada").layer))
      const bob = yield* sender(lan.host("bob"), lan.host("ada"), worker.port)
      yield* bob.say("hello")
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(seen, [[5, 1_024, bob.port]])
    })))

  it.effect("S-F1 a handler that fails, dies, throws, hangs or interrupts itself harms no other datagram", () =>
    Simulation.run(Effect.gen(function*() {
      const handle: Handle = (text, { reply }) => {
        if (text === "throw") throw new Error("thrown")
        if (text === "fail") return Effect.fail("failed")
        if (text === "die") return Effect.die("died")
        if (text === "hang") return Effect.never
        return text === "interrupt" ? Effect.interrupt : reply(text)
      }
      const texts = ["1", "fail", "2", "die", "3", "throw", "4", "hang", "5", "interrupt", "6"]

      assert.deepStrictEqual(yield* ask(handle, texts), {
        answers: ["1", "2", "3", "4", "5", "6"],
        counts: {
          received: 11,
          sent: 6,
          decoded: 11,
          handled: 6,
          failures: 1,
          defects: 2,
          timeouts: 1,
          interruptions: 1
        }
      })
    })))

  it.effect.each(["at once", "later"])(
    "S-F1 a handler that fails %s with what has no text harms no other datagram",
    (when) =>
      Simulation.run(Effect.gen(function*() {
        const handle: Handle = (text, { reply }) =>
          Effect.andThen(
            when === "later" ? Effect.sleep(1) : Effect.void,
            text.startsWith("{") ? Effect.fail(JSON.parse(text)) : reply(text)
          )

        assert.deepStrictEqual(yield* ask(handle, ["1", "{\"toString\":1}", "2"]), {
          answers: ["1", "2"],
          counts: { received: 3, sent: 2, decoded: 3, handled: 2, failures: 1 }
        })
      }))
  )

  it.effect("S-F1 a decoder that throws rejects one datagram", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const worker = yield* start(lan.host("ada"), {
        decode: (payload) => {
          if (payload.length === 1) throw new Error("thrown")
          return Result.succeed("")
        },
        handle: () => Effect.void
      })
      const bob = yield* sender(lan.host("bob"), lan.host("ada"), worker.port)
      for (const text of ["ab", "a", "cd"]) yield* bob.say(text)
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(counts(yield* worker.close), { received: 3, decoded: 2, handled: 2, "rejected defect": 1 })
    })))

  it.effect("S-P2 longer datagrams than its format has are not even decoded", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const decoded: Array<number> = []
      const worker = yield* start(lan.host("ada"), {
        maxDatagram: 10,
        decode: (payload) => {
          decoded.push(payload.length)
          return Result.succeed("")
        },
        handle: () => Effect.void
      })
      const bob = yield* sender(lan.host("bob"), lan.host("ada"), worker.port)
      for (const length of [10, 11, 0]) yield* bob.say("a".repeat(length))
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(decoded, [10, 0])
      assert.deepStrictEqual(counts(yield* worker.close), { received: 3, decoded: 2, handled: 2, "rejected size": 1 })
    })))

  it.effect("a flood from one source is cut to its rate, and takes nothing from another", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const worker = yield* start(lan.host("ada"), { handle: (text, { reply }) => reply(text) })
      const mallory = yield* sender(lan.host("mallory"), lan.host("ada"), worker.port)
      const bob = yield* sender(lan.host("bob"), lan.host("ada"), worker.port)
      for (let i = 0; i < 100; i++) {
        for (let j = 0; j < 20; j++) yield* mallory.say("flood")
        if (i % 10 === 0) yield* bob.say(`${i}`)
        yield* Effect.sleep("10 millis")
      }
      yield* Effect.sleep("1 second")
      const statistics = yield* worker.close

      assertAccounted(statistics)
      assert.strictEqual(statistics.received.datagrams, 2_010)
      // 200 at once and 50 more in that second
      assert.closeTo(statistics.dropped.rate, 2_000 - 250, 1)
      assert.strictEqual((yield* bob.received).length, 10)
    })))

  it.effect("what proves where it comes from is cut apart from what does not, and a test that throws proves nothing", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const worker = yield* start(lan.host("ada"), {
        handle: () => Effect.void,
        limits: { datagramsPerSource: { perSecond: 1, burst: 10 } },
        isProven: (payload) => {
          if (payload[0] === 63) throw new Error("?")
          return payload[0] === 42
        }
      })
      const bob = yield* sender(lan.host("bob"), lan.host("ada"), worker.port)
      for (const text of ["-", "?", "*"]) for (let i = 0; i < 15; i++) yield* bob.say(text)
      yield* Effect.sleep("500 millis")

      assert.deepInclude(counts(yield* worker.close), { received: 45, handled: 20, rate: 25 })
    })))

  it.effect("all sources together are cut to what the worker can take", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const worker = yield* start(lan.host("ada"), {
        handle: () => Effect.void,
        limits: { datagramsPerSession: { perSecond: 1, burst: 5 } }
      })
      for (const name of ["bob", "eve", "mallory"]) {
        const host = yield* sender(lan.host(name), lan.host("ada"), worker.port)
        for (let i = 0; i < 4; i++) yield* host.say("x")
      }
      yield* Effect.sleep("100 millis")

      assert.deepStrictEqual(counts(yield* worker.close), { received: 12, decoded: 5, handled: 5, overload: 7 })
    })))

  for (const [overflow, kept] of [["sliding", ["1", "2", "6", "7"]], ["dropping", ["1", "2", "3", "4"]]] as const) {
    it.effect(`slow handlers run so many at a time, so many wait, and ${overflow} drops the rest`, () =>
      Simulation.run(Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ seed: 1 })
        const handled: Array<string> = []
        let most = 0
        let active = 0
        const worker = yield* start(lan.host("ada"), {
          overflow,
          limits: { workerConcurrency: 2, workerQueue: 2 },
          handle: (text) =>
            Effect.gen(function*() {
              handled.push(text)
              most = Math.max(most, ++active)
              yield* Effect.sleep("1 second")
              active--
            })
        })
        const bob = yield* sender(lan.host("bob"), lan.host("ada"), worker.port)
        for (let i = 1; i <= 7; i++) yield* bob.say(`${i}`)
        yield* Effect.sleep("500 millis")
        const during = counts(yield* worker.statistics)
        yield* Effect.sleep("5 seconds")

        assert.deepStrictEqual(handled, [...kept])
        assert.strictEqual(most, 2)
        assert.deepStrictEqual(during, { received: 7, decoded: 7, waiting: 2, running: 2, queue: 3 })
        assert.deepStrictEqual(counts(yield* worker.close), { received: 7, decoded: 7, handled: 4, queue: 3 })
      })))
  }

  it.effect("handlers that hang, even those that cannot be interrupted, give their places to others", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const worker = yield* start(lan.host("ada"), {
        limits: { workerConcurrency: 2, workerHandler: 1_000 },
        handle: (text, { reply }) => text === "hang" ? Effect.uninterruptible(Effect.never) : reply(text)
      })
      const bob = yield* sender(lan.host("bob"), lan.host("ada"), worker.port)
      yield* bob.say("hang")
      yield* bob.say("hang")
      yield* bob.say("1")
      yield* Effect.sleep("900 millis")
      assert.deepStrictEqual(yield* bob.received, [])
      yield* Effect.sleep("200 millis")
      assert.deepStrictEqual(yield* bob.received, ["1"])
      // twice as many as there are places, and no more: what never ends must not become more and more
      for (const text of ["hang", "hang", "2"]) yield* bob.say(text)
      yield* Effect.sleep("5 seconds")
      assert.deepStrictEqual(yield* bob.received, [])
      const before = yield* monotonic
      const statistics = yield* worker.close

      assert.deepStrictEqual(counts(statistics), {
        received: 6,
        sent: 1,
        decoded: 6,
        handled: 1,
        timeouts: 4,
        closing: 1
      })
      assert.closeTo((yield* monotonic) - before, 1, 0.01)
    })))

  it.effect("a handler has a scope of its own, closed when it ends, however it ends", () =>
    Simulation.run(Effect.gen(function*() {
      const released: Array<string> = []
      const handle: Handle = (text) =>
        Effect.acquireRelease(Effect.void, () => Effect.sync(() => released.push(text))).pipe(
          Effect.andThen(text === "die" ? Effect.die("died") : text === "hang" ? Effect.never : Effect.void)
        )
      yield* ask(handle, ["ok", "die", "hang"])

      assert.deepStrictEqual(released, ["ok", "die", "hang"])
    })))
})

const monotonic = Effect.map(
  Effect.clockWith(({ monotonicTimeNanos }) => monotonicTimeNanos),
  (nanos) => Number(nanos) / 1e9
)

describe("closing", () => {
  it.effect("under load accounts for every datagram, and the port is free at once", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const options = {
        bind: { port: 7_000 },
        limits: { workerConcurrency: 4, workerQueue: 8, datagramsPerSource: unlimited },
        handle: () => Effect.sleep("30 millis")
      }
      const bob = yield* sender(lan.host("bob"), lan.host("ada"), 7_000)
      const load = yield* Effect.forkChild(
        Effect.forever(Effect.andThen(Effect.forEach([1, 2, 3], () => bob.say("x")), Effect.sleep("1 millis")))
      )
      for (let i = 0; i < 20; i++) {
        const worker = yield* start(lan.host("ada"), options)
        yield* Effect.sleep("95 millis")
        const statistics = yield* worker.close

        assertAccounted(statistics)
        assert.isAbove(statistics.handled, 4)
        assert.deepInclude(statistics.failed, { failures: 0, defects: 0, timeouts: 0, interruptions: 4 })
        assert.strictEqual(statistics.dropped.closing, 8)
        assert.deepStrictEqual(yield* worker.statistics, statistics)
        assert.deepStrictEqual(yield* worker.close, statistics)
        assert.deepStrictEqual(yield* worker.await, statistics)
      }
      yield* Fiber.interrupt(load)
      assert.strictEqual((yield* lan.inspect).hosts.find(({ name }) => name === "ada")?.sockets.length, 0)
    })))

  it.effect("a scope that closes closes its workers, and each tells its counts", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const told: Array<PeerWorker.Statistics> = []
      const scope = yield* Scope.make()
      const worker = yield* start(lan.host("ada"), {
        handle: () => Effect.never,
        onClose: (statistics) => Effect.andThen(Effect.sync(() => told.push(statistics)), Effect.die("ignored"))
      }).pipe(Scope.provide(scope))
      const bob = yield* sender(lan.host("bob"), lan.host("ada"), worker.port)
      yield* bob.say("x")
      yield* Effect.sleep("1 second")
      yield* Scope.close(scope, Exit.void)

      assert.deepStrictEqual(told.map(counts), [{ received: 1, decoded: 1, interruptions: 1 }])
      assert.deepStrictEqual(yield* worker.await, told[0])
      assert.isTrue(yield* worker.isClosed)
    })))

  it.effect("a scope that closes waits for a worker that is closing already", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const scope = yield* Scope.make()
      const worker = yield* Scope.provide(
        start(lan.host("ada"), { handle: () => Effect.uninterruptible(Effect.sleep("500 millis")) }),
        scope
      )
      const bob = yield* sender(lan.host("bob"), lan.host("ada"), worker.port)
      yield* bob.say("x")
      yield* Effect.sleep("100 millis")
      yield* Effect.forkChild(worker.close, { startImmediately: true })
      yield* Scope.close(scope, Exit.void)

      assert.closeTo(yield* monotonic, 0.5, 0.01)
      assert.deepStrictEqual(counts(yield* worker.statistics), { received: 1, decoded: 1, interruptions: 1 })
      assert.strictEqual((yield* lan.inspect).hosts.find(({ name }) => name === "ada")?.sockets.length, 0)
    })))

  it.effect("says the last words while nothing else is sent, and counts what comes meanwhile", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const to = NetAddress.inetAddressUnsafe(lan.host("bob").address, 9)
      const errors: Array<string> = []
      const kept: Array<PeerWorker.PeerWorker["send"]> = []
      const worker: PeerWorker.PeerWorker = yield* start(lan.host("ada"), {
        handle: () => Effect.void,
        farewell: (send) =>
          Effect.flip(worker.send("late", to)).pipe(
            Effect.tap(({ reason }) => Effect.sync(() => errors.push(reason._tag))),
            Effect.andThen(Effect.sleep("100 millis")),
            Effect.andThen(send("goodbye", to)),
            Effect.andThen(Effect.sync(() => kept.push(send))),
            Effect.andThen(Effect.die("ignored"))
          )
      })
      const bob = yield* sender(lan.host("bob"), lan.host("ada"), worker.port)
      const closing = yield* Effect.forkChild(worker.close, { startImmediately: true })
      yield* Effect.sleep("10 millis")
      yield* bob.say("x")

      assert.deepStrictEqual(counts(yield* Fiber.join(closing)), { received: 1, closing: 1, sent: 1 })
      assert.deepStrictEqual(errors, ["WorkerClosed"])
      assert.strictEqual((yield* Effect.flip(kept[0]!("later still", to))).reason._tag, "WorkerClosed")
      assert.deepInclude((yield* worker.statistics).sent, { datagrams: 1, failed: 0 })
    })))

  it.effect("waits for last words no longer than for anything, even for those that cannot be interrupted", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const never = () => Effect.uninterruptible(Effect.never)
      const worker = yield* start(lan.host("ada"), { handle: never, farewell: never, onClose: never })
      const bob = yield* sender(lan.host("bob"), lan.host("ada"), worker.port)
      yield* bob.say("x")
      yield* Effect.sleep("100 millis")
      const { uptime } = yield* worker.close

      assert.closeTo(uptime, 1_100, 10)
      assert.closeTo(yield* monotonic, 2.1, 0.01)
    })))

  it.effect("a handler may close its worker, and is interrupted by that", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const worker = yield* start(lan.host("ada"), { handle: (_, { worker }) => worker.close })
      const bob = yield* sender(lan.host("bob"), lan.host("ada"), worker.port)
      yield* bob.say("x")
      const statistics = yield* worker.await

      assert.deepStrictEqual(counts(statistics), { received: 1, decoded: 1, interruptions: 1 })
      assert.isBelow(statistics.uptime, 100)
    })))

  it.effect("interrupting who closes a worker does not leave it half closed", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const worker = yield* start(lan.host("ada"), { handle: () => Effect.void })
      yield* Fiber.interrupt(yield* Effect.forkChild(worker.close, { startImmediately: true }))

      assert.deepStrictEqual(counts(yield* worker.await), {})
    })))
})

describe("send", () => {
  const to = NetAddress.inetAddressFromStringUnsafe("10.11.0.2:9")

  it.effect("a failure is the caller's, and the worker goes on", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const ada = lan.host("ada")
      const worker = yield* start(ada, { handle: (text, { reply }) => reply(text) })
      const bob = yield* sender(lan.host("bob"), ada, worker.port)
      yield* ada.interface("eth0").down
      const error = yield* Effect.flip(worker.send("x", to))
      yield* ada.interface("eth0").up
      yield* bob.say("still there?")
      yield* Effect.sleep("1 second")

      assert.deepInclude(error.reason, { _tag: "SendFailed", worker: "worker", to: "10.11.0.2:9" })
      assert.include(error.message, "could not send to 10.11.0.2:9")
      assert.deepStrictEqual(yield* bob.received, ["still there?"])
      assert.deepStrictEqual(counts(yield* worker.close), { received: 1, sent: 1, unsent: 1, decoded: 1, handled: 1 })
    })))

  it.effect("a closed worker sends nothing", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const worker = yield* start(lan.host("ada"), { handle: () => Effect.void })
      yield* worker.close
      const error = yield* Effect.flip(worker.send("x", to))

      assert.deepInclude(error.reason, { _tag: "WorkerClosed", worker: "worker", port: worker.port })
    })))
})

describe("starting", () => {
  it.effect("a port that is taken is a typed error, and leaves nothing behind", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const options = { bind: { port: 7_000 }, handle: () => Effect.void }
      yield* start(lan.host("ada"), options)
      const error = yield* Effect.flip(start(lan.host("ada"), options))

      assert.strictEqual(error._tag, "PeerWorkerError")
      assert.deepInclude(error.reason, { _tag: "PortInUse", port: 7_000, isOwn: false })
      assert.strictEqual((yield* lan.inspect).hosts.find(({ name }) => name === "ada")?.sockets.length, 1)
    })))

  it.effect("a port below 1024 may be forbidden, an interface may be missing, a limit may be none", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const reasonOf = (options: Partial<PeerWorker.Options<string, string>>) =>
        Effect.map(
          Effect.flip(start(lan.host("ada"), { handle: () => Effect.void, ...options })),
          ({ reason }) => reason._tag
        )

      assert.strictEqual(yield* reasonOf({ bind: { port: 80 } }), "PermissionDenied")
      assert.strictEqual(yield* reasonOf({ bind: { port: 65_536 } }), "Unsupported")
      assert.strictEqual(yield* reasonOf({ bind: { interface: () => false } }), "NoUsableInterface")
      assert.strictEqual(yield* reasonOf({ limits: { workerQueue: 0 } }), "Unsupported")
    })))

  it.effect("binds where it is told: to all addresses, to one, to that of an interface, in either family", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1, ipv6: "fd11::/64" })
      const addressOf = (bind: PeerWorker.Bind) =>
        Effect.map(
          start(lan.host("ada"), { bind, handle: () => Effect.void }),
          ({ address }) => NetAddress.formatHost(address)
        )

      assert.strictEqual(yield* addressOf({}), "0.0.0.0")
      assert.strictEqual(yield* addressOf({ address: NetAddress.ipv4Loopback }), "127.0.0.1")
      assert.strictEqual(yield* addressOf({ interface: NetworkInterface.isLoopback }), "127.0.0.1")
      assert.strictEqual(yield* addressOf({ interface: NetworkInterface.isUsable }), "10.11.0.1")
      assert.strictEqual(yield* addressOf({ family: "IPv6" }), "::")
      assert.strictEqual(yield* addressOf({ interface: NetworkInterface.isUsable, family: "IPv6" }), "fd11::1")
    })))

  it.effect("has the URL that its maker makes of its address and swarm", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const options = { bind: { port: 7_000, interface: NetworkInterface.isUsable }, handle: () => Effect.void }
      const worker = yield* start(lan.host("ada"), {
        ...options,
        url: (address, swarm) => `test://${NetAddress.formatInet(address)}/${swarm}`
      })
      const plain = yield* start(lan.host("bob"), options)

      assert.deepStrictEqual(worker.url, Option.some("test://10.11.0.1:7000/swarm"))
      assert.deepStrictEqual(plain.url, Option.none())
    })))
})

describe("diagnostics", () => {
  it.effect("S-F5 tell of what was rejected, dropped and not handled, and end with the worker", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const worker = yield* start(lan.host("ada"), {
        bind: { port: 7_000 },
        limits: {
          workerConcurrency: 1,
          workerQueue: 1,
          workerHandler: 100,
          datagramsPerSource: { perSecond: 1, burst: 6 }
        },
        handle: (text) => text === "die" ? Effect.die(new Error("a".repeat(500))) : Effect.never
      })
      const seen = yield* Deferred.make<ReadonlyArray<unknown>>()
      const bob = yield* sender(lan.host("bob"), lan.host("ada"), worker.port)
      for (const text of ["die", "!prefix", "!prefix", "1", "2", "3", "too many"]) yield* bob.say(text)
      yield* Effect.sleep("1 second")
      yield* Effect.forkChild(
        Effect.flatMap(Stream.runCollect(worker.diagnostics), (all) => Deferred.succeed(seen, all)),
        { startImmediately: true }
      )
      yield* Effect.sleep("1 second")
      yield* worker.close
      const where = { source: "worker", interface: "0.0.0.0:7000" }
      const from = `10.11.0.2:${bob.port}`

      assert.deepStrictEqual(yield* Deferred.await(seen), [
        { _tag: "HandlerFailed", ...where, what: "defects", message: "a".repeat(64), total: 1 },
        { _tag: "DatagramRejected", ...where, reason: "prefix", from, sample: "21707265666978", total: 2 },
        { _tag: "DatagramRejected", ...where, reason: "rate", from, sample: "746f6f206d616e79", total: 1 },
        { _tag: "DatagramsDropped", ...where, total: 1 },
        { _tag: "HandlerFailed", ...where, what: "timeouts", message: "not done after 100 ms", total: 2 }
      ])
    })))
})
