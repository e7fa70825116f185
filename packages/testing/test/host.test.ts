import { Network } from "@effect-discovery/core"
import { type SimulatedHost, SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, Data, type Duration, Effect, Exit, Random, Result, Schedule, type Scope } from "effect"
import { NetAddress } from "effect/net"
import { TestClock } from "effect/testing"
import { open } from "./endpoint.ts"

const wall = Effect.map(Clock.currentTimeMillis, (now) => now / 1000)
const monotonic = Effect.map(Clock.monotonicTimeNanos, (now) => Number(now) / 1e9)

/** Notes the clocks of a host, once a second of its own. */
const ticking = <A>(ticks: Array<A>, clock: Effect.Effect<A>) =>
  Effect.repeat(Effect.map(clock, (now) => ticks.push(now)), Schedule.spaced("1 second"))

const both = <A, E>(
  name: string,
  body: (pass: (duration: Duration.Input) => Effect.Effect<void>) => Effect.Effect<A, E, Scope.Scope>
) => {
  it.effect(`${name} (own driver)`, () => Simulation.run(body(Effect.sleep), { seed: 5 }))
  it.effect(`${name} (TestClock)`, () => body(TestClock.adjust))
}

const ada = (options: SimulatedNetwork.Options = {}) =>
  Effect.map(SimulatedNetwork.make({ seed: 3, ...options }), (lan) => lan.host("ada"))

describe("run", () => {
  both("gives a program the network of its host, and its name in the logs", () =>
    Effect.gen(function*() {
      const host = yield* ada()
      const socket = yield* host.run(Effect.gen(function*() {
        const network = yield* Network.Network
        return yield* network.open({ family: "IPv4", bind: { port: 9000 } })
      }))
      const reader = yield* socket.reader

      assert.strictEqual(reader.address.port, 9000)
    }))

  both(
    "gives it randomness of its own: the same for the same seed and name, whatever others draw",
    () =>
      Effect.gen(function*() {
        const draw = (others: number) =>
          Effect.gen(function*() {
            const lan = yield* SimulatedNetwork.make({ seed: 3 })
            for (let i = 0; i < others; i++) yield* lan.host("bob").run(Random.next)
            return yield* lan.host("ada").run(Effect.all([Random.next, Random.next, Random.nextInt]))
          })
        const drawn = yield* draw(0)

        assert.deepStrictEqual(yield* draw(5), drawn)
        assert.strictEqual(new Set(drawn).size, 3)
        assert.isTrue(drawn.every((value) => Number.isFinite(value)))
      })
  )
})

const port = 9000

/** A program that says goodbye when it ends. */
const polite = (log: Array<string>, to: SimulatedNetwork.SimulatedNetwork, peer: string) =>
  Effect.gen(function*() {
    const network = yield* Network.Network
    const socket = yield* network.open({ family: "IPv4", bind: { port } })
    yield* socket.reader
    const writer = yield* socket.writer
    const address = NetAddress.inetAddressUnsafe(to.host(peer).address, port)
    const say = (payload: string) => Effect.orDie(writer.write({ payload, address }))
    yield* say("hello")
    log.push("up")
    yield* Effect.addFinalizer(() => Effect.andThen(say("goodbye"), Effect.sync(() => log.push("down"))))
    return yield* Effect.never
  })

