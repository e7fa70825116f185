/** What the queries of others save us, and tell us (RFC 6762, sections 7 and 10.5). */
import { assert, describe, it } from "@effect/vitest"
import { A, address, ANY, Bench, host, http, name, pointer, PTR, question } from "./Bench.ts"

const browse = question(http, PTR)

describe("a question of another host", () => {
  const first = (overhear: (bench: Bench) => void) => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.until(10)
    overhear(bench)
    return bench.until(1_000).times
  }

  it("M-7.3-1 counts as our own", () => {
    assert.deepStrictEqual(first((bench) => bench.overhear([browse])), [])
    assert.deepStrictEqual(first((bench) => bench.overhear([question(name("_HTTP._TCP.local"), PTR)])), [])
    assert.deepStrictEqual(first((bench) => bench.overhear([browse], [], { isOwnAddress: true })), [])
  })

  it("M-7.3-1 does so for the rhythm of the series, too", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.until(10)
    bench.overhear([browse])
    bench.until(5_000)

    assert(bench.times[0]! >= 1_010 && bench.times[0]! <= 1_030)
    assert(bench.times[1]! - bench.times[0]! >= 2_000)
  })

  it("M-7.3-1 does not, when it lists an answer that we do not know", () => {
    assert.strictEqual(first((bench) => bench.overhear([browse], [pointer("a")])).length, 1)
  })

  it("M-7.3-1 that lists what we do not know makes us ask in a minute or two, once", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.until(3_000_000)
    const { length } = bench.times
    bench.overhear([browse], [pointer("a")])
    bench.until(3_059_999)
    assert.strictEqual(bench.times.length, length)
    bench.until(3_120_000)
    assert.strictEqual(bench.times.length, length + 1)

    assert.strictEqual(bench.until(6_000_000).times.length, length + 1)
  })

  it("M-7.3-1 does, when it lists what is ours", () => {
    const bench = new Bench({ owned: () => [pointer("ours")] })
    bench.ask(http, PTR)
    bench.overhear([browse], [pointer("ours")])
    assert.deepStrictEqual(bench.until(500).times, [])

    bench.until(2_000)
    assert.deepStrictEqual(bench.sent.map(({ message }) => message.answers), [[pointer("ours")]])
  })

  it("M-7.3-1 does, when it lists what we know", () => {
    const asked = first((bench) => {
      bench.hear([pointer("a"), pointer("b")])
      bench.overhear([browse], [pointer("a")])
    })

    assert.deepStrictEqual(asked, [])
  })

  it("M-7.3-1 does not, when it lists what we would have told us again", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.hear([pointer("a", 60)])
    bench.until(31_500)
    const { length } = bench.times
    bench.overhear([browse], [pointer("a", 30)])

    assert.strictEqual(bench.until(35_000).times.length, length + 1)
  })

  it("M-7.3-1 may list anything about its other questions", () => {
    const other = question(host, A)

    assert.deepStrictEqual(first((bench) => bench.overhear([other, browse], [address(1)])), [])
  })

  it.each<[string, (bench: Bench) => void]>([
    ["asks for unicast answers", (bench) => bench.overhear([question(http, PTR, true)])],
    ["has more known answers to come", (bench) => bench.overhear([browse], [], { isTruncated: true })],
    ["came from another port", (bench) => bench.overhear([browse], [], { port: 40_000 })],
    ["came to us alone", (bench) => bench.overhear([browse], [], { isMulticast: false })],
    ["is of another type", (bench) => bench.overhear([question(http, ANY)])],
    ["is of another class", (bench) => bench.overhear([{ ...browse, class: 255 }])],
    ["is of another name", (bench) => bench.overhear([question(host, PTR)])]
  ])("M-7.3-1 does not, when it %s", (_, overhear) => {
    assert.strictEqual(first(overhear).length, 1)
  })

  it("M-7.3-1 counts as the refresh that is due", () => {
    const bench = new Bench()
    bench.ask(host, A, { mode: "resolve" })
    bench.hear([address(1)])
    bench.until(96_000)
    bench.overhear([question(host, A)])
    bench.until(101_999)

    assert.deepStrictEqual(bench.times, [])
  })

  it("M-7.3-1 counts when ours is due within half of the wait, not before", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.until(1_040_000)
    const { length } = bench.times
    bench.overhear([browse])
    bench.until(2_300_000)
    assert.strictEqual(bench.times.length, length + 1)
    bench.until(bench.times.at(-1)! + 1_800_000)
    bench.overhear([browse])
    const heard = bench.now

    assert.strictEqual(bench.until(heard + 3_000_000).times.length, length + 1)
  })

  it("M-7.1-4 leaves nothing in the cache", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.overhear([browse], [pointer("a"), pointer("b")])

    assert.deepStrictEqual(bench.news(), [])
    assert.strictEqual(bench.querier.cache.sources.size, 0)
  })
})

