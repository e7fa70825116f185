import { Network } from "@effect-discovery/core"
import { SimulatedNetwork, type SimulatedNetworkError, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Random, Schedule, Scope } from "effect"
import { TestClock } from "effect/testing"
import { type Endpoint, join, open } from "./endpoint.ts"

const group = "239.1.1.1"
const to = `${group}:9778`
const member = { port: 9778, join: [group] }

const reasonOf = <A, R>(self: Effect.Effect<A, SimulatedNetworkError.SimulatedNetworkError, R>) =>
  Effect.map(Effect.flip(Effect.asVoid(self)), (error) => error.message)

describe("time", () => {
  it.effect("a datagram takes the latency, and the log tells its way", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "5 millis" })
      const ada = yield* open(lan.host("ada"), { port: 9778 })
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      yield* Effect.sleep("1 second")
      yield* ada.send("hello", "10.11.0.2:9778")
      yield* Effect.sleep("4 millis")
      const early = yield* grace.received
      yield* Effect.sleep("1 millis")

      assert.deepStrictEqual(early, [])
      assert.deepStrictEqual(yield* grace.received, ["hello"])
      assert.strictEqual(
        yield* lan.log,
        `0.000000 ada bind #1 0.0.0.0:9778
0.000000 grace bind #2 0.0.0.0:9778
1.000000 ada/eth0 send f1 10.11.0.1:9778 > 10.11.0.2:9778 5 B 4f9f2cab
1.005000 grace/eth0 deliver f1 #2`
      )
    })))

  it.effect("jitter adds up to its span, and datagrams overtake each other", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "5 millis", jitter: "3 millis", seed: 1 })
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      const texts = Array.from({ length: 200 }, (_, i) => `${i}`)
      for (const text of texts) yield* ada.send(text, "10.11.0.2:9778")
      yield* Effect.sleep("1 second")
      const times = (yield* lan.frames).map((frame) => frame.outcomes[0]!.time)
      const received = yield* grace.received

      assert.isTrue(Math.min(...times) >= 5000 && Math.max(...times) <= 8000)
      assert.isTrue(Math.min(...times) < 5100 && Math.max(...times) > 7900)
      assert.notDeepEqual(received, texts)
      assert.deepStrictEqual(received.toSorted(), texts.toSorted())
    })))

  it.effect("two hosts without latency that answer each other for ever do not stop time", () =>
    Effect.gen(function*() {
      const program = Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ latency: 0 })
        const ada = yield* open(lan.host("ada"), { port: 9778 })
        const grace = yield* open(lan.host("grace"), { port: 9778 })
        // without a yield of its own
        const answer = Effect.fnUntraced(function*(self: Endpoint, text: string, to: string) {
          while (true) yield* Effect.andThen(self.reader.pull, self.send(text, to))
        })
        yield* Effect.forkScoped(answer(ada, "ping", "10.11.0.2:9778"))
        yield* Effect.forkScoped(answer(grace, "pong", "10.11.0.1:9778"))
        yield* ada.send("ping", "10.11.0.2:9778")
        yield* Effect.sleep("1 second")
      })
      const error = yield* Effect.flip(Simulation.run(program, { eventLimit: 10_000 }))

      assert.strictEqual("reason" in error ? error.reason._tag : undefined, "EventLimit")
    }))

  it.effect("it works by TestClock.adjust too", () =>
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "5.3 millis", jitter: "0.7 millis", seed: 1 })
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), member)
      const beacon = ada.send("hello", to).pipe(Effect.repeat(Schedule.spaced("1 second")))
      yield* Effect.forkScoped(beacon, { startImmediately: true })
      yield* TestClock.adjust("5 millis")
      const early = yield* grace.received
      yield* TestClock.adjust("10.5 seconds")
      const times = (yield* lan.frames).map(({ outcomes, time }) => outcomes[1]!.time - time)

      assert.deepStrictEqual(early, [])
      assert.strictEqual((yield* grace.received).length, 11)
      assert.strictEqual(times.length, 11)
      assert.isTrue(times.every((time) => time >= 5300 && time <= 6000 && Number.isInteger(time)))
    }))

  it.effect("under TestClock answers sent while time is adjusted arrive within the adjustment", () =>
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "5 millis" })
      const ada = yield* open(lan.host("ada"), { port: 9778 })
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      const echo = Effect.andThen(grace.reader.pull, grace.send("pong", "10.11.0.1:9778"))
      yield* Effect.forkScoped(Effect.forever(echo), { startImmediately: true })
      yield* ada.send("ping", "10.11.0.2:9778")
      yield* TestClock.adjust("10 millis")

      assert.deepStrictEqual(yield* ada.received, ["pong"])
    }))

  it.effect("without latency too a datagram is delivered after it was sent, not while", () =>
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: 0 })
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      yield* ada.send("hello", "10.11.0.2:9778")
      const [frame] = yield* lan.frames
      yield* TestClock.adjust(0)

      assert.deepStrictEqual(frame?.outcomes, [])
      assert.deepStrictEqual(yield* grace.received, ["hello"])
    }))

  it.live("and in real time", () =>
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "2 millis" })
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      yield* ada.send("hello", "10.11.0.2:9778")
      const [datagram] = yield* grace.reader.pull

      assert.strictEqual(new TextDecoder().decode(datagram.payload), "hello")
    }))
})

