/** A name that has many records is to be the same, to whoever asks, as one that has few. */
import { assert, describe, it } from "@effect/vitest"
import * as Disturbance from "../../../../src/protocol/mdns/querier/Disturbance.ts"
import * as Node from "../../../../src/protocol/mdns/querier/Node.ts"
import type * as State from "../../../../src/protocol/mdns/querier/State.ts"
import type * as Record from "../../../../src/protocol/mdns/Record.ts"
import { draw } from "../arbitrary.ts"
import { A, address, ANY, Bench, denial, goodbye, instance, link, NSEC, service, SRV, text, TXT } from "./Bench.ts"

const owner = instance("1")

const check = (bench: Bench, node: State.Node): void => {
  const records = Node.recordsOf(node)
  for (const type of [A, TXT, SRV, NSEC]) {
    const expected = records.filter((entry) => entry.type === type)
    assert.deepStrictEqual(Node.entriesOf(node, type).map(said), expected.map(said))
    assert.strictEqual(Node.has(node, type), expected.length > 0)
    assert.strictEqual(Node.hasOne(node, type), expected.length === 1)
  }
  assert.strictEqual(Node.entriesOf(node, ANY).length, node.size)
  for (const host of hosts) {
    const source = records.find((entry) => entry.origin === host)?.source ?? strangerOf(host)
    assert.strictEqual(Node.hasOf(node, source), records.includes(records.find((entry) => entry.source === source)!))
  }
  assert.isTrue(records.every((entry) => Node.find(node, entry.record) === entry))
  // what is of no use any more takes no room
  assert.isTrue(Array.from(node.index?.byType.values() ?? []).every(({ size }) => size > 0))
  disturb(bench, node, new Set(records.map(({ source }) => source)))
}

const said = ({ kept, origin, type }: State.Entry) => [type, origin, typeof kept === "object" ? "" : kept]

const strangerOf = (host: string) => ({ origin: host }) as State.Source

// whoever has said one of them may mean something else by what it says
const disturb = (bench: Bench, node: State.Node, sources: ReadonlySet<State.Source>): void => {
  const before = Array.from(sources, ({ era }) => era)
  Disturbance.ofNode(bench.querier, node)
  assert.isTrue(Array.from(sources).every(({ era }, index) => era > before[index]!))
}

const hosts = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]

describe("a name of many records", () => {
  it("is asked as one of few is", () => {
    const { below, pick } = draw(11)
    const bench = new Bench()
    bench.ask(owner, ANY)
    const some = (): Record.Record =>
      pick([
        () => text("1", `n=${below(9)}`),
        () => text("1", `n=${below(9)}`),
        () => service("1", 120, 80 + below(2)),
        () => address(below(6), 120, owner),
        () => denial(owner, [A])
      ])()
    let most = 0
    let indexed = 0
    for (let i = 0; i < 1_500; i++) {
      const record = { ...some(), flush: below(40) === 0 }
      const isLeaving = i % 300 < 150 ? below(4) === 0 : below(12) > 0
      bench.hear([isLeaving ? goodbye(record) : record], { from: { host: pick(hosts) } })
      if (below(3) === 0) bench.until(bench.now + below(3_000))
      const node = bench.querier.places.get(link.key)!.nodes.get(owner.key)!
      check(bench, node)
      most = Math.max(most, node.size)
      if (node.index !== undefined) indexed++
    }
    assert.isAbove(most, 8)
    assert.isAbove(indexed, 100)
    assert.isBelow(indexed, 1_400)
  })

  it("forgets those who have none of them any more", () => {
    const bench = new Bench()
    bench.ask(owner, ANY)
    const of = (host: string, count: number) => Array.from({ length: count }, (_, i) => text("1", `${host} ${i}`))
    const unflushed = (records: ReadonlyArray<Record.Record>) => records.map((record) => ({ ...record, flush: false }))
    bench.hear(unflushed(of("a", 2)), { from: { host: hosts[0]! } })
    bench.hear(unflushed(of("b", 10)), { from: { host: hosts[1]! } })
    const node = bench.querier.places.get(link.key)!.nodes.get(owner.key)!
    assert.deepStrictEqual(Array.from(node.index!.sources, ([{ origin }, count]) => [origin, count]), [
      [hosts[0], 2],
      [hosts[1], 10]
    ])
    bench.hear(of("a", 2).map(goodbye), { from: { host: hosts[0]! } })
    bench.until(bench.now + 2_000)
    assert.deepStrictEqual(Array.from(node.index!.sources, ([{ origin }, count]) => [origin, count]), [[hosts[1], 10]])
    assert.deepStrictEqual(Array.from(node.index!.byType, ([type, { size }]) => [type, size]), [[TXT, 10]])
  })
})
