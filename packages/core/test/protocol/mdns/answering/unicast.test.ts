import { assert, describe, it } from "@effect/vitest"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import * as Bench from "./bench.ts"

const { Type } = Record
const unicast = { unicast: true }
const legacy = (host = "192.168.1.9") => Bench.origin(host, 40_000)
const direct = Bench.origin("192.168.1.9", 5353, { isMulticast: false })
const asker = "192.168.1.9:5353"

/** Where the answers to a message go, ten seconds later, when all was multicast `ago`. */
const sentTo = (message: Parameters<typeof Bench.hear>[1], from: ReturnType<typeof Bench.origin>, ago = Infinity) => {
  const bench = Bench.make(Bench.markSent(Bench.zone(Bench.http), 100_000 - ago))
  Bench.hear(bench, message, from, 100_000)
  Bench.passUntil(bench, 110_000)
  return bench.sent.map(({ to }) => to)
}

const address = (options = {}) => Bench.query([Bench.question("h.local", Type.A, options)])
const everything = (records: ReadonlyArray<Record.Record>, maxPayload = 1_472) => {
  const bench = Bench.make(Bench.zone(records), { link: { maxPayload } })
  return bench
}

describe("a question for an answer by unicast", () => {
  it("M-5.4-6 M-6-17 gets it so when the record was multicast within a quarter of its ttl", () => {
    assert.deepStrictEqual(sentTo(address(unicast), Bench.origin(), 5_000), [asker])
    assert.deepStrictEqual(sentTo(address(unicast), Bench.origin(), 30_000), [asker])
  })

  it("M-5.4-7 gets it by multicast when it was not", () => {
    assert.deepStrictEqual(sentTo(address(unicast), Bench.origin(), 30_001), ["group"])
    assert.deepStrictEqual(sentTo(address(unicast), Bench.origin()), ["group"])
  })

  it("M-5.4-9 M-10.2-5 has the flush bit on unique records and not on shared ones", () => {
    const bench = Bench.make(Bench.markSent(Bench.zone(Bench.http), 0))
    Bench.hear(bench, Bench.query([Bench.question("_http._tcp.local", Type.PTR, unicast)]), Bench.origin(), 2_000)
    Bench.passUntil(bench, 10_000)

    const { message, to } = bench.sent[0]!
    assert.strictEqual(to, asker)
    assert.deepStrictEqual(Bench.show([...message.answers, ...message.additionals]), [
      "PTR _http._tcp.local",
      "SRV! x._http._tcp.local",
      "TXT! x._http._tcp.local",
      "A! h.local",
      "AAAA! h.local"
    ])
  })

  it("M-5.4-6 in one message with others gets its own answer so", () => {
    const questions = [Bench.question("h.local", Type.A, unicast), Bench.question("x._http._tcp.local", Type.TXT)]
    const bench = Bench.make(Bench.markSent(Bench.zone(Bench.http), 0))
    Bench.hear(bench, Bench.query(questions), Bench.origin(), 5_000)
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual(bench.sent.map(({ message, to }) => [to, Bench.show(message.answers)]), [
      [asker, ["A! h.local"]],
      ["group", ["TXT! x._http._tcp.local"]]
    ])
  })

  it("M-6-18 that is asked without that wish as well gets it by multicast", () => {
    for (const both of [[unicast, {}], [{}, unicast]]) {
      const questions = both.map((options) => Bench.question("h.local", Type.A, options))
      assert.deepStrictEqual(sentTo(Bench.query(questions), Bench.origin(), 5_000), ["group"])
    }
  })

  it("M-7.1-1 gets along with it only what it does not know", () => {
    const bench = Bench.make(Bench.markSent(Bench.zone(Bench.http), 0))
    const answers = [Bench.aaaa("h.local", 2)]
    Bench.hear(bench, Bench.query([Bench.question("h.local", Type.A, unicast)], { answers }), Bench.origin(), 5_000)

    assert.deepStrictEqual(bench.sent.map(({ message }) => [...message.answers, ...message.additionals].length), [1])
  })

  it("M-6-18 M-6-16 is the only one that does", () => {
    assert.deepStrictEqual(sentTo(address(), Bench.origin(), 5_000), ["group"])
    assert.deepStrictEqual(sentTo(address(), Bench.origin()), ["group"])
  })

  it("M-15.1-2 from another program of this host gets it by multicast, since the port is shared", () => {
    const own = Bench.origin("192.168.1.2", 5353, { isOwnAddress: true })

    assert.deepStrictEqual(sentTo(address(unicast), own, 5_000), ["group"])
  })

  it("M-11-3 M-11-4 S-A1 from a source off our subnet that came by the group gets it by multicast", () => {
    const off = Bench.origin("10.9.9.9", 5353, { isOnLink: false })

    assert.deepStrictEqual(sentTo(address(unicast), off, 5_000), ["group"])
  })
})

