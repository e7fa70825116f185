import { Network, PeerWorker, PeerWorkers } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Effect, Fiber, Layer, Option, Result, Scope, Stream } from "effect"
import { NetAddress } from "effect/net"
import { DatagramSocket } from "effect/socket"
import { TestClock } from "effect/testing"
import * as FakeNetwork from "./support/FakeNetwork.ts"

const utf8 = new TextDecoder()

const options = {
  name: "worker",
  swarm: "swarm",
  bind: { port: 7_000 },
  decode: (payload: Uint8Array) => Result.succeed(utf8.decode(payload)),
  handle: () => Effect.void
}

const address = NetAddress.inetAddressFromStringUnsafe("0.0.0.0:7000")

/** A network whose one socket does as told. */
const network = (reader: Partial<DatagramSocket.Reader>, onClose = Effect.void) =>
  Layer.succeed(Network.Network, {
    interfaces: Stream.never,
    open: () =>
      Effect.succeed(DatagramSocket.make({
        reader: Effect.acquireRelease(
          Effect.succeed({
            pull: Effect.never,
            dropped: () => 0,
            address,
            joinMulticast: () => Effect.void,
            ...reader
          }),
          () => onClose
        ),
        writer: Effect.succeed({ write: () => Effect.void, writeAll: () => Effect.void })
      }))
  })

const readError = new DatagramSocket.DatagramSocketError({
  reason: new DatagramSocket.DatagramSocketReadError({ kind: "Unknown", cause: new Error("read EBADF") })
})

describe("make", () => {
  it.effect("a socket that fails closes its worker, which says so", () =>
    Effect.gen(function*() {
      const failure = yield* Deferred.make<never, DatagramSocket.DatagramSocketError>()
      let isClosed = false
      const worker = yield* PeerWorker.make(options).pipe(
        Effect.provide(network({ pull: Deferred.await(failure) }, Effect.sync(() => void (isClosed = true))))
      )
      yield* Deferred.fail(failure, readError)
      const error = yield* Effect.flip(worker.await)

      assert.deepInclude(error.reason, { _tag: "SocketFailed", worker: "worker", port: 7_000 })
      assert.isTrue(isClosed)
      assert.strictEqual((yield* worker.close).received.datagrams, 0)
    }))

  for (const [what, pull] of [["interrupts", Effect.interrupt], ["dies", Effect.die(new Error("a defect"))]] as const) {
    it.effect(`a socket that ${what} instead of reading has failed as well`, () =>
      Effect.gen(function*() {
        const worker = yield* PeerWorker.make(options).pipe(Effect.provide(network({ pull })))
        const error = yield* Effect.flip(worker.await)

        assert.strictEqual(error.reason._tag, "SocketFailed")
        assert.strictEqual((yield* worker.close).received.datagrams, 0)
      }))
  }

  it.effect("what the socket dropped, and what was not read before the end, is counted", () =>
    Effect.gen(function*() {
      let dropped = 0
      const held: Array<DatagramSocket.Datagram> = []
      const more = yield* Deferred.make<void>()
      // reads once, then only when the worker closes
      let pulls = 0
      const pull = Effect.suspend((): DatagramSocket.Reader["pull"] => {
        if (pulls++ === 1) return Effect.never
        return Effect.as(Deferred.await(more), held as never)
      })
      const worker = yield* PeerWorker.make(options).pipe(Effect.provide(network({ pull, dropped: () => dropped })))
      held.push({ payload: new Uint8Array(3), address }, { payload: new Uint8Array(4), address })
      dropped = 5
      yield* Deferred.succeed(more, undefined)
      const { received, dropped: drops, handled } = yield* Effect.andThen(Effect.yieldNow, worker.close)

      assert.deepStrictEqual([received, handled], [{ datagrams: 9, octets: 7 }, 2])
      assert.deepInclude(drops, { socket: 5, closing: 2 })
    }))

  it.effect("a handler finds every datagram accounted for, though others came together with its own", () =>
    Effect.gen(function*() {
      const batch = [1, 2, 3].map((length) => ({ payload: new Uint8Array(length), address }))
      let pulls = 0
      const pull = Effect.suspend((): DatagramSocket.Reader["pull"] =>
        pulls++ === 0 ? Effect.succeed(batch as never) : Effect.never
      )
      const seen: Array<number> = []
      const handle: PeerWorker.Options<string, string>["handle"] = (_, { worker }) =>
        Effect.map(worker.statistics, (now) => seen.push(now.received.datagrams - PeerWorker.accounted(now)))
      yield* Effect.provide(PeerWorker.make({ ...options, handle }), network({ pull }))
      yield* Effect.yieldNow

      assert.deepStrictEqual(seen, [0, 0, 0])
    }))

  it.effect("interrupted while the socket is being opened, it leaves none", () =>
    Effect.gen(function*() {
      const control = yield* FakeNetwork.make()
      const opening = yield* Deferred.make<void>()
      const slow = Layer.effect(
        Network.Network,
        Network.Network.useSync((network) =>
          Network.Network.of({
            ...network,
            open: (options) => Effect.andThen(Deferred.await(opening), network.open(options))
          })
        )
      ).pipe(Layer.provide(control.layer))
      const starting = yield* Effect.forkChild(Effect.provide(PeerWorker.make(options), slow), {
        startImmediately: true
      })
      yield* Fiber.interrupt(starting)
      yield* Deferred.succeed(opening, undefined)
      yield* TestClock.adjust("1 second")

      assert.deepStrictEqual(control.log, [])
    }))

  it.effect("a send that the system never takes fails in time", () =>
    Effect.gen(function*() {
      const control = yield* FakeNetwork.make()
      const worker = yield* Effect.provide(PeerWorker.make(options), control.layer)
      control.fail.send = "never"
      const sending = yield* Effect.forkChild(Effect.flip(worker.send("x", address)), { startImmediately: true })
      yield* TestClock.adjust("1 second")

      assert.deepInclude((yield* Fiber.join(sending)).reason, { _tag: "SendFailed", to: "0.0.0.0:7000" })
      assert.strictEqual((yield* worker.close).sent.failed, 1)
    }))

  it.effect("an end that is never told of does not keep the worker from its end", () =>
    Effect.gen(function*() {
      const control = yield* FakeNetwork.make()
      const worker = yield* PeerWorker.make({ ...options, onClose: () => Effect.never }).pipe(
        Effect.provide(control.layer)
      )
      const closing = yield* Effect.forkChild(worker.close, { startImmediately: true })
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(closing)

      assert.deepStrictEqual(control.log, ["open 0.0.0.0:7000", "close 0.0.0.0:7000"])
    }))

  it.effect("a scope that lives on keeps nothing of workers that are closed, or never opened", () =>
    Effect.gen(function*() {
      const control = yield* FakeNetwork.make()
      const scope = yield* Scope.make()
      const start = PeerWorker.make(options).pipe(Scope.provide(scope), Effect.provide(control.layer))
      for (let i = 0; i < 10; i++) {
        const worker = yield* start
        if (i % 2 === 0) yield* worker.close
        else yield* worker.close.pipe(Effect.forkChild, Effect.andThen(worker.await))
      }
      control.fail.open = { kind: "AddressInUse" }
      yield* Effect.exit(start)
      yield* Effect.yieldNow

      assert.strictEqual(control.openSockets(), 0)
      assert.isUndefined(scope.state._tag === "Open" ? scope.state.finalizer ?? scope.state.finalizers : undefined)
    }))

  it.effect("a datagram from port 0, which nothing can be answered to, is refused", () =>
    Effect.gen(function*() {
      const control = yield* FakeNetwork.make()
      const worker = yield* Effect.provide(PeerWorker.make(options), control.layer)
      control.deliver("0.0.0.0:7000", "10.0.0.9:0", "x")
      yield* Effect.yieldNow

      assert.deepStrictEqual((yield* worker.close).rejected, new Map([["source", 1]]))
    }))

  it.effect("a maker of URLs that throws leaves no socket", () =>
    Effect.gen(function*() {
      const control = yield* FakeNetwork.make()
      const exit = yield* Effect.exit(
        PeerWorker.make({
          ...options,
          url: () => {
            throw new Error("thrown")
          }
        }).pipe(Effect.provide(control.layer))
      )

      assert.strictEqual(exit._tag, "Failure")
      assert.deepStrictEqual(control.log, ["open 0.0.0.0:7000", "close 0.0.0.0:7000"])
    }))
})

