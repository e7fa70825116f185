import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { Bench } from "./support/Bench.ts"
import * as Decoded from "./support/Decoded.ts"
import { ask, domain, nameOf, pointer, type } from "./support/Play.ts"
import { forSeeds, row, within } from "./support/Row.ts"
import { ada, host, query, responses, settled } from "./support/Settled.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

const lines = (sent: ReadonlyArray<Tap.Sent>) =>
  sent.flatMap(({ message }) => message.answers.map(Decoded.line)).toSorted()

/** How long after a datagram the first response goes out. */
const delay = (payload: Uint8Array) => (bench: Bench) =>
  Effect.gen(function*() {
    yield* settled(bench)
    const since = yield* bench.now
    const [first] = yield* responses(bench, payload)
    return first!.time - since
  })

describe("what is answered", () => {
  row(
    "M-6-2 M-6.5-1 M-6.5-2 is all of a name, type and class that are equal or any",
    (bench) =>
      Effect.gen(function*() {
        yield* settled(bench)
        const [srv, txt] = [`${ada} SRV ${host}:80`, `${ada} TXT `]
        const cases = [
          [Wire.question(ada, "SRV"), [srv]],
          [Wire.question("ADA._HTTP._TCP.LOCAL", "SRV"), [srv]],
          [Wire.question(ada, "ANY"), [srv, txt]],
          [Wire.question(ada, "SRV", { class: 255 }), [srv]],
          [Wire.question(ada, "ANY", { class: 255 }), [srv, txt]],
          [Wire.question(ada, "SRV", { class: 3 }), []],
          [Wire.question(ada, "ANY", { class: 3 }), []],
          [Wire.question(`x.${ada}`, "ANY"), []]
        ] as const
        for (const [question, expected] of cases) {
          assert.deepStrictEqual(lines(yield* responses(bench, query(question))), [...expected])
        }
      })
  )

  row(
    "M-6-3 M-6-6 is nothing for a name that is not ours, nor for a type of service without instances",
    (bench) =>
      Effect.gen(function*() {
        yield* settled(bench)
        for (const question of [Wire.question("eve.local", "A"), Wire.question("_ipp._tcp.local", "PTR")]) {
          assert.deepStrictEqual(yield* responses(bench, query(question)), [])
        }
        assert.deepStrictEqual(yield* responses(bench, query(Wire.question(domain, "TXT"))), [])
      })
  )

  row("M-6-1 is nothing that was learnt from others", (bench) =>
    Effect.gen(function*() {
      const us = yield* settled(bench)
      yield* Subject.watchHost(us, "eve.local")
      yield* bench.peer().send(Wire.response({ answers: [Wire.a("eve.local", "10.0.0.9")] }))
      yield* Effect.sleep("10 seconds")

      assert.deepStrictEqual(yield* responses(bench, query(Wire.question("eve.local", "A"))), [])
    }))

  row(
    "M-6-4 M-6-5 M-6.1-1 M-6.1-10 M-6.1-11 is a denial of what our name lacks, for as long as it would hold",
    (bench) =>
      Effect.gen(function*() {
        yield* settled(bench)
        const denials = [
          [Wire.question(host, "AAAA"), `${host} NSEC A`, 120],
          [Wire.question(host, "SRV"), `${host} NSEC A`, 120],
          [Wire.question(host, "TXT"), `${host} NSEC A`, 4_500],
          [Wire.question(ada, "A"), `${ada} NSEC TXT SRV`, 120],
          [Wire.question(ada, "PTR"), `${ada} NSEC TXT SRV`, 4_500]
        ] as const
        for (const [question, expected, ttl] of denials) {
          const [response, ...others] = yield* responses(bench, query(question))
          assert.deepStrictEqual(others, [])
          const [denial] = response!.message.answers
          assert.deepStrictEqual([Decoded.line(denial!), denial!.ttl, denial!.flush], [expected, ttl, true])
          assert.strictEqual((denial!.data as { readonly nextDomain: string }).nextDomain, denial!.name)
        }
      })
  )

  row("M-12-1 is no name server and no start of authority", (bench) =>
    Effect.gen(function*() {
      yield* settled(bench)
      assert.deepStrictEqual(yield* responses(bench, query(Wire.question("local", "SOA"))), [])
      assert.deepStrictEqual(lines(yield* responses(bench, query(Wire.question(host, "NS")))), [`${host} NSEC A`])
    }))

  row("M-6-7 M-18.1-4 has no question and no id, whatever was asked", (bench) =>
    Effect.gen(function*() {
      yield* settled(bench)
      const sent = yield* responses(bench, Wire.query({ id: 77, questions: [pointer, Wire.question(host, "A")] }))

      assert.deepStrictEqual(sent.map(({ message }) => [message.id, message.questions]), [[0, []]])
    }))

  row(
    "M-6.3-1 M-5.3-1 is all that is ours of several questions, in one message as in several",
    (bench) =>
      Effect.gen(function*() {
        yield* settled(bench)
        const questions = [
          pointer,
          Wire.question("eve.local", "A"),
          Wire.question(ada, "TXT"),
          Wire.question(host, "A")
        ]
        const together = lines(yield* responses(bench, query(...questions)))
        for (const question of questions) yield* bench.peer().send(query(question))
        const apart = lines((yield* bench.during(3_000)).filter(Tap.isResponse))

        assert.strictEqual(together.length, 3)
        assert.deepStrictEqual(apart, together)
      })
  )

  row("D-9-1 is a pointer to each type of ours, once, in any case", (bench) =>
    Effect.gen(function*() {
      const us = yield* settled(bench)
      yield* Subject.register(us, { instance: "bob", type, port: 81 })
      yield* Subject.register(us, { instance: "eve", type: "_ipp._tcp", port: 82 })
      yield* Effect.sleep("10 seconds")
      for (const name of ["_services._dns-sd._udp.local", "_SERVICES._DNS-SD._UDP.LOCAL"]) {
        const targets = (yield* responses(bench, query(Wire.question(name, "PTR")))).flatMap(({ message }) =>
          message.answers.map(({ data }) => data)
        )
        assert.deepStrictEqual(targets.toSorted(), ["_http._tcp.local", "_ipp._tcp.local"])
      }
    }))
})

