import { assert, describe, it } from "@effect/vitest"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import * as Bench from "./bench.ts"

const { Type } = Record
const browse = Bench.query([Bench.question("_http._tcp.local", Type.PTR)])

/** What a bench that owns some records answers to one question, ten seconds later. */
const answers = (records: ReadonlyArray<Record.Record>, question: Parameters<typeof Bench.question>) => {
  const bench = Bench.make(Bench.zone(records))
  Bench.hear(bench, Bench.query([Bench.question(...question)]))
  Bench.passUntil(bench, 10_000)
  return bench.sent.flatMap(({ message }) => Bench.show(message.answers))
}

describe("a question", () => {
  const records = [
    Bench.a("h.local", 2),
    Bench.aaaa("h.local", 2),
    Bench.txt("h.local"),
    { ...Bench.opaque("h.local", 300), class: 3 },
    { ...Bench.ptr("c.local", "h.local"), type: Type.CNAME, flush: true }
  ]

  it.each(
    [
      ["the name and type", ["H.LOCAL", Type.A], ["A! h.local"]],
      ["any type", ["h.local", Type.ANY], ["A! h.local", "AAAA! h.local", "TXT! h.local"]],
      ["any class", ["h.local", Type.A, { class: 255 }], ["A! h.local"]],
      ["any type and class", ["h.local", Type.ANY, { class: 255 }], [
        "A! h.local",
        "AAAA! h.local",
        "TXT! h.local",
        "300! h.local"
      ]],
      ["another class", ["h.local", 300, { class: 3 }], ["300! h.local"]],
      ["another class only", ["h.local", Type.A, { class: 3 }], []],
      ["a type of another class", ["h.local", 300], []],
      ["an alias", ["c.local", Type.A], ["CNAME! c.local"]],
      ["an alias in any class", ["c.local", Type.TXT, { class: 255 }], ["CNAME! c.local"]],
      ["an alias in another class", ["c.local", Type.TXT, { class: 4 }], []],
      ["a name that is not ours", ["other.local", Type.A], []],
      ["a name below ours", ["x.h.local", Type.A], []]
    ] as const
  )("M-6-2 M-6-3 M-6.5-1 M-6.5-2 is matched by %s", (_, question, expected) => {
    assert.deepStrictEqual(answers(records, [...question]), [...expected])
  })

  it("D-9-1 for the service types has one pointer of each, whatever the case", () => {
    const types = ["_http._tcp.local", "_ipp._tcp.local"].map((type) => Bench.ptr("_services._dns-sd._udp.local", type))

    const heard = answers(types, ["_SERVICES._DNS-SD._UDP.LOCAL", Type.PTR])
    assert.deepStrictEqual(heard, ["PTR _services._dns-sd._udp.local", "PTR _services._dns-sd._udp.local"])
  })

  it("M-6-6 of a shared name that lacks the type is not answered", () => {
    assert.deepStrictEqual(answers(Bench.http, ["_http._tcp.local", Type.TXT]), [])
    assert.deepStrictEqual(answers(Bench.http, ["_ipp._tcp.local", Type.PTR]), [])
  })

  it("M-12-1 for a name server or a start of authority is denied at most", () => {
    assert.deepStrictEqual(answers(Bench.http, ["local", Type.SOA]), [])
    assert.deepStrictEqual(answers(Bench.http, ["h.local", Type.NS]), ["NSEC! h.local"])
  })

  it("M-6-4 M-6-5 M-6.1-1 of a type that our name lacks is denied, with the types that it has", () => {
    for (const type of [Type.A, Type.AAAA, Type.PTR, Type.TXT, Type.SRV, Type.HINFO]) {
      const bench = Bench.make(Bench.zone([Bench.a("h.local", 2), Bench.txt("h.local")]))
      Bench.hear(bench, Bench.query([Bench.question("h.local", type)]))
      Bench.passUntil(bench, 10_000)

      const [answer] = bench.sent[0]!.message.answers
      if (type === Type.A || type === Type.TXT) assert.strictEqual(answer?.type, type)
      else assert.deepStrictEqual(answer?.data, { _tag: "Denial", next: answer!.name, types: [Type.A, Type.TXT] })
    }
  })

  it("M-6.1-11 is denied for as long as the record would have held", () => {
    const ttl = (type: number) => {
      const bench = Bench.make(Bench.zone([Bench.a("h.local", 2)]))
      Bench.hear(bench, Bench.query([Bench.question("h.local", type)]))
      return bench.sent[0]!.message.answers[0]!.ttl
    }

    assert.deepStrictEqual([ttl(Type.AAAA), ttl(Type.SRV), ttl(Type.TXT), ttl(Type.PTR)], [120, 120, 4_500, 4_500])
  })

  it("M-6.1-11 X-23 of several types that a name lacks is denied once, for the shortest time", () => {
    const bench = Bench.make(Bench.zone([Bench.a("h.local", 2)]))
    Bench.hear(bench, Bench.query([Type.TXT, Type.SRV, Type.PTR].map((type) => Bench.question("h.local", type))))
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual(bench.sent.map(({ message }) => message.answers.map(({ ttl }) => ttl)), [[120]])
  })

  it("M-6-21 is denied once a second at most", () => {
    const bench = Bench.make(Bench.zone([Bench.a("h.local", 2)]))
    for (let at = 0; at < 1_000; at += 50) {
      Bench.hear(bench, Bench.query([Bench.question("h.local", at % 100 === 0 ? Type.TXT : Type.AAAA)]), undefined, at)
    }
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual(bench.sent.map(({ at }) => at), [0, 1_000])
  })

  it("M-6.1-10 is denied without the bit of NSEC", () => {
    const bench = Bench.make(Bench.zone([Bench.a("h.local", 2)]))
    Bench.hear(bench, Bench.query([Bench.question("h.local", Type.NSEC)]))

    assert.deepStrictEqual(bench.sent[0]!.message.answers[0]!.data, {
      _tag: "Denial",
      next: Bench.name("h.local"),
      types: [Type.A]
    })
  })

  it("M-6.1-4 M-6.1-5 is not denied when the name has a type above 255", () => {
    const records = [Bench.a("h.local", 2), Bench.opaque("h.local", 300)]

    assert.deepStrictEqual(answers(records, ["h.local", Type.AAAA]), [])
    assert.deepStrictEqual(answers(records, ["h.local", 300]), ["300! h.local"])
  })

  it("M-6.1-12 is not denied when the name is not ours alone", () => {
    const bench = Bench.make(Bench.zone([Bench.a("h.local", 2)], ["h.local"]))
    Bench.hear(bench, Bench.query([Bench.question("h.local", Type.TXT)]))
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual(bench.sent, [])
  })
})

