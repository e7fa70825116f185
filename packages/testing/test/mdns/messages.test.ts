import { assert, describe } from "@effect/vitest"
import * as DnsPacket from "dns-packet"
import { Effect } from "effect"
import * as Decoded from "./support/Decoded.ts"
import { announce, ask, domain, everything, nameOf, pointer, service, type } from "./support/Play.ts"
import { row } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

/** What of the headers of all that is not a query or a response as it should be. */
const headers = (sent: ReadonlyArray<Tap.Sent>, field: keyof Decoded.Header) =>
  new Set(sent.map(({ message }) => message[field]))

const zeros = [
  ["M-18.3-1", "OPCODE", "opcode"],
  ["M-18.6-1", "RD", "rd"],
  ["M-18.7-1", "RA", "ra"],
  ["M-18.8-1", "Z", "z"],
  ["M-18.9-1", "AD", "ad"],
  ["M-18.10-1", "CD", "cd"],
  ["M-18.11-1", "RCODE", "rcode"]
] as const

/** How many times octets occur. */
const occurrences = (payload: Uint8Array, part: Uint8Array): number => {
  const [whole, wanted] = [Buffer.from(payload), Buffer.from(part)]
  let count = 0
  for (let at = whole.indexOf(wanted); at >= 0; at = whole.indexOf(wanted, at + 1)) count++
  return count
}

const label = (text: string) => Wire.nameOf(text).subarray(0, -1)

describe("headers that are sent", () => {
  for (const [id, name, field] of zeros) {
    row(`${id} ${name} is 0 in all that is sent`, (bench) =>
      Effect.gen(function*() {
        const sent = yield* everything(bench)

        assert.isAtLeast(sent.length, 10)
        assert.deepStrictEqual(headers(sent, field), new Set([0]))
      }))
  }

  row("M-18.1-3 M-18.1-4 M-18.1-6 the id is 0, but in replies to simple resolvers", (bench) =>
    Effect.gen(function*() {
      const sent = yield* everything(bench)
      const [legacy, others] = [
        sent.filter(({ destination }) => destination.port === 40_000),
        sent.filter(({ destination }) => destination.port !== 40_000)
      ]

      assert.deepStrictEqual(headers(legacy, "id"), new Set([0xbeef]))
      assert.deepStrictEqual(headers(others, "id"), new Set([0]))
    }))

  row(
    "M-18.2-1 M-18.2-2 M-18.4-1 M-18.4-2 M-18.5-2 QR and AA are set in responses and in nothing else, TC in none",
    (bench) =>
      Effect.gen(function*() {
        const sent = yield* everything(bench)
        const [queries, responses] = [
          sent.filter(({ message }) => message.questions.length > 0 && message.answers.every(({ ttl }) => ttl > 10)),
          sent.filter(({ message }) => message.questions.length === 0)
        ]

        assert.isNotEmpty(queries)
        assert.isNotEmpty(responses)
        assert.deepStrictEqual([headers(queries, "qr"), headers(queries, "aa")], [new Set([0]), new Set([0])])
        assert.deepStrictEqual([headers(responses, "qr"), headers(responses, "aa")], [new Set([1]), new Set([1])])
        assert.deepStrictEqual(headers(responses, "tc"), new Set([0]))
      })
  )
})

/** Whether a response with that header is used, and a query with it answered. */
const use = (header: Wire.Header) => (bench: Parameters<Parameters<typeof row>[1]>[0]) =>
  Effect.gen(function*() {
    const us = yield* Subject.start(bench)
    yield* Subject.register(us, { instance: "ada", type, port: 80 })
    const browse = yield* Subject.browse(us, "_ipp._tcp")
    yield* Effect.sleep("10 seconds")
    yield* bench.peer().send(ask(header))
    const isAnswered = (yield* bench.during(2_000)).some(Tap.answers(domain, "PTR"))
    const name = "eve._ipp._tcp.local"
    const answers = [
      Wire.ptr("_ipp._tcp.local", name),
      Wire.srv(name, "eve.local", 631),
      Wire.txt(name, []),
      Wire.a("eve.local", "10.0.0.2")
    ]
    yield* bench.peer().send(Wire.response({ answers, ...header }))
    yield* Effect.sleep("2 seconds")
    return { isAnswered, isUsed: Subject.names(browse).includes("eve") }
  })