describe("what goes along", () => {
  const additionals = (name: string, type: keyof typeof Wire.Type) => (bench: Bench) =>
    Effect.map(responses(bench, query(Wire.question(name, type))), (sent) => {
      const lines = sent.flatMap(({ message }) => message.additionals.map(({ name, type }) => `${name} ${type}`))
      return Array.from(new Set(lines)).toSorted()
    })

  row("D-12-1 D-12-3 D-12.1-1 D-12.2-1 D-12.3-1 M-6.2-3 is what is asked for next", (bench) =>
    Effect.gen(function*() {
      yield* settled(bench)
      const addresses = [`${host} A`, `${host} AAAA`]

      assert.deepStrictEqual(yield* additionals(domain, "PTR")(bench), [`${ada} SRV`, `${ada} TXT`, ...addresses])
      assert.deepStrictEqual(yield* additionals(ada, "SRV")(bench), addresses)
      assert.deepStrictEqual(yield* additionals(ada, "TXT")(bench), [])
      assert.deepStrictEqual(yield* additionals(host, "A")(bench), [`${host} AAAA`])
      assert.deepStrictEqual(yield* additionals(host, "AAAA")(bench), [`${host} A`])
    }), { ipv6: true })

  row("M-6.2-4 is the denial of the family that we lack", (bench) =>
    Effect.gen(function*() {
      yield* settled(bench)

      assert.deepStrictEqual(yield* additionals(host, "A")(bench), [`${host} NSEC`])
      assert.deepStrictEqual(yield* additionals(ada, "SRV")(bench), [`${host} A`, `${host} NSEC`])
    }))

  row("M-6.2-5 denies no family that the interface has, in either group", (bench) =>
    Effect.gen(function*() {
      yield* settled(bench)
      for (const family of ["IPv4", "IPv6"] as const) {
        for (const type of ["A", "AAAA", "ANY"] as const) {
          yield* bench.peer().send(query(Wire.question(host, type)), { family })
          yield* Effect.sleep("3 seconds")
        }
      }
      const denials = Tap.recordsOf((yield* bench.sent()).filter(Tap.isResponse), host, "NSEC")

      assert.deepStrictEqual(denials.map(Decoded.line).filter((line) => !line.endsWith(" A AAAA")), [])
    }), { ipv6: true })

  row(
    "M-6.2-1 M-6.2-2 M-10.2-4 M-10.2-5 S-V3 are all addresses of the interface and none of another",
    (bench) =>
      Effect.gen(function*() {
        for (const address of ["10.0.0.77/24", "fd00::77/64"]) yield* bench.host().interface("eth0").addAddress(address)
        yield* settled(bench)
        for (const local of ["eth0", "eth1"]) {
          const expected = (yield* bench.addresses("us", local)).toSorted()
          yield* bench.peer().send(query(Wire.question(host, "ANY")), { interface: local })
          const sent = yield* bench.during(3_000, { interface: local })
          const records = Tap.recordsOf(sent.filter(Tap.isResponse), host).filter(({ type }) => type !== "NSEC")

          assert.deepStrictEqual(records.map(({ data }) => data).toSorted(), expected)
          assert.isTrue(records.every(({ flush }) => flush))
        }
      }),
    { ipv6: true, segments: 2 }
  )
})

