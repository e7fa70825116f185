/** What is kept of responses, and for how long (RFC 6762, sections 6 and 10). */
import { assert, describe, it } from "@effect/vitest"
import * as Querier from "../../../../src/protocol/mdns/Querier.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import {
  A,
  AAAA,
  address,
  Bench,
  CNAME,
  denial,
  goodbye,
  host,
  http,
  instance,
  link,
  name,
  NSEC,
  pointer,
  PTR,
  question,
  service,
  SRV,
  text,
  TXT
} from "./Bench.ts"

/** A browse that has found one instance, at 200 ms. */
const browsing = () => {
  const bench = new Bench()
  bench.ask(http, PTR)
  bench.until(200)
  bench.hear([pointer("a")], { additionals: [service("a"), text("a", "x=1"), address(1)] })
  bench.news()
  bench.sent.length = 0
  return bench
}

const resolving = (type = A) => {
  const bench = new Bench()
  bench.ask(host, type, { mode: "resolve" })
  bench.until(200)
  return bench
}

describe("a response", () => {
  it("M-18.1-1 of interest is kept with all that comes with it", () => {
    const bench = browsing()

    assert.strictEqual(bench.records(http, PTR).length, 1)
    assert.strictEqual(bench.records(instance("a"), SRV).length, 1)
    assert.strictEqual(bench.records(instance("a"), TXT).length, 1)
    assert.strictEqual(bench.records(host, A)[0]!.origin, "192.0.2.10")
  })

  it("is found by what it says", () => {
    const bench = browsing()

    assert.strictEqual(Querier.find(bench.querier, link.key, address(1, 7))?.origin, "192.0.2.10")
    assert.isUndefined(Querier.find(bench.querier, link.key, address(2)))
    assert.isUndefined(Querier.find(bench.querier, "eth7/IPv4", address(1)))
  })

  it("M-18.1-1 that nobody waits for is heard, when it is of interest", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.hear([{ ...pointer("a"), name: name("_ipp._tcp.local") }])
    bench.hear([pointer("a")])

    assert.deepStrictEqual(bench.news(), ["added"])
  })

  it("about what a known record leads to is of interest", () => {
    const bench = browsing()
    bench.hear([text("a", "x=2")])
    bench.hear([text("b", "x=2")])

    assert.deepStrictEqual(["a", "b"].map((label) => bench.records(instance(label), TXT).length), [2, 0])
  })

  it("is told as far as somebody asks or listens, and kept as far as it may matter", () => {
    const bench = browsing()
    bench.watch(instance("b"), [SRV])
    bench.hear([pointer("b"), service("b"), text("c", "x=2"), address(1)])

    assert.deepStrictEqual(
      bench.told.slice(-2).map((change) => change.kind === "added" && change.record.type),
      [PTR, SRV]
    )
    assert.deepStrictEqual([bench.records(instance("c"), TXT).length, bench.records(host, A).length], [1, 1])
  })

  it("M-18.1-2 M-18.1-5 is used whatever its id", () => {
    for (const id of [0, 1, 0x7fff, 0xffff]) {
      const bench = resolving()
      bench.hear([address(1)], { id })

      assert.strictEqual(bench.records(host, A).length, 1)
    }
  })

  it("M-18.5-2 is used though it says that it is truncated", () => {
    const bench = resolving()
    bench.hear([address(1)], { isTruncated: true })

    assert.strictEqual(bench.records(host, A).length, 1)
  })

  it("M-6-8 is not asked by its questions", () => {
    const bench = resolving()
    bench.hear([address(1)], { questions: [question(host, A), question(host, TXT), question(http, PTR)] })
    bench.until(10_000)

    assert.strictEqual(bench.records(host, A).length, 1)
    assert.strictEqual(bench.sent.length, 1)
  })

  it("M-6-15 from another port is ignored", () => {
    const bench = resolving()
    bench.hear([address(1)], { from: { port: 40_000 } })
    assert.deepStrictEqual([bench.records(host, A).length, bench.rejected.length], [0, 1])
    bench.hear([address(1)])

    assert.deepStrictEqual([bench.records(host, A).length, bench.rejected.length], [1, 1])
  })

  it("X-14 in other letters is the same record", () => {
    const bench = resolving()
    bench.hear([address(1)])
    bench.hear([{ ...address(1), name: name("HOST-1.Local") }])

    assert.deepStrictEqual(bench.news(), ["added", "renewed"])
    assert.strictEqual(bench.records(name("hOsT-1.LOCAL"), A).length, 1)
  })

  it("M-10.2-9 brings no OPT record into the cache, whose class is no flag", () => {
    const bench = resolving()
    bench.hear([address(1)])
    bench.until(5_000)
    bench.hear([address(1)], { additionals: [{ ...address(2), type: Record.Type.OPT, class: 0x0f00, flush: true }] })
    bench.hear([address(1)], { additionals: [{ ...address(2), type: Record.Type.OPT, flush: true }] })

    assert.strictEqual(bench.querier.cache.sources.size, 1)
  })

  it("X-7 is not followed where it has an alias", () => {
    const bench = new Bench()
    bench.ask(name("a.local"), A, { mode: "resolve" })
    const alias = (from: string, to: string): Record.Record => ({
      name: name(from),
      type: CNAME,
      class: Record.IN,
      flush: true,
      ttl: 1,
      data: { _tag: "Pointer", target: name(to) }
    })
    bench.until(200)
    bench.hear([alias("a.local", "b.local"), alias("b.local", "a.local"), alias("c.local", "c.local")])
    bench.until(60_000)

    const asked = new Set(bench.sent.flatMap(({ message }) => message.questions.map(({ name }) => name.key)))
    assert.deepStrictEqual(asked, new Set([name("a.local").key]))
    assert.strictEqual(bench.querier.cache.sources.size, 0)
  })

  it("believes no ttl beyond a day", () => {
    const bench = resolving()
    bench.hear([address(1, 0xffffffff)])

    assert.strictEqual(bench.records(host, A)[0]!.expiresAt, 200 + 86_400_000)
  })
})

