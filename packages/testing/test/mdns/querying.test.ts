/** Questions, their rhythm, and what is believed of the answers: RFC 6762, sections 4 to 7 and 10, as far as they bind who asks. */
import type { Mdns } from "@effect-discovery/core/protocol"
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import type { Bench } from "./support/Bench.ts"
import { ask, domain, nameOf, until } from "./support/Play.ts"
import { forSeeds, row, within } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

const { A, PTR } = Wire.Type
const hour = 3_600_000
const host = "ada.local"
const address = (last: number, options: Wire.Options = {}) => Wire.a(host, `10.0.0.${last}`, options)
const pointer = (instance: string, options: Wire.Options = {}) => Wire.ptr(domain, nameOf(instance), options)
const tell = (bench: Bench, answers: ReadonlyArray<Wire.Record>, message: Wire.Message = {}) =>
  bench.peer().send(Wire.response({ answers, ...message }))

/** The library, settled on its links, and the time from which questions count. */
const settled = Effect.fnUntraced(function*(bench: Bench) {
  const us = yield* Subject.start(bench)
  yield* Effect.sleep("5 seconds")
  return { us, since: yield* bench.now }
})

const queries = (bench: Bench, since: number, name: string, type: string) =>
  Effect.map(bench.sent({ since }), (sent) => sent.filter(Tap.asks(name, type)))

/** A host whose address was asked for and told at `at`, of the library on a bench. */
const resolved = Effect.fnUntraced(function*(bench: Bench, ttl = 120) {
  const { us } = yield* settled(bench)
  const watch = yield* Subject.records(us, host, A)
  yield* until(bench, Tap.asks(host, "A"))
  yield* tell(bench, [address(9, { ttl })])
  const at = yield* bench.now
  // the question is of the past now
  yield* Effect.sleep(1)
  return { us, watch, at }
})

/** A browse that knows these instances. */
const browsing = Effect.fnUntraced(function*(bench: Bench, instances: ReadonlyArray<string>) {
  const { us, since } = yield* settled(bench)
  const watch = yield* Subject.records(us, domain, PTR)
  yield* Effect.sleep("500 millis")
  for (const instance of instances) yield* tell(bench, [pointer(instance)])
  return { us, watch, since }
})

/** The data of the records that are gone. */
const lost = (events: ReadonlyArray<Mdns.RecordEvent>): ReadonlyArray<Uint8Array> =>
  events.flatMap((event) => event._tag === "RecordLost" ? [event.record.data] : [])

const tags = (events: ReadonlyArray<{ readonly _tag: string }>) => events.map(({ _tag }) => _tag)