describe("chance", () => {
  const conversation = (options: SimulatedNetwork.Options) =>
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make(options)
      for (const name of ["ada", "grace", "edith"]) {
        const endpoint = yield* open(lan.host(name), member)
        const beacon = endpoint.send(name, to).pipe(Effect.repeat(Schedule.spaced("1 second").pipe(Schedule.jittered)))
        yield* Effect.forkScoped(beacon)
      }
      yield* Effect.sleep("1 minute")
      return yield* lan.log
    })
  const lossy = { loss: 0.3, jitter: "2 millis", duplicate: 0.1 } as const

  it.effect("the same seed gives the same log, to the byte", () =>
    Effect.gen(function*() {
      const first = yield* Simulation.run(conversation(lossy), { seed: 7 })
      const second = yield* Simulation.run(conversation(lossy), { seed: 7 })

      assert.isTrue(first.length > 10_000)
      assert.strictEqual(first, second)
    }))

  it.effect("another seed gives another log", () =>
    Effect.gen(function*() {
      const first = yield* Simulation.run(conversation(lossy), { seed: 7 })
      const second = yield* Simulation.run(conversation(lossy), { seed: 8 })

      assert.notStrictEqual(first, second)
    }))

  it.effect("the network's own seed decides over its links alone", () =>
    Effect.gen(function*() {
      const first = yield* Simulation.run(conversation({ ...lossy, seed: 1 }), { seed: 7 })
      const second = yield* Simulation.run(conversation({ ...lossy, seed: 2 }), { seed: 7 })
      const sends = (log: string) => log.split("\n").filter((line) => line.includes(" send "))

      assert.notStrictEqual(first, second)
      assert.deepStrictEqual(sends(first), sends(second))
    }))

  it.effect("loss comes to its probability, and each receiver loses by itself", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ loss: 0.2, seed: 1 })
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { ...member, receiveBuffer: { capacity: 10_000 } })
      const edith = yield* open(lan.host("edith"), { ...member, receiveBuffer: { capacity: 10_000 } })
      for (let i = 0; i < 10_000; i++) yield* ada.send(`${i}`, to)
      yield* Effect.sleep("1 second")
      const [there, elsewhere] = [yield* grace.received, new Set(yield* edith.received)]
      const both = there.filter((text) => elsewhere.has(text))

      assert.closeTo(there.length, 8000, 160)
      assert.closeTo(elsewhere.size, 8000, 160)
      assert.closeTo(both.length, 6400, 200)
    })))

  it.effect("duplicates come to their probability", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ duplicate: 0.5, seed: 1 })
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778, receiveBuffer: { capacity: 10_000 } })
      for (let i = 0; i < 1000; i++) yield* ada.send(`${i}`, "10.11.0.2:9778")
      yield* Effect.sleep("1 second")

      assert.closeTo((yield* grace.received).length, 1500, 50)
    })))

  it.effect("what one pair of hosts says does not change the luck of another", () =>
    Effect.gen(function*() {
      const luck = (chatter: number) =>
        Effect.gen(function*() {
          const lan = yield* SimulatedNetwork.make({ loss: 0.5, seed: 1 })
          const ada = yield* open(lan.host("ada"))
          const grace = yield* open(lan.host("grace"), { port: 9778 })
          const edith = lan.host("edith")
          for (let i = 0; i < 100; i++) {
            yield* ada.send(`${i}`, "10.11.0.2:9778")
            for (let j = 0; j < chatter; j++) yield* ada.send("chatter", `10.11.0.3:${edith.name.length}`)
          }
          yield* Effect.sleep("1 second")
          return yield* grace.received
        })

      assert.deepStrictEqual(yield* Simulation.run(luck(0)), yield* Simulation.run(luck(3)))
    }))

  it.effect("the seed comes from Random where none is given", () =>
    Effect.gen(function*() {
      const seed = Effect.scoped(Effect.map(SimulatedNetwork.make(), (lan) => lan.seed))

      assert.strictEqual(yield* Random.withSeed(seed, 4), yield* Random.withSeed(seed, 4))
      assert.notStrictEqual(yield* Random.withSeed(seed, 4), yield* Random.withSeed(seed, 5))
    }))
})

