import { Journal, SimulatedNetwork, Simulation, SimulationError } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Data, Deferred, Effect, Fiber, Queue, Random, Ref, Schedule, Schema } from "effect"
import { open } from "./endpoint.ts"

const orders = ["fifo", "random", "pct"] as const
const seeds = Array.from({ length: 40 }, (_, seed) => seed)

/** In which order eight fibers go through three steps each. */
const race = Effect.gen(function*() {
  const steps: Array<string> = []
  const run = (name: number) =>
    Effect.forEach(
      [1, 2, 3],
      (step) => Effect.andThen(Effect.sync(() => steps.push(`${name}.${step}`)), Effect.yieldNow)
    )
  yield* Effect.all(Array.from({ length: 8 }, (_, name) => run(name)), { concurrency: "unbounded" })
  return steps
})

const distinct = (runs: ReadonlyArray<ReadonlyArray<unknown>>) => new Set(runs.map((run) => run.join(" "))).size

describe("order", () => {
  it.effect("fifo is the same for all seeds; random and pct differ between seeds", () =>
    Effect.gen(function*() {
      for (const order of orders) {
        const runs = yield* Effect.forEach(seeds, (seed) => Simulation.run(race, { order, seed }))
        const again = yield* Effect.forEach(seeds, (seed) => Simulation.run(race, { order, seed }))

        assert.deepStrictEqual(again, runs)
        if (order === "fifo") assert.strictEqual(distinct(runs), 1)
        else assert.isAbove(distinct(runs), 35, order)
      }
    }))

  it.effect("what one fiber does keeps its order, whatever the order of the others", () =>
    Effect.gen(function*() {
      for (const order of orders) {
        for (const seed of seeds) {
          const steps = yield* Simulation.run(race, { order, seed, preemption: 0.3 })
          for (let name = 0; name < 8; name++) {
            const own = steps.filter((step) => step.startsWith(`${name}.`))
            assert.deepStrictEqual(own, [`${name}.1`, `${name}.2`, `${name}.3`])
          }
        }
      }
    }))

  it.effect("sleepers of one instant wake in any order, and all before time passes", () =>
    Effect.gen(function*() {
      const wake = Effect.gen(function*() {
        const woken: Array<number> = []
        yield* Effect.forEach([1, 2, 3, 4], (name) =>
          Effect.sleep("1 second").pipe(
            Effect.andThen(Clock.currentTimeMillis),
            Effect.map((now) => {
              assert.strictEqual(now, 1000)
              woken.push(name)
            })
          ), { concurrency: "unbounded" })
        return woken
      })
      for (const order of ["random", "pct"] as const) {
        const runs = yield* Effect.forEach(seeds, (seed) => Simulation.run(wake, { order, seed }))

        assert.isAbove(distinct(runs), 12, order)
      }
    }))

  // a worker that takes for granted that it is set up before the first job, which first-in-first-out does it the favour of
  const planted = Effect.gen(function*() {
    let isReady = false
    yield* Effect.forkChild(Effect.sync(() => {
      isReady = true
    }))
    const worker = yield* Effect.forkChild(Effect.sync(() => isReady))
    return yield* Fiber.join(worker)
  })

  it.effect("a bug of order is found by random and pct, not by fifo", () =>
    Effect.gen(function*() {
      for (const order of orders) {
        const runs = yield* Effect.forEach(seeds, (seed) => Simulation.run(planted, { order, seed }))

        assert.strictEqual(runs.includes(false), order !== "fifo", order)
      }
    }))

  it.effect("pct lets a fiber that spins fall behind the one it waits for", () =>
    Effect.gen(function*() {
      const spin = Effect.gen(function*() {
        const done = yield* Deferred.make<void>()
        yield* Effect.forkChild(Deferred.succeed(done, undefined))
        while (!(yield* Deferred.isDone(done))) yield* Effect.yieldNow
      })

      for (const seed of seeds) yield* Simulation.run(spin, { order: "pct", seed, eventLimit: 10_000 })
    }))
})