describe("the rhythm of questions", () => {
  forSeeds(
    "M-5.2-1 M-5.2-2 M-5.2-5 the first waits 20 to 120 ms, the next a second, and each later one twice as long at least",
    (bench) =>
      Effect.gen(function*() {
        const { us, since } = yield* settled(bench)
        yield* Subject.browse(us, "_http._tcp")
        yield* Effect.sleep("10 minutes")
        const asked = yield* queries(bench, since, domain, "PTR")
        const gaps = Tap.gaps(asked)

        assert.isAtLeast(gaps.length, 8)
        assert.isAtLeast(gaps[0]!, 1_000)
        gaps.slice(1).forEach((gap, i) => assert.isAtLeast(gap, 2 * gaps[i]! - 1))
        return asked[0]!.time - since
      }),
    (delays) => within(delays, 20, 121)
  )

  row("M-5.2-4 it slows down to one an hour, and no further", (bench) =>
    Effect.gen(function*() {
      const { us, since } = yield* settled(bench)
      yield* Subject.browse(us, "_http._tcp")
      yield* Effect.sleep("24 hours")
      const asked = yield* queries(bench, since, domain, "PTR")

      assert.isAtMost(asked.length, 40)
      for (const gap of Tap.gaps(asked).slice(-10)) assert(gap >= hour && gap <= 1.02 * hour + 1)
    }))

  row(
    "M-5.2-3 M-5.4-2 M-5.4-3 asked again, it is a plain question with the answers that are known",
    (bench) =>
      Effect.gen(function*() {
        const { since } = yield* browsing(bench, ["ada", "bob"])
        yield* Effect.sleep("10 seconds")
        const [, ...again] = yield* queries(bench, since, domain, "PTR")

        assert.isAtLeast(again.length, 2)
        for (const { message } of again) {
          assert.isFalse(message.questions[0]!.unicast)
          assert.strictEqual(message.answers.length, 2)
        }
      })
  )

  row("M-5.3-1 five questions in one message bring the answers of five messages", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      const types = ["a", "b", "c", "d", "e"].map((letter) => `_${letter}._tcp`)
      for (const type of types) yield* Subject.register(us, { instance: "ada", type, port: 80 })
      yield* Effect.sleep("10 seconds")
      const questions = types.map((type) => Wire.question(`${type}.local`, "PTR"))
      const answersTo = Effect.fnUntraced(function*(messages: ReadonlyArray<ReadonlyArray<Wire.Question>>) {
        for (const questions of messages) yield* bench.peer().send(Wire.query({ questions }))
        const sent = yield* bench.during(2_000)
        return new Set(sent.flatMap(({ message }) => message.answers.map(({ name }) => name)))
      })

      const together = yield* answersTo([questions])
      assert.strictEqual(together.size, 5)
      assert.deepStrictEqual(yield* answersTo(questions.map((question) => [question])), together)
    }))

  row("M-4-1 M-4-2 addresses of a link are asked for by multicast in reverse", (bench) =>
    Effect.gen(function*() {
      const { us, since } = yield* settled(bench)
      const names = ["1.2.254.169.in-addr.arpa", ...["8", "9", "a", "b"].map((nibble) => `1.0.${nibble}.e.f.ip6.arpa`)]
      for (const name of [...names, "1.0.c.e.f.ip6.arpa"]) yield* Subject.records(us, name, PTR)
      yield* Effect.sleep("1 second")
      const sent = yield* bench.sent({ since })

      for (const name of names) assert.isTrue(sent.some(Tap.asks(name, "PTR")), name)
      assert.isFalse(sent.some(Tap.asks("1.0.c.e.f.ip6.arpa")))
      assert.isTrue(sent.every(({ isMulticast }) => isMulticast))
    }))
})