describe("when it is answered", () => {
  forSeeds("M-6-12 M-6-9 shared answers wait 20 to 120 ms", delay(ask()), (delays) => within(delays, 20, 120), {
    count: 1_000
  })

  forSeeds("M-6-13 they wait 400 to 500 ms when more is to come", delay(ask({ tc: 1 })), (delays) => {
    within(delays, 400, 500)
  })

  forSeeds(
    "M-6.3-2 unique answers to several questions wait 20 to 120 ms",
    delay(query(Wire.question(ada, "SRV"), Wire.question(host, "A"))),
    (delays) => within(delays, 20, 120)
  )

  row("M-6-10 M-6-11 our unique records are given within 10 ms", (bench) =>
    Effect.gen(function*() {
      assert.isAtMost(yield* delay(query(Wire.question(ada, "SRV")))(bench), 10)
    }))

  forSeeds(
    "M-6-21 S-A3 a record is multicast once in a second, however many ask",
    (bench) =>
      Effect.gen(function*() {
        yield* settled(bench)
        for (let i = 0; i < 50; i++) {
          yield* bench.peer().send(ask(), { from: `10.0.0.${100 + i}` })
          yield* Effect.sleep(20)
        }
        yield* Effect.sleep("5 seconds")
        const sent = (yield* bench.sent({ since: 10_000 })).filter(Tap.answers(domain, "PTR"))

        assert.isAtLeast(sent.length, 1)
        assert.isAtMost(sent.length, 2)
        for (const gap of Tap.gaps(sent)) assert.isAtLeast(gap, 1_000)
      }),
    undefined,
    { count: 20 }
  )

  row("M-6-21 on each interface by itself", (bench) =>
    Effect.gen(function*() {
      yield* settled(bench)
      for (const local of ["eth0", "eth1"]) {
        yield* bench.peer().send(query(Wire.question(ada, "SRV")), { interface: local })
      }
      const sent = (yield* bench.during(10)).filter(Tap.answers(ada, "SRV"))

      assert.deepStrictEqual(sent.map((sent) => sent.interface).toSorted(), ["eth0", "eth1"])
    }), { segments: 2 })

  forSeeds(
    "M-6.4-1 ten queries within 20 ms get one response",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench, { host: "us" })
        const types = Array.from({ length: 10 }, (_, i) => `_t${i}._tcp`)
        for (const type of types) yield* Subject.register(us, { instance: "ada", type, port: 80 })
        yield* Effect.sleep("20 seconds")
        for (const type of types) {
          yield* bench.peer().send(query(Wire.question(`${type}.local`, "PTR")))
          yield* Effect.sleep(2)
        }
        const sent = (yield* bench.during(3_000)).filter(Tap.isResponse)

        assert.deepStrictEqual(sent.map(({ message }) => message.answers.length), [10])
      }),
    undefined,
    { count: 20 }
  )

  row(
    "M-6.4-2 an answer that is due early waits for one that is due within 500 ms more",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* settled(bench)
        yield* Subject.register(us, { instance: "eve", type: "_ipp._tcp", port: 82 })
        yield* Effect.sleep("10 seconds")
        yield* bench.peer().send(ask())
        yield* Effect.sleep(700)
        const since = yield* bench.now
        yield* bench.peer().send(ask())
        yield* bench.peer().send(query(Wire.question("_ipp._tcp.local", "PTR")))
        const sent = (yield* bench.during(3_000)).filter(Tap.isResponse)

        assert.deepStrictEqual(sent.map(({ message }) => message.answers.length), [2])
        assert.isAtMost(sent[0]!.time - since, 620)
      })
  )
})

