/** Names as they go over the wire: RFC 6762, sections 3 and 16 and appendix C. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { domain, type } from "./support/Play.ts"
import { row } from "./support/Row.ts"
import { query } from "./support/Settled.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

const octetsOf = (sent: ReadonlyArray<Tap.Sent>): Buffer => Buffer.concat(sent.map(({ payload }) => payload))

/** What a service of this name has sent when it is announced. */
const announced = (instance: string) => (bench: Parameters<Parameters<typeof row>[1]>[0]) =>
  Effect.gen(function*() {
    const us = yield* Subject.start(bench)
    yield* Subject.register(us, { instance, type, port: 80 })
    yield* Effect.sleep("5 seconds")
    return octetsOf(yield* bench.sent())
  })

/** What a browser makes of an instance of this label. */
const seen = (label: string | Uint8Array) => (bench: Parameters<Parameters<typeof row>[1]>[0]) =>
  Effect.gen(function*() {
    const us = yield* Subject.start(bench)
    const browse = yield* Subject.browse(us, type)
    const name = [label, "_http", "_tcp", "local"]
    yield* bench.peer().send(Wire.response({
      answers: [
        Wire.ptr(domain, name),
        Wire.srv(name, "h.local", 80),
        Wire.txt(name, []),
        Wire.a("h.local", "10.0.0.2")
      ]
    }))
    yield* Effect.sleep("5 seconds")
    return Subject.names(browse)
  })

describe("a name of ours", () => {
  row("M-16-1 M-16-2 is sent as composed UTF-8, with no byte-order mark", (bench) =>
    Effect.gen(function*() {
      const octets = yield* announced("Cafe\u0301")(bench)

      assert.isTrue(octets.includes(Buffer.from([5, 0x43, 0x61, 0x66, 0xc3, 0xa9])))
      assert.isFalse(octets.includes("e\u0301"))
      assert.isFalse(octets.includes(Buffer.from([0xef, 0xbb, 0xbf])))
    }))

  row("M-16-4 is sent as it is, not in Punycode, and asked for so", (bench) =>
    Effect.gen(function*() {
      const octets = yield* announced("Müller")(bench)
      const us = yield* Subject.start(bench)
      yield* Subject.watchHost(us, "müller.local")
      yield* Effect.sleep("1 second")
      const asked = octetsOf((yield* bench.sent()).filter(Tap.asks("müller.local", "A")))

      assert.isTrue(octets.includes("Müller"))
      assert.isTrue(asked.includes("müller"))
      assert.isFalse(Buffer.concat([octets, asked]).includes("xn--"))
    }))

  row("M-16-5 is asked for in any case of ASCII letters, and in no other case", (bench) =>
    Effect.gen(function*() {
      yield* announced("Ada É")(bench)
      yield* Effect.sleep("5 seconds")
      for (const [instance, isOurs] of [["aDA É", true], ["Ada é", false], ["Ada E", false]] as const) {
        yield* bench.peer().send(query(Wire.question(`${instance}.${domain}`, "SRV")))
        assert.strictEqual((yield* bench.during(2_000)).some(Tap.isResponse), isOurs, instance)
      }
    }))

  row(
    "M-3-4 M-C-1 has up to 255 octets, and one of more is refused before anything is sent",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const long = (octets: number) => {
          const labels: Array<string> = []
          // `local` has six octets
          for (let left = octets - 6; left > 0;) {
            const length = Math.min(63, left - 1)
            labels.push("x".repeat(left - 1 - length === 1 ? length - 1 : length))
            left -= labels.at(-1)!.length + 1
          }
          return [...labels, "local"].join(".")
        }
        for (let octets = 8; octets <= 255; octets++) {
          const name = long(octets)
          assert.strictEqual(name.length + 1, octets)
          const watch = yield* Subject.records(us, name, Wire.Type.TXT)
          yield* Effect.sleep("200 millis")
          yield* bench.peer().send(Wire.response({ answers: [Wire.txt(name, ["a"])] }))
          yield* Effect.sleep("1 millis")
          assert.strictEqual(watch.events.length, 1, `${octets}`)
          yield* watch.close
          const question = Buffer.from(Wire.nameOf(name))
          const isAsked = (yield* bench.sent()).some(({ payload }) => Buffer.from(payload).includes(question))
          assert.isTrue(isAsked, `${octets}`)
        }
        const { length } = yield* bench.sent()
        const refused = yield* Subject.records(us, long(256), Wire.Type.TXT)
        yield* Effect.sleep("5 seconds")

        assert.deepStrictEqual(refused.events, [])
        assert.strictEqual((yield* bench.sent()).length, length)
      }),
    // the bench's decoder knows no names of 255 octets
    { isJudged: false }
  )
})