const ignored = [
  ["M-18.4-1 M-18.4-2", "AA", { aa: 0 }],
  ["M-18.4-1 M-18.4-2", "AA that is set", { aa: 1 }],
  ["M-18.6-2", "RD", { rd: 1 }],
  ["M-18.7-1", "RA", { ra: 1 }],
  ["M-18.8-1", "Z", { z: 1 }],
  ["M-18.9-1", "AD", { ad: 1 }],
  ["M-18.10-1", "CD", { cd: 1 }]
] as const

describe("headers that are received", () => {
  for (const [ids, name, header] of ignored) {
    row(`${ids} ${name} is ignored when received`, (bench) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* use(header)(bench), { isAnswered: true, isUsed: true })
      }))
  }

  row("M-18.5-2 TC of a response is ignored", (bench) =>
    Effect.gen(function*() {
      assert.isTrue((yield* use({ tc: 1 })(bench)).isUsed)
    }))

  row("M-18.3-2 a message with another OPCODE than 0 is ignored", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      yield* Subject.register(us, { instance: "ada", type, port: 80 })
      const browse = yield* Subject.browse(us, type)
      yield* Effect.sleep("10 seconds")
      for (let opcode = 1; opcode <= 15; opcode++) {
        yield* bench.peer().send(ask({ opcode }))
        yield* bench.peer().send(Wire.response({ opcode, answers: service(`o${opcode}`) }))
      }
      const answers = (yield* bench.during(5_000)).filter(Tap.isResponse)

      assert.deepStrictEqual(answers.map(Tap.line), [])
      assert.deepStrictEqual(Subject.names(browse), [])
      assert.strictEqual(yield* Subject.rejected(us), 30)
    }))

  row("M-18.11-1 a message with another RCODE than 0 is ignored", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      yield* Subject.register(us, { instance: "ada", type, port: 80 })
      const browse = yield* Subject.browse(us, type)
      yield* Effect.sleep("10 seconds")
      for (let rcode = 1; rcode <= 15; rcode++) {
        yield* bench.peer().send(ask({ rcode }))
        yield* bench.peer().send(Wire.response({ rcode, answers: service(`r${rcode}`) }))
      }
      const answers = (yield* bench.during(5_000)).filter(Tap.isResponse)

      assert.deepStrictEqual(answers.map(Tap.line), [])
      assert.deepStrictEqual(Subject.names(browse), [])
      assert.strictEqual(yield* Subject.rejected(us), 30)
    }))

  row(
    "M-18.1-1 M-18.1-2 M-18.1-5 responses that nobody asked for are used, whatever their id",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const browse = yield* Subject.browse(us, type)
        yield* Effect.sleep("10 minutes")
        const ids = [0, 1, 255, 256, 0x7fff, 0x8000, 0xbeef, 0xffff]
        for (const id of ids) {
          yield* bench.peer().send(Wire.response({ id, answers: service(`id${id}`) }))
          yield* Effect.sleep("5 seconds")
        }

        assert.deepStrictEqual(Subject.names(browse), ids.map((id) => `id${id}`).toSorted())
      })
  )

  row("M-18.5-1 TC of a query has us wait for more known answers", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      yield* Subject.register(us, { instance: "ada", type, port: 80 })
      yield* Effect.sleep("10 seconds")
      const asked = yield* bench.now
      yield* bench.peer().send(ask({ tc: 1 }))
      const [answer] = yield* bench.during(2_000)
      yield* bench.peer().send(ask({ tc: 1 }))
      yield* Effect.sleep("300 millis")
      yield* bench.peer().send(Wire.query({ answers: [Wire.ptr(domain, nameOf("ada"))] }))
      yield* bench.silence(5_000)

      assert.isTrue(answer!.time - asked >= 400 && answer!.time - asked <= 500, `${answer!.time - asked}`)
    }))
})