describe("a probe for a name of ours", () => {
  const probe = (unicast: boolean) =>
    Wire.query({
      questions: [Wire.question(host, "ANY", { unicast })],
      authorities: [Wire.a(host, "10.0.0.99", { flush: false })]
    })

  row("M-6-22 X-6 is answered 250 ms after we have multicast the records", (bench) =>
    Effect.gen(function*() {
      for (const unicast of [false, true]) {
        yield* bench.peer().send(query(Wire.question(host, "A")))
        const since = yield* bench.now
        yield* Effect.sleep(100)
        yield* bench.peer().send(probe(unicast))
        yield* Effect.sleep("5 seconds")
        const sent = (yield* bench.sent({ since })).filter(Tap.answers(host, "A")).map(({ isMulticast, time }) =>
          [isMulticast, Math.round(time - since)] as const
        )

        assert.deepStrictEqual(sent, [[true, 0], ...(unicast ? [[false, 100] as const] : []), [true, 250]])
      }
    }).pipe((test) => Effect.andThen(settled(bench), test)))

  const others = ["b.local", "c.local"]
  for (
    const [what, extra, tc] of [
      ["alone", [], 0],
      ["with names of others", others.map((name) => Wire.question(name, "ANY")), 0],
      ["with a question that many answer", [pointer], 0],
      ["with TC", [], 1],
      ["with TC and that question", [pointer], 1]
    ] as const
  ) {
    forSeeds(
      `M-8.1-5 M-6.3-2 is answered within 10 ms, ${what}`,
      (bench) =>
        Effect.gen(function*() {
          yield* settled(bench)
          for (const name of [host, ada]) {
            for (const unicast of [false, true]) {
              yield* Effect.sleep("10 minutes")
              const since = yield* bench.now
              yield* bench.peer().send(Wire.query({
                tc,
                questions: [...extra, Wire.question(name, "ANY", { unicast })],
                authorities: [name, ...others].map((name) => Wire.txt(name, ["theirs"], { flush: false }))
              }))
              yield* Effect.sleep("3 seconds")
              const sent = (yield* bench.sent({ since })).filter(Tap.answers(name))
              const expected = unicast ? ["10.0.0.2", "224.0.0.251"] : ["224.0.0.251"]

              assert.deepStrictEqual(sent.map(({ destination }) => destination.address).toSorted(), expected)
              assert.isTrue(sent.every(({ time }) => time - since <= 10), sent.map(Tap.line).join("; "))
            }
          }
        }),
      undefined,
      { count: 10 }
    )
  }
})

describe("whatever we send", () => {
  forSeeds(
    "X-23 M-10.2-8 has no record twice, and no flush bit on shared records",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* settled(bench)
        yield* Subject.register(us, { instance: "bob", type, subtypes: ["_sub"], port: 81 })
        yield* Effect.sleep("10 seconds")
        const questions = [
          pointer,
          Wire.question(`_sub._sub.${domain}`, "PTR"),
          Wire.question(ada, "ANY"),
          Wire.question(nameOf("bob"), "SRV"),
          Wire.question(host, "A"),
          Wire.question(host, "TXT")
        ]
        for (let i = 0; i < 30; i++) {
          const [one, other] = [questions[(i + bench.lan.seed) % 6]!, questions[(i * i + 1) % 6]!]
          yield* bench.peer().send(query(one, other))
          yield* Effect.sleep(100 + (i * bench.lan.seed) % 900)
        }
        yield* Subject.close(us)
        for (const { message } of yield* bench.sent()) {
          const records = Decoded.records(message)
          const keys = records.map(Decoded.line)
          assert.strictEqual(new Set(keys).size, keys.length, keys.join(", "))
          for (const { data, flush, name } of records.filter(({ type }) => type === "PTR")) {
            assert.isFalse(flush && !name.endsWith(".arpa"), `${name} ${data as string}`)
          }
        }
      }),
    undefined,
    { count: 20, ipv6: true }
  )
})
