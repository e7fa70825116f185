/** Questions about what is known already (RFC 6762, sections 5.2 and 10.4). */
import { assert, describe, it } from "@effect/vitest"
import {
  A,
  address,
  ANY,
  Bench,
  denial,
  gaps,
  goodbye,
  host,
  http,
  isUniform,
  pointer,
  PTR,
  seeds,
  TXT
} from "./Bench.ts"

const hour = 3_600_000

/** A host that was asked for, and answered at once; from here on the times count from that. */
const resolved = (seed = 1, ttl = 120, mode: "resolve" | "watch" = "resolve", refresh = true) => {
  const bench = new Bench({ seed })
  const id = bench.ask(host, A, { mode, refresh })
  bench.until(200)
  bench.hear([address(1, ttl)])
  bench.news()
  bench.sent.length = 0
  return { bench, id, times: () => bench.times.map((time) => time - 200) }
}

describe("refreshes", () => {
  it("M-5.2-7 M-5.2-9 M-5.2-12 come at 80, 85, 90 and 95 % of the ttl, and up to 2 % later", () => {
    const times = seeds.map((seed) => {
      const { bench, times } = resolved(seed)
      bench.until(120_100)
      return times()
    })

    for (const [i, least] of [96_000, 102_000, 108_000, 114_000].entries()) {
      assert.isTrue(isUniform(times.map((each) => each[i]!), least, least + 2_400))
    }
  })

  it("M-5.2-10 M-5.2-6 are four, and then the record is gone", () => {
    const { bench } = resolved()
    bench.until(120_199)
    assert.deepStrictEqual([bench.times.length, bench.records(host, A).length], [4, 1])
    bench.until(120_200)

    assert.deepStrictEqual([bench.times.length, bench.records(host, A).length], [4, 0])
    assert.deepStrictEqual(bench.news(), ["removed Expired 120200"])
  })

  it("M-5.2-6 a record holds for its ttl and not longer", () => {
    const { bench } = resolved(1, 10, "watch", false)
    bench.until(10_199)
    assert.deepStrictEqual(bench.news(), [])
    bench.until(10_201)

    assert.deepStrictEqual(bench.news(), ["removed Expired 10200"])
    assert.deepStrictEqual(bench.records(host, A), [])
  })

  it("M-5.2-9 begin anew with an answer", () => {
    const { bench, times } = resolved()
    bench.until(200 + 103_200)
    bench.hear([address(1)])
    bench.sent.length = 0
    bench.until(200 + 103_200 + 95_999)
    assert.deepStrictEqual(times(), [])
    bench.until(200 + 103_200 + 98_400)

    assert.strictEqual(times().length, 1)
  })

  it("M-5.2-8 end with the interest", () => {
    const { bench, id } = resolved()
    bench.until(97_000)
    bench.release(id)
    const { length } = bench.sent

    assert.strictEqual(bench.until(400_000).sent.length, length)
    assert.deepStrictEqual(bench.news(), ["removed Expired 120200"])
  })

  it("M-5.2-8 are not for those who want none", () => {
    assert.deepStrictEqual(resolved(1, 120, "watch", false).bench.until(240_000).times, [])
  })

  it("are asked for the latest when the interest comes late", () => {
    const bench = new Bench()
    const id = bench.ask(host, A, { refresh: false })
    bench.until(200)
    bench.hear([address(1)])
    bench.release(id)
    bench.until(104_000)
    bench.sent.length = 0
    bench.ask(host, A, { mode: "resolve", refresh: true })
    bench.until(119_000)

    assert.strictEqual(bench.times.length, 2)
  })

  it("of records that came together go together", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.ask(http, TXT, { mode: "resolve" })
    bench.hear([pointer("a", 120), { ...address(1), name: http, type: TXT }])
    bench.until(90_000)
    bench.sent.length = 0
    bench.until(99_000)

    assert.deepStrictEqual(bench.sent.map(({ message }) => message.questions.length), [2])
  })

  it("ask for all types where that is wanted", () => {
    const bench = new Bench()
    bench.ask(host, ANY, { mode: "resolve" })
    bench.hear([address(1)])
    bench.until(99_000)

    assert.deepStrictEqual(bench.sent.map(({ message }) => message.questions[0]!.type), [ANY])
  })

  it("M-5.2-10 are four of a ttl of 15 s, too", () => {
    assert.strictEqual(resolved(1, 15).bench.until(15_200).times.length, 4)
  })

  it.each([1, 2, 5, 9, 12, 14])("X-18 of a ttl of %i s come at most once in 10 s", (ttl) => {
    for (const mode of ["browse", "resolve"] as const) {
      const bench = new Bench()
      bench.ask(host, A, { mode })
      let answered = 0
      while (bench.now < 600_000) {
        bench.until(bench.now + 50)
        if (bench.sent.length > answered) bench.hear([address(1, ttl)])
        answered = bench.sent.length
      }
      const late = bench.times.filter((time) => time > 15_000)

      for (const gap of gaps(late)) assert.isAtLeast(gap, 10_000)
    }
  })

  it("M-5.2-9 of many records that were heard one by one are a second apart, none of them missed", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    for (let i = 0; i < 300; i++) {
      bench.until(10 + 37 * i)
      bench.hear([pointer(`p${i}`)])
    }
    bench.until(4_600_000)
    const times = bench.sent.flatMap(({ at, message }) => message.questions.length > 0 ? [at] : [])

    for (const [index, at] of times.entries()) assert(index === 0 || at - times[index - 1]! >= 1_000)
    assert.isBelow(times.length, 360)
    assert.strictEqual(bench.querier.cache.sources.size, 0)
  })
})

