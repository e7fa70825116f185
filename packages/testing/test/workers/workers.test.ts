import { Network, type PeerWorker, PeerWorkers } from "@effect-discovery/core"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import type { SimulatedHost } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Scope, Stream } from "effect"
import { NetAddress } from "effect/net"
import { counts, decode, sender, unlimited } from "./support.ts"

const registry = (host: SimulatedHost.SimulatedHost, options: PeerWorkers.Options = {}) =>
  Effect.map(
    Layer.build(PeerWorkers.layer(options).pipe(Layer.provide(host.layer))),
    Context.get(PeerWorkers.PeerWorkers)
  )

const worker = (port: number, options: Partial<PeerWorker.Options<string, string>> = {}) => ({
  name: `worker ${port}`,
  swarm: "swarm",
  bind: { port },
  decode,
  handle: () => Effect.void,
  ...options
})

/** A host's network where free ports are these. */
const giving = (host: SimulatedHost.SimulatedHost, ports: Array<number>) =>
  Layer.effect(
    Network.Network,
    Network.Network.useSync((network) =>
      Network.Network.of({
        ...network,
        open: (options) =>
          network.open(
            options.bind.port === 0 ? { ...options, bind: { ...options.bind, port: ports.shift()! } } : options
          )
      })
    )
  ).pipe(Layer.provide(host.layer))

const socketsOf = (lan: SimulatedNetwork.SimulatedNetwork, name: string) =>
  Effect.map(lan.inspect, ({ hosts }) => hosts.find((host) => host.name === name)?.sockets.length ?? 0)

const reasonOf = <A, E extends { readonly reason: { readonly _tag: string } }, R>(self: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(self), ({ reason }) => reason._tag)

