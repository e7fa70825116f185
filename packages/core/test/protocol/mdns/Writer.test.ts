import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import type * as Message from "../../../src/protocol/mdns/Message.ts"
import * as Name from "../../../src/protocol/mdns/Name.ts"
import { type Data, type Record, Type } from "../../../src/protocol/mdns/Record.ts"
import * as Writer from "../../../src/protocol/mdns/Writer.ts"
import * as Arbitrary from "./arbitrary.ts"
import * as Captured from "./captured.ts"

const named = (text: string): Name.Name => Result.getOrThrow(Name.fromString(text))
const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex")
const pointer = (target: string): Data => ({ _tag: "Pointer", target: named(target) })
const text = (length: number): Data => ({ _tag: "Text", octets: new Uint8Array(length) })
const opaque = (hex: string): Data => ({ _tag: "Opaque", octets: Captured.fromHex(hex) })
const service = (target: string): Data => ({ _tag: "Service", priority: 0, weight: 0, port: 1, target: named(target) })
const recordOf = (name: string, type: number, data: Data, flush = false): Record => ({
  name: named(name),
  type,
  class: 1,
  flush,
  ttl: 120,
  data
})
const questionOf = (name: string): Message.Question => ({ name: named(name), type: 12, class: 1, unicast: false })

const response = { limit: 1_440, kind: "response" } as const
const write = (records: ReadonlyArray<Record>, options: Writer.Options = response): Uint8Array => {
  const writer = Writer.make(options)
  for (const record of records) assert.isTrue(Writer.record(writer, "answers", record))
  return Writer.finish(writer)
}

describe("make", () => {
  it("M-18.1-3 M-18.2-1 M-18.3-1 M-18.4-1 M-18.6-1 M-18.11-1 a query has no flag but TC, and no id", () => {
    assert.strictEqual(hex(Writer.finish(Writer.make({ limit: 512, kind: "query" }))), "000000000000000000000000")
    const writer = Writer.make({ limit: 512, kind: "query" })
    Writer.truncate(writer)

    assert.strictEqual(hex(Writer.finish(writer)), "000002000000000000000000")
  })

  it("M-18.1-4 M-18.2-2 M-18.4-2 M-18.5-2 a response has QR and AA, and no id", () => {
    assert.strictEqual(hex(Writer.finish(Writer.make(response))), "000084000000000000000000")
  })

  it("M-18.1-6 a legacy reply has the id of its query, and its question", () => {
    const writer = Writer.make({ ...response, id: 0x1234, isLegacy: true })
    Writer.question(writer, { name: named("host-1.local"), type: 1, class: 1, unicast: false })
    const data: Data = { _tag: "Address", octets: Uint8Array.of(192, 0, 2, 10) }
    Writer.record(writer, "answers", recordOf("host-1.local", Type.A, data, true), { ttl: 10, flush: false })

    // as in section 5.13 of the formats' description
    assert.strictEqual(
      hex(Writer.finish(writer)),
      "12348400000100010000000006686f73742d31056c6f63616c0000010001c00c000100010000000a0004c000020a"
    )
  })
})

