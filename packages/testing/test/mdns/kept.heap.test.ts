import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { announce, domain, type } from "./support/Play.ts"
import { row } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Wire from "./support/Wire.ts"

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

/** Octets that are in use, those of datagrams included. */
const heap = (): number => {
  // buffers are let go of by the collection after the one that finds them unused
  for (let i = 0; i < 2; i++) collectGarbage()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** Datagrams with 200 records each: `record(i)` for i below `count`, with names compressed to the one of the first record, at 12. */
function* inBulk(count: number, record: (i: number) => Wire.Record): Generator<Uint8Array> {
  for (let at = 0; at < count; at += 200) {
    const answers = Array.from({ length: 200 }, (_, i) => record(at + i))
    yield Wire.response({ answers: [Wire.ptr(domain, Wire.compressed(["first"], 12)), ...answers] })
  }
}

describe("what is kept", () => {
  for (
    const [what, record] of [
      ["a million records", (i: number) => Wire.ptr(Wire.compressed([], 12), Wire.compressed([`i${i}`], 12))],
      [
        "a million ttls of one",
        (i: number) => Wire.ptr(Wire.compressed([], 12), Wire.compressed(["one"], 12), { ttl: 1_000 + i % 3_000 })
      ]
    ] as const
  ) {
    row(
      `X-4 ${what} grow the heap by no more than 16 MiB`,
      (bench) =>
        Effect.gen(function*() {
          const us = yield* Subject.start(bench)
          yield* Subject.browse(us, type)
          yield* Effect.sleep("1 minute")
          yield* bench.peer().send(announce("before"))
          yield* Effect.sleep("1 minute")
          const before = heap()
          for (const octets of inBulk(1_000_000, record)) {
            yield* bench.peer().send(octets)
            yield* Effect.sleep("25 millis")
          }
          const grown = heap() - before
          yield* Effect.sleep("10 minutes")

          assert.isAtMost(grown, 16 * 1024 * 1024)
        }),
      { history: 100 },
      120_000
    )
  }

  row(
    "X-13 distinct bad datagrams from distinct ports are counted, and nothing is kept of them",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const browse = yield* Subject.browse(us, type)
        yield* Effect.sleep("5 seconds")
        const send = Effect.fnUntraced(function*(i: number) {
          const payload = new Uint8Array(1_400).fill(i)
          payload.set([i >> 8, i & 0xff, 0x84, 0, 0xff, 0xff])
          yield* bench.peer().pass(payload, `10.0.${1 + (i >> 6) % 40}.${1 + i % 64}`, 10_000 + i)
          if (i % 40 === 0) yield* Effect.sleep("1 second")
        })
        for (let i = 0; i < 1_000; i++) yield* send(i)
        const before = heap()
        for (let i = 1_000; i < 30_000; i++) yield* send(i)
        const grown = heap() - before
        yield* Effect.sleep("10 seconds")
        yield* bench.peer().send(announce("ada"))
        yield* Effect.sleep("5 seconds")

        assert.isAtMost(grown, 8 * 1024 * 1024)
        assert.strictEqual(yield* Subject.rejected(us), 30_000)
        assert.isAtMost(us.diagnostics.length, 250)
        assert.deepStrictEqual(Subject.names(browse), ["ada"])
      }),
    { history: 1_000 },
    120_000
  )
})
