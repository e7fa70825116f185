/** What is watched and not asked for. */
import { assert, describe, it } from "@effect/vitest"
import * as Chance from "../../../../src/protocol/mdns/Chance.ts"
import type * as Record from "../../../../src/protocol/mdns/Record.ts"
import { A, AAAA, address, Bench, denial, goodbye, host, link, question, type Told } from "./Bench.ts"

const addresses = [A, AAAA]
const stranger = { from: { host: "192.0.2.66" } }

describe("watch", () => {
  it("tells what is heard and asks nothing", () => {
    const bench = new Bench()
    bench.watch(host, addresses)
    bench.hear([address(1)])

    assert.deepStrictEqual(bench.until(200_000).news(), ["added", "removed Expired 120000"])
    assert.deepStrictEqual(bench.times, [])
  })

  it("tells the denial that is known and those to come", () => {
    const bench = new Bench()
    bench.watch(host, [A])
    bench.hear([address(1)], { additionals: [denial(host, [A])] })
    bench.news()
    bench.watch(host, addresses)

    assert.deepStrictEqual(bench.news(), ["denied host-1.local 28"])
    bench.hear([denial(host, [A])])
    assert.deepStrictEqual(bench.news(), ["renewed", "denied host-1.local 28"])
  })

  it("ends when as many have left as came", () => {
    const bench = new Bench()
    bench.watch(host, addresses)
    bench.watch(host, addresses)
    bench.watch(host, [A])
    bench.unwatch(host, addresses)
    bench.hear([{ ...address(1), type: AAAA, data: { _tag: "Address", octets: new Uint8Array(16) } }])
    assert.strictEqual(bench.querier.cache.unwanted.size, 0)
    bench.unwatch(host, addresses)

    assert.strictEqual(bench.querier.cache.unwanted.size, 1)
  })

  it("leaves nothing, and no series while nobody contradicts", () => {
    const bench = new Bench()
    bench.watch(host, addresses)
    bench.hear([address(1)])
    const series = () => bench.querier.places.get(link.key)!.nodes.get(host.key)!.series
    assert.isUndefined(series())
    bench.hear([goodbye(address(1))], stranger)
    assert.strictEqual(series()?.size, 1)
    bench.until(200_000)
    assert.isUndefined(series())

    bench.unwatch(host, addresses)
    assert.strictEqual(bench.querier.places.get(link.key)!.nodes.size, 0)
    assert.strictEqual(bench.querier.timers.heap.length, 0)
  })

  it("ends with the link", () => {
    const bench = new Bench()
    bench.watch(host, addresses)
    bench.linkDown()
    bench.linkUp(link)
    bench.unwatch(host, addresses)
    bench.hear([address(1)])

    assert.deepStrictEqual(bench.news(), [])
  })

  it("S-U3 S-U4 is the same for all types at once and for each by itself, whatever is heard", () => {
    for (let seed = 0; seed < 300; seed++) {
      const chance = Chance.make(seed, "watch")
      const pick = <T>(from: ReadonlyArray<T>): T => from[Chance.between(chance, 0, from.length - 1)]!
      const watching = new Bench({ seed, links: [{ ...link, isPortOwned: false }] })
      const single = new Bench({ seed, links: [{ ...link, isPortOwned: false }] })
      const both = [watching, single]
      watching.watch(host, addresses)
      const ids = addresses.map((type) => single.ask(host, type, { mode: "watch" }))
      const said = [address(1), address(2), address(3, 10), denial(host, [A]), denial(host, [AAAA])]
      let asked: ReadonlyArray<number> | undefined
      for (let step = 0; step < 40; step++) {
        const now = watching.now + pick([0, 20, 400, 999, 1_001, 2_500, 20_000, 119_000])
        for (const bench of both) bench.until(now)
        const picked: ReadonlyArray<Record.Record> = [pick(said), pick(said)]
        const records = pick([0, 1, 2]) === 0 ? picked.map(goodbye) : picked
        const from = { host: pick(["192.0.2.1", "192.0.2.2"]) }
        const choice = pick([0, 1, 2, 3, 4, 5])
        if (choice === 0) { for (const bench of both) bench.overhear([question(host, A)]) }
        else if (choice === 1 && asked === undefined) {
          asked = both.map((bench) => bench.ask(host, A, { mode: "resolve", refresh: true }))
        } else if (choice === 1) {
          for (const [index, bench] of both.entries()) bench.release(asked![index]!)
          asked = undefined
        } else for (const bench of both) bench.hear(records, { from })
      }
      assert.deepStrictEqual(
        watching.told.map(newsOf).toSorted(),
        single.told.map(newsOf).toSorted(),
        `seed ${seed}`
      )
      assert.deepStrictEqual(watching.times, single.times, `seed ${seed}`)
      for (const [index, bench] of both.entries()) if (asked !== undefined) bench.release(asked[index]!)
      for (const id of ids) single.release(id)
      watching.unwatch(host, addresses)
      for (const { querier } of both.map((bench) => bench.until(bench.now + 1_000_000))) {
        assert.deepStrictEqual([querier.places.get(link.key)!.nodes.size, querier.timers.heap.length], [0, 0])
      }
    }
  })
})

const newsOf = (told: Told): string =>
  `${told.at} ${told.kind} ${told.kind === "denied" ? told.type : told.record.type}`
