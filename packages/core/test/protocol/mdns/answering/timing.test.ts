import { assert, describe, it } from "@effect/vitest"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import * as Bench from "./bench.ts"

const { Type } = Record
const pointer = Bench.question("_http._tcp.local", Type.PTR)
const service = Bench.question("x._http._tcp.local", Type.SRV)
const address = Bench.question("h.local", Type.A)

/** When the first answer goes out. */
const firstAt = (seed: number, message: Parameters<typeof Bench.hear>[1]): number => {
  const bench = Bench.make(Bench.zone(Bench.http), { seed })
  Bench.hear(bench, message)
  Bench.passUntil(bench, 10_000)
  return bench.sent[0]!.at
}

describe("the wait", { timeout: 60_000 }, () => {
  it("M-6-12 M-6-9 is 20 to 120 ms for shared answers, evenly", () => {
    Bench.within(20, 120, (seed) => firstAt(seed, Bench.query([pointer])))
  })

  it("M-6-13 M-18.5-1 is 400 to 500 ms when more known answers follow, evenly", () => {
    Bench.within(400, 500, (seed) => firstAt(seed, Bench.query([pointer], { isTruncated: true })))
    Bench.within(400, 500, (seed) => firstAt(seed, Bench.query([service], { isTruncated: true })))
  })

  it("M-6.3-2 is 20 to 120 ms for several questions, even of unique answers", () => {
    Bench.within(20, 120, (seed) => firstAt(seed, Bench.query([service, address])))
  })

  it("M-6-10 M-6-11 is none for one question that our unique records answer", () => {
    assert.strictEqual(firstAt(1, Bench.query([service])), 0)
    assert.strictEqual(firstAt(1, Bench.query([Bench.question("h.local", Type.TXT)])), 0)
  })

  it("M-5.4-9 is the same for answers by unicast", () => {
    const at = (seed: number, question: Parameters<typeof Bench.question>) => {
      const bench = Bench.make(Bench.markSent(Bench.zone(Bench.http), 0), { seed })
      Bench.hear(bench, Bench.query([Bench.question(...question)]), Bench.origin(), 5_000)
      Bench.passUntil(bench, 10_000)
      assert.strictEqual(bench.sent[0]!.to, "192.168.1.9:5353")
      return bench.sent[0]!.at - 5_000
    }

    Bench.within(20, 120, (seed) => at(seed, ["_http._tcp.local", Type.PTR, { unicast: true }]))
    assert.strictEqual(at(1, ["h.local", Type.A, { unicast: true }]), 0)
  })
})

describe("several questions", () => {
  it("M-6.3-1 get all the answers that we have, together", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, Bench.query([pointer, service, Bench.question("other.local", Type.A), address]))
    Bench.passUntil(bench, 10_000)

    assert.strictEqual(bench.sent.length, 1)
    assert.deepStrictEqual(Bench.show(bench.sent[0]!.message.answers), [
      "PTR _http._tcp.local",
      "SRV! x._http._tcp.local",
      "A! h.local"
    ])
  })

  it("M-5.3-1 in one message mean the same as in several", () => {
    const questions = [pointer, service, address, Bench.question("h.local", Type.TXT)]
    const answered = (messages: ReadonlyArray<Parameters<typeof Bench.hear>[1]>) => {
      const bench = Bench.make(Bench.zone(Bench.http))
      for (const message of messages) Bench.hear(bench, message)
      Bench.passUntil(bench, 10_000)
      return bench.sent.flatMap(({ message }) => Bench.show(message.answers)).toSorted()
    }

    assert.deepStrictEqual(
      answered([Bench.query(questions)]),
      answered(questions.map((question) => Bench.query([question])))
    )
  })
})