describe("start", () => {
  it.effect("a socket that fails closes its worker: the registry forgets it, and its owner has the counts and the reason", () =>
    Effect.gen(function*() {
      const failure = yield* Deferred.make<never, DatagramSocket.DatagramSocketError>()
      const layer = PeerWorkers.layer().pipe(Layer.provide(network({ pull: Deferred.await(failure) })))
      const workers = Context.get(yield* Layer.build(layer), PeerWorkers.PeerWorkers)
      const told: Array<PeerWorker.Statistics> = []
      const worker = yield* workers.start({
        ...options,
        onClose: (statistics) => Effect.sync(() => told.push(statistics))
      })
      yield* worker.send("x", address)
      yield* Deferred.fail(failure, readError)
      const { reason } = yield* Effect.flip(worker.await)
      const final = yield* worker.close

      assert.deepInclude(reason, { _tag: "SocketFailed", worker: "worker", port: 7_000, cause: readError })
      assert.strictEqual(final.sent.datagrams, 1)
      assert.deepStrictEqual([told, yield* worker.statistics], [[final], final])
      assert.strictEqual((yield* Effect.flip(worker.send("x", address))).reason._tag, "WorkerClosed")
      assert.strictEqual((yield* Effect.flip(workers.stop(7_000))).reason._tag, "UnknownPort")
      assert.deepStrictEqual(yield* Stream.runHead(workers.workers), Option.some([]))
      assert.deepStrictEqual(yield* workers.statistics, { open: new Map(), started: 1, closed: 1 })
    }))
})