describe("a query by unicast", () => {
  it("M-5.5-1 is answered as if it had asked for that", () => {
    assert.deepStrictEqual(sentTo(address(), direct, 5_000), [asker])
    assert.deepStrictEqual(sentTo(address(), direct), ["group"])
  })

  it("M-5.5-2 M-6.7-6 from off the link is not answered but counted", () => {
    for (const port of [5353, 40_000]) {
      const bench = Bench.make(Bench.markSent(Bench.zone(Bench.http), 0))
      const off = Bench.origin("203.0.113.9", port, { isMulticast: false, isOnLink: false })
      Bench.hear(bench, address(unicast), off)
      Bench.passUntil(bench, 10_000)

      assert.deepStrictEqual([bench.sent, bench.rejected], [[], ["off-link"]])
    }
  })

  it("S-A2 is answered with ten times its octets at most, and the rest by multicast", () => {
    const records = Array.from(
      { length: 40 },
      (_, i) => Bench.ptr("_a._udp.local", `${i}`.repeat(20) + "._a._udp.local")
    )
    const bench = Bench.make(Bench.markSent(Bench.zone(records), 0))
    Bench.hear(bench, Bench.query([Bench.question("_a._udp.local", Type.PTR)]), direct, 5_000)
    Bench.passUntil(bench, 10_000)

    const [reply, ...others] = bench.sent
    assert.strictEqual(reply!.to, asker)
    assert.isAtMost(reply!.length, 10 * (12 + 15 + 4))
    assert(others.length > 0 && others.every(({ to }) => to === "group"))
    assert.strictEqual(bench.sent.flatMap(({ message }) => message.answers).length, 40)
  })
})

