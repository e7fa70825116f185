import { assert, describe } from "@effect/vitest"
import { Effect, Random } from "effect"
import { ada, denial, established, fate, isGoodbye, probing } from "./support/Owner.ts"
import { domain, nameOf, type } from "./support/Play.ts"
import { forSeeds, row } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

describe("a name that is ours", () => {
  for (const section of ["answers", "authorities", "additionals"] as const) {
    row(
      `M-9-1 M-8.3-6 M-6.6-1 a contradiction in the ${section} has it probed for again, and kept when nobody denies it`,
      (bench) =>
        Effect.gen(function*() {
          const { registered } = yield* established(bench)
          yield* bench.peer().send(Wire.response({ [section]: [Wire.srv(ada, "other.local", 9)] }))
          const soon = yield* bench.during(251)
          const later = yield* bench.during(5_000)

          assert.deepStrictEqual(soon.map(({ message }) => message.questions.map(({ name }) => name)), [[ada]])
          assert.strictEqual(later.filter(Tap.tells(ada, "SRV")).length, 2)
          assert.notInclude(fate(registered).join(), "Renamed")
        })
    )
  }

  for (
    const [how, options] of [
      ["by unicast", { to: "10.0.0.1" }],
      ["by unicast from off the link", { to: "10.0.0.1", from: "203.0.113.9" }],
      ["from a port other than 5353", { fromPort: 40_000 }]
    ] as const
  ) {
    row(`M-6-15 M-6-20 M-11-2 a contradiction ${how} that nobody asked for is none`, (bench) =>
      Effect.gen(function*() {
        const { registered } = yield* established(bench)
        yield* bench.peer().send(denial(), options)
        yield* bench.silence(5_000)

        assert.deepStrictEqual(fate(registered), ["Registered ada"])
      }))

    if (how === "by unicast") continue
    row(`M-6-15 M-11-2 an answer ${how} does not take a name that is probed for`, (bench) =>
      Effect.gen(function*() {
        const { registered } = yield* probing(bench)
        yield* bench.peer().send(denial(), options)
        yield* Effect.sleep("5 seconds")

        assert.deepStrictEqual(fate(registered), ["Registered ada"])
      }))
  }

  row(
    "M-10.2-10 our address of another interface, over a bridge, has ours said again once",
    (bench) =>
      Effect.gen(function*() {
        const { at, registered } = yield* established(bench)
        const [theirs] = yield* bench.addresses("us", "eth1")
        for (let i = 0; i < 600; i++) {
          yield* bench.peer().send(Wire.response({ id: i, answers: [Wire.a("ada.local", theirs!)] }))
          yield* Effect.sleep("6 seconds")
        }
        const sent = yield* bench.sent({ since: at })

        assert.deepStrictEqual(sent.filter(Tap.isProbe), [])
        assert.isAtLeast(sent.length, 1)
        assert.isAtMost(sent.length, 4)
        assert.deepStrictEqual(fate(registered), ["Registered ada"])
      }),
    { segments: 2 }
  )

  row("M-9-2 who loses the probing stops using it", (bench) =>
    Effect.gen(function*() {
      const { registered } = yield* established(bench)
      for (let i = 0; i < 2; i++) {
        yield* bench.peer().send(denial())
        yield* Effect.sleep("300 millis")
      }
      const sent = yield* bench.during(5_000)

      assert.deepStrictEqual(fate(registered), ["Registered ada", "Renamed ada (2)", "Registered ada (2)"])
      assert.deepStrictEqual(Tap.recordsOf(sent, ada), [])
      // the winner has the same pointers
      assert.deepStrictEqual((yield* bench.sent()).filter(isGoodbye), [])
    }))

  row("M-9-4 M-2-2 the same data is no conflict, said a thousand times", (bench) =>
    Effect.gen(function*() {
      const { registered } = yield* established(bench)
      for (let i = 0; i < 1_000; i++) {
        yield* bench.peer().send(
          Wire.response({ id: i, answers: [Wire.srv(ada, "ada.local", 80), Wire.a("ada.local", "10.0.0.1")] })
        )
        yield* Effect.sleep("10 millis")
      }

      assert.deepStrictEqual(fate(registered), ["Registered ada"])
    }))

  for (const [ttl, times] of [[59, 1], [60, 0]] as const) {
    row(`M-6.6-2 ours said with ${ttl} of 120 s are said again ${times} times`, (bench) =>
      Effect.gen(function*() {
        yield* established(bench)
        yield* bench.peer().send(Wire.response({ answers: [Wire.a("ada.local", "10.0.0.1", { ttl })] }))

        assert.strictEqual((yield* bench.during(3_000)).filter(Tap.tells("ada.local", "A")).length, times)
      }))
  }

  row("M-6.6-3 other pointers and other types are no conflict", (bench) =>
    Effect.gen(function*() {
      yield* established(bench)
      yield* bench.peer().send(
        Wire.response({ answers: [Wire.ptr(domain, nameOf("bob")), Wire.raw(ada, 13, Uint8Array.of(0, 0))] })
      )
      yield* bench.silence(5_000)
    }))

  row("M-14-1 a name that is lost on one interface is given up on all", (bench) =>
    Effect.gen(function*() {
      const { registered } = yield* probing(bench)
      const { address } = yield* Effect.succeed({ address: (yield* bench.addresses("peer", "eth1"))[0]! })
      for (let i = 0; i < 2; i++) {
        yield* bench.peer().send(denial(), { interface: "eth1", from: address })
        yield* Effect.sleep("300 millis")
      }
      const sent = yield* bench.during(5_000)

      assert.include(fate(registered), "Renamed ada (2)")
      for (const local of ["eth0", "eth1"]) {
        assert.isTrue(sent.some((one) => one.interface === local && Tap.answers(nameOf("ada (2)"), "SRV")(one)), local)
      }
    }), { segments: 2 })

  row("X-22 a host name that is denied does not hold the service up", (bench) =>
    Effect.gen(function*() {
      const { first, registered } = yield* probing(bench)
      yield* bench.peer().send(Wire.response({ answers: [Wire.a("ada.local", "10.0.0.66")] }))
      yield* Effect.sleep("5 seconds")
      const srv = (yield* bench.sent()).find(Tap.answers(ada, "SRV"))!

      assert.isBelow(srv.time - first, 2_000)
      assert.include(Tap.line(srv), "ada-2.local")
      assert.deepStrictEqual(fate(registered), ["Registered ada"])
    }))
})

describe("two of us that want one name", () => {
  forSeeds(
    "M-2-2 M-9-2 M-8.2-4 exactly one keeps it, and the other renames once",
    (bench) =>
      Effect.gen(function*() {
        const registered: Array<Subject.Registered> = []
        for (const on of ["us", "them"]) {
          const host = yield* Subject.start(bench, { on, host: on })
          yield* Effect.sleep(yield* Random.nextIntBetween(0, 1_000))
          registered.push(yield* Subject.register(host, { instance: "ada", type, port: 80 }))
        }
        yield* Effect.sleep("10 seconds")
        const names: Array<string> = []
        for (const { name } of registered) names.push(yield* name)

        assert.deepStrictEqual(names.toSorted(), ["ada", "ada (2)"])
        assert.strictEqual(
          registered.flatMap(({ notices }) => notices).filter(({ _tag }) => _tag === "Renamed").length,
          1
        )
      }),
    undefined,
    { hosts: ["us", "them"], link: { latency: "2 millis" } }
  )
})