describe("an answer that does not come", () => {
  const known = () => {
    const bench = new Bench()
    bench.ask(http, PTR, { mode: "watch" })
    bench.hear([pointer("a"), pointer("b")])
    bench.until(5_000)
    bench.news()
    return bench
  }

  /** Four questions, the last at `last`. */
  const inVain = (bench: Bench, last = bench.now + 3_000) => {
    for (const at of [bench.now, bench.now + 1_000, bench.now + 2_000, last]) {
      bench.until(at)
      bench.overhear([browse], [pointer("b")])
    }
  }

  it("M-10.5-1 M-10.5-2 to four questions of others ends a record after ten seconds, unasked", () => {
    const bench = known()
    inVain(bench)
    bench.until(14_999)
    assert.deepStrictEqual(bench.news(), [])
    bench.until(70_000)

    assert.deepStrictEqual(bench.news(), ["removed Expired 15000"])
    assert.deepStrictEqual(bench.records(http, PTR).map(({ record }) => record), [pointer("b")])
    assert.deepStrictEqual(bench.sent, [])
  })

  it("M-10.5-2 is not asked for by those who resolve it, for a minute", () => {
    const bench = new Bench()
    bench.ask(host, A, { mode: "resolve" })
    bench.hear([address(1)])
    for (const at of [5_000, 6_000, 7_000, 8_000]) {
      bench.until(at)
      bench.overhear([question(host, A)])
    }
    bench.until(74_999)
    assert.deepStrictEqual(bench.times, [])

    assert.isAtLeast(bench.until(136_000).times.length, 1)
  })

  it("M-10.5-1 to one question means nothing", () => {
    const bench = known()
    bench.overhear([browse])
    bench.until(60_000)

    assert.deepStrictEqual(bench.news(), [])
  })

  it("M-10.5-1 to one question said twice means nothing", () => {
    const bench = known()
    bench.overhear([browse, browse, question(name("_HTTP._tcp.local"), PTR)])
    bench.until(60_000)

    assert.deepStrictEqual(bench.news(), [])
  })

  it("M-10.5-1 to three questions may be lost", () => {
    const bench = known()
    for (const at of [5_000, 6_000, 7_000]) {
      bench.until(at)
      bench.overhear([browse])
    }
    bench.until(60_000)

    assert.deepStrictEqual(bench.news(), [])
  })

  it("M-10.5-1 to many questions within a second is one", () => {
    const bench = known()
    for (let i = 0; i < 20; i++) {
      bench.until(5_000 + 49 * i)
      bench.overhear([browse], [], { host: `192.0.2.${100 + i}` })
    }
    bench.until(60_000)

    assert.deepStrictEqual(bench.news(), [])
  })

  it("M-10.5-1 means nothing once it comes", () => {
    const bench = known()
    inVain(bench, 8_000)
    bench.hear([pointer("a"), pointer("b")])
    bench.until(9_000)
    bench.overhear([browse])
    bench.until(60_000)

    assert.deepStrictEqual(bench.news(), ["renewed", "renewed"])
  })

  it("M-10.5-1 is counted afresh once it comes, whoever it comes from", () => {
    for (const from of [{ host: "192.0.2.10" }, { host: "192.0.2.11" }]) {
      const bench = known()
      const askThrice = () => {
        for (let i = 0; i < 3; i++) bench.until(bench.now + 1_000).overhear([browse])
      }
      askThrice()
      bench.hear([pointer("a"), pointer("b")], { from })
      askThrice()
      bench.until(60_000)

      assert.deepStrictEqual(bench.news(), ["renewed", "renewed"])
    }
  })

  it("M-10.5-1 in the ten seconds saves the record", () => {
    const bench = known()
    inVain(bench)
    bench.until(14_000)
    bench.hear([pointer("a"), pointer("b")])
    bench.until(60_000)

    assert.deepStrictEqual(bench.news(), ["renewed", "renewed"])
  })

  it("M-10.5-1 has time to come to the last question", () => {
    const bench = known()
    inVain(bench, 14_900)
    bench.until(15_899)
    assert.deepStrictEqual(bench.news(), [])
    bench.until(15_900)

    assert.strictEqual(bench.news().length, 1)
  })

  it("M-10.5-1 to questions far apart has ten seconds for the last", () => {
    const bench = known()
    inVain(bench, 100_000)
    bench.until(109_999)
    assert.deepStrictEqual(bench.news(), [])
    bench.until(110_000)

    assert.strictEqual(bench.news().length, 1)
  })

  it("M-10.5-1 was only missed by us, when somebody lists a record as heard since", () => {
    const bench = known()
    inVain(bench)
    bench.until(12_000)
    bench.overhear([browse], [pointer("a", 4_495), pointer("b")])
    const [a] = bench.records(http, PTR)
    bench.until(60_000)

    assert.deepStrictEqual(bench.news(), [])
    // M-7.1-4: it holds no longer for it
    assert.strictEqual(a?.expiresAt, 4_500_000)
  })

  it("M-10.5-1 is not proven wrong by who lists a record as heard before", () => {
    const bench = known()
    inVain(bench)
    bench.until(12_000)
    bench.overhear([browse], [pointer("a", 4_493), pointer("b")])
    bench.until(60_000)

    assert.deepStrictEqual(bench.news(), ["removed Expired 15000"])
  })

  it("M-10.5-2 is asked for again by who browses on after a minute or two, and then ever more seldom", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.hear([pointer("a"), pointer("b")])
    bench.until(3_000_000)
    inVain(bench)
    bench.until(3_010_000)
    const { length } = bench.times
    bench.until(6_000_000)
    const [first, second, third] = bench.times.slice(length)

    assert(first! >= 3_070_000 && first! <= 3_130_000)
    assert(second! - first! >= 120_000 && second! - first! <= 123_000)
    assert(third! - second! >= 240_000 && third! - second! <= 246_000)
  })

  it.each<[string, (bench: Bench) => void]>([
    ["lists the record", (bench) => bench.overhear([browse], [pointer("a"), pointer("b")])],
    ["asks for unicast answers", (bench) => bench.overhear([question(http, PTR, true)])],
    ["came from who has said it", (bench) => bench.overhear([browse], [], { host: "192.0.2.10" })],
    ["is a probe", (bench) => bench.overhear([question(http, ANY)])],
    ["lists more later", (bench) => bench.overhear([browse], [], { isTruncated: true })],
    ["came from another port", (bench) => bench.overhear([browse], [], { port: 40_000 })],
    ["came to us alone", (bench) => bench.overhear([browse], [], { isMulticast: false })]
  ])("M-10.5-1 means nothing when the question %s", (_, overhear) => {
    const bench = known()
    for (let i = 0; i < 5; i++) {
      bench.until(5_000 + 1_000 * i)
      overhear(bench)
    }
    bench.until(60_000)

    assert.deepStrictEqual(bench.news(), [])
  })
})