describe("faults", () => {
  const pair = Effect.fnUntraced(function*(lan: SimulatedNetwork.SimulatedNetwork) {
    const ada = yield* open(lan.host("ada"), member)
    const grace = yield* open(lan.host("grace"), member)
    const say = (text: string) =>
      Effect.all([ada.send(text, "10.11.0.2:9778"), grace.send(text, "10.11.0.1:9778"), Effect.sleep("100 millis")])
    return { ada, grace, say }
  })

  it.effect("a partition lasts as long as its scope", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const { ada, grace, say } = yield* pair(lan)
      yield* Effect.scoped(Effect.andThen(lan.partition([["ada"], ["grace"]]), say("one")))
      yield* say("two")

      assert.deepStrictEqual([yield* ada.received, yield* grace.received], [["two"], ["two"]])
      assert.deepInclude((yield* lan.frames)[0]?.outcomes[0], { reason: "partition", at: "grace/eth0" })
    })))

  it.effect("heal ends it early", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const { grace, say } = yield* pair(lan)
      yield* Effect.scoped(Effect.gen(function*() {
        yield* lan.partition([["ada"], ["grace"]])
        yield* say("one")
        yield* lan.heal
        yield* say("two")
      }))

      assert.deepStrictEqual(yield* grace.received, ["two"])
      assert.notInclude(yield* lan.log, "partition ends")
    })))

  it.effect("hosts of one group, and those in none, still hear each other", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const names = ["ada", "grace", "edith", "rear"]
      const endpoints = yield* Effect.forEach(names, (name) => open(lan.host(name), member))
      yield* lan.partition([["ada", "grace"], ["edith"]])
      for (const [i, name] of names.entries()) yield* endpoints[i]!.send(name, to)
      yield* Effect.sleep("100 millis")
      const heard = yield* Effect.forEach(
        endpoints,
        ({ received }) => Effect.map(received, (texts) => texts.toSorted())
      )

      assert.deepStrictEqual(heard, [
        ["ada", "grace", "rear"],
        ["ada", "grace", "rear"],
        ["edith", "rear"],
        ["ada", "edith", "grace", "rear"]
      ])
    })))

  it.effect("a partition takes what is under way", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 second" })
      const { ada, grace } = yield* pair(lan)
      yield* ada.send("hello", "10.11.0.2:9778")
      yield* Effect.sleep("500 millis")
      yield* lan.partition([["ada"], ["grace"]])
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(yield* grace.received, [])
    })))

  it.effect("a link is set one way or both, and reset", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const { ada, grace, say } = yield* pair(lan)
      const link = lan.link("ada", "grace")
      yield* link.set({ loss: 1 })
      yield* say("one")
      yield* link.setBoth({ loss: 1 })
      yield* say("two")
      yield* link.reset
      yield* say("three")

      assert.deepStrictEqual([yield* ada.received, yield* grace.received], [["one", "three"], ["three"]])
    })))

  it.effect("a link keeps of the network's profile what it does not name", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "7 millis" })
      const { ada } = yield* pair(lan)
      yield* lan.link("ada", "grace").set({ jitter: 0 })
      yield* ada.send("hello", "10.11.0.2:9778")
      yield* Effect.sleep("1 second")

      assert.strictEqual((yield* lan.frames)[0]?.outcomes[0]?.time, 7000)
    })))

  it.effect("setLoss holds for all links", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const { ada, grace, say } = yield* pair(lan)
      yield* lan.setLoss(1)
      yield* say("one")
      yield* lan.setLoss(0)
      yield* say("two")

      assert.deepStrictEqual([yield* ada.received, yield* grace.received], [["two"], ["two"]])
    })))
})

