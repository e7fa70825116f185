import { SimulatedNetwork, Simulation, SimulationError } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, Context, Deferred, Duration, Effect, Exit, Fiber, Random, Schedule } from "effect"
import { TestClock } from "effect/testing"
import { scrypt } from "node:crypto"
import * as VirtualTimer from "../src/internal/VirtualTimer.ts"
import { open } from "./endpoint.ts"

const reasonOf = <A, E>(exit: Exit.Exit<A, E | SimulationError.SimulationError>) => {
  const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
  return error instanceof SimulationError.SimulationError ? error.reason : undefined
}

describe("run", () => {
  it.effect("sleeps, clocks, timeouts and schedules are virtual", () =>
    Effect.gen(function*() {
      const times = yield* Simulation.run(Effect.gen(function*() {
        const times: Array<number> = []
        yield* Effect.map(Clock.currentTimeMillis, (now) => times.push(now)).pipe(
          Effect.repeat(Schedule.spaced("10 minutes")),
          Effect.timeoutOption("25 minutes")
        )
        return [...times, yield* Clock.currentTimeMillis, Number(yield* Clock.monotonicTimeNanos) / 1e6]
      }))

      assert.deepStrictEqual(times, [0, 600_000, 1_200_000, 1_500_000, 1_500_000])
    }))

  it("needs no test clock around it", async () => {
    const now = await Effect.runPromise(Simulation.run(Effect.andThen(Effect.sleep("1 hour"), Clock.currentTimeMillis)))

    assert.strictEqual(now, 3_600_000)
  })

  it.effect("the same seed draws the same, another draws differently", () =>
    Effect.gen(function*() {
      const draw = (seed: number) => Simulation.run(Random.next, { seed })

      assert.strictEqual(yield* draw(7), yield* draw(7))
      assert.notStrictEqual(yield* draw(7), yield* draw(8))
    }))

  it.effect("the wall clock starts where it is told to, the monotonic one at zero", () =>
    Effect.gen(function*() {
      const clocks = Effect.all([Clock.currentTimeMillis, Clock.monotonicTimeNanos])

      assert.deepStrictEqual(yield* Simulation.run(clocks, { start: 1_000_000 }), [1_000_000, 0n])
    }))

  it.effect("fails with the program's error, and dies with its defect", () =>
    Effect.gen(function*() {
      const failed = yield* Effect.exit(Simulation.run(Effect.fail("no")))
      const died = yield* Effect.exit(Simulation.run(Effect.die("broken")))

      assert.deepStrictEqual(failed, Exit.fail("no"))
      assert.deepStrictEqual(died, Exit.die("broken"))
    }))

  it.effect("finalizers may sleep: the scope closes inside", () =>
    Effect.gen(function*() {
      let closedAt = -1
      const finalizer = Effect.map(Effect.andThen(Effect.sleep("2 seconds"), Clock.currentTimeMillis), (now) => {
        closedAt = now
      })
      yield* Simulation.run(Effect.andThen(Effect.addFinalizer(() => finalizer), Effect.sleep("1 second")))

      assert.strictEqual(closedAt, 3000)
    }))

  it.effect("nobody wakes early, and time goes on by the smallest sleep", () =>
    Effect.gen(function*() {
      const after = (sleep: Duration.Input) =>
        Simulation.run(Effect.andThen(Effect.sleep(sleep), Effect.map(Clock.monotonicTimeNanos, Number)))

      assert.strictEqual(yield* after(5.3), 5_300_000)
      assert.strictEqual(yield* after(5.3004), 5_301_000)
      assert.strictEqual(yield* after(Duration.nanos(1n)), 1000)
    }))

  it.effect("passes services through, and is nested like any effect", () =>
    Effect.gen(function*() {
      class Name extends Context.Service<Name, string>()("Name") {}
      const inner = Effect.andThen(Effect.sleep("1 hour"), Effect.all([Name, Clock.currentTimeMillis]))
      const program = Effect.all([Simulation.run(inner), Clock.currentTimeMillis])

      assert.deepStrictEqual(yield* Effect.provideService(Simulation.run(program), Name, "ada"), [
        ["ada", 3_600_000],
        0
      ])
    }))

  it.effect("sleepers of one instant wake in the order they fell asleep", () =>
    Effect.gen(function*() {
      const order: Array<number> = []
      yield* Simulation.run(
        Effect.forEach([3, 1, 2], (n) => Effect.andThen(Effect.sleep("1 second"), Effect.sync(() => order.push(n))), {
          concurrency: "unbounded"
        })
      )

      assert.deepStrictEqual(order, [3, 1, 2])
    }))

  it.effect("interrupting it interrupts the program and runs its finalizers", () =>
    Effect.gen(function*() {
      const events: Array<string> = []
      const goodbye = Effect.andThen(Effect.sleep("1 second"), Effect.sync(() => events.push("goodbye")))
      const started = yield* Deferred.make<void>()
      const program = Effect.andThen(Deferred.succeed(started, undefined), Effect.forever(Effect.sleep("1 milli")))
      const fiber = yield* Effect.forkChild(
        Simulation.run(Effect.ensuring(program, goodbye), { eventLimit: Infinity, duration: Infinity })
      )
      yield* Deferred.await(started)
      yield* Fiber.interrupt(fiber)

      assert.deepStrictEqual(events, ["goodbye"])
    }))

  it.effect("every sleeper wakes at its time, whoever is interrupted meanwhile", () =>
    Effect.gen(function*() {
      const late: Array<number> = []
      let woken = 0
      const nap = Effect.gen(function*() {
        const until = yield* Random.nextIntBetween(2, 10_000)
        yield* Effect.sleep(until)
        woken++
        if ((yield* Clock.currentTimeMillis) !== until) late.push(until)
      })
      yield* Simulation.run(Effect.gen(function*() {
        const fibers = yield* Effect.replicateEffect(Effect.forkChild(nap), 2000)
        yield* Effect.sleep(1)
        yield* Fiber.interruptAll(fibers.filter((_, i) => i % 3 === 0))
        yield* Effect.sleep("10 seconds")
      }))

      assert.deepStrictEqual([woken, late], [1333, []])
    }))

  it.effect("fibers that yield with a lower priority go on later", () =>
    Effect.gen(function*() {
      const order: Array<string> = []
      const yielding = (name: string, priority: number) =>
        Effect.andThen(Effect.yieldNowWith(priority), Effect.sync(() => order.push(name)))
      yield* Simulation.run(
        Effect.all([yielding("late", 10), yielding("soon", 0)], { concurrency: "unbounded" })
      )

      assert.deepStrictEqual(order, ["soon", "late"])
    }))

  it.effect("an hour of ten busy fibers is no long wait", () =>
    Effect.gen(function*() {
      let ticks = 0
      const tick = Effect.repeat(Effect.sync(() => ticks++), Schedule.spaced("1 second"))
      yield* Simulation.run(
        Effect.all(Array.from({ length: 10 }, () => tick), { concurrency: "unbounded" }).pipe(
          Effect.timeoutOption(Duration.minutes(59))
        )
      )

      assert.strictEqual(ticks, 10 * 59 * 60)
    }))
})