describe("a goodbye", () => {
  it("M-10.1-2 lets the record live for one second", () => {
    const bench = browsing()
    bench.hear([goodbye(pointer("a"))])
    bench.until(1_199)
    assert.deepStrictEqual(bench.news(), [])
    bench.until(1_200)

    assert.deepStrictEqual(bench.news(), ["removed Goodbye 1200"])
  })

  it("M-10.1-2 is made good within that second", () => {
    const bench = browsing()
    bench.hear([goodbye(pointer("a"))])
    bench.until(1_100)
    bench.hear([pointer("a")])
    bench.until(60_000)

    assert.deepStrictEqual(bench.news().filter((news) => !news.startsWith("removed Expired")), ["renewed"])
    assert.strictEqual(bench.records(http, PTR).length, 1)
  })

  it("M-10.1-2 said again does not give it more time", () => {
    const bench = browsing()
    bench.hear([goodbye(pointer("a"))])
    bench.until(900)
    bench.hear([goodbye(pointer("a"))])
    bench.until(1_200)

    assert.deepStrictEqual(bench.news(), ["removed Goodbye 1200"])
  })

  it("S-U3 is asked about once, within 120 ms", () => {
    const bench = browsing()
    bench.until(100_000)
    bench.sent.length = 0
    bench.hear([goodbye(pointer("a")), goodbye(service("a")), goodbye(text("a", "x=1"))])
    bench.until(101_000)

    assert.strictEqual(bench.sent.length, 1)
    assert(bench.times[0]! >= 100_020 && bench.times[0]! <= 100_120)
    assert.deepStrictEqual(bench.sent[0]!.message.answers, [])
  })

  it("S-U3 of a stranger leaves ten seconds for the owner to object", () => {
    const bench = browsing()
    bench.until(100_000)
    bench.sent.length = 0
    bench.news()
    bench.hear([goodbye(pointer("a"))], { from: { host: "192.0.2.66" } })
    bench.until(109_999)
    assert.deepStrictEqual(bench.news(), [])
    assert.strictEqual(bench.sent.length, 2)
    bench.until(110_000)

    assert.deepStrictEqual(bench.news(), ["removed Goodbye 110000"])
  })

  it("S-U3 of a stranger is not asked about for those who want to know no more", () => {
    const bench = new Bench()
    const id = bench.ask(host, A, { mode: "resolve" })
    bench.hear([address(1)])
    bench.until(5_000)
    bench.hear([goodbye(address(1))], { from: { host: "192.0.2.66" } })
    bench.release(id)

    assert.deepStrictEqual(bench.until(20_000).times, [])
  })

  it("S-U3 is believed of eight who have said the record, and no more", () => {
    const hosts = Array.from({ length: 9 }, (_, i) => `192.0.2.${10 + i}`)
    const endOf = (host: string) => {
      const bench = browsing()
      for (const host of hosts) bench.hear([pointer("a")], { from: { host } })
      bench.news()
      bench.hear([goodbye(pointer("a"))], { from: { host } })
      bench.until(60_000)
      return bench.news()
    }

    assert.deepStrictEqual(endOf(hosts[7]!), ["removed Goodbye 1200"])
    assert.deepStrictEqual(endOf(hosts[8]!), ["removed Goodbye 10200"])
  })

  it("S-U3 of a stranger is undone by the owner", () => {
    const bench = browsing()
    bench.hear([goodbye(pointer("a"))], { from: { host: "192.0.2.66" } })
    bench.until(500)
    bench.hear([pointer("a")])
    bench.until(60_000)

    assert.strictEqual(bench.records(http, PTR).length, 1)
  })

  it("S-U3 S-U4 of a stranger is asked about though the record is only watched", () => {
    for (const said of [goodbye(address(1)), address(2)]) {
      const bench = new Bench()
      bench.ask(host, A, { mode: "watch", refresh: false })
      bench.hear([address(1)])
      bench.until(5_000)
      bench.hear([said])
      assert.deepStrictEqual(bench.until(10_000).times, [])
      bench.hear([address(1)])
      bench.until(15_000)
      bench.hear([said], { from: { host: "192.0.2.66" } })

      assert.isAtLeast(bench.until(25_000).times.length, 1)
    }
  })

  it("of an unknown record is told to who may have kept it, and to nobody else", () => {
    const bench = browsing()
    const { size } = bench.querier.cache.sources
    bench.hear([goodbye(pointer("b")), goodbye(address(9))])

    assert.deepStrictEqual(bench.news(), ["withdrawn"])
    assert.strictEqual(bench.querier.cache.sources.size, size)
  })
})

