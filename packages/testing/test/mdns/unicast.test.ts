import { assert, describe } from "@effect/vitest"
import * as DnsPacket from "dns-packet"
import { Effect } from "effect"
import * as Decoded from "./support/Decoded.ts"
import { ask, domain, pointer, type } from "./support/Play.ts"
import { forSeeds, row, within } from "./support/Row.ts"
import { ada, host, responses, settled } from "./support/Settled.ts"
import * as Subject from "./support/Subject.ts"
import type * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

const address = Wire.question(host, "A")
const unicast = { unicast: true }

const destinations = (sent: ReadonlyArray<Tap.Sent>) =>
  sent.map(({ destination }) => `${destination.address}:${destination.port}`)

const query = (question: Wire.Question, header: Wire.Message = {}) => Wire.query({ questions: [question], ...header })

const group = "224.0.0.251:5353"

describe("a question for an answer by unicast", () => {
  row(
    "M-5.4-6 gets it when the record was multicast within a quarter of its ttl, M-5.4-7 else a multicast one",
    (bench) =>
      Effect.gen(function*() {
        yield* settled(bench)
        const said = yield* bench.now
        yield* bench.peer().send(query(address))
        const asked = Effect.fnUntraced(function*(at: number) {
          yield* bench.until(said + at)
          yield* bench.peer().send(query({ ...address, ...unicast }))
          return destinations(yield* bench.during(500))
        })

        assert.deepStrictEqual(yield* asked(5_000), ["10.0.0.2:5353"])
        assert.deepStrictEqual(yield* asked(29_900), ["10.0.0.2:5353"])
        assert.deepStrictEqual(yield* asked(30_600), [group])
      })
  )

  row("M-5.4-8 that probes for our name gets it at once", (bench) =>
    Effect.gen(function*() {
      yield* settled(bench)
      const since = yield* bench.now
      const authorities = [Wire.a(host, "10.0.0.99", { flush: false })]
      const sent = yield* responses(bench, query(Wire.question(host, "ANY", unicast), { authorities }))
      const reply = sent.find(({ isMulticast }) => !isMulticast)

      assert.isAtMost(reply!.time - since, 10)
      assert.deepStrictEqual(reply!.message.answers.map(({ flush, type }) => [type, flush]), [["A", true]])
    }))

  forSeeds(
    "M-5.4-9 gets it as it would be multicast: 20 to 120 ms later, with flush bits on unique records",
    (bench) =>
      Effect.gen(function*() {
        yield* settled(bench)
        const since = yield* bench.now
        const [reply] = yield* responses(bench, query({ ...pointer, ...unicast }))
        assert.isFalse(reply!.isMulticast)
        for (const record of Decoded.records(reply!.message)) assert.strictEqual(record.flush, record.type !== "PTR")
        return reply!.time - since
      }),
    (delays) => within(delays, 20, 120)
  )

  row(
    "M-11-3 M-11-4 S-A1 from an address off our subnet, that came by the group, gets it by multicast",
    (bench) =>
      Effect.gen(function*() {
        yield* settled(bench)
        const sent = yield* responses(bench, query({ ...address, ...unicast }), { from: "203.0.113.9" })

        assert.deepStrictEqual(destinations(sent), [group])
      })
  )
})

describe("a query by unicast", () => {
  row("M-5.5-1 is answered by unicast", (bench) =>
    Effect.gen(function*() {
      yield* settled(bench)
      const sent = yield* responses(bench, query(address), { to: "10.0.0.1" })

      assert.deepStrictEqual(destinations(sent), ["10.0.0.2:5353"])
    }))

  row("M-5.5-2 from off the link is not answered but counted", (bench) =>
    Effect.gen(function*() {
      const us = yield* settled(bench)
      yield* bench.peer().send(query(address), { to: "10.0.0.1", from: "203.0.113.9" })
      yield* bench.silence(5_000)

      assert.strictEqual(yield* Subject.rejected(us), 1)
    }))
})

describe("a query of a simple resolver", () => {
  const resolver = { fromPort: 40_000 }

  row(
    "M-6.7-1 M-6.7-2 M-6.7-3 M-18.1-6 is answered to its port as DNS is, with its id and question",
    (bench) =>
      Effect.gen(function*() {
        yield* settled(bench)
        const [reply, ...others] = yield* responses(bench, query(address, { id: 0xbeef, rd: 1 }), resolver)
        const packet = DnsPacket.decode(Buffer.from(reply!.payload))

        assert.deepStrictEqual(destinations([reply!]), ["10.0.0.2:40000"])
        assert.deepStrictEqual(others, [])
        assert.deepStrictEqual([packet.id, packet.type, packet.flags], [0xbeef, "response", 0x0400])
        assert.deepStrictEqual(packet.questions?.map(({ class: class_, name, type }) => [name, type, class_]), [
          [host, "A", "IN"]
        ])
        assert.deepStrictEqual(reply!.message.answers.map(Decoded.line), [`${host} A 10.0.0.1`])
      })
  )

  row("M-6.7-4 M-6.7-5 M-10.2-6 has no flush bits and no ttl above 10", (bench) =>
    Effect.gen(function*() {
      yield* settled(bench)
      for (const name of [domain, ada, host]) {
        const [reply] = yield* responses(bench, query(Wire.question(name, "ANY")), resolver)
        const records = Decoded.records(reply!.message)

        assert.isAbove(records.length, 1)
        assert.deepStrictEqual(records.filter(({ class: class_, flush, ttl }) => flush || class_ !== 1 || ttl > 10), [])
      }
    }))

  row(
    "M-6.7-6 M-18.14-10 has at most 512 octets or TC, and targets that are not compressed",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* settled(bench)
        const [reply] = yield* responses(bench, query(Wire.question(ada, "SRV")), resolver)
        assert.isTrue(Buffer.from(reply!.payload).includes(Buffer.from(Wire.nameOf(host))))

        for (let i = 0; i < 30; i++) yield* Subject.register(us, { instance: `another service ${i}`, type, port: 80 })
        yield* Effect.sleep("20 seconds")
        // a long question, since a reply has no more than ten times its octets either
        const long = Wire.question(`${"x".repeat(63)}.local`, "A")
        const [cut] = yield* responses(bench, ask({ questions: [pointer, long] }), resolver)
        assert.isAtMost(cut!.payload.length, 512)
        assert.strictEqual(cut!.message.tc, 1)
        assert.isAbove(cut!.message.answers.length, 5)
      })
  )

  row("M-6.7-6 from off the link is not answered", (bench) =>
    Effect.gen(function*() {
      yield* settled(bench)
      yield* bench.peer().send(query(address), { ...resolver, from: "203.0.113.9" })
      yield* bench.silence(5_000)
    }))

  row(
    "M-6.7-1 is answered by multicast too when the record was not multicast lately",
    (bench) =>
      Effect.gen(function*() {
        yield* settled(bench)
        yield* Effect.sleep("1 minute")
        const sent = yield* responses(bench, query(address), resolver)

        assert.deepStrictEqual(destinations(sent).toSorted(), ["10.0.0.2:40000", group])
      })
  )
})