describe("records that are known", () => {
  row("M-5.2-6 hold for their ttl and no longer", (bench) =>
    Effect.gen(function*() {
      const { at, watch } = yield* resolved(bench, 10)
      yield* bench.until(at + 9_999)
      assert.deepStrictEqual(tags(watch.events), ["RecordFound"])
      yield* bench.until(at + 10_001)

      assert.deepStrictEqual(tags(watch.events), ["RecordFound", "RecordLost"])
    }))

  forSeeds(
    "M-5.2-7 M-5.2-9 M-5.2-10 M-5.2-11 M-5.2-12 are asked for at 80, 85, 90 and 95 % of their ttl, and then they are gone",
    (bench) =>
      Effect.gen(function*() {
        const { at, watch } = yield* resolved(bench)
        yield* bench.until(at + 119_999)
        const times = (yield* queries(bench, at + 1, host, "A")).map(({ time }) => time - at)
        assert.strictEqual(times.length, 4)
        assert.deepStrictEqual(tags(watch.events), ["RecordFound"])
        yield* bench.until(at + 120_001)

        assert.deepStrictEqual(tags(watch.events), ["RecordFound", "RecordLost"])
        return times
      }),
    (results) => {
      for (const [i, from] of [96_000, 102_000, 108_000, 114_000].entries()) {
        within(results.map((times) => times[i]!), from, from + 2_401)
      }
    }
  )

  row("M-5.2-9 are asked for anew only after the ttl of a later answer", (bench) =>
    Effect.gen(function*() {
      const { at } = yield* resolved(bench)
      yield* bench.until(at + 103_200)
      yield* tell(bench, [address(9)])
      yield* bench.until(at + 103_200 + 95_999)
      assert.deepStrictEqual((yield* queries(bench, at + 103_201, host, "A")).map(Tap.line), [])
      yield* bench.until(at + 103_200 + 98_401)

      assert.strictEqual((yield* queries(bench, at + 103_201, host, "A")).length, 1)
    }))

  row("M-5.2-8 are not asked for when nobody wants them any more", (bench) =>
    Effect.gen(function*() {
      const { watch } = yield* resolved(bench)
      yield* watch.close
      yield* bench.silence(240_000)
    }))

  row(
    "M-7.1-3 M-10.2-7 are listed with half of their ttl left, not with less, and without the flush bit",
    (bench) =>
      Effect.gen(function*() {
        const { us } = yield* settled(bench)
        const watch = yield* Subject.records(us, domain, PTR)
        yield* tell(bench, [pointer("ada", { ttl: 60, flush: true })])
        const at = yield* bench.now
        yield* Effect.sleep("50 seconds")
        yield* watch.close
        const asked = yield* queries(bench, at, domain, "PTR")
        const listed = asked.map(({ message, time }) => ({ age: time - at, answers: message.answers }))

        assert.isTrue(listed.some(({ age }) => age < 30_000) && listed.some(({ age }) => age > 30_000))
        for (const { age, answers } of listed) {
          assert.deepStrictEqual(
            answers.map(({ ttl }) => ttl),
            age <= 30_000 ? [Math.floor((60_000 - age) / 1_000)] : []
          )
          assert.isTrue(answers.every(({ flush }) => !flush))
        }
      })
  )

  row(
    "M-7.2-1 M-7.2-2 that fill more than one message follow at once, without a question",
    (bench) =>
      Effect.gen(function*() {
        const instances = Array.from({ length: 200 }, (_, i) => `an instance with quite a long name ${i}`)
        yield* browsing(bench, instances)
        const first = yield* until(bench, Tap.asks(domain, "PTR"))
        const messages = (yield* bench.sent({ since: first.time })).map(({ message }) => message)

        assert.isAbove(messages.length, 2)
        assert.deepStrictEqual(messages.map(({ tc }) => tc), messages.map((_, i) => i < messages.length - 1 ? 1 : 0))
        assert.deepStrictEqual(
          messages.map(({ questions }) => questions.length),
          messages.map((_, i) => i === 0 ? 1 : 0)
        )
        assert.strictEqual(
          new Set(messages.flatMap(({ answers }) => answers.map(({ data }) => JSON.stringify(data)))).size,
          200
        )
      })
  )

  row("M-7.1-4 are not those that others list", (bench) =>
    Effect.gen(function*() {
      const { watch } = yield* browsing(bench, [])
      yield* bench.peer().send(ask({ answers: [pointer("ada")] }))
      yield* Effect.sleep("10 seconds")

      assert.deepStrictEqual(watch.events, [])
    }))
})

