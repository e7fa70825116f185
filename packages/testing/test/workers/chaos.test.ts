import { type PeerWorker, PeerWorkers } from "@effect-discovery/core"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Random, Scope } from "effect"
import { assertAccounted, decode, sender } from "./support.ts"

const ports = [7_000, 7_001, 7_002]

const handle = (text: string) =>
  Effect.gen(function*() {
    const chance = yield* Random.next
    if (chance < 0.1) return yield* Effect.fail(text)
    if (chance < 0.2) return yield* Effect.die(text)
    if (chance < 0.3) return yield* Effect.never
    if (chance < 0.35) return yield* Effect.uninterruptible(Effect.sleep("300 millis"))
    if (chance < 0.6) return
    yield* Effect.sleep(chance * 50)
  })

/** Someone who starts, stops, closes, and changes their mind. */
const restless = (workers: PeerWorkers.PeerWorkers["Service"], final: Array<PeerWorker.Statistics>) =>
  Effect.gen(function*() {
    const port = ports[yield* Random.nextIntBetween(0, 2)]!
    const chance = yield* Random.next
    const wanted = chance < 0.6
      ? workers.start({
        name: "worker",
        swarm: "swarm",
        bind: { port: chance < 0.1 ? 0 : port },
        decode,
        handle,
        onClose: (statistics) => Effect.sync(() => final.push(statistics))
      })
      : chance < 0.8
      ? Effect.map(workers.stop(port), assertAccounted)
      : Effect.flatMap(workers.whereIs(port), ({ close }) => Effect.map(close, assertAccounted))
    const fiber = yield* Effect.forkChild(Effect.exit(wanted), { startImmediately: true })
    if ((yield* Random.next) < 0.3) {
      yield* Effect.repeat(Effect.yieldNow, { times: yield* Random.nextIntBetween(0, 8) })
      yield* Fiber.interrupt(fiber)
    }
    yield* Effect.sleep((yield* Random.next) * 20)
  })

const scenario = Effect.gen(function*() {
  const lan = yield* SimulatedNetwork.make({ jitter: "2 millis" })
  const ada = lan.host("ada")
  const scope = yield* Scope.make()
  const layer = PeerWorkers.layer({ limits: { workerConcurrency: 2, workerQueue: 2, workerHandler: 50, goodbye: 200 } })
  const workers = Context.get(
    yield* Scope.provide(Layer.build(Layer.provide(layer, ada.layer)), scope),
    PeerWorkers.PeerWorkers
  )
  const final: Array<PeerWorker.Statistics> = []
  const load = yield* Effect.forkChild(Effect.forEach(ports, (port) =>
    Effect.gen(function*() {
      const bob = yield* sender(lan.host("bob"), ada, port)
      return yield* Effect.forever(Effect.andThen(bob.say("x"), Effect.sleep("1 millis")))
    }), { concurrency: "unbounded" }))
  const people = yield* Effect.forkChild(
    Effect.forEach([1, 2, 3], () => Effect.repeat(restless(workers, final), { times: 20 }), {
      concurrency: "unbounded"
    })
  )
  // sometimes they all are in the middle of something
  yield* Effect.sleep(100 + (yield* Random.next) * 300)
  yield* Scope.close(scope, Exit.void)
  const sockets = (yield* lan.inspect).hosts.find(({ name }) => name === "ada")?.sockets.length
  yield* Fiber.await(people)
  yield* Fiber.interrupt(load)
  final.forEach(assertAccounted)
  return { sockets, told: final.length, ...(yield* workers.statistics) }
})

describe("workers started, stopped, closed and interrupted at any time", () => {
  it.effect("leave no socket, are counted, and account for every datagram", () =>
    Effect.gen(function*() {
      let started = 0
      for (let seed = 0; seed < 45; seed++) {
        const order = (["fifo", "random", "pct"] as const)[seed % 3]!
        const report = yield* Simulation.observe(scenario, { seed, order, preemption: seed % 2 === 0 ? 0.05 : 0 })
        const message = `seed ${seed}, ${order}`

        assert.deepStrictEqual(report.defects, [], message)
        if (!Exit.isSuccess(report.exit)) return assert.fail(`${message}: ${report.exit}`)
        const { value } = report.exit
        assert.deepStrictEqual([value.sockets, value.open.size, value.closed], [0, 0, value.started], message)
        assert.isAtLeast(value.told, value.started, message)
        started += value.started
      }
      assert.isAbove(started, 300)
    }), 60_000)
})