describe("answers", () => {
  const types = Array.from({ length: 10 }, (_, i) => `_t${i}._tcp.local`)
  const pointers = types.map((type) => Bench.ptr(type, `x.${type}`))

  it("M-6.4-1 to ten queries within 20 ms go out in one datagram", () => {
    for (let seed = 0; seed < 100; seed++) {
      const bench = Bench.make(Bench.zone(pointers), { seed })
      types.forEach((type, i) =>
        Bench.hear(bench, Bench.query([Bench.question(type, Type.PTR)]), Bench.origin(`192.168.1.${i}`), 2 * i)
      )
      Bench.passUntil(bench, 10_000)

      assert.deepStrictEqual(bench.sent.map(({ message }) => message.answers.length), [10])
    }
  })

  it("M-6.4-2 that are due early wait for those due up to 500 ms later", () => {
    const bench = Bench.make(Bench.zone(pointers.slice(0, 2)))
    // the second may not go before the second is over
    for (const owned of bench.zone.names.get(Bench.name(types[1]!).key)!.records) owned.multicastAt = -600
    Bench.hear(bench, Bench.query([Bench.question(types[0]!, Type.PTR)]))
    Bench.hear(bench, Bench.query([Bench.question(types[1]!, Type.PTR)]))
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual(bench.sent.map(({ at, message }) => [at, message.answers.length]), [[400, 2]])
  })

  it("M-6.4-2 are held no longer than 500 ms, however many follow", () => {
    const bench = Bench.make(Bench.zone(pointers))
    types.forEach((type, i) => Bench.hear(bench, Bench.query([Bench.question(type, Type.PTR)]), Bench.origin(), 90 * i))
    Bench.passUntil(bench, 10_000)

    const at = bench.sent.find(({ message }) => Bench.show(message.answers).includes(`PTR ${types[0]}`))!.at
    assert.isAtMost(at, 620)
  })

  it("that wait go along with one that goes out at once, but not before 20 ms", () => {
    const sent = (at: number) => {
      const bench = Bench.make(Bench.zone([...pointers.slice(0, 1), Bench.a("h.local", 2)]), { seed: 3 })
      Bench.hear(bench, Bench.query([Bench.question(types[0]!, Type.PTR)]))
      Bench.hear(bench, Bench.query([address]), Bench.origin(), at)
      Bench.passUntil(bench, 10_000)
      return bench.sent.map(({ message }) => message.answers.length)
    }

    assert.deepStrictEqual(sent(19), [1, 1])
    assert.deepStrictEqual(sent(20), [2])
  })
})

describe("a record", () => {
  it("M-6-21 is multicast once a second, and asked for meanwhile once more then", () => {
    for (let seed = 0; seed < 100; seed++) {
      const bench = Bench.make(Bench.zone(Bench.http), { seed })
      for (let i = 0; i < 50; i++) Bench.hear(bench, Bench.query([pointer]), Bench.origin(`192.168.1.${i}`), 20 * i)
      Bench.passUntil(bench, 10_000)

      assert.strictEqual(bench.sent.length, 2)
      assert.strictEqual(bench.sent[1]!.at - bench.sent[0]!.at, 1_000)
    }
  })

  it("M-6-21 is multicast on each link by its own clock", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, Bench.query([service]))
    const other = { ...bench, link: { ...bench.link, key: "eth1/IPv4" }, zone: Bench.zone(Bench.http) }
    Bench.hear(other, Bench.query([service]))

    assert.deepStrictEqual(bench.sent.map(({ at }) => at), [0, 0])
  })

  it("that another part has multicast since it was asked for is not sent again", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, Bench.query([pointer]))
    Bench.passUntil(bench, 10)
    Bench.markSent(bench.zone, 10)
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual(bench.sent, [])
  })

  it("that another part has multicast before it was asked for again is sent when its second is over", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, Bench.query([pointer]))
    Bench.passUntil(bench, 5)
    Bench.markSent(bench.zone, 5)
    Bench.hear(bench, Bench.query([pointer]), Bench.origin("192.168.1.10"), 10)
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual(bench.sent.map(({ at }) => at), [1_005])
  })

  it("that went along with another is not sent again to those who had asked for it", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, Bench.query([Bench.question("h.local", Type.AAAA), Bench.question("other.local", Type.A)]))
    Bench.hear(bench, Bench.query([address]))
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual(bench.sent.map(({ at }) => at), [0])
  })

  it("goes along with no other within a second", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, Bench.query([address]))
    Bench.hear(bench, Bench.query([service]), Bench.origin(), 500)
    Bench.hear(bench, Bench.query([pointer]), Bench.origin(), 3_000)
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual(bench.sent.map(({ message }) => Bench.show(message.additionals)), [
      ["AAAA! h.local"],
      [],
      ["SRV! x._http._tcp.local", "TXT! x._http._tcp.local", "A! h.local", "AAAA! h.local"]
    ])
  })
})