describe("record", () => {
  it("M-18.14-1 M-18.14-4 writes an announcement octet for octet as it is described", () => {
    const announcement = "0000840000000004000000000" +
      "55f68747470045f746370056c6f63616c00000c000100001194000603412e62c00c" +
      "c0280021800100000078000f000000001f9006686f73742d31c017" +
      "c0280010800100001194001609747874766572733d3106706174683d2f04666c6167c040000180010000007800" +
      "04c000020a"

    assert.strictEqual(hex(Captured.encode(Captured.decode(Captured.fromHex(announcement)))), announcement)
  })

  it("M-18.14-1 makes a message of twenty records at most 60 % as long", () => {
    const records = Array.from(
      { length: 20 },
      (_, i) => recordOf("_http._tcp.local", Type.PTR, pointer(`host ${i}._http._tcp.local`))
    )
    const whole = records.reduce(
      (sum, { data, name }) => sum + name.wire.length + 10 + (data as { target: Name.Name }).target.wire.length,
      12
    )

    assert.isAtMost(write(records).length, 0.6 * whole)
  })

  it("M-18.14-2 M-18.14-3 compresses across questions, answers and authorities", () => {
    const writer = Writer.make({ limit: 1_440, kind: "query" })
    for (const name of ["_a._tcp.local", "_b._tcp.local", "_c._tcp.local"]) Writer.question(writer, questionOf(name))
    Writer.record(writer, "authorities", recordOf("_b._tcp.local", Type.PTR, pointer("x._b._tcp.local")))

    // 19 of the first question, 9 of each other, 14 of the record and its label
    assert.strictEqual(Writer.finish(writer).length, 12 + 19 + 9 + 9 + 12 + 4)
  })

  const compressible: ReadonlyArray<readonly [string, number, Data, number]> = [
    ["NS", 2, pointer("a.local"), 2],
    ["CNAME", 5, pointer("a.local"), 2],
    ["SOA", 6, opaque("0161056c6f63616c000161056c6f63616c00" + "00".repeat(20)), 24],
    ["PTR", 12, pointer("a.local"), 2],
    ["MX", 15, opaque("00010161056c6f63616c00"), 4],
    ["RP", 17, opaque("0161056c6f63616c00056c6f63616c00"), 4],
    ["AFSDB", 18, opaque("00010161056c6f63616c00"), 4],
    ["RT", 21, opaque("00010161056c6f63616c00"), 4],
    ["PX", 26, opaque("00010161056c6f63616c000161056c6f63616c00"), 6],
    ["SRV", 33, service("a.local"), 8],
    ["KX", 36, opaque("00010161056c6f63616c00"), 4],
    ["DNAME", 39, pointer("a.local"), 2],
    ["NSEC", 47, { _tag: "Denial", next: named("a.local"), types: [1] }, 5]
  ]
  it.each(compressible)("M-18.14-4 compresses names in the data of %s", (_, type, data, length) => {
    // the header, the owner, ten octets of numbers
    const written = write([recordOf("a.local", type, data)])

    assert.strictEqual(written.length, 12 + 9 + 10 + length)
    assert.deepStrictEqual(Captured.decode(written).answers, [recordOf("a.local", type, data)])
  })

  it("M-18.14-5 compresses in no other type, and nothing that is not what its type says", () => {
    const name = "0161056c6f63616c00"
    for (const type of [3, 4, 7, 8, 9, 13, 14, 16, 35, 99, 65_280]) {
      assert.strictEqual(write([recordOf("a.local", type, opaque(name))]).length, 12 + 9 + 10 + 9)
    }
    assert.strictEqual(write([recordOf("a.local", Type.MX, opaque(`${name}00`))]).length, 12 + 9 + 10 + 10)
  })

  it("M-18.14-10 compresses no target of SRV in a legacy reply", () => {
    const written = write([recordOf("a.local", Type.SRV, service("a.local"))], { ...response, isLegacy: true })

    assert.strictEqual(written.length, 12 + 9 + 10 + 6 + 9)
  })

  it("keeps the case of names: only octets that are the same are shared", () => {
    const records = ["a.local", "A.local", "a.LOCAL"].map((name) => recordOf(name, Type.PTR, pointer(`b.${name}`)))

    assert.deepStrictEqual(
      Captured.decode(write(records)).answers.map(({ data, name }) =>
        [name, data].map((each) => "wire" in each ? hex(each.wire) : hex((each as { target: Name.Name }).target.wire))
      ),
      records.map(({ data, name }) => [hex(name.wire), hex((data as { target: Name.Name }).target.wire)])
    )
  })

  it("M-18.13-1 M-10.2-9 sets the top bit of the class to flush, but never of OPT", () => {
    const classes = [recordOf("a", Type.TXT, text(1), true), {
      ...recordOf(".", Type.OPT, text(0), true),
      class: 1_440
    }]
      .map((record) => hex(write([record])).slice(24).replace(/^(?:0161)?00..../, "").slice(0, 4))

    assert.deepStrictEqual(classes, ["8001", "05a0"])
  })

  it("M-17-5 never exceeds its limit, but for one record alone, and that not its maximum", () => {
    for (const [length, fits] of [[1_417, true], [1_418, false]] as const) {
      const writer = Writer.make({ limit: 1_440, kind: "response" })
      assert.strictEqual(Writer.record(writer, "answers", recordOf(".", Type.TXT, text(length))), fits)
      assert.strictEqual(Writer.isEmpty(writer), !fits)
    }
    const large = Writer.make({ limit: 1_440, max: 8_952, kind: "response" })
    assert.isFalse(Writer.record(large, "answers", recordOf(".", Type.TXT, text(8_930))))
    assert.isTrue(Writer.record(large, "answers", recordOf(".", Type.TXT, text(8_929))))
    assert.isFalse(Writer.record(large, "answers", recordOf(".", Type.TXT, text(0))))
    assert.strictEqual(Writer.finish(large).length, 8_952)
    const unbounded = Writer.make({ limit: 100_000, kind: "response" })
    assert.isFalse(Writer.record(unbounded, "answers", recordOf(".", Type.TXT, text(8_950))))
  })

  it("M-3-4 D-7.2-1 refuses a name of more than 255 octets", () => {
    const long = Name.fromWire(
      Uint8Array.from([...Array.from({ length: 4 }, () => [63, ...new Uint8Array(63).fill(97)]).flat(), 0])
    )
    const writer = Writer.make(response)

    assert.isFalse(Writer.record(writer, "answers", { ...recordOf(".", Type.TXT, text(1)), name: long }))
    assert.isFalse(Writer.question(writer, { ...questionOf("."), name: long }))
    assert.isTrue(Writer.isEmpty(writer))
  })

  it("writes nothing of what does not fit, and points to nothing of it", () => {
    for (let seed = 0; seed < 500; seed++) {
      const draw = Arbitrary.draw(seed)
      const limit = 100 + draw.below(400)
      const writer = Writer.make({ limit, kind: "response" })
      const written = Array.from({ length: 20 }, () => Arbitrary.record(draw)).filter((record) =>
        Writer.record(writer, "answers", record)
      )
      const datagram = Writer.finish(writer)

      assert.isAtMost(datagram.length, limit)
      assert.deepStrictEqual(Captured.decode(datagram).answers, written, `seed ${seed}`)
    }
  })

  it("writers do not disturb each other", () => {
    const writers = Array.from({ length: 6 }, () => Writer.make(response))
    for (let i = 0; i < 3; i++) writers.forEach((writer, w) => Writer.question(writer, questionOf(`q${i}.w${w}.local`)))

    writers.forEach((writer, w) => {
      const names = Captured.decode(Writer.finish(writer)).questions.map(({ name }) => Name.format(name))
      assert.deepStrictEqual(names, [0, 1, 2].map((i) => `q${i}.w${w}.local`))
    })
  })
  it("writes nothing more on a datagram that is finished", () => {
    const lengths = Array.from({ length: 40 }, (_, i) => i % 7 === 0 ? 8_900 : 50 * i)
    const records = lengths.map((length, i) => recordOf(`h${i}.local`, Type.TXT, text(length)))
    const datagrams = records.map((record) => write([record], { limit: 8_972, kind: "response" }))

    assert.deepStrictEqual(
      datagrams.map((datagram) => Captured.decode(datagram).answers),
      records.map((each) => [each])
    )
  })
})
