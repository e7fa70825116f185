/** When questions are asked (RFC 6762, sections 5.2 to 5.4). */
import { assert, describe, it } from "@effect/vitest"
import { IpInterface } from "effect/net"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import { A, address, Bench, gaps, host, http, isUniform, link, name, pointer, PTR, seeds, SRV, TXT } from "./Bench.ts"

const hour = 3_600_000

describe("a browse", () => {
  it("M-5.2-5 waits 20 to 120 ms before its first question", () => {
    const delays = seeds.map((seed) => {
      const bench = new Bench({ seed })
      bench.ask(http, PTR)
      return bench.until(500).times[0]!
    })

    assert.isTrue(isUniform(delays, 20, 120))
  })

  it("M-5.2-1 M-5.2-2 at least doubles the interval from a second on", () => {
    for (const seed of seeds.slice(0, 200)) {
      const bench = new Bench({ seed })
      bench.ask(http, PTR)
      const intervals = gaps(bench.until(600_000).times)

      assert.isAtLeast(intervals[0]!, 1_000)
      intervals.slice(1).forEach((interval, i) => assert.isAtLeast(interval, 2 * intervals[i]!))
      assert.isAbove(intervals.length, 7)
    }
  })

  it("M-5.2-4 X-24 costs 12 queries in the first hour, and then one an hour", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.until(24 * hour)

    assert.isAtMost(bench.times.filter((time) => time <= hour).length, 12)
    assert.isAtMost(bench.times.length, 40)
    for (const gap of gaps(bench.times).slice(-5)) assert(gap >= hour && gap <= 1.02 * hour)
  })

  it("M-3-3 M-18.1-3 M-18.2-1 M-18.4-1 asks the group in plain queries", () => {
    const bench = new Bench()
    for (const text of ["a.local", "A.LOCAL.", "x.y.z.local"]) bench.ask(name(text), A)
    bench.until(1_000)

    const { additionals, authorities, id, isResponse, isTruncated, questions } = bench.sent[0]!.message
    assert.deepStrictEqual({ id, isResponse, isTruncated }, { id: 0, isResponse: false, isTruncated: false })
    assert.deepStrictEqual([additionals, authorities], [[], []])
    assert.deepStrictEqual(questions.map((question) => Name.format(question.name)), ["a.local", "x.y.z.local"])
  })

  it("M-5.3-1 asks the questions of one moment in one message, and again", () => {
    const bench = new Bench()
    for (const label of ["a", "b", "c", "d", "e"]) bench.ask(name(`${label}.local`), A)
    bench.until(20_000)

    assert.deepStrictEqual(bench.sent.map(({ message }) => message.questions.length), [5, 5, 5, 5, 5])
  })

  it("asks what several want to know once", () => {
    const bench = new Bench()
    const first = bench.ask(http, PTR)
    bench.ask(name("_HTTP._tcp.Local"), PTR)
    bench.until(500)
    bench.release(first)
    bench.until(2_000)

    assert.deepStrictEqual(bench.sent.map(({ message }) => message.questions.length), [1, 1])
  })

  it("keeps its rhythm when the interest in it changes", () => {
    const bench = new Bench()
    const id = bench.ask(http, PTR)
    bench.until(500)
    bench.ask(http, PTR, { id, refresh: false })
    bench.until(900)
    bench.ask(http, PTR, { id, mode: "resolve" })
    const intervals = gaps(bench.until(4_000).times)

    assert.strictEqual(intervals.length, 2)
    assert.isAtLeast(intervals[0]!, 1_000)
  })

  it("is given up for another question of the same interest", () => {
    const bench = new Bench()
    const id = bench.ask(http, PTR)
    bench.until(500)
    bench.ask(host, A, { id })
    bench.until(2_000)

    assert.deepStrictEqual(bench.sent.map(({ message }) => message.questions.map(({ type }) => type)), [[PTR], [A], [
      A
    ]])
    assert.strictEqual(bench.querier.places.get(link.key)!.nodes.size, 1)
  })

  it("is given up where it is no longer wanted", () => {
    const bench = new Bench()
    const id = bench.ask(http, PTR)
    bench.ask(http, PTR, { id, interface: "eth1" })

    assert.deepStrictEqual(bench.until(2_000).times, [])
  })

  it("falls silent when it is released", () => {
    const bench = new Bench()
    const id = bench.ask(http, PTR)
    bench.until(2_000)
    bench.release(id)
    const { length } = bench.sent

    assert.strictEqual(bench.until(24 * hour).sent.length, length)
    assert.strictEqual(bench.querier.timers.heap.length, 0)
  })
})