describe("unicast answers", () => {
  row(
    "M-5.4-1 M-5.4-2 M-5.4-3 M-5.4-4 M-5.4-5 are asked for when a link comes up, by what is asked there already",
    (bench) =>
      Effect.gen(function*() {
        const { us } = yield* settled(bench)
        const types = ["_a._tcp", "_b._tcp", "_c._tcp"]
        for (const type of types) yield* Subject.browse(us, type)
        yield* Effect.sleep("100 seconds")
        yield* bench.host().interface("eth0").down
        yield* Effect.sleep("10 seconds")
        const since = yield* bench.now
        yield* bench.host().interface("eth0").up
        const first = yield* until(bench, Tap.asks("_a._tcp.local"))
        assert.deepStrictEqual(first.message.questions.map(({ unicast }) => unicast), [true, true, true])
        yield* Effect.sleep("1 second")
        yield* Subject.browse(us, "_d._tcp")
        yield* Effect.sleep("10 seconds")
        const later = (yield* bench.sent({ since })).filter(({ time }) => time > first.time)

        assert.isTrue(later.some(Tap.asks("_d._tcp.local")))
        assert.isTrue(later.every(({ message }) => message.questions.every(({ unicast }) => !unicast)))
      })
  )

  for (const [delay, isHeard] of [[1_900, true], [2_100, false]] as const) {
    row(
      `M-6-19 M-6-20 are ${isHeard ? "heard" : "ignored"} ${delay} ms after the question`,
      (bench) =>
        Effect.gen(function*() {
          const { us } = yield* settled(bench)
          const watch = yield* Subject.records(us, domain, PTR)
          yield* bench.host().interface("eth0").down
          yield* Effect.sleep("10 seconds")
          yield* bench.host().interface("eth0").up
          yield* until(bench, Tap.asks(domain, "PTR"))
          yield* Effect.sleep(delay)
          const [to] = yield* bench.addresses("us")
          const unicast = (answers: ReadonlyArray<Wire.Record>) =>
            bench.peer().send(Wire.response({ answers }), { to: to! })
          yield* unicast([Wire.ptr("_ipp._tcp.local", "eve._ipp._tcp.local")])
          yield* unicast([pointer("ada")])
          yield* Effect.sleep("1 second")

          assert.deepStrictEqual(tags(watch.events), isHeard ? ["RecordFound"] : [])
          assert.isAtLeast(yield* Subject.rejected(us), isHeard ? 1 : 2)
        })
    )
  }

  row("M-6-20 that nobody asked for are ignored", (bench) =>
    Effect.gen(function*() {
      const { us, watch } = yield* browsing(bench, [])
      yield* Effect.sleep("5 seconds")
      const [to] = yield* bench.addresses("us")
      yield* bench.peer().send(Wire.response({ answers: [pointer("ada")] }), { to: to! })
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(watch.events, [])
      assert.strictEqual(yield* Subject.rejected(us), 1)
    }))
})

