import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { IpInterface } from "effect/net"
import { ada, denial, established, fate, probing } from "./support/Owner.ts"
import { nameOf, type, until } from "./support/Play.ts"
import { forSeeds, row, within } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

describe("probing", () => {
  forSeeds(
    "M-8.1-3 M-2-1 M-5-1 the first probe after 0 to 250 ms, three 250 ms apart, and ours 250 ms after the third",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const start = yield* bench.now
        yield* Subject.register(us, { instance: "ada", type, port: 80 })
        yield* Effect.sleep("2 seconds")
        const sent = yield* bench.sent({ since: start })
        const probes = sent.filter(Tap.asks(ada)).map(({ time }) => time)
        const first = probes[0]!

        assert.deepStrictEqual(probes.map((time) => Math.round(time - first)), [0, 250, 500])
        assert.approximately(sent.find(Tap.tells(ada))!.time - first, 750, 2)
        return first - start
      }),
    // the clock of a host counts whole milliseconds
    (delays) => within(delays.map((delay) => Math.min(delay, 250)), 0, 250)
  )

  row(
    "M-8.1-1 M-8.1-2 M-8.1-12 M-8.2-2 one message asks ANY for host and services, and proposes without the flush bit",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench, { host: "ada" })
        const names = ["ada", "bob", "eve"]
        for (const instance of names) yield* Subject.register(us, { instance, type, port: 80 })
        yield* Effect.sleep("2 seconds")
        const probes = (yield* bench.sent()).filter(Tap.isProbe)

        assert.strictEqual(probes.length, 3)
        for (const { message } of probes) {
          assert.deepStrictEqual(
            message.questions.map(({ name }) => name).toSorted(),
            [...names.map(nameOf), "ada.local"].toSorted()
          )
          assert.isTrue(message.questions.every(({ type }) => type === "ANY"))
          assert.isTrue(message.authorities.every(({ flush }) => !flush))
          assert.strictEqual(message.authorities.length, 7)
        }
      })
  )

  row("M-8.1-6 probes ask for answers by unicast where we alone have the port", (bench) =>
    Effect.gen(function*() {
      yield* probing(bench)
      assert.isTrue(
        (yield* bench.sent()).filter(Tap.isProbe).every(({ message }) =>
          message.questions.every(({ unicast }) => unicast)
        )
      )
    }))

  row("M-8.1-4 what is cached of a name does not decide its probing", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      yield* Subject.browse(us, type)
      yield* bench.peer().send(denial())
      yield* Effect.sleep("5 seconds")
      const registered = yield* Subject.register(us, { instance: "ada", type, port: 80 })
      yield* Effect.sleep("5 seconds")

      assert.deepStrictEqual(fate(registered), ["Registered ada"])
    }))

  for (const delay of [1, 300, 749]) {
    row(
      `M-8.1-7 M-3-1 M-3-2 M-8.1-8 an answer ${delay} ms after the first probe has the name given up, and that alone`,
      (bench) =>
        Effect.gen(function*() {
          const { first, registered } = yield* probing(bench)
          yield* bench.until(first + delay)
          yield* bench.peer().send(denial())
          yield* Effect.sleep("1 millis")
          const sent = yield* bench.during(5_000)

          assert.deepStrictEqual(fate(registered), ["Renamed ada (2)", "Registered ada (2)"])
          assert.isTrue(sent.some(Tap.asks(nameOf("ada (2)"))))
          assert.isTrue(sent.some(Tap.tells("ada.local", "A")))
          assert.deepStrictEqual(Tap.recordsOf(sent, ada), [])
        })
    )
  }

  row("M-8.1-7 an answer after the probing is treated as one to an owner", (bench) =>
    Effect.gen(function*() {
      const { first, registered } = yield* probing(bench)
      yield* bench.until(first + 753)
      yield* bench.peer().send(denial())
      yield* Effect.sleep("5 seconds")

      assert.notInclude(fate(registered).map((fate) => fate.split(" ")[0]), "Renamed")
    }))

  row("M-8.1-9 what is heard before the first probe is no conflict", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      const start = yield* bench.now
      const registered = yield* Subject.register(us, { instance: "ada", type, port: 80 })
      assert.isFalse((yield* bench.sent()).some(Tap.isProbe))
      // as many as would make us slow, were they conflicts
      for (let i = 0; i < 20; i++) yield* bench.peer().send(denial())
      yield* Effect.sleep("5 seconds")

      assert.isAtMost((yield* bench.sent()).find(Tap.asks(ada))!.time - start, 251)
      assert.deepStrictEqual(fate(registered), ["Registered ada"])
    }))

  for (
    const [what, record] of [
      ["another type and case", Wire.raw(ada.toUpperCase(), 13, Uint8Array.of(1, 65, 1, 66))],
      ["a denial that tells of another type", Wire.nsec(ada, [Wire.Type.HINFO])],
      ["our type with other data", Wire.txt(ada, ["theirs"])]
    ] as const
  ) {
    row(`M-8.1-10 X-21 a record of any type takes the name: ${what}`, (bench) =>
      Effect.gen(function*() {
        const { registered } = yield* probing(bench)
        yield* bench.peer().send(Wire.response({ answers: [record] }))
        yield* Effect.sleep("5 seconds")

        assert.deepStrictEqual(fate(registered), ["Renamed ada (2)", "Registered ada (2)"])
      }))
  }

  row(
    "M-8.1-11 M-9-5 each attempt after fifteen conflicts is five seconds later, and after a minute it is said",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench, { host: "host" })
        const registered = yield* Subject.register(us, { instance: "ada", type, port: 80 })
        const attempts = new Map<string, number>()
        for (let i = 0; i < 16_000; i++) {
          yield* Effect.sleep("5 millis")
          const time = yield* bench.now
          for (const probe of (yield* bench.sent({ since: time - 6 })).filter(Tap.isProbe)) {
            const name = probe.message.questions.map(({ name }) => name).find((name) => name.startsWith("ada"))
            if (name === undefined || attempts.has(name)) continue
            attempts.set(name, probe.time)
            yield* bench.peer().send(denial(name))
          }
        }
        const times = Array.from(attempts.values())
        const gaps = times.slice(1).map((time, i) => time - times[i]!)

        assert.isAbove(gaps.length, 20)
        assert.isTrue(gaps.slice(14).every((gap) => gap >= 5_000), gaps.join())
        assert.strictEqual(registered.notices.filter(({ _tag }) => _tag === "Unsettled").length, 1)
      }),
    {},
    120_000
  )

  row("M-8.1-13 a name that is known to be free is announced without probes", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      yield* Subject.register(us, {
        instance: "ada",
        type,
        port: 80,
        host: "sleeper",
        addresses: [IpInterface.fromStringUnsafe("10.0.0.77/24")],
        isVerified: true
      })
      const sent = yield* bench.during(3_000)

      assert.deepStrictEqual(sent.filter(Tap.isProbe), [])
      assert.isTrue(sent.some(Tap.tells("sleeper.local", "A")))
    }))

  row(
    "M-8.2-1 a name in data is compared uncompressed: what is the same is no conflict",
    (bench) =>
      Effect.gen(function*() {
        const { first, registered } = yield* probing(bench)
        // the bench's writer compresses nothing
        yield* bench.peer().send(Wire.query({
          questions: [Wire.question(ada, "ANY")],
          authorities: [Wire.srv(ada, "ada.local", 80, { flush: false }), Wire.txt(ada, [], { flush: false })]
        }))
        const sent = yield* bench.during(2_000)

        assert.deepStrictEqual(fate(registered), ["Registered ada"])
        assert.approximately(sent.find(Tap.tells(ada))!.time - first, 750, 2)
      })
  )

  const proposed = (port: number) => Wire.srv(ada, "ada.local", port, { flush: false })
  const text = Wire.txt(ada, [], { flush: false })
  const octets = (type: number, ...octets: ReadonlyArray<number>) => Wire.raw(ada, type, Uint8Array.from(octets))
  for (
    const [what, theirs, isLost] of [
      ["port 81 against 80", [text, proposed(81)], true],
      ["port 79 against 80", [text, proposed(79)], false],
      ["octets are unsigned", [text, proposed(0x8000)], true],
      ["in whatever order they are written", [proposed(81), text], true],
      ["the class before all else", [{ ...text, class: 3 }, { ...proposed(79), class: 3 }], true],
      ["the flush bit is none of the class", [text, { ...proposed(79), flush: true }], false],
      ["the first that differs decides", [Wire.txt(ada, ["a"], { flush: false }), proposed(79)], true],
      ["the longer data, where the shorter is its beginning", [octets(16, 0, 0), proposed(79)], true],
      ["a lower type", [text, octets(32, 255)], false],
      ["fewer records", [text], false],
      ["more records", [text, proposed(80), octets(99, 0)], true]
    ] as const
  ) {
    row(`M-8.2-3 M-8.2-4 M-8.2.1-1 of two who probe the greater has it: ${what}`, (bench) =>
      Effect.gen(function*() {
        const { first, registered } = yield* probing(bench)
        const lost = yield* bench.now
        yield* bench.peer().send(Wire.query({ questions: [Wire.question(ada, "ANY")], authorities: theirs }))
        yield* Effect.sleep("1 millis")
        const sent = yield* bench.during(4_000)

        assert.deepStrictEqual(fate(registered), ["Registered ada"])
        const next = sent.find(Tap.asks(ada))!.time
        if (isLost) assert.approximately(next - lost, 1_000, 2)
        else assert.approximately(next - first, 250, 2)
      }))
  }

  row(
    "M-8-1 M-10.2-1 M-10.2-2 X-16 standing still for a minute, a new address and a link that comes back have names probed for and announced",
    (bench) =>
      Effect.gen(function*() {
        yield* established(bench)
        const eth0 = bench.host().interface("eth0")
        for (
          const trigger of [
            bench.host().pause("1 minute"),
            eth0.addAddress("10.0.0.200/24"),
            Effect.andThen(eth0.down, Effect.andThen(Effect.sleep("1 minute"), eth0.up))
          ]
        ) {
          const since = yield* bench.now
          yield* trigger
          yield* Effect.sleep("2 minutes")
          const sent = yield* bench.sent({ since })

          assert.isAtLeast(sent.filter(Tap.asks("ada.local")).length, 3)
          assert.isAtLeast(sent.filter(Tap.answers("ada.local", "A")).length, 2)
        }
      })
  )
})

row(
  "M-8.1-7 M-6-20 an answer by unicast is expected while a name is probed for, and refused later",
  (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      const ada = yield* Subject.register(us, { instance: "ada", type, port: 80 })
      yield* until(bench, Tap.isProbe)
      const answer = Wire.response({ answers: [Wire.srv(nameOf("ada"), "eve.local", 1)] })
      yield* bench.peer().send(answer, { to: "10.0.0.1" })
      yield* Effect.sleep("5 seconds")
      assert.strictEqual(yield* ada.name, "ada (2)")
      assert.strictEqual(yield* Subject.rejected(us), 0)
      yield* bench.peer().send(answer, { to: "10.0.0.1" })
      yield* Effect.sleep("1 second")

      assert.strictEqual(yield* Subject.rejected(us), 1)
    })
)
