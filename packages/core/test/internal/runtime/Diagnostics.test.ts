import { Diagnostic, Limits } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as Diagnostics from "../../../src/internal/runtime/Diagnostics.ts"
import * as Given from "../Given.ts"

const dropped = (on = "eth0"): Diagnostic.Report => ({ _tag: "DatagramsDropped", source: "test", interface: on })

const rejected = (reason: string, from: string): Diagnostic.Report => ({
  _tag: "DatagramRejected",
  source: "test",
  interface: "eth0",
  reason,
  from,
  sample: ""
})

interface Told {
  readonly at: number
  readonly diagnostic: Diagnostic.Diagnostic
}

/** Everything that a new subscriber is told, with the time. */
const subscribe = Effect.fnUntraced(function*(diagnostics: Diagnostics.Diagnostics) {
  const told: Array<Told> = []
  const tell = (diagnostic: Diagnostic.Diagnostic) =>
    Effect.map(Clock.currentTimeMillis, (at) => void told.push({ at, diagnostic }))
  yield* Effect.forkScoped(Stream.runForEach(diagnostics.stream, tell), { startImmediately: true })
  return told
})

/** `3 on eth0 at 0` */
const show = (told: ReadonlyArray<Told>): ReadonlyArray<string> =>
  told.map(({ at, diagnostic }) =>
    `${diagnostic.total} on ${"interface" in diagnostic && diagnostic.interface} at ${at}`
  )

const make = (limits: Partial<Limits.Limits> = {}) =>
  Diagnostics.make(Limits.make({ diagnosticInterval: 1_000, ...limits }))

// lets fibers that were woken go on
const settle = TestClock.adjust(0)

