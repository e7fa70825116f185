/** What browsing costs on a link where others answer. */
import { assert, describe, it } from "@effect/vitest"
import * as Chance from "../../../../src/protocol/mdns/Chance.ts"
import * as Querier from "../../../../src/protocol/mdns/Querier.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import { Bench, http, pointer, PTR, question, type Sent } from "./Bench.ts"

const hour = 3_600_000

interface Answer {
  readonly at: number
  readonly record: Record.Record
  readonly host: number
}

/** Browsers on one link with hosts that each have one instance, and answer what nobody lists as known. */
const simulate = (
  options: {
    readonly browsers: number
    readonly hosts: number
    readonly until: number
    readonly seed: number
    readonly ttl?: number
  }
) => {
  const chance = Chance.make(options.seed, "hosts")
  const browsers = Array.from({ length: options.browsers }, (_, i) => {
    const bench = new Bench({ seed: options.seed * 1_000 + i })
    bench.until(Chance.between(chance, 0, 60_000))
    bench.ask(http, PTR)
    return bench
  })
  // each comes up at its own time, when all browse
  let answers: Array<Answer> = Array.from({ length: options.hosts }, (_, host) => ({
    at: Chance.between(chance, 61_000, 2 * hour),
    record: pointer(`host ${host}`, options.ttl),
    host
  }))
  const up = new Set<number>()

  const ask = (from: Bench, { at, message }: Sent) => {
    for (const other of browsers) {
      if (other === from) continue
      other.now = at
      other.overhear(message.questions, message.answers, { isTruncated: message.isTruncated })
    }
    for (const host of up) {
      const record = pointer(`host ${host}`, options.ttl)
      if (message.answers.some((known) => Record.isSame(known, record) && 2 * known.ttl >= record.ttl)) continue
      if (answers.some((pending) => pending.host === host)) continue
      answers.push({ at: at + Chance.between(chance, 20, 120), record, host })
    }
  }

  for (;;) {
    const first = answers.reduce<Answer | undefined>((a, b) => a === undefined || b.at < a.at ? b : a, undefined)
    const wakeAt = (bench: Bench) => Querier.wakeAt(bench.querier)
    const browser = browsers.reduce((a, b) => wakeAt(b) < wakeAt(a) ? b : a)
    const at = Math.min(first?.at ?? Infinity, wakeAt(browser))
    if (at > options.until) return browsers
    if (first?.at === at) {
      answers = answers.filter((answer) => answer !== first)
      up.add(first.host)
      for (const bench of browsers) {
        bench.now = at
        bench.hear([first.record], { from: { host: `10.0.0.${first.host}` } })
      }
    } else {
      const sent = browser.sent.length
      browser.until(at)
      for (const query of browser.sent.slice(sent)) ask(browser, query)
    }
  }
}

const queries = (bench: Bench, until = Infinity) => {
  const asked = bench.sent.filter(({ message }) => message.questions.length > 0)
  return asked.filter(({ at }) => at - asked[0]!.at <= until).length
}

describe("a quiet link", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    "X-24 M-5.2-4 costs a browser 12 queries in an hour and 40 a day (seed %i)",
    (seed) => {
      const [browser] = simulate({ browsers: 1, hosts: 20, until: 24 * hour, seed })

      assert.isAtMost(queries(browser!, hour), 12)
      assert.isAtMost(queries(browser!), 40)
      assert.deepStrictEqual(browser!.news().filter((news) => news.startsWith("removed")), [])
      assert.strictEqual(browser!.records(http, PTR).length, 20)
    }
  )

  it("X-24 costs many browsers little more than one", () => {
    const browsers = simulate({ browsers: 20, hosts: 20, until: 24 * hour, seed: 1 })
    const costs = browsers.map((browser) => queries(browser))

    assert.isAtMost(Math.max(...costs), 40)
    assert.isAtMost(costs.reduce((a, b) => a + b), 200)
    for (const browser of browsers) {
      assert.deepStrictEqual(browser.news().filter((news) => news.startsWith("removed")), [])
    }
  })

  it("X-24 costs little with records of two minutes", () => {
    const [browser] = simulate({ browsers: 1, hosts: 20, until: 4 * hour, seed: 1, ttl: 120 })

    assert.isAtMost(queries(browser!), 4 * 60)
    assert.deepStrictEqual(browser!.news().filter((news) => news.startsWith("removed")), [])
  })
})

describe("a noisy link", () => {
  it("S-A4 goodbyes and flushes without end make us ask once a second at most", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.hear([pointer("a")])
    while (bench.now < 100_000) {
      bench.until(bench.now + 10)
      bench.hear([pointer("a")])
      bench.hear([{ ...pointer("a"), ttl: 0 }])
    }

    assert.isAtMost(bench.times.length, 101)
    for (const [i, time] of bench.times.slice(1).entries()) assert.isAtLeast(time - bench.times[i]!, 1_000)
  })

  it("questions without end do not keep us from hearing the answers", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    while (bench.now < 10_000) {
      bench.until(bench.now + 5)
      bench.overhear([question(http, PTR)])
    }

    assert.deepStrictEqual(bench.times, [])
  })
})