describe("domains", () => {
  it.each([
    "1.2.254.169.in-addr.arpa",
    ...["8", "9", "a", "b"].map((nibble) => `1.0.${nibble}.e.f.ip6.arpa`)
  ])("M-4-1 M-4-2 asks the group for %s", (reverse) => {
    const bench = new Bench()
    bench.ask(name(reverse), PTR)

    assert.strictEqual(bench.until(500).sent.length, 1)
  })

  it.each(["c.e.f.ip6.arpa", "1.0.0.10.in-addr.arpa", "example.com", "notlocal", "local.example", "."])(
    "M-13-2 asks nobody for %s",
    (other) => {
      const bench = new Bench()
      bench.ask(name(other), A)

      assert.strictEqual(bench.until(hour).sent.length, 0)
    }
  )

  it("M-13-1 asks for others where that is wanted", () => {
    const bench = new Bench({ allowOtherDomains: true })
    bench.ask(name("example.com"), A)

    assert.strictEqual(bench.until(500).sent.length, 1)
  })
})

describe("unicast answers", () => {
  const isUnicast = (bench: Bench) => bench.sent.map(({ message }) => message.questions.map(({ unicast }) => unicast))

  it("M-5.4-1 M-5.4-2 M-5.4-3 are asked for when a link comes up, and only then", () => {
    const bench = new Bench({ links: [] })
    for (const label of ["a", "b", "c"]) bench.ask(name(`${label}.local`), A)
    bench.linkUp(link)
    bench.until(4_000)

    assert.deepStrictEqual(isUnicast(bench), [[true, true, true], [false, false, false], [false, false, false]])
  })

  it("M-5.4-1 are asked for when the host wakes", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.until(100_000)
    bench.sent.length = 0
    bench.resume()
    bench.until(102_000)

    assert.deepStrictEqual(isUnicast(bench), [[true], [false]])
  })

  it("M-5.4-1 are asked for when the addresses of a link are others, and not when it is merely told again", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.until(100_000)
    bench.sent.length = 0
    bench.linkUp({ ...link, maxPayload: 1_400 })
    bench.until(102_000)
    assert.deepStrictEqual(bench.sent, [])
    bench.linkUp({ ...link, addresses: [IpInterface.fromStringUnsafe("192.0.2.1/24")] })
    bench.until(104_000)

    assert.deepStrictEqual(isUnicast(bench), [[true], [false]])
  })

  it("M-5.4-4 M-5.4-5 are not asked for by what begins later", () => {
    const bench = new Bench({ links: [] })
    bench.linkUp(link)
    bench.until(1_000)
    bench.ask(http, PTR)
    bench.until(2_000)

    assert.deepStrictEqual(isUnicast(bench), [[false]])
  })

  it("M-15.1-2 are not asked for where the port is shared", () => {
    const bench = new Bench({ links: [] })
    bench.ask(http, PTR)
    bench.linkUp({ ...link, isPortOwned: false })
    bench.until(500)

    assert.deepStrictEqual(isUnicast(bench), [[false]])
  })

  it("M-15.1-2 are not asked for once the port is shared, though they were to be", () => {
    const bench = new Bench({ links: [] })
    bench.ask(http, PTR)
    bench.linkUp(link)
    bench.linkUp({ ...link, isPortOwned: false })
    bench.until(500)

    assert.deepStrictEqual(isUnicast(bench), [[false]])
  })

  it("M-6-19 are heard for two seconds after the question, when they answer it", () => {
    const at = (delay: number, answer = address(1)) => {
      const bench = new Bench({ links: [] })
      bench.ask(host, A)
      bench.linkUp(link)
      bench.until(120)
      bench.until(bench.times[0]! + delay)
      bench.hear([answer], { from: { isMulticast: false } })
      return [bench.records(answer.name, A).length, bench.rejected.length]
    }

    assert.deepStrictEqual(at(1_900), [1, 0])
    assert.deepStrictEqual(at(2_100), [0, 1])
    assert.deepStrictEqual(at(100, address(1, 120, name("other.local"))), [0, 1])
  })

  it("M-6-20 are else ignored", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.until(200)
    bench.hear([pointer("a")], { from: { isMulticast: false } })

    assert.deepStrictEqual(bench.records(http, PTR), [])
    assert.deepStrictEqual(bench.rejected, ["unexpected response by unicast"])
  })
})