describe("preemption", () => {
  const lost = (steps: number) =>
    Effect.gen(function*() {
      const counter = yield* Ref.make(0)
      const increment = Effect.flatMap(Ref.get(counter), (value) => Ref.set(counter, value + 1))
      yield* Effect.all(Array.from({ length: steps }, () => increment), { concurrency: "unbounded" })
      return steps - (yield* Ref.get(counter))
    })

  it.effect("it finds code that checks and then acts", () =>
    Effect.gen(function*() {
      const without = yield* Effect.forEach(seeds, (seed) => Simulation.run(lost(4), { order: "random", seed }))
      const within = yield* Effect.forEach(seeds, (seed) => Simulation.run(lost(4), { preemption: 0.2, seed }))

      assert.strictEqual(Math.max(...without), 0)
      assert.isAbove(Math.max(...within), 0)
    }))

  it.effect("at any probability a program goes on, and a seed replays it", () =>
    Effect.gen(function*() {
      const program = Effect.gen(function*() {
        const queue = yield* Queue.bounded<number>(2)
        const sum = yield* Deferred.make<number>()
        yield* Effect.forkChild(Effect.gen(function*() {
          let total = 0
          for (let i = 0; i < 20; i++) total += yield* Queue.take(queue)
          yield* Deferred.succeed(sum, total)
        }))
        for (let i = 0; i < 20; i++) yield* Effect.andThen(Queue.offer(queue, i), Effect.sleep(1))
        return yield* Deferred.await(sum)
      })
      for (const preemption of [0.01, 0.5, 1]) {
        for (const order of orders) {
          const once = Simulation.observe(program, { order, preemption, seed: 3 })
          const [first, second] = [yield* once, yield* once]

          assert.deepStrictEqual(first.exit, second.exit)
          assert.strictEqual(first.exit._tag === "Success" && first.exit.value, 190)
          assert.strictEqual(first.events, second.events)
        }
      }
    }))
})

describe("datagrams", () => {
  /** What two sockets of each of two hosts hear of one sender that sends them three datagrams each. */
  const heard = Effect.gen(function*() {
    const lan = yield* SimulatedNetwork.make({ seed: 1 })
    const ada = yield* open(lan.host("ada"))
    const all: Array<string> = []
    let sockets = 0
    for (const name of ["bob", "bob", "eve", "eve"]) {
      const { reader } = yield* open(lan.host(name), { port: 9000, reuseAddress: true, join: ["239.1.1.1"] })
      const socket = `${name}${sockets++}`
      yield* Effect.forkChild(
        Effect.forever(Effect.map(reader.pull, (batch) => {
          for (const { payload } of batch) all.push(`${socket}.${new TextDecoder().decode(payload)}`)
        })),
        { startImmediately: true }
      )
    }
    for (const text of "123") yield* ada.send(text, "239.1.1.1:9000")
    yield* Effect.sleep("1 second")
    return all
  })

  it.effect("they reach readers in another order with another seed, and each socket's in its own", () =>
    Effect.gen(function*() {
      for (const order of ["random", "pct"] as const) {
        const runs = yield* Effect.forEach(seeds, (seed) => Simulation.run(heard, { order, seed }))

        assert.isAbove(distinct(runs), 10, order)
        for (const run of runs) {
          assert.strictEqual(run.length, 12)
          for (const socket of ["bob0", "bob1", "eve2", "eve3"]) {
            assert.deepStrictEqual(
              run.filter((text) => text.startsWith(socket)),
              [1, 2, 3].map((n) => `${socket}.${n}`)
            )
          }
        }
      }
    }))
})

describe("journals", () => {
  it.effect("a run has the journals of its networks", () =>
    Effect.gen(function*() {
      const program = Effect.gen(function*() {
        for (const name of ["first", "second"]) yield* (yield* SimulatedNetwork.make()).mark(name)
      })
      const { journals } = yield* Simulation.observe(program)

      assert.deepStrictEqual(journals.map(Journal.toLog), ["0.000000 - mark first", "0.000000 - mark second"])
    }))
})

