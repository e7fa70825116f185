import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { Bench } from "./support/Bench.ts"
import * as Play from "./support/Play.ts"
import { nameOf, type } from "./support/Play.ts"
import { row } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

/** A service that is announced, and the cable pulled and plugged in again. */
const plugIn = Effect.fnUntraced(function*(bench: Bench) {
  const us = yield* Subject.start(bench, { host: "ada-host" })
  const ours = yield* Subject.register(us, { instance: "ada", type, port: 80 })
  yield* Effect.sleep("10 seconds")
  yield* bench.host().interface("eth0").down
  yield* Effect.sleep("5 seconds")
  const since = yield* bench.now
  yield* bench.host().interface("eth0").up
  const probes = Effect.map(bench.sent({ since }), (sent) => sent.filter(Tap.isProbe))
  return { bench, ours, since, probes, probe: Play.until(bench, Tap.isProbe) }
})

const theirs = Wire.srv(nameOf("ada"), "zzz.local", 9)
const propose = (priority: number) =>
  Wire.query({
    questions: [Wire.question(nameOf("ada"), "ANY")],
    authorities: [Wire.srv(nameOf("ada"), "zzz.local", 9, { priority, flush: false })]
  })

// what the conformance tool of Apple does once more after the cable was plugged in
describe("hot-plugging", () => {
  row("M-8-1 hot-plugging: initial probing and announcements", (bench) =>
    Effect.gen(function*() {
      const { ours, probes, since } = yield* plugIn(bench)
      yield* Effect.sleep("5 seconds")
      const announcements = (yield* bench.sent({ since })).filter(Tap.answers(nameOf("ada"), "SRV"))

      assert.strictEqual((yield* probes).length, 3)
      assert.strictEqual(announcements.length, 2)
      assert.strictEqual(yield* ours.name, "ada")
    }))

  row("M-8.2-4 hot-plugging: simultaneous probe conflict, lost", (bench) =>
    Effect.gen(function*() {
      const { ours, probe, probes } = yield* plugIn(bench)
      yield* probe
      const lost = yield* bench.now
      yield* bench.peer().send(propose(0xffff))
      yield* Effect.sleep("5 seconds")
      const next = (yield* probes).find((sent) => sent.time > lost && Tap.asks(nameOf("ada"))(sent))

      assert.isAtLeast(next!.time - lost, 999)
      assert.strictEqual(yield* ours.name, "ada")
    }))

  row(
    "M-8.2-4 hot-plugging: winning simultaneous probes, and the announcements after it",
    (bench) =>
      Effect.gen(function*() {
        const { ours, probe, since } = yield* plugIn(bench)
        yield* probe
        yield* bench.peer().send(Wire.query({
          questions: [Wire.question(nameOf("ada"), "ANY")],
          authorities: [Wire.srv(nameOf("ada"), "a.local", 1, { flush: false })]
        }))
        yield* Effect.sleep("3 seconds")

        assert.strictEqual((yield* bench.sent({ since })).filter(Tap.answers(nameOf("ada"), "SRV")).length, 2)
        assert.strictEqual(yield* ours.name, "ada")
      })
  )

  row("M-8.1-7 hot-plugging: probe denials", (bench) =>
    Effect.gen(function*() {
      const { ours, probe } = yield* plugIn(bench)
      yield* probe
      yield* bench.peer().send(Wire.response({ answers: [theirs] }))
      yield* Effect.sleep("5 seconds")

      assert.strictEqual(yield* ours.name, "ada (2)")
    }))

  row("M-8.1-11 hot-plugging: rate limiting after 15 denials", (bench) =>
    Effect.gen(function*() {
      const { probe, since } = yield* plugIn(bench)
      yield* probe
      const attempts = new Map<string, number>()
      while ((yield* bench.now) < since + 60_000) {
        for (const { message, time } of (yield* bench.sent({ since })).filter(Tap.isProbe)) {
          for (const { name } of message.questions) {
            if (!name.startsWith("ada") || name === "ada-host.local" || attempts.has(name)) continue
            attempts.set(name, time)
            yield* bench.peer().send(Wire.response({ answers: [Wire.srv(name, "zzz.local", 9)] }))
          }
        }
        yield* Effect.sleep(20)
      }
      const times = Array.from(attempts.values())

      assert.isAtLeast(times.length, 17)
      for (let i = 16; i < times.length; i++) assert.isAtLeast(times[i]! - times[i - 1]!, 5_000)
    }))

  for (
    const [kind, record] of [
      ["A", Wire.a("ada-host.local", "10.0.0.99")],
      ["SRV", theirs]
    ] as const
  ) {
    row(
      `M-9-1 hot-plugging: subsequent conflict on ${kind}, and the announcements after it`,
      (bench) =>
        Effect.gen(function*() {
          const { ours } = yield* plugIn(bench)
          yield* Effect.sleep("10 seconds")
          const since = yield* bench.now
          yield* bench.peer().send(Wire.response({ answers: [record] }))
          yield* Effect.sleep("5 seconds")
          const sent = yield* bench.sent({ since })

          assert.isTrue(sent.some(Tap.isProbe))
          assert.isTrue(sent.some(Tap.answers(kind === "A" ? "ada-host.local" : nameOf("ada"), kind)))
          assert.strictEqual(yield* ours.name, "ada")
        })
    )
  }
})
