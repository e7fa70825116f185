/** Questions that go along with others (RFC 6762, section 5.3), none before its time nor after it. */
import { assert, describe, it } from "@effect/vitest"
import * as Querier from "../../../../src/protocol/mdns/Querier.ts"
import {
  A,
  AAAA,
  address,
  Bench,
  gaps,
  host,
  http,
  instance,
  name,
  pointer,
  PTR,
  seeds,
  service,
  SRV
} from "./Bench.ts"

const label = (i: number) => `s${i}`
const count = 20

/** Services that are followed and were heard of one by one, and how far apart. */
const followed = (seed: number, apart: number) => {
  const bench = new Bench({ seed })
  for (let i = 0; i < count; i++) bench.ask(instance(label(i)), SRV, { mode: "resolve" })
  const heard = new Map<string, number>()
  bench.until(200)
  for (let i = 0; i < count; i++) {
    bench.until(200 + apart * i)
    bench.hear([service(label(i))])
    heard.set(instance(label(i)).key, bench.now)
  }
  bench.sent.length = 0
  return { bench, heard }
}

const asked = ({ sent }: Bench, key: string) =>
  sent.flatMap(({ at, message }) => message.questions.some(({ name }) => name.key === key) ? [at] : [])

const sizes = ({ sent }: Bench) => sent.map(({ message }) => message.questions.length)

/** How often a querier is to be woken until then. */
const wakings = (bench: Bench, then: number): number => {
  let count = 0
  while (Querier.wakeAt(bench.querier) <= then) {
    bench.until(Querier.wakeAt(bench.querier))
    count++
  }
  return count
}

describe("questions that are due within 50 ms", () => {
  it("M-5.3-1 leave in one datagram when they refresh records", () => {
    for (const seed of seeds) {
      assert.deepStrictEqual(sizes(followed(seed, 0).bench.until(98_600)), [count])
    }
  })

  it("M-5.3-1 leave in three at most when the time of some has not come yet", () => {
    const datagrams = seeds.map((seed) => followed(seed, 2).bench.until(98_700).sent.length)

    assert.isAtMost(Math.max(...datagrams), 3)
    assert.isAtLeast(datagrams.filter((each) => each === 1).length, 0.7 * seeds.length)
  })

  it("M-5.2-5 M-5.3-1 leave in four at most when they begin, each 20 to 120 ms after it was asked", () => {
    for (const seed of seeds) {
      const bench = new Bench({ seed })
      for (let i = 0; i < count; i++) {
        bench.until(i)
        bench.ask(name(`${label(i)}.local`), A)
      }
      bench.until(500)

      assert.isAtMost(bench.sent.length, 4)
      for (let i = 0; i < count; i++) {
        const [at, ...more] = asked(bench, name(`${label(i)}.local`).key)
        assert(more.length === 0 && at! >= i + 20 && at! <= i + 120)
      }
    }
  })
})

describe("questions that go together", () => {
  it("are 64 in a datagram at most, as many as are read", () => {
    const bench = new Bench()
    for (let i = 0; i < 150; i++) bench.ask(name(`${label(i)}.local`), A)
    bench.until(500)

    assert.deepStrictEqual(sizes(bench), [64, 64, 22])
  })
})

describe("refreshes of records that were heard one by one", () => {
  it("M-5.2-7 M-5.2-9 M-5.2-10 are still four, at 80, 85, 90 and 95 % of the ttl and up to 2 % later", () => {
    for (const seed of seeds.slice(0, 200)) {
      const { bench, heard } = followed(seed, 137)
      bench.until(120_200)

      for (const [key, at] of heard) {
        const times = asked(bench, key).filter((time) => time < at + 120_000)
        assert.strictEqual(times.length, 4)
        for (const [i, time] of times.entries()) {
          const percent = 80 + 5 * i
          assert(time >= at + 1_200 * percent && time <= at + 1_200 * (percent + 2), `${time - at}`)
        }
      }
    }
  })

  it("of one question need no waking but to ask it", () => {
    for (const seed of seeds.slice(0, 200)) {
      const bench = new Bench({ seed })
      bench.ask(http, PTR)
      for (let i = 0; i < count; i++) bench.until(200 + 137 * i).hear([pointer(label(i), 4_500)])
      bench.until(3_600_000)
      const { length } = bench.sent

      assert.strictEqual(wakings(bench, 3_700_000), bench.sent.length - length)
    }
  })

  it("share datagrams, so that 80 questions take no more than 32", () => {
    for (const seed of seeds.slice(0, 200)) {
      assert.isAtMost(followed(seed, 137).bench.until(120_200).sent.length, 32)
    }
  })

  it("go on together when they were in vain, up to 2 % of the ttl after the records ended", () => {
    for (const seed of seeds.slice(0, 200)) {
      const { bench, heard } = followed(seed, 137)
      bench.until(140_000)
      const after = bench.sent.filter(({ at }) => at >= 120_200)

      for (const [key, at] of heard) {
        const first = asked(bench, key).find((time) => time >= at + 120_000)!
        assert(first >= at + 120_020 && first <= at + 120_120 + 2_400, `${first - at}`)
      }
      assert.isAtMost(after.length, 60)
    }
  })
})

