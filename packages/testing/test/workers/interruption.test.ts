import { type Network, PeerWorker, PeerWorkers } from "@effect-discovery/core"
import { Ppspp } from "@effect-discovery/core/protocol"
import { NodeTestCrypto } from "@effect-discovery/node"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Scheduler, Scope } from "effect"
import { decode } from "./support.ts"

const swarm = Ppspp.swarm({ id: "c89800bf" })

const worker: PeerWorker.Options<string, string> = {
  name: "worker",
  swarm: "swarm",
  bind: { port: 7_000 },
  decode,
  handle: () => Effect.void
}

type Start = Effect.Effect<
  unknown,
  unknown,
  Network.Network | PeerWorkers.PeerWorkers | Scope.Scope | Layer.Success<typeof NodeTestCrypto.layer>
>

/** Interrupts a start after so many turns, and closes its scope: whether there had been time for it, and what was left each time. */
const interruptAfter = (turns: number, start: Start) =>
  Effect.gen(function*() {
    const lan = yield* SimulatedNetwork.make({ seed: 1 })
    const left = Effect.gen(function*() {
      const [ada] = (yield* lan.inspect).hosts
      return { open: (yield* PeerWorkers.statistics).open.size, sockets: ada!.sockets.length }
    })
    const program = Effect.gen(function*() {
      const scope = yield* Scope.make()
      const yielding = Effect.provideService(Scope.provide(start, scope), Scheduler.PreventSchedulerYield, false)
      const starting = yield* Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(yielding)
        for (let turn = 0; turn < turns; turn++) yield* Effect.yieldNow
        fiber.interruptUnsafe()
        return fiber
      }).pipe(Effect.provideService(Scheduler.PreventSchedulerYield, true))
      const isStarted = Exit.isSuccess(yield* Fiber.await(starting))
      const interrupted = yield* left
      yield* Scope.close(scope, Exit.void)
      const closed = yield* left
      return { isStarted, interrupted, closed, again: yield* Effect.exit(PeerWorkers.start(worker)) }
    })
    const workers = PeerWorkers.layer().pipe(Layer.provide(lan.host("ada").layer))
    return yield* Effect.provide(program, [workers, lan.host("ada").layer, NodeTestCrypto.layer])
  })

/** The outcomes of interrupting a start at each of its operations, until there is nothing more to interrupt. */
const interruptEverywhere = Effect.fnUntraced(function*(start: Start) {
  const outcomes: Array<Effect.Success<ReturnType<typeof interruptAfter>>> = []
  while (outcomes.at(-1)?.isStarted !== true) {
    // every fiber yields between any two of its operations
    outcomes.push(yield* Simulation.run(interruptAfter(outcomes.length, start), { preemption: 1 }))
  }
  return outcomes
})

describe("a start that is interrupted at any of its steps", () => {
  const ppspp = { swarm, bind: { port: 7_000 } }
  const starts = {
    "PeerWorker.make": PeerWorker.make(worker),
    "PeerWorkers.start, acquired": Effect.acquireRelease(PeerWorkers.start(worker), ({ close }) => close),
    "Ppspp.worker": Ppspp.worker(ppspp),
    "Ppspp.start": Ppspp.start(ppspp)
  }
  for (const [name, start] of Object.entries(starts)) {
    it.effect(`leaves no worker when its scope is closed: ${name}`, () =>
      Effect.gen(function*() {
        const outcomes = yield* interruptEverywhere(start)

        assert.isAbove(outcomes.length, 20)
        for (const { closed } of outcomes) assert.deepStrictEqual(closed, { open: 0, sockets: 0 })
      }))
  }

  it.effect("leaves no socket that the registry does not know", () =>
    Effect.gen(function*() {
      const outcomes = yield* interruptEverywhere(PeerWorkers.start(worker))

      assert.isAbove(outcomes.length, 20)
      for (const { interrupted } of outcomes) assert.strictEqual(interrupted.sockets, interrupted.open)
    }))

  it.effect("leaves the port to the next one, unless the registry has the worker", () =>
    Effect.gen(function*() {
      const outcomes = yield* interruptEverywhere(PeerWorkers.start(worker))

      for (const { again, interrupted } of outcomes) assert.strictEqual(Exit.isSuccess(again), interrupted.open === 0)
    }))
})