describe("a question whose answer is waited for once", () => {
  const once = { mode: "resolve", refresh: true, isOnce: true } as const
  const texts = (bench: Bench) => bench.sent.map(({ at, message }) => `${at} ${message.questions.length}`)

  it("is asked at once, and each in a message of its own, that it be answered without delay", () => {
    const bench = new Bench()
    bench.until(1_000)
    bench.ask(host, SRV, once)
    bench.ask(host, TXT, once)
    bench.until(1_500)

    assert.deepStrictEqual(texts(bench), ["1000 1", "1000 1"])
  })

  it("M-5.2-5 is gathered with others when such a one was asked just before", () => {
    const bench = new Bench()
    bench.until(1_000)
    for (let i = 0; i < 50; i++) {
      bench.ask(name(`host-${i}.local`), A, once)
      bench.until(bench.now + 1)
    }
    bench.until(1_500)

    assert.strictEqual(texts(bench)[0], "1000 1")
    assert.isAtMost(bench.sent.length, 4)
    for (const at of bench.times.slice(1)) assert.isAtLeast(at, 1_020)
  })

  it("M-5.2-5 is gathered with others when many are asked at the same moment", () => {
    const bench = new Bench()
    bench.until(1_000)
    for (let i = 0; i < 100; i++) bench.ask(name(`host-${i}.local`), A, once)
    bench.until(1_500)

    assert.deepStrictEqual(texts(bench).slice(0, 4), Array.from({ length: 4 }, () => "1000 1"))
    assert.isAtMost(bench.sent.length, 8)
    for (const at of bench.times.slice(4)) assert.isAtLeast(at, 1_020)
  })

  it("M-5.2-1 is asked again no sooner than a second later, and then as others are", () => {
    const bench = new Bench()
    bench.ask(host, A, once)
    bench.until(400)
    bench.ask(host, A, once)
    bench.until(1_500)

    assert.strictEqual(bench.times[0], 0)
    assert.isAtLeast(bench.times[1]!, 1_000)
  })

  it("is not asked while the answer is known", () => {
    const bench = new Bench()
    bench.ask(host, A, { mode: "watch" })
    bench.hear([address(1)])
    bench.until(5_000)
    bench.ask(host, A, once)
    bench.until(60_000)

    assert.deepStrictEqual(bench.sent, [])
  })

  it("is asked again 10 s after an answer of a short ttl", () => {
    const bench = new Bench()
    let id = bench.ask(host, A, { mode: "resolve", refresh: false })
    for (let answered = 0; bench.now < 100_000; answered = bench.sent.length) {
      bench.until(bench.now + 50)
      if (bench.sent.length > answered) bench.hear([address(1, 1)])
      if (bench.records(host, A).length === 0) {
        const next = bench.ask(host, A, { ...once, refresh: false })
        bench.release(id)
        id = next
      }
    }

    const apart = gaps(bench.times)
    assert(apart.length > 5 && apart.every((gap) => gap >= 10_000), `${apart}`)
  })

  it("M-5.2-5 waits where a link has just come up, as all do that are asked there", () => {
    const bench = new Bench({ links: [] })
    bench.ask(host, A, once)
    bench.linkUp(link)
    bench.until(500)

    assert(bench.times[0]! >= 20 && bench.times[0]! <= 120)
  })

  it("M-5.2-1 is asked again no sooner than a second later though it was let go in between, over and over", () => {
    const bench = new Bench()
    bench.until(1_000)
    while (bench.now < 6_000) {
      const id = bench.ask(host, A, once)
      bench.until(bench.now + 150)
      bench.release(id)
    }

    const apart = gaps(bench.times)
    assert(apart.length >= 3 && apart.every((gap) => gap >= 1_000), `${apart}`)
  })

  it("is remembered for no longer than that", () => {
    const bench = new Bench()
    bench.until(1_000)
    const id = bench.ask(host, A, once)
    bench.until(1_000)
    bench.release(id)
    bench.until(1_999)
    const { nodes } = bench.querier.places.get(link.key)!
    assert.strictEqual(nodes.size, 1)
    bench.until(2_000)

    assert.strictEqual(nodes.size, 0)
    assert.strictEqual(bench.querier.timers.heap.length, 0)
  })
})
