/** The cache against a model of it that is too simple to be wrong: a list that is searched as a whole, at every millisecond of interest. */
import { assert, describe, it } from "@effect/vitest"
import * as Chance from "../../../../src/protocol/mdns/Chance.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import { address, ANY, Bench, goodbye, host, http, link, pointer } from "./Bench.ts"

interface Known {
  readonly record: Record.Record
  readonly announcers: Set<string>
  receivedAt: number
  expiresAt: number
  reason: string
}

class Model {
  known: Array<Known> = []
  readonly told: Array<string> = []

  hear(records: ReadonlyArray<Record.Record>, from: string, now: number): void {
    for (const record of records) {
      const known = this.known.find((known) => Record.isSame(known.record, record))
      if (record.ttl === 0) {
        if (known === undefined) this.told.push(`${now} withdrawn ${Record.key(record)}`)
        else this.shorten(known, now + (known.announcers.has(from) ? 1_000 : 10_000), "Goodbye")
      } else if (known === undefined) {
        const expiresAt = now + record.ttl * 1_000
        this.known.push({ record, announcers: new Set([from]), receivedAt: now, expiresAt, reason: "Expired" })
        this.told.push(`${now} added ${Record.key(record)}`)
      } else {
        known.announcers.add(from)
        known.receivedAt = now
        known.expiresAt = now + record.ttl * 1_000
        known.reason = "Expired"
        this.told.push(`${now} renewed ${Record.key(record)}`)
      }
    }
    for (const { flush, name, ttl, type } of records) {
      if (!flush || ttl === 0) continue
      for (const known of this.known) {
        const isOfSet = known.record.type === type && known.record.name.key === name.key
        if (isOfSet && known.receivedAt < now - 1_000) this.shorten(known, now + 1_000, "Flushed")
      }
    }
  }

  shorten(known: Known, at: number, reason: string): void {
    if (at >= known.expiresAt) {
      if (known.reason === "Expired") known.reason = reason
      return
    }
    known.expiresAt = at
    known.reason = reason
  }

  until(now: number): void {
    const gone = this.known.filter(({ expiresAt }) => expiresAt <= now)
    this.known = this.known.filter(({ expiresAt }) => expiresAt > now)
    for (const { expiresAt, reason, record } of gone) {
      this.told.push(`${expiresAt} removed ${reason} ${Record.key(record)}`)
    }
  }
}

const hosts = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
const said = [
  ...[1, 2, 3].map((last) => address(last, 1)),
  ...["a", "b", "c"].map((label) => pointer(label, 1)),
  address(4, 1, http)
]

describe("the cache", () => {
  it("M-5.2-6 M-10.1-2 M-10.2-3 S-U3 knows what a plain list knows, whatever is heard", () => {
    for (let seed = 0; seed < 300; seed++) {
      const chance = Chance.make(seed, "cache")
      const pick = <T>(from: ReadonlyArray<T>): T => from[Chance.between(chance, 0, from.length - 1)]!
      const model = new Model()
      const bench = new Bench({ links: [{ ...link, isPortOwned: false }] })
      bench.ask(host, ANY, { mode: "watch", refresh: false })
      bench.ask(http, ANY, { mode: "watch", refresh: false })
      for (let step = 0; step < 60; step++) {
        const now = bench.now + pick([0, 1, 400, 600, 999, 1_000, 1_001, 3_000, 20_000])
        bench.until(now)
        model.until(now)
        const from = pick(hosts)
        const picked = new Set(Array.from({ length: Chance.between(chance, 1, 3) }, () => pick(said)))
        const records = Array.from(
          picked,
          (record) => pick([0, 1, 2]) === 0 ? goodbye(record) : { ...record, ttl: pick([1, 2, 5, 30]) }
        )
        bench.hear(records, { from: { host: from } })
        model.hear(records, from, now)

        const expected = model.known.map(({ expiresAt, record }) => `${expiresAt} ${Record.key(record)}`)
        const cached = [...bench.records(host, ANY), ...bench.records(http, ANY)]
        const actual = cached.map(({ expiresAt, record }) => `${expiresAt} ${Record.key(record)}`)
        assert.deepStrictEqual(actual.toSorted(), expected.toSorted(), `seed ${seed}`)
      }
      bench.until(bench.now + 100_000)
      model.until(bench.now)

      const told = bench.told.map((change) => {
        if (change.kind === "denied") throw new Error("nothing was denied")
        return `${change.at} ${change.kind} ${change.kind === "removed" ? `${change.reason} ` : ""}${
          Record.key(change.record)
        }`
      })
      assert.deepStrictEqual(told.toSorted(), model.told.toSorted(), `seed ${seed}`)
      const { cache: { octets, sources, unwanted }, places, timers } = bench.querier
      assert.deepStrictEqual([sources.size, octets, unwanted.size, timers.heap.length], [0, 0, 0, 0])
      assert.deepStrictEqual([sources.byHost.size, sources.largest], [0, undefined])
      assert.deepStrictEqual(Array.from(places.get(link.key)!.nodes.values(), ({ key }) => key), [
        host.key,
        http.key
      ])
    }
  })
})