describe("an answer", () => {
  it("D-12.1-1 to a pointer brings SRV, TXT and all addresses", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, browse)
    Bench.passUntil(bench, 10_000)

    assert.strictEqual(bench.sent.length, 1)
    const { message, to } = bench.sent[0]!
    assert.strictEqual(to, "group")
    assert.deepStrictEqual(Bench.show(message.answers), ["PTR _http._tcp.local"])
    assert.deepStrictEqual(Bench.show(message.additionals), [
      "SRV! x._http._tcp.local",
      "TXT! x._http._tcp.local",
      "A! h.local",
      "AAAA! h.local"
    ])
  })

  const additionals = (records: ReadonlyArray<Record.Record>, owner: string, type: number) => {
    const bench = Bench.make(Bench.zone(records))
    Bench.hear(bench, Bench.query([Bench.question(owner, type)]))
    Bench.passUntil(bench, 10_000)
    return bench.sent.flatMap(({ message }) => Bench.show(message.additionals))
  }

  it("D-12.2-1 D-12-1 D-12-3 to SRV brings the addresses, D-12.3-1 to TXT nothing", () => {
    assert.deepStrictEqual(additionals(Bench.http, "x._http._tcp.local", Type.SRV), ["A! h.local", "AAAA! h.local"])
    assert.deepStrictEqual(additionals(Bench.http, "x._http._tcp.local", Type.TXT), [])
  })

  it("M-6.2-3 of one family brings the other, M-6.2-4 or the denial of it", () => {
    assert.deepStrictEqual(additionals(Bench.http, "h.local", Type.A), ["AAAA! h.local"])
    assert.deepStrictEqual(additionals(Bench.http, "h.local", Type.AAAA), ["A! h.local"])
    assert.deepStrictEqual(additionals([Bench.a("h.local", 2)], "h.local", Type.A), ["NSEC! h.local"])
    assert.deepStrictEqual(additionals([Bench.a("h.local", 2)], "h.local", Type.ANY), ["NSEC! h.local"])
  })

  it("M-6.2-5 never denies a family that the link has", () => {
    for (const family of ["IPv4", "IPv6"] as const) {
      const bench = Bench.make(Bench.zone(Bench.http), { link: { family } })
      for (const type of [Type.A, Type.AAAA]) Bench.hear(bench, Bench.query([Bench.question("h.local", type)]))
      Bench.passUntil(bench, 10_000)

      const all = bench.sent.flatMap(({ message }) => [...message.answers, ...message.additionals])
      assert.isFalse(all.some(({ type }) => type === Type.NSEC))
    }
  })

  it("M-6.2-1 M-6-1 has every address that the link owns, and none else", () => {
    const records = [2, 3].flatMap((last) => [Bench.a("h.local", last), Bench.aaaa("h.local", last)])

    assert.deepStrictEqual(answers(records, ["h.local", Type.A]), ["A! h.local", "A! h.local"])
    assert.deepStrictEqual(additionals(records, "h.local", Type.A), ["AAAA! h.local", "AAAA! h.local"])
  })

  it("from an address to its host brings the addresses, and no denial of a service", () => {
    const records = [...Bench.http, { ...Bench.ptr("2.1.168.192.in-addr.arpa", "h.local"), flush: true }]

    assert.deepStrictEqual(additionals(records, "2.1.168.192.in-addr.arpa", Type.PTR), ["A! h.local", "AAAA! h.local"])
  })

  it.each([[true, []], [false, ["PTR! 2.1.168.192.in-addr.arpa"]]])(
    "a probe for a reverse pointer by this host's own address (%s) may be of another responder here, which has that address, too",
    (isOwnAddress, expected) => {
      const owner = "2.1.168.192.in-addr.arpa"
      const bench = Bench.make(Bench.zone([{ ...Bench.ptr(owner, "h.local"), flush: true }]))
      const probe = {
        ...Bench.query([Bench.question(owner, Type.ANY)]),
        authorities: [Bench.ptr(owner, "other.local")]
      }
      Bench.hear(bench, probe, Bench.origin("192.168.1.2", 5353, { isOwnAddress }))
      Bench.passUntil(bench, 10_000)

      assert.deepStrictEqual(bench.sent.flatMap(({ message }) => Bench.show(message.answers)), expected)
    }
  )

  it("M-6-7 M-18.1-4 M-18.2-2 M-18.4-2 M-18.5-2 M-18.6-1 is a response without id, question or other flags", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, { ...browse, id: 77 })
    Bench.passUntil(bench, 10_000)

    const { flags, message } = bench.sent[0]!
    assert.deepStrictEqual([message.id, flags, message.questions], [0, 0x8400, []])
  })

  it("M-10.2-4 M-10.2-5 M-17-6 of a set that is longer than a datagram goes out whole, at once", () => {
    const records = Array.from({ length: 60 }, (_, i) => Bench.a("h.local", i))
    const bench = Bench.make(Bench.zone(records), { link: { maxPayload: 500 } })
    Bench.hear(bench, Bench.query([Bench.question("h.local", Type.A)]))
    Bench.passUntil(bench, 10_000)

    assert(bench.sent.length > 1)
    assert(bench.sent.every(({ at, length }) => at === 0 && length <= 500))
    const all = bench.sent.flatMap(({ message }) => message.answers)
    assert.strictEqual(all.length, 60)
    assert(all.every(({ flush }) => flush))
  })

  it("M-17-1 M-17-4 that is too long for a frame goes alone", () => {
    const records = [Bench.txt("x.local", 2_000), Bench.a("x.local", 1), Bench.aaaa("x.local", 1)]
    const bench = Bench.make(Bench.zone(records))
    Bench.hear(bench, Bench.query([Bench.question("x.local", Type.ANY)]))
    Bench.passUntil(bench, 10_000)

    const long = bench.sent.filter(({ length }) => length > 1_472)
    assert.deepStrictEqual(long.map(({ message }) => Bench.show(message.answers)), [["TXT! x.local"]])
    assert.deepStrictEqual(long.map(({ message }) => message.additionals), [[]])
    assert.strictEqual(bench.sent.flatMap(({ message }) => message.answers).length, 3)
  })

  it("leaves additionals out first when there is no room", () => {
    const records = [
      ...Array.from({ length: 8 }, (_, i) => Bench.ptr("_http._tcp.local", `x${i}._http._tcp.local`)),
      ...Array.from({ length: 8 }, (_, i) => Bench.txt(`x${i}._http._tcp.local`, 100))
    ]
    const bench = Bench.make(Bench.zone(records), { link: { maxPayload: 600 } })
    Bench.hear(bench, browse)
    Bench.passUntil(bench, 10_000)

    assert.strictEqual(bench.sent.length, 1)
    assert.strictEqual(bench.sent[0]!.message.answers.length, 8)
    assert.isAbove(bench.sent[0]!.message.additionals.length, 0)
    assert.isAtMost(bench.sent[0]!.length, 600)
  })

  it("is what is ours when it goes out, and not what was when it was asked for", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, browse)
    bench.zone = Bench.zone([Bench.ptr("_http._tcp.local", "y._http._tcp.local")])
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual(bench.sent, [])
  })

  it("notes when its records and those that go along were multicast", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, browse)
    Bench.passUntil(bench, 10_000)

    const at = bench.sent[0]!.at
    for (const { records } of bench.zone.names.values()) {
      assert.deepStrictEqual(records.map(({ multicastAt }) => multicastAt), records.map(() => at))
    }
  })
})