describe("stream", () => {
  it.effect("starts with the totals so far", () =>
    Effect.gen(function*() {
      const diagnostics = make()
      diagnostics.report(dropped(), 3)
      diagnostics.report(dropped())
      diagnostics.report(dropped("eth1"))
      const told = yield* subscribe(diagnostics)

      assert.deepStrictEqual(show(told), ["4 on eth0 at 0", "1 on eth1 at 0"])
    }))

  it.effect("tells of a new kind at once", () =>
    Effect.gen(function*() {
      const diagnostics = make()
      const told = yield* subscribe(diagnostics)
      yield* TestClock.adjust(300)
      diagnostics.report(dropped())
      yield* settle
      diagnostics.report(dropped("eth1"))
      yield* settle

      assert.deepStrictEqual(show(told), ["1 on eth0 at 300", "1 on eth1 at 300"])
    }))

  it.effect("tells of one kind at most once an interval, and then of all that came", () =>
    Effect.gen(function*() {
      const diagnostics = make()
      const told = yield* subscribe(diagnostics)
      for (let i = 0; i < 25; i++) {
        diagnostics.report(dropped())
        yield* TestClock.adjust(100)
      }
      yield* TestClock.adjust(10_000)

      assert.deepStrictEqual(show(told), [
        "1 on eth0 at 0",
        "10 on eth0 at 1000",
        "20 on eth0 at 2000",
        "25 on eth0 at 3000"
      ])
    }))

  it.effect("tells at once again after an interval of silence, and nothing while nothing happens", () =>
    Effect.gen(function*() {
      const diagnostics = make()
      const told = yield* subscribe(diagnostics)
      diagnostics.report(dropped())
      yield* TestClock.adjust(5_500)
      diagnostics.report(dropped())
      yield* TestClock.adjust(5_000)

      assert.deepStrictEqual(show(told), ["1 on eth0 at 0", "2 on eth0 at 5500"])
    }))

  it.effect("a kind that is waiting does not hold up another", () =>
    Effect.gen(function*() {
      const diagnostics = make()
      const told = yield* subscribe(diagnostics)
      diagnostics.report(dropped())
      yield* TestClock.adjust(200)
      diagnostics.report(dropped())
      yield* TestClock.adjust(200)
      diagnostics.report(dropped("eth1"))
      yield* TestClock.adjust(1_000)

      assert.deepStrictEqual(show(told), ["1 on eth0 at 0", "1 on eth1 at 400", "2 on eth0 at 1000"])
    }))

  it.effect("carries what the latest one was about", () =>
    Effect.gen(function*() {
      const diagnostics = make()
      diagnostics.report(rejected("size", "10.0.0.1:9"))
      diagnostics.report(rejected("size", "10.0.0.2:9"), 2)
      const told = yield* subscribe(diagnostics)

      assert.deepStrictEqual(told.map(({ diagnostic }) => diagnostic), [
        { ...rejected("size", "10.0.0.2:9"), total: 3 } as Diagnostic.Diagnostic
      ])
    }))

  it.effect("counts one description again and again, also with others in between", () =>
    Effect.gen(function*() {
      const diagnostics = make()
      const told = yield* subscribe(diagnostics)
      const flood = rejected("rate", "10.0.0.1:9")
      for (let i = 0; i < 10; i++) {
        diagnostics.report(flood)
        if (i % 3 === 0) diagnostics.report(rejected("size", "10.0.0.2:9"), 2)
      }
      yield* TestClock.adjust(10_000)

      assert.deepStrictEqual(
        told.slice(-2).map(({ diagnostic }) => "reason" in diagnostic && `${diagnostic.reason} ${diagnostic.total}`),
        ["rate 10", "size 8"]
      )
    }))

  it.effect("each subscriber has an interval of its own", () =>
    Effect.gen(function*() {
      const diagnostics = make()
      const first = yield* subscribe(diagnostics)
      diagnostics.report(dropped())
      yield* TestClock.adjust(500)
      diagnostics.report(dropped())
      const second = yield* subscribe(diagnostics)
      yield* TestClock.adjust(100)
      diagnostics.report(dropped())
      yield* TestClock.adjust(2_000)

      assert.deepStrictEqual(show(first), ["1 on eth0 at 0", "3 on eth0 at 1000"])
      assert.deepStrictEqual(show(second), ["2 on eth0 at 500", "3 on eth0 at 1500"])
    }))

  it.effect("counts no more kinds apart than the limit, and those it knows go on", () =>
    Effect.gen(function*() {
      const diagnostics = make({ diagnosticKinds: 2 })
      const told = yield* subscribe(diagnostics)
      for (const on of ["eth0", "eth1", "eth2", "eth0"]) {
        diagnostics.report(dropped(on))
        yield* settle
      }
      yield* TestClock.adjust(5_000)

      assert.deepStrictEqual(show(told), ["1 on eth0 at 0", "1 on eth1 at 0", "2 on eth0 at 1000"])
    }))

  it.effect("loses nothing and keeps its distance, whenever reports come", () =>
    Effect.gen(function*() {
      const dice = Given.dice(5)
      const diagnostics = make()
      const totals = new Map<string, number>()
      const all: Array<ReadonlyArray<Told>> = []
      for (let step = 0; step < 400; step++) {
        const report = dropped(`eth${dice.between(0, 3)}`)
        const count = dice.between(1, 5)
        diagnostics.report(report, count)
        totals.set(Diagnostic.kind(report), (totals.get(Diagnostic.kind(report)) ?? 0) + count)
        if (step % 100 === 0) all.push(yield* subscribe(diagnostics))
        if (dice.oneIn(2)) yield* TestClock.adjust(dice.between(0, 400))
      }
      yield* TestClock.adjust(1_000)

      for (const told of all) for (const [kind, total] of totals) assertTold(told, kind, total)
    }))
})

const assertTold = (told: ReadonlyArray<Told>, kind: string, total: number) => {
  const own = told.filter(({ diagnostic }) => Diagnostic.kind(diagnostic) === kind)
  const gaps = own.slice(1).map(({ at }, i) => at - own[i]!.at)

  assert.strictEqual(own.at(-1)?.diagnostic.total, total)
  assert.isTrue(gaps.every((gap) => gap >= 1_000), gaps.join())
}