describe("answers", () => {
  row("M-6-8 with questions are used, and the questions are not", (bench) =>
    Effect.gen(function*() {
      const { us, watch } = yield* browsing(bench, [])
      yield* Subject.register(us, { instance: "us", type: "_ipp._tcp", port: 80 })
      yield* Effect.sleep("10 seconds")
      const questions = ["_ipp._tcp.local", "us._ipp._tcp.local", domain].map((name) => Wire.question(name, "ANY"))
      yield* tell(bench, [pointer("ada")], { questions })
      assert.deepStrictEqual((yield* bench.during(2_000)).filter(Tap.isResponse).map(Tap.line), [])

      assert.deepStrictEqual(tags(watch.events), ["RecordFound"])
    }))

  row(
    "M-6.1-2 M-6.1-6 M-6.1-7 that deny are believed, whatever name they say is next",
    (bench) =>
      Effect.gen(function*() {
        for (const [i, types] of [[28], [], [255], [2, 16, 28, 33]].entries()) {
          const us = yield* Subject.start(bench)
          const watch = yield* Subject.records(us, `${i}.local`, A)
          yield* Effect.sleep("1 second")
          yield* tell(bench, [Wire.nsec(`${i}.local`, types, { next: "x.local" })])
          yield* Effect.sleep("1 second")
          assert.deepStrictEqual(tags(watch.events), ["RecordDenied"])
          const { length } = yield* queries(bench, 0, `${i}.local`, "A")
          yield* Effect.sleep("30 seconds")

          assert.strictEqual((yield* queries(bench, 0, `${i}.local`, "A")).length, length)
          yield* Subject.close(us)
        }
      })
  )

  row("M-6.1-8 M-6.1-9 with a denial that cannot be read are used for all else", (bench) =>
    Effect.gen(function*() {
      const { us } = yield* settled(bench)
      const watch = yield* Subject.records(us, host, A)
      const broken = Wire.raw(host, "NSEC", Wire.concat([Wire.nameOf(host), Uint8Array.of(0, 32, 1)]))
      yield* tell(bench, [address(8), broken, address(9)])
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(tags(watch.events), ["RecordFound", "RecordFound"])
    }))

  row(
    "M-10.1-2 that say goodbye end a record a second later, unless somebody saves it",
    (bench) =>
      Effect.gen(function*() {
        const { watch } = yield* browsing(bench, ["ada", "bob"])
        yield* Effect.sleep("10 seconds")
        yield* tell(bench, [pointer("ada", { ttl: 0 }), pointer("bob", { ttl: 0 })])
        yield* Effect.sleep("900 millis")
        yield* tell(bench, [pointer("bob")])
        yield* Effect.sleep("99 millis")
        assert.deepStrictEqual(lost(watch.events), [])
        yield* Effect.sleep("10 seconds")

        assert.deepStrictEqual(lost(watch.events).map((octets) => Buffer.from(octets).toString("latin1", 1, 4)), [
          "ada"
        ])
      })
  )

  row(
    "M-10.1-2 that a stranger takes back are asked for, and stay when whoever has them says so",
    (bench) =>
      Effect.gen(function*() {
        const { us, watch } = yield* browsing(bench, ["ada", "bob"])
        yield* Effect.sleep("70 seconds")
        const since = yield* bench.now
        const gone = Wire.response({ answers: [pointer("ada", { ttl: 0 }), pointer("bob", { ttl: 0 })] })
        yield* bench.peer().send(gone, { from: "10.0.0.77" })
        yield* Effect.sleep("5 seconds")
        assert.isAtLeast((yield* queries(bench, since, domain, "PTR")).length, 1)
        assert.deepStrictEqual(lost(watch.events), [])
        yield* tell(bench, [pointer("bob")])
        yield* bench.until(since + 10_100)

        assert.strictEqual(lost(watch.events).length, 1)
        assert.include(String.fromCharCode(...lost(watch.events)[0]!), "ada")
        yield* Subject.close(us)
      })
  )

  row(
    "M-10.2-3 that a stranger replaces are asked for, and stay when whoever has them says so",
    (bench) =>
      Effect.gen(function*() {
        const { at, watch } = yield* resolved(bench)
        yield* bench.until(at + 5_000)
        yield* bench.peer().send(Wire.response({ answers: [address(66)] }), { from: "10.0.0.77" })
        yield* Effect.sleep("300 millis")
        assert.isAtLeast((yield* queries(bench, at + 5_000, host, "A")).length, 1)
        yield* tell(bench, [address(9)])
        yield* Effect.sleep("10 seconds")

        assert.isFalse(lost(watch.events).some((octets) => octets.at(-1) === 9))
      })
  )

  row("M-10.2-3 with the flush bit end what was said more than a second before", (bench) =>
    Effect.gen(function*() {
      const { at, watch } = yield* resolved(bench)
      yield* bench.until(at + 5_000)
      yield* tell(bench, [address(10)])
      yield* Effect.sleep("900 millis")
      yield* tell(bench, [address(11)])
      yield* Effect.sleep("99 millis")
      assert.deepStrictEqual(tags(watch.events), ["RecordFound", "RecordFound", "RecordFound"])
      yield* Effect.sleep("10 seconds")

      assert.deepStrictEqual(lost(watch.events).map((octets) => octets.at(-1)), [9])
    }))

  row("M-10.2-9 with an OPT record flush nothing by it", (bench) =>
    Effect.gen(function*() {
      const { at, us, watch } = yield* resolved(bench)
      yield* bench.until(at + 5_000)
      const all = yield* Subject.records(us, host, Wire.Type.ANY)
      const opt = Wire.raw("", "OPT", new Uint8Array(0), { class: 0x0f00, flush: true })
      // the class of the last is that of the internet, were it a class
      const others = [{ ...opt, name: host }, { ...opt, name: host, class: 1, flush: false }]
      yield* tell(bench, [address(9)], { additionals: [opt, ...others] })
      yield* Effect.sleep("10 seconds")

      assert.deepStrictEqual(tags(watch.events), ["RecordFound", "RecordFound"])
      assert.isTrue(all.events.every((event) => event._tag === "RecordDenied" || event.record.type === A))
    }))

  row("X-7 with aliases in circles are not followed", (bench) =>
    Effect.gen(function*() {
      const { us, since } = yield* settled(bench)
      yield* Subject.records(us, "a.local", A)
      yield* Effect.sleep("1 second")
      const alias = (from: string, to: string) => Wire.raw(from, "CNAME", Wire.nameOf(to), { ttl: 1, flush: true })
      yield* tell(bench, [alias("a.local", "b.local"), alias("b.local", "a.local"), alias("c.local", "c.local")])
      yield* Effect.sleep("1 minute")
      const asked = (yield* bench.sent({ since })).flatMap(({ message }) => message.questions.map(({ name }) => name))

      assert.deepStrictEqual(new Set(asked), new Set(["a.local"]))
    }))

  row("X-14 in other letters are of the same instance", (bench) =>
    Effect.gen(function*() {
      const { us } = yield* settled(bench)
      const browse = yield* Subject.browse(us, "_http._tcp")
      yield* tell(bench, [
        pointer("ada"),
        Wire.srv("ADA._HTTP._tcp.local", "Host.LOCAL", 80),
        Wire.txt("Ada._http._TCP.local", []),
        Wire.a("hOST.local", "10.0.0.9")
      ])
      yield* tell(bench, [Wire.ptr("_HTTP._TCP.LOCAL", "ADA._http._tcp.local")])
      yield* Effect.sleep("5 seconds")

      assert.strictEqual(Subject.services(browse).length, 1)
    }))
})