describe("limits", () => {
  it.effect("a program that never ends reaches its time limit, and the error says who sleeps", () =>
    Effect.gen(function*() {
      let released = false
      const announce = Effect.forever(Effect.sleep("40 seconds")).pipe(
        Effect.withSpan("announce"),
        Effect.ensuring(Effect.sync(() => {
          released = true
        }))
      )
      const reason = reasonOf(yield* Effect.exit(Simulation.run(announce, { seed: 7, duration: "1 minute" })))

      assert.strictEqual(
        reason?.message,
        "the program had not ended after 60 s of virtual time (seed 7). " +
          "Waiting: fiber 1 in announce until 80.000000 s. Raise `duration`, or look for what never happens"
      )
      assert.isTrue(released)
    }))

  it.effect("a loop that never sleeps reaches the event limit", () =>
    Effect.gen(function*() {
      const spin = Effect.forever(Effect.yieldNow)
      const reason = reasonOf(yield* Effect.exit(Simulation.run(spin, { eventLimit: 10_000 })))

      assert.strictEqual(reason?._tag, "EventLimit")
    }))

  it.effect("waiting for what cannot happen is a deadlock, reported with the time and the seed", () =>
    Effect.gen(function*() {
      const wait = Effect.andThen(Effect.sleep("3 seconds"), Effect.withSpan(Effect.never, "wait"))
      const reason = reasonOf(yield* Effect.exit(Simulation.run(wait, { seed: 9 })))

      assert.strictEqual(
        reason?.message,
        "nothing can happen any more at 3 s of virtual time (seed 9): no fiber is runnable and none sleeps. " +
          "Waiting: fiber 1 in wait. " +
          "Look for what should have woken them; a promise that takes long needs `TestClock.withLive` around it"
      )
    }))

  it.effect("a timeout that was not needed keeps nothing alive", () =>
    Effect.gen(function*() {
      const program = Effect.andThen(Effect.timeout(Effect.sleep("1 second"), "50 minutes"), Effect.never)
      const reason = reasonOf(yield* Effect.exit(Simulation.run(program)))

      assert.deepInclude(reason, { _tag: "Deadlock", elapsedMillis: 1000 })
    }))

  it.effect("a deadlock names all who wait, with their hosts and until when", () =>
    Effect.gen(function*() {
      const program = Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make()
        yield* lan.host("ada").start(Effect.withSpan(Effect.never, "stand by"))
        const { reader } = yield* open(lan.host("bob"), { port: 9000 })
        yield* Effect.forkChild(Effect.withSpan(reader.pull, "listen"))
        yield* Effect.forEach(Array.from({ length: 30 }), () => Effect.forkChild(Effect.never))
        yield* lan.mark("all wait")
        return yield* Effect.never
      })
      const reason = reasonOf(yield* Effect.exit(Simulation.run(program)))

      assert.strictEqual(reason?._tag, "Deadlock")
      if (reason?._tag !== "Deadlock") return
      assert.strictEqual(reason.waiting.length, 33)
      assert.include(reason.waiting, "fiber 2 of ada in stand by")
      assert.isTrue(
        reason.waiting.some((text) => /^fiber \d+ in listen for a datagram at 0.0.0.0:9000 of bob$/.test(text))
      )
      assert.deepStrictEqual(reason.lastEvents.at(-1), "0.000000 - mark all wait")
      assert.match(reason.message, /, 13 more\. .*\. The network's last events:\n/)
    }))

  it.effect("a host that stands still is named with the others", () =>
    Effect.gen(function*() {
      const program = Effect.gen(function*() {
        const host = (yield* SimulatedNetwork.make()).host("ada")
        yield* host.pause("2 hours")
        yield* host.stop
      })
      const reason = reasonOf(yield* Effect.exit(Simulation.run(program)))

      assert.include(reason!.message, "Waiting: ada, which stands still, until 7200.000000 s, fiber 1")
    }))

  it.effect("a defect in what the network does at its time ends the run, after its finalizers", () =>
    Effect.gen(function*() {
      let isClosed = false
      const program = Effect.gen(function*() {
        const clock = yield* Clock.Clock
        assert.isTrue(VirtualTimer.isVirtualTimer(clock))
        if (VirtualTimer.isVirtualTimer(clock)) {
          clock[VirtualTimer.TypeId].at(1000, {
            wake: () => {
              throw new Error("broken")
            }
          })
        }
        return yield* Effect.never
      })
      const closing = Effect.sync(() => {
        isClosed = true
      })
      const report = yield* Simulation.observe(Effect.ensuring(program, closing))

      assert.deepStrictEqual(report.exit, Exit.die(new Error("broken")))
      assert.isTrue(isClosed)
    }))

  it.effect("finalizers run after a deadlock too", () =>
    Effect.gen(function*() {
      let at = -1
      const finalizer = Effect.map(Effect.andThen(Effect.sleep("1 second"), Clock.currentTimeMillis), (now) => {
        at = now
      })
      yield* Effect.exit(Simulation.run(Effect.ensuring(Effect.never, finalizer)))

      assert.strictEqual(at, 1000)
    }))
})