describe("a resolve", () => {
  it("X-18 that is watched in between asks no more often", () => {
    const bench = new Bench()
    const id = bench.ask(host, A, { mode: "resolve", refresh: false })
    for (let answered = 0; bench.now < 100_000; answered = bench.sent.length) {
      bench.until(bench.now + 50)
      if (bench.sent.length > answered) bench.hear([address(1, 1)])
      bench.ask(host, A, { id, mode: bench.records(host, A).length > 0 ? "watch" : "resolve", refresh: false })
    }

    for (const gap of gaps(bench.times.filter((time) => time > 15_000))) assert.isAtLeast(gap, 10_000)
  })

  it("M-5.2-11 ends with a unique answer", () => {
    const { bench } = resolved()

    assert.deepStrictEqual(bench.until(96_000).times, [])
  })

  it("goes on with a shared one", () => {
    const bench = new Bench()
    bench.ask(host, A, { mode: "resolve" })
    bench.until(200)
    bench.hear([address(1, 120, host, false)])

    assert.strictEqual(bench.until(5_000).times.length, 3)
  })

  it("asks nothing that is known", () => {
    const { bench, id } = resolved()
    bench.ask(host, A, { mode: "resolve" })
    bench.release(id)

    assert.deepStrictEqual(bench.until(90_000).times, [])
  })

  it("begins anew when the record is gone", () => {
    const { bench, times } = resolved(1, 120, "resolve", false)
    bench.until(125_000)

    assert(times()[0]! >= 120_020 && times()[0]! <= 120_120)
    assert.strictEqual(times().length, 3)
  })

  it("M-6.1-2 ends with a denial, until that holds no longer", () => {
    const bench = new Bench()
    bench.ask(host, A, { mode: "resolve" })
    bench.until(200)
    bench.hear([denial(host, [TXT])])
    assert.deepStrictEqual(bench.news(), ["added", `denied host-1.local ${A}`])
    bench.sent.length = 0
    bench.until(120_199)
    assert.deepStrictEqual(bench.times, [])
    bench.until(120_400)

    assert.strictEqual(bench.times.length, 1)
  })

  it("does not wait for an old series that has found nothing", () => {
    const bench = new Bench()
    bench.ask(host, A)
    bench.until(hour)
    bench.sent.length = 0
    bench.ask(host, A, { mode: "resolve" })
    bench.until(hour + 3_000)

    assert.strictEqual(bench.times.length, 2)
  })
})

describe("reconfirm", () => {
  it("M-10.4-1 M-10.4-2 asks more than once, and lets go after ten seconds", () => {
    const { bench } = resolved(1, 120, "watch", false)
    bench.until(5_000)
    bench.reconfirm(host)
    bench.until(14_999)
    assert.isAtLeast(bench.times.length, 2)
    assert.deepStrictEqual(bench.news(), [])
    bench.until(60_000)

    assert.deepStrictEqual(bench.news(), ["removed Expired 15000"])
    assert.isAtMost(bench.times.length, 4)
  })

  it("asks for what nobody has an interest in, and keeps it when it is confirmed", () => {
    const { bench, id } = resolved()
    bench.release(id)
    // a second after it was asked last
    bench.until(1_200)
    bench.reconfirm(host)
    bench.until(1_500)
    assert.strictEqual(bench.times.length, 1)
    bench.hear([address(1)])
    bench.until(50_000)

    assert.strictEqual(bench.times.length, 1)
    assert.strictEqual(bench.records(host, A).length, 1)
  })

  it("does not list as known what it doubts, nor what leads to it", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.hear([pointer("a"), pointer("b")])
    bench.until(200_000)
    bench.sent.length = 0
    bench.reconfirm(pointer("a").data._tag === "Pointer" ? pointerTarget("a") : http)
    bench.until(200_500)

    assert.deepStrictEqual(bench.sent.map(({ message }) => message.answers.length), [1])
    bench.until(211_000)
    assert.strictEqual(bench.records(http, PTR).length, 1)
  })

  const pointerTarget = (label: string) => {
    const { data } = pointer(label)
    return data._tag === "Pointer" ? data.target : http
  }
})

describe("sleep and links", () => {
  it("M-10.3-1 what is not heard again within ten seconds of waking is gone", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.until(200)
    bench.hear([pointer("a"), pointer("b")])
    bench.until(100_000)
    bench.news()
    bench.resume()
    bench.until(100_150)
    assert.deepStrictEqual(bench.sent.at(-1)!.message.answers, [])
    bench.hear([pointer("a")])
    bench.until(120_000)

    assert.deepStrictEqual(bench.news(), ["renewed", "removed Expired 110000"])
    assert.strictEqual(bench.records(http, PTR).length, 1)
  })

  it("M-10.3-1 a link that goes down takes its records along", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.until(200)
    bench.hear([pointer("a")])
    bench.linkDown()
    const { length } = bench.sent
    bench.until(hour)

    assert.deepStrictEqual(bench.news(), ["added", "removed LinkLost 200"])
    assert.strictEqual(bench.sent.length, length)
    assert.deepStrictEqual([bench.querier.cache.sources.size, bench.querier.timers.heap.length], [0, 0])
  })

  it("M-5.2-8 a goodbye of a host that nobody follows asks nothing", () => {
    const { bench } = resolved(1, 120, "watch", false)
    bench.hear([goodbye(address(1))])

    assert.deepStrictEqual(bench.until(hour).times, [])
  })
})