describe("top bits of classes", () => {
  row(
    "M-18.12-1 the top bit of a question's class asks for unicast, and is no part of the class",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        yield* Subject.register(us, { instance: "ada", type, port: 80 })
        yield* Effect.sleep("5 seconds")
        yield* bench.peer().send(ask({ questions: [{ ...pointer, unicast: true }] }))
        const [answer] = yield* bench.during(2_000)
        yield* bench.peer().send(ask({ questions: [{ ...pointer, class: 3, unicast: true }] }))
        yield* bench.silence(2_000)

        assert.deepStrictEqual([answer!.isMulticast, answer!.message.answers.map(Decoded.line)], [
          false,
          [`${domain} PTR ${nameOf("ada")}`]
        ])
      })
  )

  row(
    "M-18.13-1 the top bit of a record's class flushes, and is no part of the class",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const browse = yield* Subject.browse(us, type)
        yield* Effect.sleep("5 seconds")
        yield* bench.peer().send(announce("ada", { text: ["v=1"] }))
        yield* Effect.sleep("5 seconds")
        yield* bench.peer().send(Wire.response({ answers: [Wire.txt(nameOf("ada"), ["v=2"])] }))
        yield* Effect.sleep("5 seconds")
        const inNet = Subject.find(browse, "ada")
        yield* bench.peer().send(Wire.response({ answers: [Wire.txt(nameOf("ada"), ["v=3"], { class: 3 })] }))
        yield* Effect.sleep("5 seconds")

        assert.strictEqual(Subject.textOf(inNet, "v"), "2")
        assert.strictEqual(Subject.textOf(Subject.find(browse, "ada"), "v"), "2")
      })
  )
})

