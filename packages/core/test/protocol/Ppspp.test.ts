import { Network, Source } from "@effect-discovery/core"
import { Ppspp } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Schedule, Scope, Stream } from "effect"
import { SecureRandom } from "effect/crypto"
import { NetAddress } from "effect/net"
import { DatagramSocket } from "effect/socket"
import { TestClock } from "effect/testing"

const swarm = Ppspp.swarm({ id: "c89800bf" })
const address = NetAddress.inetAddressFromStringUnsafe("127.0.0.1:6778")

const broken = new DatagramSocket.DatagramSocketError({
  reason: new DatagramSocket.DatagramSocketReadError({ kind: "Unknown", cause: new Error("read EBADF") })
})
const taken = new DatagramSocket.DatagramSocketError({
  reason: new DatagramSocket.DatagramSocketOpenError({ kind: "AddressInUse", cause: new Error("bind EADDRINUSE") })
})

/** A network whose first socket can be made to fail, and whose later ones do as told. */
const network = (failure: Deferred.Deferred<never, DatagramSocket.DatagramSocketError>, isTaken = false) => {
  const sent: Array<Uint8Array> = []
  const sockets = { opened: 0, open: 0 }
  const reader = Effect.acquireRelease(
    Effect.suspend(() => {
      const isFirst = ++sockets.opened === 1
      if (!isFirst && isTaken) return Effect.fail(taken)
      sockets.open++
      const pull = isFirst ? Deferred.await(failure) : Effect.never
      return Effect.succeed({ pull, dropped: () => 0, address, joinMulticast: () => Effect.void })
    }),
    () => Effect.sync(() => void sockets.open--)
  )
  const write = (datagram: { readonly payload: Uint8Array | string }) =>
    Effect.sync(() => void sent.push(datagram.payload as Uint8Array))
  const layer = Layer.mergeAll(
    SecureRandom.layerWebCrypto,
    Layer.succeed(Network.Network, {
      interfaces: Stream.never,
      open: () =>
        Effect.succeed(
          DatagramSocket.make({ reader, writer: Effect.succeed({ write, writeAll: () => Effect.void }) } as never)
        )
    })
  )
  return { layer, sockets, sent }
}

const source = (retry?: Ppspp.SourceOptions["retry"]) =>
  Ppspp.source({ swarm, bind: { port: 6_778 }, bootstrap: ["127.0.0.1:7000"], retry })

describe("source", () => {
  it.effect("S-F3 opens a socket anew when it fails, and asks for the peers that it knows again", () =>
    Effect.gen(function*() {
      const failure = yield* Deferred.make<never, DatagramSocket.DatagramSocketError>()
      const { layer, sent, sockets } = network(failure)
      const reports: Array<string> = []
      const settings = {
        ...(yield* Source.Settings),
        report: ({ _tag }: { readonly _tag: string }) => void reports.push(_tag)
      }
      yield* source().open.pipe(Effect.provide(layer), Effect.provideService(Source.Settings, settings))
      yield* TestClock.adjust("100 millis")
      assert.deepStrictEqual([sockets, sent.length], [{ opened: 1, open: 1 }, 1])
      yield* Deferred.fail(failure, broken)
      // the new socket is read before anything is taken to be late
      for (let i = 0; i < 10; i++) yield* TestClock.adjust("500 millis")

      assert.deepStrictEqual(sockets, { opened: 2, open: 1 })
      assert.deepStrictEqual(reports, ["SessionRestarting"])
      assert.isAbove(sent.length, 1)
    }))

  it.effect("fails when its schedule is exhausted", () =>
    Effect.gen(function*() {
      const failure = yield* Deferred.make<never, DatagramSocket.DatagramSocketError>()
      const { layer, sockets } = network(failure, true)
      const { inputs } = yield* source(Schedule.recurs(2)).open.pipe(Effect.provide(layer))
      const ended = yield* Effect.forkChild(Effect.flip(Stream.runDrain(inputs)))
      yield* Deferred.fail(failure, broken)
      yield* TestClock.adjust("1 minute")
      const error = yield* Fiber.join(ended)

      assert.strictEqual(error.reason._tag, "SourceFailed")
      assert.deepStrictEqual(sockets, { opened: 4, open: 0 })
    }))

  it("throws on a bootstrap address that is none", () => {
    assert.throws(() => Ppspp.source({ swarm, bootstrap: ["example.net:7000"] }))
  })
})

describe("worker", () => {
  it.effect("leaves nothing in a scope that lives on, and ends its events, however it ends", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      for (const end of ["close", "endpoint", "failure"] as const) {
        const failure = yield* Deferred.make<never, DatagramSocket.DatagramSocketError>()
        const { layer, sockets } = network(failure)
        const worker = yield* Ppspp.worker({ swarm }).pipe(Scope.provide(scope), Effect.provide(layer))
        const events = yield* Effect.forkChild(Stream.runDrain(worker.events), { startImmediately: true })
        if (end === "failure") yield* Deferred.fail(failure, broken)
        else yield* end === "close" ? worker.close : worker.endpoint.close
        yield* Fiber.await(events)
        yield* TestClock.adjust("1 second")

        assert.strictEqual(sockets.open, 0, end)
        assert.isUndefined(
          scope.state._tag === "Open" ? scope.state.finalizer ?? scope.state.finalizers : undefined,
          end
        )
      }
    }))
})

describe("swarm", () => {
  it("throws on what no swarm can have", () => {
    for (
      const options of [
        { id: "" },
        { id: "0" },
        { id: new Uint8Array(401) },
        { id: "00", chunkSize: 0 },
        { id: "00", chunkSize: 2 ** 32 - 1 },
        { id: "00", liveSignature: 256 },
        { id: "00", liveSignature: 3, integrity: "sign-all" },
        { id: "05", liveSignature: 5, integrity: "unified-merkle" }
      ] as const
    ) assert.throws(() => Ppspp.swarm(options), RangeError)
  })

  it("is its own: the octets that it was made from may change", () => {
    const id = Uint8Array.of(1, 2)
    const own = Ppspp.swarm({ id })
    id[0] = 9

    assert.deepStrictEqual(own.id, Uint8Array.of(1, 2))
  })
})