describe("a name of others", () => {
  row(
    "M-16-3 keeps the character U+FEFF that it begins with",
    (bench) => Effect.map(seen("\ufeffada")(bench), (names) => assert.deepStrictEqual(names, ["\ufeffada"]))
  )

  for (const [one, other] of [["É", "é"], ["İ", "i"], ["ſ", "s"]] as const) {
    row(
      `M-16-5 in letters other than ASCII is not the same in another case: ${one} and ${other}`,
      (bench) =>
        Effect.gen(function*() {
          const us = yield* Subject.start(bench)
          const watch = yield* Subject.records(us, `${one}.local`, Wire.Type.A)
          yield* Effect.sleep("1 second")
          yield* bench.peer().send(Wire.response({ answers: [Wire.a([other, "local"], "10.0.0.9")] }))
          assert.deepStrictEqual(watch.events, [])
          yield* bench.peer().send(Wire.response({ answers: [Wire.a([one, "LOCAL"], "10.0.0.9")] }))
          yield* Effect.sleep("1 second")

          assert.strictEqual(watch.events.length, 1)
        })
    )
  }
})

/** A response whose first name is the question of a test, with other octets in place of the names of its records. */
const hostile = (name: Uint8Array): Uint8Array =>
  Wire.response({ answers: [Wire.a(name, "10.0.0.9"), Wire.a("behind.local", "10.0.0.9")] })

describe("octets that are no name", () => {
  row(
    "X-2 pointers that loop, go forward or on and on are refused, and the host goes on",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const watch = yield* Subject.records(us, "behind.local", Wire.Type.A)
        yield* Effect.sleep("1 second")
        const chain = new Uint8Array(8_972)
        for (let at = 14; at + 1 < chain.length; at += 2) chain.set(Wire.u16(0xc000 | ((at - 2) & 0x3fff)), at)
        chain.set([0, 0, 0x84, 0, 0, 0, 2, 0x58], 0)
        const bad = [
          hostile(Wire.compressed([], 12)),
          hostile(Wire.compressed(["a"], 12)),
          hostile(Wire.compressed([], 40)),
          hostile(Wire.compressed([], 0x3fff)),
          hostile(Uint8Array.of(0x40, 0)),
          hostile(
            Wire.concat([
              ...Array.from({ length: 5 }, () => Uint8Array.of(63, ...new Uint8Array(63).fill(97))),
              Uint8Array.of(0)
            ])
          ),
          chain
        ]
        for (const payload of bad) yield* bench.peer().send(payload)
        yield* Effect.sleep("1 second")
        assert.deepStrictEqual(watch.events, [])
        assert.strictEqual(yield* Subject.rejected(us), bad.length)
        yield* bench.peer().send(hostile(Wire.nameOf("before.local")))
        yield* Effect.sleep("1 second")

        assert.strictEqual(watch.events.length, 1)
      })
  )

  row(
    "X-8 data of another length than its type has is skipped, and the record behind it used",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const watch = yield* Subject.records(us, "behind.local", Wire.Type.A)
        yield* Effect.sleep("1 second")
        const wrong = [
          Wire.raw("bad.local", "A", new Uint8Array(3)),
          Wire.raw("bad.local", "A", new Uint8Array(5)),
          Wire.raw("bad.local", "AAAA", new Uint8Array(15)),
          Wire.raw("bad.local", "PTR", Wire.concat([Wire.nameOf("a.local"), Uint8Array.of(1)])),
          Wire.raw("bad.local", "SRV", Uint8Array.of(0, 0, 0, 0, 0)),
          Wire.raw("bad.local", "NSEC", Wire.concat([Wire.nameOf("bad.local"), Uint8Array.of(0, 9, 1)]))
        ]
        for (const [i, record] of wrong.entries()) {
          const address = `10.0.0.${20 + i}`
          yield* bench.peer().send(
            Wire.response({ answers: [record, Wire.a("behind.local", address, { flush: false })] })
          )
        }
        yield* Effect.sleep("1 second")

        assert.strictEqual(watch.events.length, wrong.length)
        assert.strictEqual(yield* Subject.rejected(us), wrong.length)
      })
  )
})