describe("questions that go along with others", () => {
  it("M-5.2-1 M-5.2-2 are never closer together than alone", () => {
    for (const seed of seeds.slice(0, 200)) {
      const bench = new Bench({ seed })
      for (const [i, asked] of ["a", "b", "c", "d", "e", "f"].entries()) {
        bench.until(211 * i)
        bench.ask(name(`${asked}.local`), A)
      }
      bench.until(3_600_000)
      for (const owner of ["a", "b", "c", "d", "e", "f"]) {
        const intervals = gaps(asked(bench, name(`${owner}.local`).key))

        assert.isAtLeast(intervals[0]!, 1_000)
        for (const [i, interval] of intervals.slice(1).entries()) assert.isAtLeast(interval, 2 * intervals[i]!)
      }
      assert.isBelow(bench.sent.length, 6 * 12)
    }
  })

  it("M-5.2-1 M-5.2-9 are refreshes a second after the last time that they were asked", () => {
    for (const seed of seeds.slice(0, 50)) {
      const bench = new Bench({ seed })
      bench.ask(http, PTR)
      for (let i = 0; i < count; i++) bench.ask(instance(label(i)), SRV, { mode: "resolve" })
      for (let i = 0; i < count; i++) {
        bench.until(200 + 137 * i).hear([service(label(i))])
        bench.until(270 + 137 * i).hear([pointer(label(i), 120)])
      }
      bench.until(120_000)

      const late = asked(bench, http.key).filter((at) => at > 90_000)
      assert(late.length > 3 && gaps(late).every((gap) => gap >= 1_000), late.join())
    }
  })

  it("are refreshes of a short ttl once in 10 s", () => {
    for (const seed of seeds.slice(0, 50)) {
      const { bench } = followed(seed, 137)
      bench.ask(host, A, { mode: "resolve" })
      let answered = 0
      while (bench.now < 120_000) {
        bench.until(bench.now + 50)
        const times = asked(bench, host.key)
        if (times.length > answered) bench.hear([address(1, 10)])
        answered = times.length
      }

      const late = asked(bench, host.key).filter((at) => at > 15_000)
      assert(late.length > 5 && gaps(late).every((gap) => gap >= 10_000), late.join())
    }
  })

  it("are none of what was replaced", () => {
    const other = name("other.local")
    for (const seed of seeds.slice(0, 50)) {
      const bench = new Bench({ seed })
      for (const owner of [host, other]) bench.ask(owner, A, { mode: "resolve" })
      for (const owner of [host, other]) bench.hear([address(1, 120, owner)])
      bench.until(95_999)
      bench.hear([address(2)])

      assert.deepStrictEqual(asked(bench.until(97_000), host.key), [])
    }
  })

  it("M-5.2-5 leave the first question of another where it is", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.until(950)
    bench.ask(host, AAAA)
    const [first, second] = [bench.until(1_500).times.at(-2)!, bench.times.at(-1)!]

    assert(first >= 970 && second <= 1_140)
  })

  it("M-5.2-8 are none of records that nobody follows", () => {
    const bench = new Bench()
    bench.ask(host, A, { mode: "resolve" })
    bench.ask(http, PTR, { mode: "watch", refresh: false })
    bench.until(200)
    bench.hear([address(1), pointer("a", 120)])
    bench.sent.length = 0
    bench.until(120_000)

    assert.deepStrictEqual(bench.sent.map(({ message }) => message.questions.map(({ type }) => type)), [[A], [A], [A], [
      A
    ]])
  })
})