describe("crash", () => {
  it.effect("nothing that finalizers send leaves a crashed host", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const grace = yield* open(lan.host("grace"), member)
      const program = Effect.gen(function*() {
        const ada = yield* open(lan.host("ada"), { port: 9778 })
        yield* Effect.addFinalizer(() => Effect.orDie(ada.send("goodbye", to)))
        yield* ada.send("hello", to)
        return yield* Effect.never
      })
      const fiber = yield* Effect.forkChild(Effect.scoped(program))
      yield* Effect.sleep("1 second")
      yield* lan.host("ada").crash
      yield* Fiber.interrupt(fiber)
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(yield* grace.received, ["hello"])
    })))

  it.effect("its ports and memberships are free for the next start", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const ada = lan.host("ada")
      const before = yield* open(ada, member)
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      yield* ada.crash
      yield* grace.send("nobody", to)
      yield* Effect.sleep("1 second")
      const after = yield* open(ada, member)
      yield* grace.send("hello", to)
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual([yield* before.received, yield* after.received], [[], ["hello"]])
      assert.deepInclude((yield* lan.frames)[0]?.outcomes.at(-1), { at: "ada/eth0", reason: "host-down" })
    })))

  it.effect("a crash on what one socket hears keeps it from the others", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const ada = yield* open(lan.host("ada"))
      for (let i = 0; i < 3; i++) {
        const grace = yield* open(lan.host("grace"), { ...member, reuseAddress: true })
        yield* Effect.forkScoped(Effect.andThen(grace.reader.pull, lan.host("grace").crash))
      }
      yield* Effect.sleep("1 second")
      yield* ada.send("hello", to)
      yield* Effect.sleep("1 second")

      assert.strictEqual((yield* lan.log).match(/grace\/eth0 deliver/g)?.length, 1)
    })))

  it.effect("what ran there before may join, leave, close and open without noticing", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const scope = yield* Scope.make()
      const ada = yield* Scope.provide(open(lan.host("ada"), member), scope)
      yield* lan.host("ada").crash
      const network = yield* Scope.provide(Layer.build(lan.host("grace").layer), scope)
      yield* lan.host("grace").crash
      const log = yield* lan.log
      const socket = yield* Context.get(network, Network.Network).open({ family: "IPv4", bind: { port: 9778 } })
      yield* Scope.provide(socket.reader, scope)
      yield* Effect.flatMap(socket.writer, (writer) => writer.write({ payload: "hello", address: ada.reader.address }))
      yield* Scope.provide(join(ada.reader, "239.2.2.2", lan.host("ada").address), scope)
      yield* ada.send("hello", to)
      yield* Scope.close(scope, Exit.void)

      assert.strictEqual(yield* lan.log, log)
    })))
})