describe("the flush bit", () => {
  it("M-10.2-3 gives older records of the set one second", () => {
    const bench = resolving()
    bench.hear([address(1), { ...address(1), type: AAAA }])
    bench.until(5_000)
    bench.news()
    bench.hear([address(2)])
    bench.until(5_999)
    assert.deepStrictEqual(bench.news(), ["added"])
    bench.until(6_000)

    assert.deepStrictEqual(bench.news(), ["removed Flushed 6000"])
    assert.deepStrictEqual(bench.records(host, A).map(({ record }) => record), [address(2)])
    assert.strictEqual(bench.records(host, AAAA).length, 1)
  })

  it("M-10.2-3 leaves records of the last second alone", () => {
    const bench = resolving()
    bench.hear([address(1)])
    bench.until(1_100)
    bench.hear([address(2)])
    bench.until(60_000)

    assert.strictEqual(bench.records(host, A).length, 2)
  })

  it("M-10.2-3 leaves a set alone that is said as a whole", () => {
    const bench = resolving()
    bench.hear([address(1), address(2)])
    bench.until(50_000)
    bench.hear([address(1), address(2)])
    bench.until(60_000)

    assert.strictEqual(bench.records(host, A).length, 2)
  })

  it("M-10.2-3 is not there without it", () => {
    const bench = resolving()
    bench.hear([address(1)])
    bench.until(5_000)
    bench.hear([address(2, 120, host, false)])
    bench.until(60_000)

    assert.strictEqual(bench.records(host, A).length, 2)
  })

  it("M-10.2-3 of a pointer from an address ends those that were said without it", () => {
    const bench = new Bench()
    const reverse = name("1.2.254.169.in-addr.arpa")
    bench.ask(reverse, PTR, { mode: "watch" })
    bench.hear([{ ...pointer("a"), name: reverse }])
    bench.until(5_000)
    bench.hear([{ ...pointer("b"), name: reverse, flush: true }])
    bench.until(6_000)

    assert.deepStrictEqual(bench.records(reverse, PTR).map(({ record: { flush } }) => flush), [true])
  })

  it("of a pointer to a service ends no pointers to others", () => {
    const bench = browsing()
    bench.hear([pointer("b"), pointer("c")], { from: { host: "192.0.2.66" } })
    bench.until(5_000)
    bench.hear([{ ...pointer("b"), flush: true }], { from: { host: "192.0.2.66" } })
    bench.until(60_000)

    assert.strictEqual(bench.records(http, PTR).length, 3)
  })

  it("S-U4 of a stranger is asked about, that of the owner is not", () => {
    const bench = resolving()
    bench.hear([address(1)])
    bench.until(5_000)
    bench.sent.length = 0
    bench.hear([address(2)])
    bench.until(8_000)
    assert.strictEqual(bench.sent.length, 0)
    bench.hear([address(3)], { from: { host: "192.0.2.66" } })
    bench.until(8_500)
    assert.strictEqual(bench.sent.length, 1)
    bench.hear([address(2)])
    bench.until(20_000)

    assert.isTrue(bench.records(host, A).some(({ record }) => Record.isSame(record, address(2))))
  })
})