describe("others who ask", () => {
  row(
    "M-7.3-1 what they ask just before us is not asked again, unless they know more",
    (bench) =>
      Effect.gen(function*() {
        const asksFirst = Effect.fnUntraced(function*(answers: ReadonlyArray<Wire.Record>) {
          const { us } = yield* settled(bench)
          yield* Subject.records(us, domain, PTR)
          yield* Effect.sleep("10 millis")
          yield* bench.peer().send(ask({ answers }))
          const sent = yield* bench.during(500)
          yield* Subject.close(us)
          return sent.filter(Tap.asks(domain, "PTR")).length
        })

        assert.strictEqual(yield* asksFirst([]), 0)
        assert.strictEqual(yield* asksFirst([pointer("ada")]), 1)
      })
  )

  row(
    "M-10.5-1 M-10.5-2 whom nobody answers again and again tell us that a record is gone, without asking",
    (bench) =>
      Effect.gen(function*() {
        const { watch } = yield* browsing(bench, ["ada", "bob"])
        // past the first questions of the series
        yield* Effect.sleep("70 seconds")
        const answers = [pointer("bob")]
        const started = yield* bench.now
        for (let asked = 0; asked < 4; asked++) {
          yield* bench.peer().send(ask({ answers }), { from: "10.0.0.77" })
          yield* Effect.sleep("2 seconds")
        }
        yield* bench.until(started + 9_990)
        assert.deepStrictEqual(tags(watch.events), ["RecordFound", "RecordFound"])
        yield* bench.until(started + 10_010)

        assert.deepStrictEqual(tags(watch.events), ["RecordFound", "RecordFound", "RecordLost"])
        assert.deepStrictEqual((yield* bench.sent({ since: started })).map(Tap.line), [])
      })
  )
})

