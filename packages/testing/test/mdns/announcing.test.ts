import { Mdns } from "@effect-discovery/core/protocol"
import { assert, describe } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { ada, established, isAnnouncement, isGoodbye, probing } from "./support/Owner.ts"
import { domain, type } from "./support/Play.ts"
import { row } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"

const lines = (sent: ReadonlyArray<Tap.Sent>) =>
  sent.map(({ message }) => message.answers.map(({ name, ttl, type }) => `${name} ${type} ${ttl}`).toSorted())

const all = [
  `${ada} SRV 120`,
  `${ada} TXT 4500`,
  "1.0.0.10.in-addr.arpa PTR 120",
  `${domain} PTR 4500`,
  "_services._dns-sd._udp.local PTR 4500",
  "ada.local A 120"
]

describe("announcing", () => {
  row(
    "M-8.3-1 M-8.3-2 M-10-1 M-10-2 all new records, shared and unique, twice a second apart",
    (bench) =>
      Effect.gen(function*() {
        yield* established(bench)
        const said = (yield* bench.sent()).filter(isAnnouncement)

        assert.deepStrictEqual(lines(said), [all.toSorted(), all.toSorted()])
        assert.deepStrictEqual(Tap.gaps(said).map(Math.round), [1_000])
      })
  )

  row("M-8.3-3 up to eight times with gaps that double", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench, { announcements: 8 })
      yield* Subject.register(us, { instance: "ada", type, port: 80 })
      yield* Effect.sleep("5 minutes")
      const said = (yield* bench.sent()).filter(isAnnouncement)

      assert.deepStrictEqual(Tap.gaps(said).map((gap) => Math.round(gap / 1_000)), [1, 2, 4, 8, 16, 32, 64])
    }))

  row("M-8.3-4 M-8.3-5 X-24 nothing is sent without a reason for a day", (bench) =>
    Effect.gen(function*() {
      yield* established(bench)
      yield* bench.silence(86_400_000)
    }))

  row(
    "M-10.2-5 M-10.2-8 M-10.2-4 unique records have the flush bit, shared ones have not",
    (bench) =>
      Effect.gen(function*() {
        yield* established(bench)
        for (const { flush, name, type } of Tap.recordsOf((yield* bench.sent()).filter(isAnnouncement))) {
          assert.strictEqual(flush, type !== "PTR" || name.endsWith("arpa"), `${name} ${type}`)
        }
      })
  )

  row("X-23 no record twice in one packet", (bench) =>
    Effect.gen(function*() {
      const { us } = yield* established(bench, { subtypes: ["_a", "_A", "_b"] })
      for (const instance of ["bob", "eve"]) yield* Subject.register(us, { instance, type, port: 80 })
      yield* Effect.sleep("5 seconds")
      yield* Subject.close(us)
      for (const sent of yield* bench.sent()) {
        const records = Tap.recordsOf([sent]).map(({ data, name, type }) =>
          JSON.stringify([name.toLowerCase(), type, data])
        )
        assert.strictEqual(new Set(records).size, records.length, Tap.line(sent))
      }
    }))

  row("M-17-1 M-17-4 a record that fills several frames goes alone", (bench) =>
    Effect.gen(function*() {
      const attributes = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`key${i}`, "x".repeat(200)]))
      yield* established(bench, { attributes, allowLarge: true })
      const sent = yield* bench.sent()
      const large = sent.filter(({ payload }) => payload.length > 1_472)

      assert.isAtLeast(large.length, 2)
      for (const { message } of large) {
        assert.deepStrictEqual(Tap.recordsOf([{ message } as Tap.Sent]).map(({ type }) => type), ["TXT"])
        assert.deepStrictEqual(message.questions, [])
      }
    }))
})