describe("workers", () => {
  it.effect("are found by their ports, and no longer once they are stopped", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const workers = yield* registry(lan.host("ada"))
      const one = yield* workers.start(
        worker(7_000, { url: (address, swarm) => `test://${NetAddress.formatInet(address)}/${swarm}` })
      )
      const two = yield* workers.start(worker(0))

      assert.strictEqual(yield* workers.whereIs(7_000), one)
      assert.strictEqual(yield* workers.whereIs(two.port), two)
      assert.strictEqual(yield* workers.portOf(two), two.port)
      assert.strictEqual(yield* workers.urlOf(7_000), "test://0.0.0.0:7000/swarm")
      assert.strictEqual(yield* reasonOf(workers.urlOf(two.port)), "NoUrl")
      assert.deepStrictEqual(counts(yield* workers.stop(7_000)), {})
      assert.strictEqual(yield* reasonOf(workers.stop(7_000)), "UnknownPort")
      assert.strictEqual(yield* reasonOf(workers.whereIs(7_000)), "UnknownPort")
      assert.strictEqual(yield* reasonOf(workers.urlOf(7_000)), "UnknownPort")
      assert.strictEqual(yield* reasonOf(workers.portOf(one)), "WorkerClosed")
      assert.strictEqual(yield* workers.whereIs(two.port), two)
    })))

  it.effect("of another registry are unknown to this one", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const ada = yield* registry(lan.host("ada"))
      const bob = yield* registry(lan.host("bob"))
      const theirs = yield* bob.start(worker(7_000))
      yield* ada.start(worker(7_000))

      assert.strictEqual(yield* reasonOf(ada.portOf(theirs)), "UnknownPort")
    })))

  it.effect("have a port each: another worker's, or another program's, is in use", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const workers = yield* registry(lan.host("ada"))
      const others = yield* registry(lan.host("ada"))
      yield* workers.start(worker(7_000))
      yield* others.start(worker(7_001))
      const own = yield* Effect.flip(workers.start(worker(7_000)))
      // on another address the system would not mind
      const elsewhere = yield* Effect.flip(
        workers.start(worker(7_000, { bind: { port: 7_000, family: "IPv6" } }))
      )
      const other = yield* Effect.flip(workers.start(worker(7_001)))

      assert.deepInclude(own.reason, { _tag: "PortInUse", port: 7_000, isOwn: true })
      assert.deepInclude(elsewhere.reason, { _tag: "PortInUse", port: 7_000, isOwn: true })
      assert.deepInclude(other.reason, { _tag: "PortInUse", port: 7_001, isOwn: false })
      assert.strictEqual(yield* socketsOf(lan, "ada"), 2)
    })))

  it.effect("get another free port when the system gives one that a worker has on another address", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const given = [7_000, 7_000, 7_001]
      const workers = yield* Effect.map(
        Layer.build(PeerWorkers.layer().pipe(Layer.provide(giving(lan.host("ada"), given)))),
        Context.get(PeerWorkers.PeerWorkers)
      )
      let ends = 0
      const free = worker(0, { bind: { address: NetAddress.ipv4Loopback }, onClose: () => Effect.sync(() => ends++) })
      yield* workers.start(worker(7_000, { bind: { port: 7_000, address: lan.host("ada").address } }))
      const { port } = yield* workers.start(free)
      assert.strictEqual(port, 7_001)

      for (let i = 0; i < 8; i++) given.push(7_000)
      const error = yield* Effect.flip(workers.start(free))
      assert.deepInclude(error.reason, { _tag: "PortInUse", port: 7_000, isOwn: true })
      assert.deepStrictEqual([given.length, yield* socketsOf(lan, "ada")], [0, 2])
      assert.strictEqual(ends, 0, "nobody was given a worker that has ended")
    })))

  it.effect("that are started on one port at the same time: one gets it", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const workers = yield* registry(lan.host("ada"))
      const exits = yield* Effect.forEach([1, 2, 3], () => Effect.exit(workers.start(worker(7_000))), {
        concurrency: "unbounded"
      })

      assert.strictEqual(exits.filter(Exit.isSuccess).length, 1)
      assert.strictEqual(yield* socketsOf(lan, "ada"), 1)
    })))

  it.effect("are restarted on a port at once", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const workers = yield* registry(lan.host("ada"))
      for (let i = 0; i < 50; i++) {
        yield* workers.start(worker(7_000))
        // as one does it, and as the worker's owner does
        yield* i % 2 === 0 ? workers.stop(7_000) : Effect.flatMap(workers.whereIs(7_000), ({ close }) => close)
      }

      assert.deepStrictEqual(yield* workers.statistics, { open: new Map(), started: 50, closed: 50 })
      assert.strictEqual(yield* socketsOf(lan, "ada"), 0)
    })))

  it.effect("are no more than the limit, and a place is free again when one is closed", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const workers = yield* registry(lan.host("ada"), { limits: { workers: 2 } })
      const exits = yield* Effect.forEach([1, 2, 3], () => Effect.exit(workers.start(worker(0))), {
        concurrency: "unbounded"
      })
      const error = yield* Effect.flip(workers.start(worker(0)))
      const [first] = (yield* workers.statistics).open.keys()
      yield* workers.stop(first!)
      yield* workers.start(worker(0))

      assert.deepStrictEqual(exits.map(Exit.isSuccess), [true, true, false])
      assert.deepInclude(error.reason, { _tag: "TooManyWorkers", limit: 2 })
    })))

  it.effect("are listed for others though one reader is slow, which is told of the last", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const workers = yield* registry(lan.host("ada"))
      const follow = (pause: number) =>
        Effect.gen(function*() {
          const seen: Array<ReadonlyArray<number>> = []
          yield* Effect.forkScoped(Stream.runForEach(workers.workers, (list) => {
            seen.push(list.map(({ port }) => port))
            return Effect.sleep(pause)
          }))
          return seen
        })
      const [slow, quick] = [yield* follow(60_000), yield* follow(0)]
      for (const port of [7_001, 7_002, 7_003]) {
        yield* Effect.sleep("1 second")
        yield* workers.start(worker(port))
      }
      yield* Effect.sleep("10 minutes")

      assert.deepStrictEqual(slow, [[], [7_001, 7_002, 7_003]])
      assert.deepStrictEqual(quick, [[], [7_001], [7_001, 7_002], [7_001, 7_002, 7_003]])
    })))

  it.effect("are listed as they are, then after every change, until the layer closes", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const scope = yield* Scope.make()
      const workers = yield* Scope.provide(registry(lan.host("ada")), scope)
      yield* workers.start(worker(7_001))
      const following = yield* workers.workers.pipe(
        Stream.map((workers) => workers.map(({ port }) => port)),
        Stream.runCollect,
        Effect.forkChild({ startImmediately: true })
      )
      for (const change of [workers.start(worker(7_000)), workers.stop(7_001), workers.start(worker(7_002))]) {
        yield* Effect.sleep("1 second")
        yield* change
      }
      yield* Effect.sleep("1 second")
      yield* Scope.close(scope, Exit.void)

      assert.deepStrictEqual((yield* Fiber.join(following)).slice(0, 4), [
        [7_001],
        [7_001, 7_000],
        [7_000],
        [7_000, 7_002]
      ])
    })))
})