describe("record", () => {
  it.effect("a frame tells what became of it at each receiver", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const ada = yield* open(lan.host("ada"), { port: 9000 })
      yield* open(lan.host("grace"), member)
      lan.host("edith")
      yield* ada.send("hello", to)
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(yield* lan.frames, [{
        seq: 1,
        time: 0,
        from: "ada/eth0",
        source: "10.11.0.1:9000",
        destination: to,
        payload: new TextEncoder().encode("hello"),
        outcomes: [
          { _tag: "Dropped", at: "ada/eth0", time: 0, reason: "not-joined" },
          { _tag: "Delivered", at: "grace/eth0", time: 1000 },
          { _tag: "Dropped", at: "edith/eth0", time: 1000, reason: "not-joined" }
        ]
      }])
    })))

  it.effect("only so many events are kept, and the log says how many are not", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ history: 4 })
      const ada = yield* open(lan.host("ada"), { port: 9000 })
      for (let i = 0; i < 10; i++) yield* ada.send(`${i}`, "10.11.0.1:9000")
      yield* Effect.sleep("1 second")
      const lines = (yield* lan.log).split("\n")

      assert.strictEqual(lines.length, 5)
      assert.strictEqual(lines[0], "17 earlier events forgotten")
      assert.match(lines[4]!, /deliver f10 #1$/)
    })))

  it.effect("a sliding buffer that is full is told by the log", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const receiveBuffer = { capacity: 1, strategy: "sliding" } as const
      const ada = yield* open(lan.host("ada"), { port: 9000, receiveBuffer })
      yield* ada.send("one", "10.11.0.1:9000")
      yield* ada.send("two", "10.11.0.1:9000")
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(yield* ada.received, ["two"])
      assert.match(yield* lan.log, /ada\/eth0 drop #1 buffer its oldest$/)
    })))
})

describe("mistakes", () => {
  it.effect("a host that was never mentioned cannot be partitioned off or linked", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      lan.host("ada")
      const message =
        `there is no host "grce" on the simulated network: it has ada. Hosts come to be with lan.host(name)`

      assert.strictEqual(yield* reasonOf(lan.partition([["ada"], ["grce"]])), message)
      assert.strictEqual(yield* reasonOf(lan.link("ada", "grce").set({ loss: 1 })), message)
      assert.strictEqual(yield* reasonOf(lan.link("grce", "ada").reset), message)
    })))

  it.effect("an interface that the host does not have cannot go down", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()

      assert.strictEqual(
        yield* reasonOf(lan.host("ada").interface("wlan0").down),
        `host "ada" has no interface "wlan0": it has lo, eth0`
      )
    })))

  it.effect("a network has room for so many hosts", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ network: "192.168.1.0/30" })
      lan.host("ada")
      lan.host("grace")

      assert.throws(
        () => lan.host("edith"),
        `no address is left for host "edith": 192.168.1.0/30 has room for 2`
      )
      assert.strictEqual(lan.host("grace").name, "grace")
    })))

  for (
    const [options, message] of [
      [{ loss: 1.1 }, "loss is a probability from 0 to 1, not 1.1"],
      [{ duplicate: NaN }, "duplicate is a probability from 0 to 1, not NaN"],
      [{ latency: Infinity }, "latency is a finite duration from 0, not Infinity"],
      [{ ipv6: "10.0.0.0/8" }, `ipv6 is an IPv6 network such as "fd11::/64", not "10.0.0.0/8"`],
      [{ history: 0 }, "history is a whole number of events above 0, not 0"],
      [{ network: "10.11.0.1/24" }, `network is an IPv4 network such as "10.11.0.0/24", not "10.11.0.1/24"`]
    ] as const
  ) {
    it.effect(`it cannot be made where ${message}`, () =>
      Effect.gen(function*() {
        const exit = yield* Effect.exit(SimulatedNetwork.make(options))

        assert.isTrue(Exit.isFailure(exit) && String(exit.cause).includes(message))
      }))
  }
})
