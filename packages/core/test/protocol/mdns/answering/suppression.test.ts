import { assert, describe, it } from "@effect/vitest"
import * as Engine from "../../../../src/protocol/mdns/Engine.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import * as Bench from "./bench.ts"

const { Type } = Record
const pointer = Bench.question("_http._tcp.local", Type.PTR)
const record = Bench.ptr("_http._tcp.local", "x._http._tcp.local")
const more = (answers: ReadonlyArray<Record.Record>, isTruncated = false) => Bench.query([], { answers, isTruncated })

const passed = (bench: Bench.Bench) => {
  Bench.passUntil(bench, bench.now + 10_000)
  return bench.sent.map(({ message }) => Bench.show(message.answers))
}

describe("a known answer", () => {
  const listed = (known: ReadonlyArray<Record.Record>, question = pointer) => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, Bench.query([question], { answers: known }))
    return passed(bench)
  }

  it("M-7.1-1 is not repeated when it is listed with half of its ttl", () => {
    assert.deepStrictEqual(listed([{ ...record, ttl: 2_250 }]), [])
    assert.deepStrictEqual(listed([{ ...record, ttl: 86_400 }]), [])
  })

  it("M-7.1-2 is repeated with its full ttl when it is listed with less", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, Bench.query([pointer], { answers: [{ ...record, ttl: 2_249 }] }))
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual(bench.sent.map(({ message }) => message.answers.map(({ ttl }) => ttl)), [[4_500]])
  })

  it("M-7.1-1 is known by its name in any case and its data, not by its name alone", () => {
    assert.deepStrictEqual(listed([Bench.ptr("_HTTP._TCP.LOCAL", "X._http._tcp.local")]), [])
    assert.deepStrictEqual(listed([Bench.ptr("_http._tcp.local", "y._http._tcp.local")]), [["PTR _http._tcp.local"]])
    assert.deepStrictEqual(listed([{ ...record, class: 3 }]), [["PTR _http._tcp.local"]])
  })

  it("does not go along with others either", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    const known = [Bench.srv("x._http._tcp.local", "h.local"), Bench.a("h.local", 2), Bench.aaaa("h.local", 2)]
    Bench.hear(bench, Bench.query([pointer], { answers: known }))
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual(Bench.show(bench.sent[0]!.message.additionals), ["TXT! x._http._tcp.local"])
  })

  it("goes along when another who asks does not know it", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, Bench.query([pointer], { answers: [Bench.txt("x._http._tcp.local")] }))
    Bench.hear(bench, Bench.query([pointer]), Bench.origin("192.168.1.10"))
    Bench.passUntil(bench, 10_000)

    assert.strictEqual(bench.sent[0]!.message.additionals.length, 4)
  })

  it("M-10.2-4 of a set of which others are not known goes out with them", () => {
    const set = [Bench.a("h.local", 2), Bench.a("h.local", 3)]
    const bench = Bench.make(Bench.zone(set))
    Bench.hear(bench, Bench.query([Bench.question("h.local", Type.A)], { answers: set.slice(0, 1) }))
    assert.deepStrictEqual(passed(bench), [["A! h.local", "A! h.local"]])

    const known = Bench.make(Bench.zone(set))
    Bench.hear(known, Bench.query([Bench.question("h.local", Type.A)], { answers: set }))
    assert.deepStrictEqual(passed(known), [])
  })

  it("may be a denial", () => {
    const question = Bench.question("h.local", Type.TXT)
    const denial = Bench.nsec("h.local", [Type.A, Type.AAAA], 4_500)

    assert.deepStrictEqual(listed([denial], question), [])
    assert.deepStrictEqual(listed([{ ...denial, ttl: 100 }], question), [["NSEC! h.local"]])
    assert.deepStrictEqual(listed([Bench.nsec("h.local", [Type.A], 4_500)], question), [["NSEC! h.local"]])
  })
})