describe("a query from a port of its own", { timeout: 60_000 }, () => {
  const ask = (questions: ReadonlyArray<ReturnType<typeof Bench.question>>, records = Bench.http) => {
    const bench = everything(records)
    Bench.markSent(bench.zone, 0)
    Bench.hear(bench, Bench.query(questions, { id: 0xbeef }), legacy(), 1)
    Bench.passUntil(bench, 10_000)
    return bench.sent
  }

  it("M-6.7-1 is answered to its address and port", () => {
    assert.deepStrictEqual(ask([Bench.question("h.local", Type.A)]).map(({ to }) => to), ["192.168.1.9:40000"])
  })

  it("M-6.7-1 by multicast as well when the records were not multicast lately", () => {
    assert.deepStrictEqual(sentTo(address(), legacy()), ["192.168.1.9:40000", "group"])
    assert.deepStrictEqual(sentTo(address(), legacy(), 60_000), ["192.168.1.9:40000", "group"])
  })

  it("M-6.7-2 M-6.7-3 M-18.1-6 repeats id and question", () => {
    const [reply] = ask([Bench.question("H.local", Type.A, unicast)])

    assert.strictEqual(reply!.flags, 0x8400)
    assert.strictEqual(reply!.message.id, 0xbeef)
    assert.deepStrictEqual(reply!.message.questions, [Bench.question("H.local", Type.A)])
  })

  it("M-6.7-4 M-6.7-5 M-10.2-6 has no flush bits and no ttl above 10", () => {
    for (const owner of ["_http._tcp.local", "x._http._tcp.local", "h.local"]) {
      const [{ message }] = ask([Bench.question(owner, Type.ANY)]) as [Bench.Sent]
      const records = [...message.answers, ...message.additionals]

      assert(records.length > 1)
      assert(records.every(({ flush, ttl }) => !flush && ttl <= 10))
    }
  })

  it("M-6.7-6 M-18.14-10 has no compressed target in SRV", () => {
    const bench = everything(Bench.http)
    const reply = Bench.octetsOf(bench, Bench.query([Bench.question("x._http._tcp.local", Type.SRV)]), legacy())

    const target = Bench.name("h.local").wire
    const at = reply.findIndex((_, i) => target.every((octet, j) => reply[i + j] === octet))
    assert.isAbove(at, 0)
    // its octets of length count the whole target
    assert.strictEqual(reply[at - 8]! << 8 | reply[at - 7]!, 6 + target.length)
  })

  it("M-6.7-6 has 512 octets at most, and TC when that is too few", () => {
    const records = Array.from({ length: 40 }, (_, i) => Bench.ptr("_a._udp.local", `x${i}._a._udp.local`))
    const [reply, ...others] = ask(
      ["_a._udp.local", "a.local", "b.local"].map((name) => Bench.question(name, Type.PTR)),
      records
    )

    assert.isAtMost(reply!.length, 512)
    assert.isAbove(reply!.message.answers.length, 10)
    assert.isTrue(reply!.message.isTruncated)
    assert.deepStrictEqual(others, [])
  })

  it("M-6.7-6 has TC and no answer when there is no room for any", () => {
    const [reply] = ask([Bench.question("x.local", Type.TXT)], [Bench.txt("x.local", 600)])

    assert.deepStrictEqual([reply!.message.isTruncated, reply!.message.answers], [true, []])
    assert.strictEqual(reply!.message.questions.length, 1)
  })

  it("S-A2 is answered with ten times its octets at most", () => {
    const [reply] = ask([Bench.question("h.local", Type.A)], [
      Bench.a("h.local", 1),
      ...Array.from({ length: 12 }, (_, i) => Bench.aaaa("h.local", i))
    ])

    assert.isAtMost(reply!.length, 250)
    assert.deepStrictEqual(Bench.show(reply!.message.answers), ["A h.local"])
  })

  it("waits as others do when several may answer", () => {
    Bench.within(20, 120, (seed) => {
      const bench = Bench.make(Bench.markSent(Bench.zone(Bench.http), 0), { seed })
      Bench.hear(bench, Bench.query([Bench.question("_http._tcp.local", Type.PTR)]), legacy(), 5_000)
      Bench.passUntil(bench, 10_000)
      return bench.sent[0]!.at - 5_000
    })
  })

  it("M-6.7-6 from off the link is not answered, though it came by the group", () => {
    const bench = everything(Bench.http)
    Bench.hear(bench, address(), Bench.origin("203.0.113.9", 40_000, { isOnLink: false }))
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual([bench.sent, bench.rejected], [[], ["off-link"]])
  })
})

describe("answers by unicast", { timeout: 60_000 }, () => {
  const flood = (hosts: number, queries: number, port: number) => {
    const bench = Bench.make(Bench.markSent(Bench.zone(Bench.http), 0))
    for (let i = 0; i < queries; i++) {
      const from = Bench.origin(`10.0.${(i % hosts) >> 8}.${(i % hosts) & 255}`, port)
      Bench.hear(bench, address(unicast), from, 1_000 + Math.floor(i * 1_000 / queries))
    }
    Bench.passUntil(bench, 10_000)
    return bench
  }

  it("S-A2 are 20 a second to one source, and what is left unsaid to a querier of mDNS is multicast", () => {
    const bench = flood(1, 1_000, 5353)

    assert.isAtMost(bench.sent.length - Bench.multicasts(bench).length, 40)
    assert.isAtLeast(Bench.multicasts(bench).length, 1)
    assert.isAtMost(Bench.multicasts(bench).length, 2)
    assert.deepStrictEqual(bench.rejected, [])
  })

  it("S-A2 are 100 a second in all, and those refused are counted", () => {
    const bench = flood(10_000, 10_000, 40_000)

    assert.isAtMost(bench.sent.length, 200)
    assert.strictEqual(bench.sent.length + bench.rejected.length, 10_000)
    assert.strictEqual(bench.answering.allowance.sources.size, bench.sent.length)
  })

  it("S-A2 remember 1,024 sources at most", () => {
    const bench = Bench.make(Bench.markSent(Bench.zone(Bench.http), 0))
    for (let i = 0; i < 2_000; i++) {
      Bench.hear(bench, address(), Bench.origin(`10.0.${i >> 8}.${i & 255}`, 40_000), 100 * i)
    }

    assert.strictEqual(bench.answering.allowance.sources.size, 1_024)
  })
})