describe("a probe for a name of ours", () => {
  const probe = (unicast: boolean) =>
    Bench.query([Bench.question("h.local", Type.ANY, { unicast })], { authorities: [Bench.a("h.local", 99)] })

  it("M-5.4-8 M-8.1-5 is answered at once, by unicast and by multicast", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, probe(true))
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual(bench.sent.map(({ at, to }) => [at, to]), [[0, "192.168.1.9:5353"], [0, "group"]])
    for (const { message } of bench.sent) {
      assert.deepStrictEqual(Bench.show(message.answers), ["A! h.local", "AAAA! h.local"])
    }
  })

  it("M-6-22 X-6 is answered 250 ms after the records were last multicast", () => {
    for (const unicast of [false, true]) {
      const bench = Bench.make(Bench.markSent(Bench.zone(Bench.http), 1_000))
      Bench.hear(bench, probe(unicast), Bench.origin(), 1_100)
      Bench.passUntil(bench, 10_000)

      assert.deepStrictEqual(Bench.multicasts(bench).map(({ at }) => at), [1_250])
      assert.deepStrictEqual(bench.sent.filter(({ to }) => to !== "group").map(({ at }) => at), unicast ? [1_100] : [])
    }
  })

  it("M-6-22 X-6 brings an answer forward that waits for its second to be over", () => {
    const bench = Bench.make(Bench.markSent(Bench.zone(Bench.http), 1_000))
    Bench.hear(bench, Bench.query([address]), Bench.origin(), 1_050)
    Bench.hear(bench, probe(false), Bench.origin(), 1_100)
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual(Bench.multicasts(bench).map(({ at }) => at), [1_250])
  })

  it("M-6.3-2 is answered at once among other questions, which wait", () => {
    for (const isTruncated of [false, true]) {
      const bench = Bench.make(Bench.zone(Bench.http))
      const questions = [pointer, Bench.question("h.local", Type.ANY)]
      Bench.hear(bench, Bench.query(questions, { isTruncated, authorities: [Bench.a("h.local", 99)] }))
      Bench.passUntil(bench, 10_000)

      assert.deepStrictEqual(bench.sent.map(({ message }) => Bench.show(message.answers)), [
        ["A! h.local", "AAAA! h.local"],
        ["PTR _http._tcp.local"]
      ])
      assert.strictEqual(bench.sent[0]!.at, 0)
      assert.isAtLeast(bench.sent[1]!.at, isTruncated ? 400 : 20)
    }
  })

  it("M-6-12 is no reason to hurry with records that others share", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    const authorities = [Bench.ptr("_http._tcp.local", "y._http._tcp.local")]
    Bench.hear(bench, Bench.query([Bench.question("_http._tcp.local", Type.ANY)], { authorities }))
    Bench.passUntil(bench, 10_000)

    assert.isAtLeast(bench.sent[0]!.at, 20)
  })

  it("is answered again and again, at most each 250 ms", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    for (let i = 0; i < 100; i++) Bench.hear(bench, probe(false), Bench.origin(`192.168.1.${i}`), 10 * i)
    Bench.passUntil(bench, 10_000)

    assert.deepStrictEqual(bench.sent.map(({ at }) => at), [0, 250, 500, 750, 1_000])
  })
})

describe("answers by multicast", () => {
  const names = Array.from({ length: 300 }, (_, i) => `h${i}.local`)
  const crowded = () => Bench.make(Bench.zone(names.map((name, i) => Bench.a(name, i & 255))))

  it("S-A3 are no more than 50 datagrams a second, whatever is asked, and each question gets its answer", () => {
    const bench = crowded()
    for (let at = 0; at < 3_000; at++) {
      Bench.hear(bench, Bench.query([Bench.question(names[at % 300]!, Type.A)]), Bench.origin(), at)
    }
    Bench.passUntil(bench, 10_000)
    const sent = Bench.multicasts(bench)

    assert.isAtMost(sent.length, 50 + 3 * 50 + 50)
    for (const { at } of sent) {
      assert.isAtMost(sent.filter((other) => other.at >= at && other.at < at + 1_000).length, 100)
    }
    for (const { at } of sent.filter(({ at }) => at >= 1_000)) {
      assert.isAtMost(sent.filter((other) => other.at >= at && other.at < at + 1_000).length, 51)
    }
    const answered = new Set(sent.flatMap(({ message }) => Bench.show(message.answers)))
    assert.strictEqual(answered.size, 300)
  })

  it("S-A3 are not held back while they are few", () => {
    const bench = crowded()
    for (let i = 0; i < 50; i++) Bench.hear(bench, Bench.query([Bench.question(names[i]!, Type.A)]), Bench.origin(), i)

    assert.strictEqual(Bench.multicasts(bench).length, 50)
  })
})