describe("start, stop, crash and restart", () => {
  const hosts = Effect.gen(function*() {
    const lan = yield* SimulatedNetwork.make({ seed: 3 })
    const log: Array<string> = []
    const bob = yield* open(lan.host("bob"), { port })
    const ada = lan.host("ada")
    yield* ada.start(polite(log, lan, "bob"))
    return { ada, bob, lan, log }
  })

  both("stop waits for the finalizers, and what they send arrives", (pass) =>
    Effect.gen(function*() {
      const { ada, bob, log } = yield* hosts
      yield* ada.stop
      yield* pass("1 second")

      assert.deepStrictEqual(log, ["up", "down"])
      assert.deepStrictEqual(yield* bob.received, ["hello", "goodbye"])
    }))

  both("after a crash the finalizers run, and nothing they send leaves", (pass) =>
    Effect.gen(function*() {
      const { ada, bob, log } = yield* hosts
      yield* ada.crash
      yield* pass("1 second")

      assert.deepStrictEqual(log, ["up", "down"])
      assert.deepStrictEqual(yield* bob.received, ["hello"])
    }))

  both(
    "a host that crashed is off until something is started on it: it refuses nothing and hears nothing",
    (pass) =>
      Effect.gen(function*() {
        const { ada, bob, lan } = yield* hosts
        const address = `10.11.0.2:${port}`
        yield* ada.crash
        yield* bob.send("anybody?", address)
        yield* pass("1 second")
        yield* ada.restart
        yield* bob.send("and now?", address)
        yield* pass("1 second")

        const told = (yield* lan.frames).filter(({ from }) => from === "bob/eth0").map(({ outcomes }) => outcomes[0])
        assert.deepInclude(told[0], { _tag: "Dropped", reason: "host-down" })
        assert.deepInclude(told[1], { _tag: "Delivered" })
      })
  )

  both(
    "restart boots what was started: after a stop, and in place of what still runs",
    (pass) =>
      Effect.gen(function*() {
        const { ada, bob, log } = yield* hosts
        yield* ada.stop
        yield* ada.restart
        yield* ada.restart
        yield* pass("1 second")

        assert.deepStrictEqual(log, ["up", "down", "up", "down", "up"])
        assert.deepStrictEqual(yield* bob.received, ["hello", "goodbye", "hello", "hello"])
      })
  )

  it.effect("programs end with the network, and say goodbye", () =>
    Effect.gen(function*() {
      const log: Array<string> = []
      yield* Simulation.run(
        Effect.flatMap(SimulatedNetwork.make(), (lan) => lan.host("ada").start(polite(log, lan, "bob")))
      )

      assert.deepStrictEqual(log, ["up", "down"])
    }))

  const failing = (
    program: Effect.Effect<unknown, unknown, Network.Network | Scope.Scope>,
    what: (lan: SimulatedNetwork.SimulatedNetwork) => Effect.Effect<unknown>
  ) =>
    Simulation.observe(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make()
        yield* lan.host("ada").start(program)
        yield* Effect.sleep("2 seconds")
        return yield* what(lan)
      }),
      { seed: 7 }
    )

  it.effect("a program that fails leaves a note, and is reported", () =>
    Effect.gen(function*() {
      const { exit, failures } = yield* failing(
        Effect.andThen(Effect.sleep("1 second"), Effect.fail("no more")),
        (lan) => lan.log
      )

      assert.isTrue(Exit.isSuccess(exit) && String(exit.value).includes("1.000000 ada host program failed: no more"))
      assert.deepStrictEqual(failures.map(({ elapsedMillis, host, seed, why }) => [seed, elapsedMillis, host, why]), [
        [7, 1_000, "ada", "no more"]
      ])
    }))

  class Silent extends Data.TaggedError("Silent")<{}> {}

  const privileged = Effect.gen(function*() {
    const network = yield* Network.Network
    const socket = yield* network.open({ family: "IPv4", bind: { port: 80 } })
    return yield* socket.reader
  })

  it.effect.each(
    [
      ["data", Effect.fail({ code: 5 }), `{"code":5}`],
      ["an error without a message", new Silent(), "Silent"],
      ["that of a socket", privileged, "bind EACCES 0.0.0.0:80"]
    ] as const
  )("whatever it failed with is told in words: %s", ([, program, why]) =>
    Effect.gen(function*() {
      const { failures } = yield* failing(program, () => Effect.void)

      assert.deepStrictEqual(failures.map(({ why }) => why), [why])
    }))

  it.effect("one that is stopped or crashes with its host has not failed", () =>
    Effect.gen(function*() {
      const dying = Effect.ensuring(Effect.never, Effect.die("torn down"))
      for (const end of ["stop", "crash"] as const) {
        const { failures } = yield* failing(dying, (lan) => lan.host("ada")[end])

        assert.deepStrictEqual(failures, [])
      }
    }))

  it.effect("a simulation fails when a program of a host has failed, whether or not the test has", () =>
    Effect.gen(function*() {
      const run = (end: Effect.Effect<void, string>) =>
        Effect.exit(Simulation.run(Effect.gen(function*() {
          const lan = yield* SimulatedNetwork.make()
          yield* lan.host("ada").start(Effect.die(new Error("no more.")))
          return yield* end
        })))
      const [alone, both] = [yield* run(Effect.void), yield* run(Effect.fail("nobody came"))]

      const reasons = (exit: Exit.Exit<void, unknown>) =>
        Exit.isFailure(exit)
          ? exit.cause.reasons.map((reason) => Cause.isFailReason(reason) ? String(reason.error) : "")
          : []
      const failed =
        "effect-discovery/SimulationError: a program of ada failed at 0 s of virtual time (seed 0): no more. " +
        "Where that is as it should be, catch it in the program"
      assert.deepStrictEqual(reasons(alone), [failed])
      assert.deepStrictEqual(reasons(both), ["nobody came", failed])
    }))

  const slowly = (log: Array<string>) =>
    Effect.ensuring(Effect.never, Effect.andThen(Effect.sleep("1 second"), Effect.sync(() => log.push("gone"))))

  it.effect("a second stop waits as the first one does", () =>
    Simulation.run(Effect.gen(function*() {
      const host = yield* ada()
      const log: Array<string> = []
      yield* host.start(slowly(log))
      yield* Effect.forkChild(host.stop, { startImmediately: true })
      yield* Effect.sleep("10 millis")
      yield* host.stop

      assert.deepStrictEqual(log, ["gone"])
    })))

  it.effect("the network waits for those who are being stopped", () =>
    Simulation.run(Effect.gen(function*() {
      const log: Array<string> = []
      yield* Effect.scoped(Effect.gen(function*() {
        const host = yield* ada()
        yield* host.start(slowly(log))
        yield* Effect.forkDetach(host.stop, { startImmediately: true })
      }))

      assert.deepStrictEqual(log, ["gone"])
    })))

  both("a program may restart its own host, or crash it before it first waits", (pass) =>
    Effect.gen(function*() {
      const host = yield* ada()
      let boots = 0
      let crashes = 0
      yield* host.start(Effect.gen(function*() {
        boots++
        yield* Effect.sleep("1 second")
        if (boots < 3) yield* host.restart
        return yield* Effect.never
      }))
      yield* pass("10 seconds")
      assert.strictEqual(boots, 3)
      yield* host.start(
        Effect.andThen(host.crash, Effect.onInterrupt(Effect.never, () => Effect.sync(() => crashes++)))
      )
      yield* pass("1 second")
      assert.strictEqual(crashes, 1)
    }))

  // restarts its host in the end of its first life
  const stubborn = (host: SimulatedHost.SimulatedHost, lives: Set<number>, isStubborn = true) => {
    let count = 0
    return Effect.gen(function*() {
      const life = ++count
      lives.add(life)
      yield* Effect.addFinalizer(() => {
        lives.delete(life)
        return life === 1 && isStubborn ? host.restart : Effect.void
      })
      return yield* Effect.never
    })
  }

  for (const end of ["crash", "restart", "stop"] as const) {
    both(`a finalizer that restarts its host gives each program one life: ${end}`, (pass) =>
      Effect.gen(function*() {
        const host = yield* ada()
        const [first, second] = [new Set<number>(), new Set<number>()]
        yield* host.start(stubborn(host, first))
        yield* host.start(stubborn(host, second, false))
        yield* host[end]
        yield* pass("1 second")

        assert.deepStrictEqual([first.size, second.size], [1, 1])
      }))
  }

  it.effect("nothing is started any more when the network has ended", () =>
    Effect.gen(function*() {
      const lives = new Set<number>()
      yield* Effect.scoped(Effect.flatMap(ada(), (host) => host.start(stubborn(host, lives))))

      assert.strictEqual(lives.size, 0)
    }))

  it.effect("a host that is used after a crash is on again, and the journal says so", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const host = lan.host("ada")
      yield* host.crash
      yield* host.pause("1 hour")
      yield* host.run(Effect.void)
      yield* host.crash
      yield* host.start(Effect.never)

      assert.deepStrictEqual(
        (yield* lan.journal).events.map(({ text }) => text),
        ["crash", "pause gc 1h", "boot", "resume", "crash", "boot", "start"]
      )
    })))
})