describe("real asynchrony", () => {
  const digest = Effect.promise(() => crypto.subtle.digest("SHA-256", new Uint8Array(8)))

  it.effect("a promise takes no virtual time, and the report says the run was moved from outside", () =>
    Effect.gen(function*() {
      const program = Effect.andThen(digest, Clock.currentTimeMillis).pipe(
        Effect.race(Effect.as(Effect.sleep("1 second"), -1))
      )
      const report = yield* Simulation.observe(program, { realTurns: 50_000 })

      assert.deepStrictEqual(report.exit, Exit.succeed(0))
      assert.isFalse(report.wasDeterministic)
    }))

  it.effect("a run without it is deterministic", () =>
    Effect.gen(function*() {
      const report = yield* Simulation.observe(Effect.sleep("90 seconds"), { seed: 3 })

      assert.isTrue(report.wasDeterministic)
      assert.deepStrictEqual(report.elapsed, Duration.millis(90_000))
      assert.strictEqual(report.seed, 3)
    }))

  it.effect("the report says who was moved from outside, and where", () =>
    Effect.gen(function*() {
      const hashed = Effect.fn("hashed")(function*() {
        yield* digest
      })
      const { outside } = yield* Simulation.observe(
        Effect.andThen(Effect.sleep("2 seconds"), Effect.withSpan(hashed(), "announce")),
        { realTurns: 50_000 }
      )

      assert.strictEqual(outside.length, 1)
      assert.deepInclude(outside[0], { elapsedMillis: 2000, fiber: "fiber 1 in hashed" })
      assert.deepStrictEqual(outside[0]?.spans, ["hashed", "announce"])
      assert.isTrue(outside[0]?.stack.some((line) => line.includes("Simulation.test.ts")), outside[0]?.stack.join("\n"))
    }))

  it.effect("a callback of the system's has a stack that leads to it", () =>
    Effect.gen(function*() {
      const tick = Effect.callback<void>((resume) => {
        setImmediate(function ofTheSystem() {
          resume(Effect.void)
        })
      })
      const { outside } = yield* Simulation.observe(tick, { realTurns: 50_000 })

      assert.match(outside[0]?.stack.join("\n") ?? "", /ofTheSystem/)
    }))

  it.effect("it ends the run where the run is to fail then, after its finalizers", () =>
    Effect.gen(function*() {
      let isReleased = false
      const program = Effect.andThen(Effect.withSpan(digest, "sign"), Effect.never).pipe(
        Effect.ensuring(Effect.andThen(
          Effect.sleep("1 second"),
          Effect.sync(() => {
            isReleased = true
          })
        ))
      )
      const reason = reasonOf(
        yield* Effect.exit(Simulation.run(program, { outside: "fail", seed: 4, realTurns: 50_000 }))
      )

      assert.strictEqual(reason?._tag, "OutsideInput")
      assert.include(
        reason?.message,
        "non-deterministic input at 0 s of virtual time (seed 4): fiber 1 in sign was moved by"
      )
      assert.isTrue(isReleased)
    }))

  it.effect("it fails a run that has ended by it, too", () =>
    Effect.gen(function*() {
      const reason = reasonOf(yield* Effect.exit(Simulation.run(digest, { outside: "fail" })))

      assert.strictEqual(reason?._tag, "OutsideInput")
    }))

  it.effect("what never answers ends in a deadlock that says who waits for it", () =>
    Effect.gen(function*() {
      const program = Effect.withSpan(TestClock.withLive(Effect.never), "ask")
      const promised = Effect.withSpan(Effect.promise(() => new Promise<void>(() => {})), "hope")
      const live = reasonOf(yield* Effect.exit(Simulation.run(program, { realTime: "20 millis" })))
      const real = reasonOf(yield* Effect.exit(Simulation.run(promised)))

      assert.deepInclude(live, { _tag: "Deadlock", waiting: ["fiber 1 in ask for the real clock"] })
      assert.match(live!.message, /^what runs in `TestClock.withLive` had not ended after 0.02 s of real time, at 0 s/)
      assert.deepInclude(real, { _tag: "Deadlock", waiting: ["fiber 1 in hope"] })
    }))

  it.effect("virtual time stands still for withLive", () =>
    Effect.gen(function*() {
      const program = Effect.gen(function*() {
        yield* Effect.forkChild(Effect.forever(Effect.sleep("1 second")), { startImmediately: true })
        // work on a thread of its own, for longer than the event loop is given turns otherwise
        yield* TestClock.withLive(Effect.callback<void>((resume) => scrypt("", "", 64, () => resume(Effect.void))))
        return yield* Clock.currentTimeMillis
      })

      assert.strictEqual(yield* Simulation.run(program), 0)
    }))
})

describe("TestClock inside", () => {
  it.effect("adjust returns after all that happens in its span", () =>
    Effect.gen(function*() {
      const times = yield* Simulation.run(Effect.gen(function*() {
        const times: Array<number> = []
        yield* Effect.forkChild(
          Effect.repeat(Effect.map(Clock.currentTimeMillis, (now) => times.push(now)), Schedule.spaced("1 second"))
        )
        yield* TestClock.adjust("3 seconds")
        return times
      }))

      assert.deepStrictEqual(times, [0, 1000, 2000, 3000])
    }))

  it.effect("setTime moves the wall clock forth and back, the monotonic one never back", () =>
    Effect.gen(function*() {
      const seen = yield* Simulation.run(Effect.gen(function*() {
        yield* TestClock.setTime(5000)
        const forth = yield* Clock.currentTimeMillis
        yield* TestClock.setTime(2000)
        return [forth, yield* Clock.currentTimeMillis, Number(yield* Clock.monotonicTimeNanos) / 1e6]
      }))

      assert.deepStrictEqual(seen, [5000, 2000, 5000])
    }))
})