describe("a query of several datagrams", { timeout: 60_000 }, () => {
  const truncated = Bench.query([pointer], { isTruncated: true })

  it("M-7.2-3 is not answered with what a later one lists", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, truncated)
    Bench.hear(bench, more([record]), Bench.origin(), 300)

    assert.deepStrictEqual(passed(bench), [])
  })

  it("M-7.2-3 leaves the answer to somebody else alone", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, truncated)
    Bench.hear(bench, Bench.query([pointer]), Bench.origin("192.168.1.10"), 100)
    Bench.hear(bench, more([record]), Bench.origin(), 300)

    assert.deepStrictEqual(passed(bench), [["PTR _http._tcp.local"]])
    assert.isAtMost(bench.sent[0]!.at, 220)
  })

  it("is not answered again when somebody else was meanwhile", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, truncated)
    Bench.hear(bench, Bench.query([pointer]), Bench.origin("192.168.1.10"), 100)

    assert.deepStrictEqual(passed(bench), [["PTR _http._tcp.local"]])
  })

  it("M-15.2-1 is known by its source, and the rest of another is not its own", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, truncated)
    Bench.hear(bench, more([record]), Bench.origin("192.168.1.10"), 300)

    assert.deepStrictEqual(passed(bench), [["PTR _http._tcp.local"]])
  })

  it("M-15.2-1 of two queriers on one host leaves out no more than both know", () => {
    const other = Bench.ptr("_http._tcp.local", "y._http._tcp.local")
    const third = Bench.ptr("_http._tcp.local", "z._http._tcp.local")
    const bench = Bench.make(Bench.zone([...Bench.http, other, third]))
    Bench.hear(bench, truncated)
    Bench.hear(bench, truncated, Bench.origin(), 10)
    Bench.hear(bench, more([record]), Bench.origin(), 20)
    Bench.hear(bench, more([other]), Bench.origin(), 30)
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual(bench.sent.map(({ message }) => message.answers.length), [1])
    assert.deepStrictEqual(bench.sent[0]!.message.answers[0]!.data, third.data)
  })

  it("M-7.2-4 is waited for 400 to 500 ms after each", () => {
    Bench.within(1_000, 1_100, (seed) => {
      const bench = Bench.make(Bench.zone(Bench.http), { seed })
      Bench.hear(bench, truncated)
      Bench.hear(bench, more([], true), Bench.origin(), 300)
      Bench.hear(bench, more([], true), Bench.origin(), 600)
      Bench.passUntil(bench, 10_000)
      return bench.sent[0]!.at
    })
  })

  it("M-7.2-4 X-3 is answered after two seconds, however many follow", () => {
    for (let seed = 0; seed < 100; seed++) {
      const bench = Bench.make(Bench.zone(Bench.http), { seed })
      Bench.hear(bench, truncated)
      for (let at = 150; at < 1_950; at += 150) Bench.hear(bench, more([], true), Bench.origin(), at)
      Bench.passUntil(bench, 10_000)

      assert.deepStrictEqual(bench.sent.map(({ at }) => at), [2_000])
    }
  })

  it("X-3 is put together from 16 datagrams at most", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, truncated)
    for (let i = 0; i < 15; i++) Bench.hear(bench, more([], true))
    Bench.hear(bench, more([record]))

    assert.deepStrictEqual(passed(bench), [["PTR _http._tcp.local"]])
  })

  it("X-3 X-25 is one of 512 at most, whoever sends them and on which link", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    const other = { ...bench, link: { ...bench.link, key: "eth1/IPv4" }, zone: Bench.zone(Bench.http) }
    for (let i = 0; i < 10_000; i++) {
      Bench.hear(i % 2 === 0 ? bench : other, truncated, Bench.origin(`10.0.${i >> 8}.${i & 255}`), 0)
    }

    const all = Array.from(bench.answering.responders.values(), ({ assemblies }) => assemblies.size)
    assert.strictEqual(all[0]! + all[1]!, Engine.limits.assemblies)
    Bench.passUntil(bench, 10_000)
    const left = Array.from(bench.answering.responders.values(), ({ assemblies }) => assemblies.size)
    assert.deepStrictEqual(left, [0, 0])
  })

  it("M-7.2-3 that asks nothing of ours is not kept", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, Bench.query([Bench.question("_ipp._tcp.local", Type.PTR)], { isTruncated: true }))
    Bench.hear(bench, more([record]))

    assert.deepStrictEqual(passed(bench), [])
    assert.strictEqual(bench.answering.responders.get(Bench.link.key)!.assemblies.size, 0)
  })
})

describe("hearResponse", () => {
  const answered = (answers: ReadonlyArray<Record.Record>, from = Bench.origin("192.168.1.10")) => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, Bench.query([pointer]))
    Bench.hear(bench, Bench.response(answers), from, 10)
    return passed(bench)
  }

  it("M-7.4-1 drops an answer that another host has multicast with our ttl", () => {
    assert.deepStrictEqual(answered([record]), [])
    assert.deepStrictEqual(answered([Bench.a("other.local", 3), record]), [])
  })

  it("M-7.4-1 keeps it when the other's ttl is less, or the data differs, or it came by unicast", () => {
    assert.strictEqual(answered([{ ...record, ttl: 4_499 }]).length, 1)
    assert.strictEqual(answered([Bench.ptr("_http._tcp.local", "y._http._tcp.local")]).length, 1)
    assert.strictEqual(answered([record], Bench.origin("192.168.1.10", 5353, { isMulticast: false })).length, 1)
  })

  it("M-7.4-1 drops a set only when all of it was multicast", () => {
    const set = [Bench.a("h.local", 2), Bench.a("h.local", 3)]
    for (const count of [1, 2]) {
      const bench = Bench.make(Bench.zone(set))
      const questions = [Bench.question("h.local", Type.A), Bench.question("other.local", Type.A)]
      Bench.hear(bench, Bench.query(questions))
      Bench.hear(bench, Bench.response(set.slice(0, count)), Bench.origin(), 10)

      assert.strictEqual(passed(bench).length, 2 - count)
    }
  })

  it("M-7.4-1 drops it from a query of several datagrams too", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, Bench.query([pointer], { isTruncated: true }))
    Bench.hear(bench, Bench.response([record]), Bench.origin("192.168.1.10"), 200)

    assert.deepStrictEqual(passed(bench), [])
  })

  it("never drops what defends a name", () => {
    const bench = Bench.make(Bench.markSent(Bench.zone([Bench.a("h.local", 2)]), 1_000))
    const probe = Bench.query([Bench.question("h.local", Type.ANY)], { authorities: [Bench.a("h.local", 9)] })
    Bench.hear(bench, probe, Bench.origin(), 1_100)
    Bench.hear(bench, Bench.response([Bench.a("h.local", 2)]), Bench.origin("192.168.1.10"), 1_150)

    assert.strictEqual(passed(bench).length, 1)
  })
})

describe("linkDown", () => {
  it("X-25 leaves nothing to wake for", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, Bench.query([pointer]))
    Bench.hear(bench, Bench.query([pointer], { isTruncated: true }), Bench.origin("192.168.1.10"))
    Bench.linkDown(bench)

    assert.deepStrictEqual(passed(bench), [])
  })
})