describe("doubt", () => {
  row(
    "M-10.4-1 M-10.4-2 what is to be confirmed is asked for at least twice, and is gone after ten seconds",
    (bench) =>
      Effect.gen(function*() {
        const { us, watch } = yield* resolved(bench)
        yield* Effect.sleep("10 seconds")
        const since = yield* bench.now
        yield* us.mdns.reconfirm(host)
        yield* bench.until(since + 9_999)
        assert.isAtLeast((yield* queries(bench, since, host, "A")).length, 2)
        assert.deepStrictEqual(tags(watch.events), ["RecordFound"])
        yield* bench.until(since + 10_001)

        assert.deepStrictEqual(tags(watch.events), ["RecordFound", "RecordLost"])
      })
  )

  row("M-10.3-1 what was learnt on a link is gone with it", (bench) =>
    Effect.gen(function*() {
      const { watch } = yield* browsing(bench, ["ada"])
      yield* Effect.sleep("10 seconds")
      yield* bench.host().interface("eth0").down
      yield* Effect.sleep("5 seconds")

      assert.deepStrictEqual(tags(watch.events), ["RecordFound", "RecordLost"])
    }))
})

describe("a host that is asked for on several links", () => {
  const denial = Wire.response({ answers: [Wire.nsec(host, [Wire.Type.TXT])] })
  const answer = Wire.response({ answers: [address(9)] })
  for (
    const [name, first, second] of [
      ["denied after it is answered", answer, denial],
      ["answered after it is denied", denial, answer]
    ] as const
  ) {
    row(
      `M-14-3 is found where one link has an answer and another has none: ${name}`,
      (bench) =>
        Effect.gen(function*() {
          const { us } = yield* settled(bench)
          const asked = yield* Effect.forkScoped(bench.host().run(us.mdns.lookup(host)))
          yield* until(bench, Tap.asks(host, "A"))
          yield* bench.peer().send(first, { interface: "eth0" })
          yield* Effect.sleep("50 millis")
          yield* bench.peer().send(second, { interface: "eth1" })

          assert.deepStrictEqual((yield* Fiber.join(asked)).map(String), ["10.0.0.9:0"])
        }),
      { segments: 2 }
    )
  }
})

describe("an instance that is asked for", () => {
  const name = "ada._http._tcp.local"
  const resolving = Effect.fnUntraced(function*(bench: Bench) {
    const { us } = yield* settled(bench)
    const asked = yield* Effect.forkScoped(bench.host().run(Effect.result(us.mdns.resolve(name))))
    yield* until(bench, Tap.asks(name, "SRV"))
    return asked
  })

  row(
    "M-6.1-1 is found, though its host has addresses of one family and its TXT record comes late",
    (bench) =>
      Effect.gen(function*() {
        const asked = yield* resolving(bench)
        yield* tell(bench, [Wire.srv(name, host, 80), address(9), Wire.nsec(host, [A])])
        yield* Effect.sleep("400 millis")
        yield* tell(bench, [Wire.txt(name, ["a=1"])])

        assert.strictEqual((yield* Fiber.join(asked))._tag, "Success")
      })
  )

  row("M-6.1-1 is found without a TXT record, when that is denied", (bench) =>
    Effect.gen(function*() {
      const asked = yield* resolving(bench)
      yield* tell(bench, [Wire.nsec(name, [Wire.Type.SRV])])
      yield* Effect.sleep("200 millis")
      yield* tell(bench, [Wire.srv(name, host, 80), address(9)])

      assert.strictEqual((yield* Fiber.join(asked))._tag, "Success")
    }))

  for (const delay of [0, 1_400]) {
    row(
      `is found without a TXT record though nobody denies that, answered ${delay} ms late`,
      (bench) =>
        Effect.gen(function*() {
          const asked = yield* resolving(bench)
          yield* Effect.sleep(delay)
          yield* tell(bench, [Wire.srv(name, host, 80), address(9)])

          assert.strictEqual((yield* Fiber.join(asked))._tag, "Success")
        })
    )
  }

  row("M-6.1-1 is denied where there is no SRV record", (bench) =>
    Effect.gen(function*() {
      const asked = yield* resolving(bench)
      yield* tell(bench, [Wire.nsec(name, [Wire.Type.TXT])])
      const result = yield* Fiber.join(asked)

      assert.strictEqual(result._tag === "Failure" && Subject.reasonOf(result.failure), "ResolveError Denied")
    }))
})