describe("clock", () => {
  both(
    "skew sets the wall clock ahead of the network's, jump moves it; what is monotonic and who sleeps are untouched",
    (pass) =>
      Effect.gen(function*() {
        const host = yield* ada()
        const ticks: Array<readonly [number, number]> = []
        yield* host.start(ticking(ticks, Effect.all([wall, monotonic])))
        yield* host.clock.skew("1 hour")
        yield* pass("1 second")
        yield* host.clock.jump(-500)
        yield* pass("1 second")
        yield* host.clock.skew("-2 seconds")
        yield* pass("1 second")

        assert.deepStrictEqual(ticks, [[0, 0], [3601, 1], [3601.5, 2], [1, 3]])
      })
  )

  both(
    "a clock that drifts is fast or slow, and so are its sleeps, those under way too",
    (pass) =>
      Effect.gen(function*() {
        const host = yield* ada()
        const woken: Array<readonly [here: number, there: number]> = []
        const there = yield* monotonic
        const outside = yield* Clock.clockWith(Effect.succeed)
        const network = () => Number(outside.monotonicTimeNanosUnsafe()) / 1e9 - there
        yield* host.start(Effect.forever(Effect.andThen(
          Effect.sleep("10 seconds"),
          Effect.map(monotonic, (here) => woken.push([here, network()]))
        )))
        yield* host.clock.drift(250_000)
        yield* pass("20 seconds")
        yield* host.clock.drift(-500_000)
        yield* pass("20 seconds")

        assert.deepStrictEqual(woken, [[10, 8], [20, 16], [30, 30]])
      })
  )

  it.effect("a drift or a skew that means nothing is an error that says what was expected", () =>
    Simulation.run(Effect.gen(function*() {
      const { clock } = yield* ada()
      const message = (effect: Effect.Effect<void, { readonly message: string }>) =>
        Effect.map(Effect.result(effect), (result) => Result.isFailure(result) ? result.failure.message : "")

      assert.strictEqual(
        yield* message(clock.drift(-1_000_000)),
        "drift is a number of millionths from -500000 to 500000, not -1000000"
      )
      assert.strictEqual(yield* message(clock.skew(Infinity)), "skew is a finite duration, not Infinity")
    })))

  it.effect("laws: what is monotonic never goes back, nobody wakes early, nobody more than one microsecond late", () =>
    Effect.forEach(
      Array.from({ length: 60 }, (_, seed) => seed),
      (seed) =>
        Simulation.run(
          Effect.gen(function*() {
            const host = yield* ada()
            let last = 0n
            const look = Effect.map(Clock.monotonicTimeNanos, (now) => {
              assert.isTrue(now >= last, `${now} < ${last}`)
              last = now
              return now
            })
            const nap = Effect.gen(function*() {
              const before = yield* look
              const micros = yield* Random.nextIntBetween(1, 500_000)
              yield* Effect.sleep(micros / 1000)
              const slept = (yield* look) - before
              assert.isTrue(slept >= BigInt(micros) * 1000n, `slept ${slept} of ${micros}`)
            })
            for (let i = 0; i < 3; i++) yield* host.start(Effect.forever(nap))
            for (let i = 0; i < 30; i++) {
              yield* Effect.sleep(yield* Random.nextIntBetween(1, 300))
              const kind = yield* Random.nextIntBetween(0, 4)
              if (kind === 0) yield* host.clock.drift(yield* Random.nextIntBetween(-500_000, 500_000))
              if (kind === 1) yield* host.clock.jump(yield* Random.nextIntBetween(-5000, 5000))
              if (kind === 2) yield* host.pause(yield* Random.nextIntBetween(1, 400), "sleep")
              if (kind === 3) yield* host.pause(yield* Random.nextIntBetween(1, 400), "gc")
              yield* host.run(look)
            }
          }),
          { seed }
        ),
      { discard: true }
    ))
})