const stranger = { from: { host: "192.0.2.66" } }

describe("the flush bit of a stranger", () => {
  it("S-U4 is asked about though the stranger has said another record of the set before", () => {
    const bench = resolving()
    bench.hear([address(1)])
    for (const [at, said] of [[5_000, address(3)], [10_000, address(4)]] as const) {
      bench.until(at)
      bench.sent.length = 0
      bench.hear([said], stranger)
      bench.until(at + 500)
      assert.strictEqual(bench.sent.length, 1)
      bench.hear([address(1)])
    }
  })

  it("S-U4 is not asked about once the owner has spoken", () => {
    const bench = resolving()
    bench.hear([address(1)])
    bench.until(5_000)
    bench.sent.length = 0
    bench.hear([address(3)], stranger)
    bench.until(5_015)
    bench.hear([address(1)])
    bench.until(60_000)

    assert.strictEqual(bench.sent.length, 0)
    assert.strictEqual(bench.records(host, A).length, 2)
  })
})

describe("a denial", () => {
  it("M-6.1-6 M-6.1-7 is used though its next name is another's", () => {
    const bench = resolving()
    bench.hear([denial(host, [AAAA], 120, name("x.local"))])

    assert.deepStrictEqual(bench.news(), ["added", `denied host-1.local ${A}`])
  })

  it("M-6.1-8 M-6.1-9 that cannot be read is nothing, and takes nothing along", () => {
    const bench = resolving()
    bench.hear([{ ...denial(host, []), data: { _tag: "Opaque", octets: Uint8Array.of(0xc0) } }, address(1)])

    assert.deepStrictEqual(bench.news(), ["added", "added"])
  })

  it("denies only what it does not list", () => {
    const bench = resolving()
    bench.hear([denial(host, [A])])

    assert.deepStrictEqual(bench.news(), ["added"])
    assert.strictEqual(bench.until(5_000).sent.length, 3)
  })

  it("denies no record that is there", () => {
    const bench = resolving()
    bench.hear([address(1), denial(host, [AAAA])])

    assert.deepStrictEqual(bench.news(), ["added", "added"])
  })

  it("is told to whoever asks later", () => {
    const bench = resolving()
    bench.hear([denial(host, [A])])
    bench.news()
    bench.ask(host, AAAA, { mode: "resolve" })
    bench.until(200)

    assert.deepStrictEqual(bench.news(), [`denied host-1.local ${AAAA}`])
    assert.strictEqual(bench.records(host, NSEC).length, 1)
  })
})

describe("links", () => {
  const other = { ...link, key: "eth1/IPv4", interface: "eth1", index: 3 }

  it("keep their records apart", () => {
    const bench = new Bench({ links: [link, other] })
    bench.ask(http, PTR)
    bench.hear([pointer("a")], { from: { link: other } })

    assert.deepStrictEqual(bench.records(http, PTR), [])
    assert.strictEqual(bench.records(http, PTR, other.key).length, 1)
  })

  it("that are gone are neither asked nor heard", () => {
    const bench = new Bench({ links: [link, other] })
    bench.linkDown()
    bench.ask(http, PTR)
    bench.hear([pointer("a")])
    bench.overhear([question(http, PTR)])
    bench.until(500)

    assert.deepStrictEqual(bench.sent.map(({ link }) => link), [other.key])
    assert.deepStrictEqual(bench.news(), [])
  })

  it("are asked only where the interest is", () => {
    const bench = new Bench({ links: [link, other] })
    bench.ask(http, PTR, { interface: "eth1" })
    bench.hear([pointer("a")])
    bench.until(500)

    assert.deepStrictEqual(bench.sent.map(({ link }) => link), [other.key])
    assert.deepStrictEqual(bench.records(http, PTR), [])
  })
})