describe("changing", () => {
  row(
    "M-8.4-1 M-8.4-4 another TXT is announced twice, with neither probe nor goodbye",
    (bench) =>
      Effect.gen(function*() {
        const { registered } = yield* established(bench)
        yield* registered.update({ attributes: { a: "1" } })
        yield* Effect.sleep("1 millis")
        const at = yield* bench.now
        const sent = [...yield* bench.sent({ since: at - 1.5 }), ...yield* bench.during(5_000)]

        assert.deepStrictEqual(lines(sent), [[`${ada} TXT 4500`], [`${ada} TXT 4500`]])
        assert.deepStrictEqual(Tap.gaps(sent).map(Math.round), [1_000])
      })
  )

  row("M-8.4-2 a changed address is announced", (bench) =>
    Effect.gen(function*() {
      const { at } = yield* established(bench)
      yield* bench.host().interface("eth0").addAddress("10.0.0.200/24")
      yield* Effect.sleep("1 minute")
      const said = (yield* bench.sent({ since: at })).filter(Tap.answers("ada.local", "A"))

      assert.strictEqual(said.length, 2)
      for (const one of said) {
        assert.deepStrictEqual(Tap.recordsOf([one], "ada.local", "A").map(({ data }) => data), [
          "10.0.0.1",
          "10.0.0.200"
        ])
      }
    }))

  row(
    "M-8.4-3 a pointer that is no more is taken back before the new one is announced",
    (bench) =>
      Effect.gen(function*() {
        const { at, registered } = yield* established(bench, { subtypes: ["_a"] })
        yield* registered.update({ subtypes: ["_b"] })
        yield* Effect.sleep("5 seconds")

        assert.deepStrictEqual(lines(yield* bench.sent({ since: at })).flat(), [
          `_a._sub.${domain} PTR 0`,
          `_b._sub.${domain} PTR 4500`,
          `_b._sub.${domain} PTR 4500`,
          `_a._sub.${domain} PTR 0`
        ])
      })
  )

  for (const [count, every] of [[1_000, 1], [600, 100]] as const) {
    row(
      `M-8.4-5 of ${count} changes ${every} ms apart the last is told, and at most ten a minute`,
      (bench) =>
        Effect.gen(function*() {
          const { at, registered } = yield* established(bench)
          for (let i = 1; i <= count; i++) {
            yield* registered.update({ attributes: { a: String(i) } })
            yield* Effect.sleep(every)
          }
          yield* Effect.sleep("2 minutes")
          const said = (yield* bench.sent({ since: at })).filter(Tap.answers(ada, "TXT"))
          const values = new Map(said.toReversed().map((sent) => [/a=\d+/.exec(Tap.line(sent))![0], sent.time]))
          const times = Array.from(values.values()).toSorted((a, b) => a - b)

          assert.strictEqual(Array.from(values.keys())[0], `a=${count}`)
          assert.deepStrictEqual(times.slice(10).filter((time, i) => time - times[i]! < 60_000), [])
          // each is announced twice at most
          assert.isAtMost(said.filter(({ time }) => time < at + 60_000).length, 20)
        })
    )
  }
})

describe("ending", () => {
  row("M-10.1-1 everything is taken back on every link, in one packet each", (bench) =>
    Effect.gen(function*() {
      const { at, us } = yield* established(bench)
      yield* Subject.close(us)
      const sent = yield* bench.sent({ since: at })

      assert.deepStrictEqual(sent.map((one) => one.interface), ["eth0", "eth1"])
      assert.isTrue(sent.every(isGoodbye))
      assert.isTrue(Tap.recordsOf(sent).every(({ ttl }) => ttl === 0))
      assert.deepStrictEqual(sent.map(({ message }) => message.answers.length), [6, 6])
    }), { segments: 2 })

  row(
    "M-10.1-1 all that is left is taken back when the layer closes before the services",
    (bench) =>
      Effect.gen(function*() {
        const scope = yield* Scope.make()
        const { mdns } = yield* Effect.map(
          bench.host().run(Layer.buildWithScope(Mdns.layer({ host: "ada" }), scope)),
          (context) => ({ mdns: Context.get(context, Mdns.Mdns) })
        )
        yield* bench.host().run(mdns.publish({ name: "ada", type, port: 80 }))
        yield* Effect.sleep("5 seconds")
        const at = yield* bench.now
        yield* Scope.close(scope, Exit.void)

        assert.deepStrictEqual(
          lines(yield* bench.sent({ since: at })),
          [all.map((line) => line.replace(/\d+$/, "0")).toSorted()]
        )
      })
  )

  row("X-25 closed while it probes, nothing is taken back and nothing is left", (bench) =>
    Effect.gen(function*() {
      const { us } = yield* probing(bench)
      yield* Effect.sleep("1 millis")
      yield* Subject.close(us)
      yield* bench.silence(600_000)
    }))
})