describe("closing the layer", () => {
  it.effect("closes all workers side by side within the time of one, sockets and fibers included", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const scope = yield* Scope.make()
      const told: Array<PeerWorker.Statistics> = []
      const workers = yield* Scope.provide(registry(lan.host("ada")), scope)
      for (let port = 7_000; port < 7_100; port++) {
        yield* workers.start(worker(port, {
          handle: () => Effect.uninterruptible(Effect.never),
          onClose: (statistics) => Effect.sync(() => told.push(statistics))
        }))
        const bob = yield* sender(lan.host("bob"), lan.host("ada"), port)
        yield* bob.say("x")
      }
      yield* Effect.sleep("100 millis")
      const before = yield* Effect.clockWith(({ currentTimeMillis }) => currentTimeMillis)
      yield* Scope.close(scope, Exit.void)
      const after = yield* Effect.clockWith(({ currentTimeMillis }) => currentTimeMillis)

      assert.strictEqual(after - before, 1_000)
      assert.strictEqual(told.length, 100)
      for (const statistics of told) {
        assert.deepStrictEqual(counts(statistics), { received: 1, decoded: 1, interruptions: 1 })
      }
      assert.strictEqual(yield* socketsOf(lan, "ada"), 0)
      assert.strictEqual(yield* reasonOf(workers.start(worker(7_000))), "WorkersClosed")
    })))

  it.effect("while workers are being started, or start is interrupted, leaves no socket", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const ada = lan.host("ada")
      for (let turns = 0; turns < 12; turns++) {
        for (const end of ["close", "interrupt", "both"] as const) {
          const scope = yield* Scope.make()
          const slow = Layer.effect(
            Network.Network,
            Effect.map(Network.Network, (network) =>
              Network.Network.of({
                ...network,
                open: (options) => Effect.andThen(Effect.repeat(Effect.yieldNow, { times: 3 }), network.open(options))
              }))
          ).pipe(Layer.provide(ada.layer))
          const workers = Context.get(
            yield* Scope.provide(Layer.build(PeerWorkers.layer().pipe(Layer.provide(slow))), scope),
            PeerWorkers.PeerWorkers
          )
          const starting = yield* Effect.forkChild(workers.start(worker(7_000)), { startImmediately: true })
          yield* Effect.repeat(Effect.yieldNow, { times: turns })
          if (end !== "close") yield* Fiber.interrupt(starting)
          if (end === "interrupt") {
            // what was interrupted before it was started left the port to others
            const known = (yield* workers.statistics).open.size
            assert.strictEqual(yield* socketsOf(lan, "ada"), known)
            if (known === 0) yield* workers.start(worker(7_000))
          }
          yield* Scope.close(scope, Exit.void)
          yield* Fiber.await(starting)

          assert.strictEqual(yield* socketsOf(lan, "ada"), 0)
          const { closed, open, started } = yield* workers.statistics
          assert.deepStrictEqual([open.size, started - closed], [0, 0])
        }
      }
    })))
})

describe("a hundred workers on a hundred ports", () => {
  const ports = Array.from({ length: 100 }, (_, i) => 7_000 + i)
  const perWorker = 200

  for (const order of ["fifo", "random"] as const) {
    it.effect(
      `under load, with one of a hundred handlers dying, lose nothing of each other (${order})`,
      () =>
        Simulation.run(
          Effect.gen(function*() {
            const lan = yield* SimulatedNetwork.make({ seed: 3, jitter: "3 millis" })
            const workers = yield* registry(lan.host("ada"), {
              limits: { datagramsPerSource: unlimited, datagramsPerSession: unlimited }
            })
            let datagrams = 0
            const bad = yield* Effect.forEach(ports, (port) =>
              workers.start({
                ...worker(port),
                handle: (text, { reply }) => {
                  if (++datagrams % 100 === 0) return Effect.die(new Error(text))
                  return Effect.andThen(Effect.sleep(datagrams % 7), reply(`${port} ${text}`))
                }
              }))
            const answers = yield* Effect.forEach(ports, (port) =>
              Effect.gen(function*() {
                const bob = yield* sender(lan.host(`bob${port % 4}`), lan.host("ada"), port)
                for (let i = 0; i < perWorker; i++) {
                  yield* bob.say(`${i}`)
                  if (i % 4 === 0) yield* Effect.sleep("5 millis")
                }
                yield* Effect.sleep("1 second")
                return (yield* bob.received).filter((text) => text.startsWith(`${port} `)).length
              }), { concurrency: "unbounded" })
            const final = yield* Effect.forEach(bad, ({ port }) => workers.stop(port), { concurrency: "unbounded" })

            final.map(counts).forEach(({ defects = 0, handled, queue = 0, received }, i) => {
              assert.deepStrictEqual({ received, queue }, { received: perWorker, queue: 0 })
              assert.strictEqual(handled! + defects, perWorker)
              assert.strictEqual(answers[i], handled)
            })
            const defects = final.reduce((sum, { failed }) => sum + failed.defects, 0)
            assert.strictEqual(defects, ports.length * perWorker / 100)
          }),
          { order, seed: 5, eventLimit: 20_000_000 }
        ),
      60_000
    )
  }
})