describe("name compression", () => {
  const instances = ["a", "b", "c", "d", "e", "f"]

  row(
    "M-18.14-1 M-18.14-4 names are compressed, in records and in the data of PTR, SRV and NSEC",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench, { host: "ada" })
        for (const instance of instances) yield* Subject.register(us, { instance, type, port: 80 })
        yield* Effect.sleep("10 seconds")
        yield* bench.peer().send(ask())
        const [answer] = yield* bench.during(2_000)
        yield* bench.peer().send(Wire.query({ questions: [Wire.question("ada.local", "TXT")] }))
        const [denial] = yield* bench.during(2_000)
        // `dns-packet` compresses nothing
        const plain = DnsPacket.encode(DnsPacket.decode(Buffer.from(answer!.payload)))

        assert.isAtLeast(Decoded.records(answer!.message).length, 19)
        assert.isAtMost(answer!.payload.length, plain.length * 0.6)
        for (const { payload } of (yield* bench.sent())) assert.isAtMost(occurrences(payload, label("local")), 1)
        assert.strictEqual(occurrences(denial!.payload, label("ada")), 1)
      })
  )

  row(
    "M-18.14-2 M-18.14-3 also across questions, in known answers and in what probes propose",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const browse = yield* Subject.browse(us, "_ipp._tcp")
        for (const instance of instances) yield* Subject.register(us, { instance, type, port: 80 })
        yield* Effect.sleep("500 millis")
        for (const instance of instances) {
          const name = `${instance}._ipp._tcp.local`
          yield* bench.peer().send(Wire.response({ answers: [Wire.ptr("_ipp._tcp.local", name)] }))
        }
        yield* Effect.sleep("30 seconds")
        const sent = yield* bench.sent()
        const probes = sent.filter(Tap.isProbe)
        const lists = sent.filter((query) => Tap.isQuery(query) && query.message.answers.length >= 6)

        assert.isDefined(browse)
        assert.isTrue(probes.some(({ message }) => message.questions.length >= 5))
        assert.isNotEmpty(lists)
        for (const { payload } of probes) assert.isAtMost(occurrences(payload, label("_http")), 1)
        for (const { payload } of lists) assert.isAtMost(occurrences(payload, label("_ipp")), 1)
      })
  )

  row("M-18.14-5 what is no name is not compressed", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      yield* Subject.register(us, { instance: "ada", type, port: 80, attributes: { _http: "_tcp.local" } })
      yield* Effect.sleep("5 seconds")
      yield* bench.peer().send(Wire.query({ questions: [Wire.question(nameOf("ada"), "TXT")] }))
      const [answer] = yield* bench.during(2_000)

      assert.deepStrictEqual(Decoded.strings(answer!.message.answers[0]!.data), ["_http=_tcp.local"])
    }))

  row(
    "M-18.14-6 M-18.14-7 M-18.14-9 compressed names are read, of owners and in data, of SRV too",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const browse = yield* Subject.browse(us, type)
        yield* Effect.sleep("5 seconds")
        // `_http._tcp.local` is at 12, `_tcp.local` at 18, `local` at 23; the target of the pointer at 40
        const own = Wire.compressed([], 40)
        yield* bench.peer().send(Wire.response({
          answers: [
            Wire.ptr(domain, Wire.compressed(["ada"], 12)),
            Wire.srv(own, Wire.compressed(["host"], 23), 80),
            Wire.txt(own, []),
            Wire.a(Wire.compressed(["host"], 23), "10.0.0.2")
          ]
        }))
        yield* Effect.sleep("3 seconds")

        assert.deepStrictEqual(Subject.names(browse), ["ada"])
        assert.strictEqual(Subject.find(browse, "ada")?.host, "host.local")
      })
  )

  row(
    "M-18.14-8 names in data of other types, compressed or broken, spoil no other record",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const browse = yield* Subject.browse(us, type)
        yield* Effect.sleep("5 seconds")
        const naptr = 35
        const strange = [
          Wire.raw(
            nameOf("x"),
            naptr,
            Wire.concat([Wire.u16(1), Wire.u16(1), Uint8Array.of(0, 0, 0), Wire.compressed(["y"], 12)])
          ),
          Wire.raw(nameOf("x"), "NS", Wire.compressed([], 0x3fff)),
          Wire.raw(nameOf("x"), 65_280, Uint8Array.of(0xc0))
        ]
        yield* bench.peer().send(Wire.response({ answers: [...strange, ...service("ada")] }))
        yield* Effect.sleep("3 seconds")

        assert.deepStrictEqual(Subject.names(browse), ["ada"])
      })
  )

  row(
    "M-18.14-10 a reply to a simple resolver does not compress the target of an SRV",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench, { host: "ada" })
        yield* Subject.register(us, { instance: "ada", type, port: 80 })
        yield* Effect.sleep("5 seconds")
        const srv = Wire.query({ questions: [Wire.question(nameOf("ada"), "SRV")] })
        yield* bench.peer().send(srv, { fromPort: 40_000 })
        const [reply] = yield* bench.during(2_000)

        assert.deepStrictEqual(reply!.message.answers.map(Decoded.line), [`${nameOf("ada")} SRV ada.local:80`])
        assert.isAtLeast(occurrences(reply!.payload, Wire.nameOf("ada.local")), 1)
      })
  )
})