describe("checkDeterminism", () => {
  const beacons = Effect.gen(function*() {
    const lan = yield* SimulatedNetwork.make({ loss: 0.2, jitter: "3 millis" })
    for (const name of ["ada", "bob", "eve"]) {
      yield* lan.host(name).start(Effect.gen(function*() {
        yield* Effect.repeat(
          Effect.flatMap(Random.next, (value) => lan.mark(`${name} ${value}`)),
          Schedule.jittered(Schedule.spaced("1 second"))
        )
      }))
    }
    yield* Effect.sleep("30 seconds")
  })

  it.effect("a program that draws from its seed passes, with one hash for each seed and order", () =>
    Effect.gen(function*() {
      const runs = yield* Simulation.checkDeterminism(beacons, { seeds: [1, 2, 3], preemption: 0.05 })

      assert.deepStrictEqual(runs.map(({ order }) => order), [...orders, ...orders, ...orders])
      assert.isAtLeast(new Set(runs.map(({ hash }) => hash)).size, 3)
    }))

  it.effect("who interrupted a fiber makes no difference where its exit is the result", () =>
    Effect.gen(function*() {
      const program = Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(Effect.never)
        yield* Effect.sleep("1 second")
        yield* Fiber.interrupt(fiber)
        return yield* Fiber.await(fiber)
      })

      assert.strictEqual((yield* Simulation.checkDeterminism(program)).length, orders.length)
    }))

  it.effect("one that does not fails, and the error says where the runs part", () =>
    Effect.gen(function*() {
      let runs = 0
      const program = Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make()
        yield* lan.mark("begin")
        yield* lan.mark(`run ${++runs}`)
      })
      const error = yield* Effect.flip(Simulation.checkDeterminism(program, { seeds: [7], orders: ["random"] }))

      assert.instanceOf(error, SimulationError.SimulationError)
      assert.strictEqual(
        error.message,
        [
          "two runs with seed 7 and order random differ: the runs part at event 2",
          "  both:   0.000000 - mark begin",
          "  first:  0.000000 - mark run 1",
          "  second: 0.000000 - mark run 2",
          "Look for Math.random, Date.now, ids that are counted globally, and state outside of the program"
        ].join("\n")
      )
    }))

  it.effect("runs that end differently fail without any network", () =>
    Effect.gen(function*() {
      let runs = 0
      const error = yield* Effect.flip(Simulation.checkDeterminism(Effect.sync(() => ++runs)))

      assert.include(error.message, "one ended with success 1, the other with success 2")
    }))

  it.effect("what errors and data hold counts as well", () =>
    Effect.gen(function*() {
      class Lost extends Data.TaggedError("Lost")<{ readonly count: number }> {}
      class Found extends Data.TaggedClass("Found")<{ readonly count: number }> {}
      class Kept extends Schema.Class<Kept>("Kept")({ count: Schema.Finite }) {}
      let runs = 0
      const lost = yield* Effect.flip(Simulation.checkDeterminism(Effect.suspend(() => new Lost({ count: ++runs }))))
      const found = yield* Effect.flip(
        Simulation.checkDeterminism(Effect.sync(() => [new Found({ count: ++runs }), new Kept({ count: 1 })]))
      )

      assert.include(lost.message, `one ended with failure Lost  {"count":1}, the other with failure Lost  {"count":2}`)
      assert.include(found.message, `success [{"count":3,"_tag":"Found"},{"count":1}], the other with`)
      yield* Simulation.checkDeterminism(Effect.forkDetach(Effect.void))
    }))

  it.effect("runs that fail alike pass", () =>
    Effect.gen(function*() {
      const runs = yield* Simulation.checkDeterminism(Effect.andThen(Effect.sleep("1 second"), Effect.fail("no")))

      assert.strictEqual(runs.length, 3)
    }))
})