describe("pause", () => {
  const paused = (mode: "gc" | "sleep", pass: (duration: Duration.Input) => Effect.Effect<void>) =>
    Effect.gen(function*() {
      const host = yield* ada()
      const ticks: Array<readonly [number, number]> = []
      yield* host.start(ticking(ticks, Effect.all([wall, monotonic])))
      yield* pass("1500 millis")
      yield* host.pause("2 seconds", mode)
      yield* pass("1999 millis")
      assert.strictEqual(ticks.length, 2)
      yield* pass("2 seconds")
      return ticks
    })

  both(
    "gc: no timer fires meanwhile, the clocks go on, and who is late wakes at its end",
    (pass) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* paused("gc", pass), [[0, 0], [1, 1], [3.5, 3.5], [4.5, 4.5]])
      })
  )

  both(
    "sleep: the monotonic clock stands still, the wall clock has jumped, and timers are late by the pause",
    (pass) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* paused("sleep", pass), [[0, 0], [1, 1], [4, 2], [5, 3]])
      })
  )

  both(
    "datagrams stay in the buffers and come in one burst, after those who are late have woken",
    (pass) =>
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ seed: 3 })
        const bob = yield* open(lan.host("bob"))
        const log: Array<string> = []
        const note = (text: string) => Effect.map(monotonic, (now) => log.push(`${now} ${text}`))
        yield* lan.host("ada").start(Effect.gen(function*() {
          const socket = yield* Network.Network.use((network) => network.open({ family: "IPv4", bind: { port } }))
          const reader = yield* socket.reader
          yield* Effect.forkChild(Effect.andThen(Effect.sleep("1 second"), note("timer")))
          return yield* Effect.forever(Effect.flatMap(reader.pull, (batch) =>
            Effect.forEach(batch, ({ payload }) =>
              note(new TextDecoder().decode(payload)))))
        }))
        const address = `10.11.0.2:${port}`
        yield* bob.send("before", address)
        yield* pass("500 millis")
        yield* lan.host("ada").pause("2 seconds")
        for (const text of ["one", "two", "three"]) {
          yield* bob.send(text, address)
          yield* pass("100 millis")
        }
        assert.strictEqual(log.length, 1)
        yield* pass("2 seconds")
        yield* bob.send("after", address)
        yield* pass("1 second")

        assert.deepStrictEqual(log, ["0.001 before", "2.5 timer", "2.5 one", "2.5 two", "2.5 three", "2.801 after"])
      })
  )

  both("what does not fit into the buffers meanwhile is lost, the newest first", (pass) =>
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 3 })
      const bob = yield* open(lan.host("bob"))
      const ada = yield* open(lan.host("ada"), { port })
      yield* lan.host("ada").pause("10 seconds")
      for (let i = 0; i < 300; i++) yield* bob.send(String(i), `10.11.0.2:${port}`)
      yield* pass("11 seconds")
      const received = yield* ada.received

      assert.strictEqual(received.length, 256) // rule 42
      assert.strictEqual(received.at(-1), "255")
      assert.include(yield* lan.log, "drop f300 buffer")
    }))

  both("a second pause prolongs the first, and a crash ends it", (pass) =>
    Effect.gen(function*() {
      const host = yield* ada()
      const ticks: Array<number> = []
      yield* host.start(ticking(ticks, monotonic))
      yield* pass("500 millis")
      yield* host.pause("5 seconds")
      yield* host.pause("1 second")
      yield* pass("3 seconds")
      assert.deepStrictEqual(ticks, [0])
      yield* host.pause("5 seconds")
      yield* pass("4 seconds")
      assert.deepStrictEqual(ticks, [0])
      yield* host.restart
      yield* pass("1500 millis")

      assert.deepStrictEqual(ticks, [0, 7.5, 8.5])
    }))

  both("stop waits until the host goes on", (pass) =>
    Effect.gen(function*() {
      const host = yield* ada()
      let stopped = -1
      yield* host.start(Effect.never)
      yield* host.pause("3 seconds")
      yield* Effect.forkChild(
        Effect.andThen(
          host.stop,
          Effect.map(monotonic, (now) => {
            stopped = now
          })
        ),
        { startImmediately: true }
      )
      yield* pass("4 seconds")

      assert.strictEqual(stopped, 3)
    }))
})