describe("sizes", () => {
  const large = (octets: number) =>
    Object.fromEntries(
      Array.from({ length: Math.ceil(octets / 200) }, (_, i) => [`key${i}`, "x".repeat(200 - 8)])
    )

  row("M-17-1 M-17-4 a record too large for a frame goes alone", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      yield* Subject.register(us, { instance: "ada", type, port: 80, attributes: large(2_000), allowLarge: true })
      yield* Effect.sleep("5 seconds")
      yield* bench.peer().send(ask())
      yield* Effect.sleep("2 seconds")
      const fragmented = (yield* bench.sent()).filter(({ payload }) => payload.length > 1472)

      assert.isTrue(fragmented.some(Tap.answers(nameOf("ada"), "TXT")))
      for (const { message } of fragmented) assert.strictEqual(Decoded.records(message).length, 1)
    }))

  row(
    "M-17-2 M-17-3 a TXT record of more than 1,300 octets is refused unless it is meant",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const refused = yield* Effect.flip(
          Subject.register(us, { instance: "ada", type, port: 80, attributes: large(1_400) })
        )
        assert.include(Subject.reasonOf(refused), "InvalidAnnouncement")
        yield* bench.silence(5_000)
        yield* Subject.register(us, { instance: "ada", type, port: 80, attributes: large(1_400), allowLarge: true })
        yield* Effect.sleep("5 seconds")

        assert.isNotEmpty(Tap.recordsOf(yield* bench.sent(), nameOf("ada"), "TXT"))
      })
  )

  row(
    "M-17-2 D-6.2-1 D-6.4-3 more than 400 octets and keys of more than 9 characters are told of",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const attributes = { ninechars: "1", tencharact: "1" }
        yield* Subject.register(us, { instance: "ada", type, port: 80, attributes })
        yield* Subject.register(us, {
          instance: "bea",
          type,
          port: 80,
          attributes: { a: "x".repeat(200), b: "x".repeat(200) }
        })
        yield* Effect.sleep("1 second")

        assert.deepStrictEqual(us.diagnostics, [
          { _tag: "AdvertisementKeysLong", source: "mdns", name: "ada", keys: ["tencharact"], total: 1 },
          { _tag: "AdvertisementLarge", source: "mdns", name: "bea", octets: 406, total: 1 }
        ])
      })
  )

  row("M-17-5 no more than 8,972 octets are sent; more than that is not taken", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      const refused = yield* Effect.flip(
        Subject.register(us, { instance: "ada", type, port: 80, attributes: large(9_200), allowLarge: true })
      )
      assert.include(Subject.reasonOf(refused), "InvalidAnnouncement")
      const browse = yield* Subject.browse(us, type)
      yield* Effect.sleep("5 seconds")
      const filler = (length: number) => Wire.raw("x.local", 65_280, new Uint8Array(length))
      const size = (length: number) => Wire.response({ answers: [...service("eve"), filler(length)] })
      const base = size(0).length
      yield* bench.peer().send(size(8_973 - base))
      yield* Effect.sleep("3 seconds")
      assert.deepStrictEqual(Subject.names(browse), [])
      assert.strictEqual(yield* Subject.rejected(us), 1)
      yield* bench.peer().send(size(8_972 - base))
      yield* Effect.sleep("3 seconds")

      assert.deepStrictEqual(Subject.names(browse), ["eve"])
    }))

  for (const family of ["IPv4", "IPv6"] as const) {
    row(
      `M-17-6 messages are as long as a frame takes, and no longer, over ${family}`,
      (bench) =>
        Effect.gen(function*() {
          const us = yield* Subject.start(bench)
          for (let i = 0; i < 40; i++) yield* Subject.register(us, { instance: `instance ${i}`, type, port: 80 })
          yield* Subject.browse(us, "_ipp._tcp")
          yield* Effect.sleep("500 millis")
          for (let i = 0; i < 100; i++) {
            const answers = [Wire.ptr("_ipp._tcp.local", `printer number ${i}._ipp._tcp.local`)]
            yield* bench.peer().send(Wire.response({ answers }), { family })
          }
          yield* Effect.sleep("10 seconds")
          yield* bench.peer().send(ask(), { family })
          yield* Effect.sleep("5 seconds")
          const lengths = (yield* bench.sent()).map(({ payload }) => payload.length)

          assert.isAtMost(Math.max(...lengths), family === "IPv4" ? 1472 : 1452)
          assert.isAtLeast(Math.max(...lengths), 1200)
        }),
      family === "IPv4" ? {} : { ipv4: false, ipv6: true }
    )
  }
})
