import { PeerWorker, PeerWorkers } from "@effect-discovery/core"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { NetAddress } from "effect/net"
import { NodeNetwork } from "../src/index.ts"
import * as Child from "./support/Child.ts"

const loopback = NetAddress.ipv4Loopback
const utf8 = new TextDecoder()
const decode = (payload: Uint8Array) => Result.succeed(utf8.decode(payload))
const unlimited = { perSecond: 1_000_000, burst: 1_000_000 }
const limits = { datagramsPerSource: unlimited, datagramsPerSession: unlimited }

const to = (port: number) => NetAddress.inetAddressUnsafe(loopback, port)

/** Waits until something is so, or fails the test: what is on its way on loopback takes turns of the event loop, no time. */
const until = Effect.fnUntraced(function*(isSo: Effect.Effect<boolean>, what: string) {
  const deadline = performance.now() + 10_000
  while (!(yield* isSo)) {
    if (performance.now() > deadline) return assert.fail(`${what}: not after 10 seconds`)
    yield* Effect.promise(() => new Promise<void>((resolve) => void setImmediate(resolve)))
  }
})

const sumOf = (all: ReadonlyArray<PeerWorker.Statistics>, f: (statistics: PeerWorker.Statistics) => number): number =>
  all.reduce((sum, statistics) => sum + f(statistics), 0)

const registry = PeerWorkers.layer({ limits }).pipe(Layer.provideMerge(NodeNetwork.layer()))

layer(registry, { excludeTestServices: true })("PeerWorkers", (it) => {
  it.effect(
    "a hundred on a hundred ports, with one of a hundred handlers dying, lose nothing of each other",
    () =>
      Effect.gen(function*() {
        const rounds = 100
        let datagrams = 0
        const answers = new Map<string, number>()
        const workers = yield* Effect.forEach(Array.from({ length: 100 }), (_, i) =>
          PeerWorkers.start({
            name: `worker ${i}`,
            swarm: `swarm ${i}`,
            bind: { address: loopback },
            decode,
            handle: (text, { reply, worker }) => {
              datagrams++
              // one of every hundred, each time another worker's
              if ((datagrams + 37 * Math.floor(datagrams / 100)) % 100 === 0) return Effect.die(new Error(text))
              const answer = reply(worker.swarm)
              return datagrams % 3 === 0 ? Effect.andThen(Effect.sleep(datagrams % 5), answer) : answer
            }
          }))
        const client = yield* PeerWorker.make({
          name: "client",
          swarm: undefined,
          bind: { address: loopback },
          decode,
          handle: (swarm) => Effect.sync(() => void answers.set(swarm, (answers.get(swarm) ?? 0) + 1)),
          limits
        })
        // no more on its way than fits into a buffer of the system, which drops without a word
        const isQuiet = Effect.map(
          Effect.all([client.statistics, Effect.forEach(workers, ({ statistics }) => statistics)]),
          ([{ handled, sent }, all]) =>
            sumOf(all, ({ received }) => received.datagrams) === sent.datagrams &&
            sumOf(all, ({ running }) => running) === 0 &&
            sumOf(all, ({ sent }) => sent.datagrams) === handled
        )
        for (let round = 1; round <= rounds; round++) {
          yield* Effect.forEach(workers, ({ port }) => client.send(`${round}`, to(port)), { concurrency: "unbounded" })
          yield* until(isQuiet, `round ${round}`)
        }
        const all = yield* Effect.forEach(workers, ({ port }) => PeerWorkers.stop(port), { concurrency: "unbounded" })

        all.forEach((statistics, i) => {
          const { failed, handled, received, sent } = statistics
          assert.strictEqual(received.datagrams, rounds)
          assert.strictEqual(handled + failed.defects, rounds)
          assert.strictEqual(sent.datagrams, handled)
          assert.strictEqual(answers.get(`swarm ${i}`), handled)
          assert.strictEqual(PeerWorker.accounted(statistics), rounds)
        })
        assert.strictEqual(sumOf(all, ({ failed }) => failed.defects), rounds)
        assert.strictEqual((yield* PeerWorkers.statistics).open.size, 0)
      }),
    60_000
  )

  it.effect("a port that another process has is in use", () =>
    Effect.gen(function*() {
      const other = yield* Child.start(process.execPath, [
        "-e",
        `const socket = require("node:dgram").createSocket("udp4")
         socket.bind(0, "127.0.0.1", () => console.log("port " + socket.address().port))`
      ])
      const [, port = ""] = yield* other.prints(/port (\d+)/)
      const start = PeerWorkers.start({
        name: "worker",
        swarm: "swarm",
        bind: { address: loopback, port: Number(port) },
        decode,
        handle: () => Effect.void
      })
      const error = yield* Effect.flip(start)

      assert.deepInclude(error.reason, { _tag: "PortInUse", port: Number(port), isOwn: false })
      yield* other.signal("SIGKILL")
      yield* other.exit
      assert.strictEqual((yield* start).port, Number(port))
      yield* PeerWorkers.stop(Number(port))
    }))

  it.effect("a port is free again as soon as its worker is stopped", () =>
    Effect.gen(function*() {
      const start = (port: number) =>
        PeerWorkers.start({
          name: "worker",
          swarm: "",
          bind: { address: loopback, port },
          decode,
          handle: () => Effect.void
        })
      const { port } = yield* start(0)
      for (let i = 0; i < 50; i++) {
        yield* PeerWorkers.stop(port)
        assert.strictEqual((yield* start(port)).port, port)
      }
      yield* PeerWorkers.stop(port)
    }))

  it.effect("two families have ports of their own, but here a port is one worker's", () =>
    Effect.gen(function*() {
      const start = (port: number, address: NetAddress.IpAddress) =>
        PeerWorkers.start({
          name: "worker",
          swarm: "",
          bind: { address, port },
          decode,
          handle: (text, { reply }) => reply(text)
        })
      const { port } = yield* start(0, loopback)
      const error = yield* Effect.flip(start(port, NetAddress.ipv6Loopback))
      yield* PeerWorkers.stop(port)

      assert.deepInclude(error.reason, { _tag: "PortInUse", isOwn: true })
    }))

  it.effect("what is too long for a datagram fails whoever sends it, and the worker goes on", () =>
    Effect.gen(function*() {
      const worker = yield* PeerWorker.make({
        name: "worker",
        swarm: "",
        bind: { address: loopback },
        decode,
        handle: () => Effect.void
      })
      const error = yield* Effect.flip(worker.send(new Uint8Array(70_000), to(worker.port)))
      yield* worker.send("to itself", to(worker.port))
      yield* until(Effect.map(worker.statistics, ({ handled }) => handled === 1), "its own datagram")

      assert.deepInclude(error.reason, { _tag: "SendFailed", to: `127.0.0.1:${worker.port}` })
      assert.deepInclude((yield* worker.close).sent, { datagrams: 1, failed: 1 })
    }))
})
