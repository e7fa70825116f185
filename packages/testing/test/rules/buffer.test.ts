import { assert, describe } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { type Endpoint, failure, open } from "../endpoint.ts"
import { arrival, rule } from "./simulated.ts"

const burst = Effect.fnUntraced(function*(ada: Endpoint, octets: number, count: number) {
  for (let i = 0; i < count; i++) yield* ada.sendBytes(new Uint8Array(octets).fill(i), "10.11.0.2:9778")
})
const to = "10.11.0.2:9778"

describe("receive buffer", () => {
  for (
    const [octets, kept] of [[1, 256], [100, 256], [196, 256], [210, 166], [600, 166], [1000, 92], [1400, 92], [
      4096,
      43
    ], [
      4097,
      23
    ]] as const
  ) {
    rule(
      `41, 42: a blocked receiver keeps the first ${kept} datagrams of ${octets} octets`,
      (lan) =>
        Effect.gen(function*() {
          const ada = yield* open(lan.host("ada"))
          const grace = yield* open(lan.host("grace"), { port: 9778 })
          yield* lan.host("grace").pause("1 second")
          yield* burst(ada, octets, 300)
          yield* Effect.sleep("900 millis")
          const early = yield* grace.received
          yield* Effect.sleep("100 millis")
          const datagrams = yield* grace.reader.pull

          assert.deepStrictEqual(early, [])
          assert.strictEqual(datagrams.length, kept)
          assert.deepStrictEqual(
            datagrams.map(({ payload }) => payload[0]),
            Array.from({ length: kept }, (_, i) => i & 255)
          )
        })
    )
  }

  rule("41: the sender sees success, the journal the loss", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      yield* open(lan.host("grace"), { port: 9778, kernelReceiveBuffer: 1 })
      yield* lan.host("grace").pause("1 second")
      yield* burst(ada, 1400, 2)
      yield* Effect.sleep("2 seconds")

      assert.deepStrictEqual((yield* lan.frames).map(({ outcomes }) => outcomes), [
        [{ _tag: "Delivered", at: "grace/eth0", time: 1_000_000 }],
        [{ _tag: "Dropped", at: "grace/eth0", time: 1000, reason: "buffer" }]
      ])
    }))

  for (
    const [asked, kept] of [[1, 2], [1664, 4], [106_496, 256], [212_992, 512], [1_000_000, 512], [0, 256]] as const
  ) {
    rule(`43: asked for ${asked} octets it holds twice as much, within limits`, (lan) =>
      Effect.gen(function*() {
        const ada = yield* open(lan.host("ada"))
        const grace = yield* open(lan.host("grace"), { port: 9778, kernelReceiveBuffer: asked })
        yield* lan.host("grace").pause("1 second")
        yield* burst(ada, 100, 600)
        yield* Effect.sleep("2 seconds")

        assert.strictEqual((yield* grace.reader.pull).length, kept)
      }))
  }

  rule("43: the limit is that of the host", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const host = lan.host("grace", { receiveBufferMaximum: 4160 })
      const grace = yield* open(host, { port: 9778, kernelReceiveBuffer: 1_000_000 })
      yield* host.pause("1 second")
      yield* burst(ada, 100, 20)
      yield* Effect.sleep("2 seconds")

      assert.strictEqual((yield* grace.reader.pull).length, 10)
    }))

  for (const size of [-1, 1.5, 2 ** 32]) {
    rule(`43: ${size} octets are no size`, (lan) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* failure(open(lan.host("ada"), { kernelReceiveBuffer: size })), [
          "ERR_SOCKET_BAD_BUFFER_SIZE",
          "Unknown"
        ])
      }))
  }

  rule("119: a host that wakes has what was kept in one burst, then the present", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      yield* lan.host("grace").pause("10 seconds", "sleep")
      for (const text of ["one", "two"]) yield* Effect.andThen(ada.send(text, to), Effect.sleep("1 second"))
      yield* Effect.sleep("8 seconds")
      const burst = yield* grace.received
      yield* ada.send("three", to)
      yield* arrival

      assert.deepStrictEqual([burst, yield* grace.received], [["one", "two"], ["three"]])
      assert.deepStrictEqual((yield* lan.frames).map(({ outcomes }) => outcomes[0]!.time), [10e6, 10e6, 10_001_000])
    }))

  rule("108: what a closed socket's program did not take is lost", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const scope = yield* Scope.make()
      yield* Scope.provide(open(lan.host("grace"), { port: 9778 }), scope)
      yield* lan.host("grace").pause("1 second")
      yield* ada.send("hello", to)
      yield* arrival
      yield* Scope.close(scope, Exit.void)

      assert.deepStrictEqual((yield* lan.frames)[0]?.outcomes, [
        { _tag: "Dropped", at: "grace/eth0", time: 100_000, reason: "no-listener" }
      ])
    }))
})
