/** What a hostile link can make us keep (security, sections 4 and 4.1). */
import { assert, describe, it } from "@effect/vitest"
import * as Origins from "../../../../src/internal/Origins.ts"
import * as Engine from "../../../../src/protocol/mdns/Engine.ts"
import * as Hearing from "../../../../src/protocol/mdns/querier/Hearing.ts"
import * as Kept from "../../../../src/protocol/mdns/querier/Kept.ts"
import * as Node from "../../../../src/protocol/mdns/querier/Node.ts"
import type * as State from "../../../../src/protocol/mdns/querier/State.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import { A, address, ANY, Bench, host, http, instance, name, pointer, PTR, text, TXT } from "./Bench.ts"

const from = (i: number) => ({ from: { host: `10.${i >> 16 & 255}.${i >> 8 & 255}.${i & 255}` } })

const sum = (numbers: ReadonlyArray<number>) => numbers.reduce((a, b) => a + b, 0)

/** Whether what is counted is what is there, and within the limits. */
const isSound = ({ querier: { cache, places, timers } }: Bench): boolean => {
  const nodes = Array.from(places.values()).flatMap(({ nodes }) => Array.from(nodes.values()))
  const entries = nodes.flatMap((node) => Node.entriesOf(node, ANY))
  const hearings = new Set(entries.map(({ hearing }) => hearing))
  const series = nodes.flatMap(({ series }) => Array.from(series?.values() ?? []))
  const targets = new Map<string, number>()
  for (const { kept } of entries) {
    const target = Kept.targetOf(kept)
    if (target !== undefined) targets.set(target, (targets.get(target) ?? 0) + 1)
  }
  const { limits, octets, sources, unwanted } = cache
  const { byHost, largest } = sources
  const several = Origins.all(byHost).filter(({ size }) => size > 1).length
  return sources.size === entries.length && sources.size <= limits.records && octets <= limits.recordOctets &&
    octets === sum(entries.map(({ data }) => Record.octetsOf(data).length)) &&
    timers.heap.length <= hearings.size + series.length &&
    sum(Array.from(hearings, (hearing) => Hearing.entriesOf(hearing).length)) === entries.length &&
    (largest?.heap.length ?? several) === several &&
    Origins.all(byHost).every((source) => isSoundSource(source, entries, limits)) &&
    Array.from(unwanted).every((entry) => entries.includes(entry)) &&
    nodes.every((node) => isSoundNode(node, targets.get(node.key) ?? 0))
}

const isSoundSource = (
  source: State.Source,
  entries: ReadonlyArray<State.Entry>,
  { namesPerSource }: Engine.Limits
): boolean => {
  const own = entries.filter((entry) => entry.source === source)
  const linked: Array<State.Entry> = []
  for (let hearing = source.newest; hearing !== undefined; hearing = hearing.older) {
    linked.push(...Hearing.entriesOf(hearing))
  }
  return own.length === source.size && source.size > 0 && source.names <= namesPerSource &&
    source.names === new Set(own.map(({ node }) => node)).size && new Set(linked).size === own.length &&
    linked.length === own.length &&
    linked.every((entry) => own.includes(entry))
}

// by type in the order of the records, and each source as often as it has one
const isSoundIndex = ({ byType, size, sources }: State.Index, records: ReadonlyArray<State.Entry>): boolean =>
  size === records.length &&
  Array.from(byType.values()).reduce((sum, ofType) => sum + ofType.size, 0) === size &&
  Array.from(byType).every(([type, ofType]) => {
    const expected = records.filter((entry) => entry.type === type)
    return ofType.size > 0 && Array.from(ofType.values()).every((entry, index) => entry === expected[index])
  }) &&
  Array.from(sources.values()).reduce((sum, count) => sum + count, 0) === size &&
  Array.from(sources).every(([source, count]) => records.filter((entry) => entry.source === source).length === count)

const isSoundNode = (node: State.Node, leading: number): boolean => {
  const { index, pointers, referrers, size } = node
  const records = Node.recordsOf(node)
  return leading === referrers && records.length === size && (size <= 8 || index !== undefined) &&
    (index === undefined || isSoundIndex(index, records)) && pointers?.index.size === pointers?.shares.size &&
    Node.entriesOf(node, ANY).every((entry) => Node.find(node, entry.record) === entry)
}

describe("bounds", () => {
  it("X-4 records without end take the room of a few", () => {
    const bench = new Bench()
    bench.ask(http, PTR, { mode: "watch" })
    for (let i = 0; i < 30_000; i++) {
      bench.hear([pointer(`${i}`)], { additionals: [text(`${i}`, "x=1"), text(`${i}`, "x=2")], ...from(i % 1_000) })
      if (i % 10_000 === 0) assert.isTrue(isSound(bench))
      bench.told.length = 0
      bench.rejected.length = 0
    }

    assert.isTrue(isSound(bench))
    assert.isAtMost(bench.querier.timers.heap.length, Engine.limits.records + 1)
  })

  it("X-4 a record said with ever other ttls takes the room of one", () => {
    const bench = new Bench()
    bench.ask(host, A, { mode: "watch" })
    for (let i = 0; i < 30_000; i++) {
      bench.hear([address(1, 1 + i % 5_000)])
      bench.told.length = 0
    }

    assert.isTrue(isSound(bench))
    assert.strictEqual(bench.querier.timers.heap.length, 1)
  })

  it("a name has at most 64 records, of which a flood displaces its own", () => {
    const bench = new Bench()
    bench.ask(host, A, { mode: "watch" })
    bench.hear([address(1)], from(1))
    for (let i = 0; i < 1_000; i++) {
      bench.hear([{
        ...address(2),
        flush: false,
        data: { _tag: "Address", octets: Uint8Array.of(10, 0, i >> 8, i & 255) }
      }], from(2))
    }
    assert.strictEqual(bench.records(host, A).length, 64)
    bench.hear([address(3)], from(3))

    const known = new Set(bench.records(host, A).map(({ record }) => Record.key(record)))
    assert.isTrue(known.has(Record.key(address(1))) && known.has(Record.key(address(3))))
    assert.isTrue(isSound(bench))
  })

  it("the newest record of whoever has most gives way to others, as long as they have fewer", () => {
    const bench = new Bench({ limits: { recordsPerName: 3 } })
    bench.ask(host, A, { mode: "watch" })
    for (const [last, source] of [[1, 1], [2, 1], [3, 1], [4, 2], [5, 2]] as const) {
      bench.hear([address(last, 120, host, false)], from(source))
    }

    assert.deepStrictEqual(
      bench.records(host, A).map(({ record }) => Record.key(record)),
      [1, 2, 4].map((last) => Record.key(address(last)))
    )
  })

  it("a record that is ending makes room first", () => {
    const bench = new Bench({ limits: { recordsPerName: 2 } })
    bench.ask(host, A, { mode: "watch" })
    bench.hear([address(1), address(2)])
    bench.until(5_000)
    bench.hear([address(3)])
    bench.hear([{ ...address(1), ttl: 0 }, address(4)])

    assert.deepStrictEqual(bench.records(host, A).map(({ record }) => Record.key(record)).toSorted(), [
      Record.key(address(2)),
      Record.key(address(4))
    ])
  })

  it("a service type has more than 64 instances", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    for (let i = 0; i < 200; i++) bench.hear([pointer(`${i}`)], from(i))

    assert.strictEqual(bench.records(http, PTR).length, 200)
  })

  it("a source has at most 256 names", () => {
    const bench = new Bench({ limits: { pointersPerName: 4_000 } })
    bench.ask(http, PTR, { mode: "watch" })
    for (let i = 0; i < 1_000; i++) bench.hear([pointer(`${i}`)], { additionals: [text(`${i}`, "x=1")], ...from(1) })

    assert.strictEqual(Origins.get(bench.querier.cache.sources.byHost, "10.0.0.1")!.names, 256)
    assert.isTrue(isSound(bench))
    assert.include(bench.rejected, "no room for more records")
  })

  it("octets are counted", () => {
    const bench = new Bench({ limits: { recordOctets: 1_000 } })
    bench.ask(http, ANY, { mode: "watch" })
    const long = (i: number, length: number): Record.Record => ({
      ...address(1, 120, http),
      type: TXT,
      data: { _tag: "Text", octets: new Uint8Array(length).fill(i) }
    })
    bench.hear([long(0, 1_001)])
    assert.strictEqual(bench.querier.cache.sources.size, 0)
    for (let i = 1; i < 10; i++) bench.hear([long(i, 300)], from(i))

    assert.isTrue(isSound(bench))
    assert.strictEqual(bench.querier.cache.sources.size, 3)
  })

  it("who has least may displace who has most, to the last record", () => {
    const bench = new Bench({ limits: { records: 4 } })
    bench.ask(http, PTR, { mode: "watch" })
    const counts = () => [1, 2, 3].map((i) => Origins.get(bench.querier.cache.sources.byHost, `10.0.0.${i}`)?.size ?? 0)
    for (const label of ["a", "b", "c"]) bench.hear([pointer(label)], from(1))
    for (const label of ["d", "e"]) bench.hear([pointer(label)], from(2))
    assert.deepStrictEqual(counts(), [2, 2, 0])
    bench.hear([pointer("f")], from(2))
    assert.deepStrictEqual(counts(), [2, 2, 0])
    bench.hear([pointer("g")], from(3))

    assert.strictEqual(counts()[2], 1)
    assert.isTrue(isSound(bench))
  })

  it("a name holds as many pointers and other records as it may, and no more", () => {
    const bench = new Bench({ limits: { pointersPerName: 2, recordsPerName: 2 } })
    bench.ask(http, ANY, { mode: "watch" })
    for (let i = 1; i < 5; i++) {
      const expected = Math.min(i, 2)
      bench.hear([pointer(`${i}`), { ...address(i, 120, http), flush: false }], from(i))
      assert.deepStrictEqual([bench.records(http, PTR).length, bench.records(http, A).length], [expected, expected])
    }
  })

  it("what nobody asked for goes first", () => {
    const bench = new Bench({ limits: { records: 4 } })
    bench.ask(http, PTR, { mode: "watch" })
    bench.hear([pointer("a")], { additionals: [text("a", "x=1")], ...from(1) })
    bench.hear([pointer("b")], { additionals: [text("b", "x=1")], ...from(2) })
    bench.hear([pointer("c"), pointer("d")], from(3))

    assert.deepStrictEqual(bench.records(http, PTR).length, 4)
    assert.deepStrictEqual(bench.news().filter((news) => news.startsWith("removed")), [
      "removed Expired 0",
      "removed Expired 0"
    ])
  })

  it("what nobody asked for displaces nothing that somebody has", () => {
    const bench = new Bench({ limits: { records: 4 } })
    bench.ask(http, PTR, { mode: "watch" })
    bench.hear(["a", "b", "c", "d"].map((label) => pointer(label)), from(1))
    bench.hear([pointer("e")], { additionals: [text("e", "x=1")], ...from(2) })

    assert.deepStrictEqual([bench.records(http, PTR).length, bench.records(instance("e"), TXT).length], [4, 0])
  })

  it("what somebody asks for since goes last", () => {
    const bench = new Bench({ limits: { records: 4 } })
    bench.ask(http, PTR, { mode: "watch" })
    bench.hear([pointer("a")], { additionals: [text("a", "x=1")], ...from(1) })
    bench.hear([pointer("b")], { additionals: [text("b", "x=1")], ...from(2) })
    bench.ask(instance("a"), TXT, { mode: "resolve" })
    bench.hear([pointer("c")], from(3))

    assert.deepStrictEqual(["a", "b"].map((label) => bench.records(instance(label), TXT).length), [1, 0])
  })

  it("what is larger than all room displaces nothing, and what just fits is kept", () => {
    const bench = new Bench({ limits: { recordOctets: 8 } })
    for (const label of ["a", "b", "c"]) bench.ask(instance(label), TXT, { mode: "watch" })
    bench.hear([text("a", "x=1"), text("b", "x=1")], from(1))
    bench.hear([text("c", "x=1234567")], from(2))

    assert.deepStrictEqual(["a", "b", "c"].map((label) => bench.records(instance(label), TXT).length), [1, 1, 0])
  })

  it("a source with names enough says more of those that it has, and of no others", () => {
    const bench = new Bench({ limits: { namesPerSource: 1 } })
    for (const label of ["a", "b"]) bench.ask(instance(label), TXT, { mode: "watch" })
    bench.hear([text("b", "x=1")], from(2))
    for (const said of [text("a", "x=1"), text("a", "x=2"), text("b", "x=2")]) bench.hear([said], from(1))

    assert.deepStrictEqual(["a", "b"].map((label) => bench.records(instance(label), TXT).length), [2, 1])
  })

  it("the only record of a name makes room for another of it", () => {
    const bench = new Bench({ limits: { records: 4 } })
    bench.ask(http, PTR, { mode: "watch" })
    bench.hear([pointer("a"), pointer("b")], { additionals: [text("z", "x=1")], ...from(1) })
    bench.hear([pointer("c")], { additionals: [text("z", "x=2")], ...from(2) })

    assert.deepStrictEqual(bench.records(instance("z"), TXT).map(({ origin }) => origin), ["10.0.0.2"])
    assert.isTrue(isSound(bench))
  })

  it("the only record of a source makes room for another of it", () => {
    const bench = new Bench({ limits: { records: 4 } })
    bench.ask(http, PTR, { mode: "watch" })
    bench.hear([pointer("a"), pointer("b"), pointer("c")], from(1))
    bench.hear([pointer("a")], { additionals: [text("z", "x=1")], ...from(2) })
    bench.hear([pointer("d")], from(2))

    assert.strictEqual(Origins.get(bench.querier.cache.sources.byHost, "10.0.0.2")?.size, 1)
    assert.isTrue(isSound(bench))
  })

  it("an interest makes what is known already stay", () => {
    const bench = new Bench({ limits: { records: 3 } })
    bench.ask(http, PTR, { mode: "watch" })
    bench.hear([pointer("a")], { additionals: [text("a", "x=1"), address(1)], ...from(1) })
    const id = bench.ask(host, A, { mode: "watch" })
    bench.hear([pointer("b")], from(2))
    assert.strictEqual(bench.records(host, A).length, 1)
    bench.release(id)
    bench.hear([pointer("c")], from(3))

    assert.strictEqual(bench.records(host, A).length, 0)
  })

  it.each([1, 1_000, 65_536])("200 who were there survive a flood from %i sources", (sources) => {
    const bench = new Bench({ limits: { pointersPerName: Infinity } })
    bench.ask(http, PTR, { mode: "watch" })
    for (let i = 0; i < 200; i++) bench.hear([pointer(`honest ${i}`)], { from: { host: `192.168.0.${i}` } })
    for (let i = 0; i < 30_000; i++) {
      bench.hear([pointer(`${i}`)], from(i % sources))
      bench.told.length = 0
      bench.rejected.length = 0
    }
    const known = new Set(bench.records(http, PTR).map(({ record }) => Record.key(record)))

    for (let i = 0; i < 200; i++) assert.isTrue(known.has(Record.key(pointer(`honest ${i}`))))
    assert.isTrue(isSound(bench))
  })

  it("interests that come and go leave nothing", () => {
    const bench = new Bench()
    for (let i = 0; i < 1_000; i++) {
      const id = bench.ask(name(`host-${i}.local`), A)
      bench.until(bench.now + 10)
      bench.release(id)
    }

    assert.strictEqual(bench.querier.timers.heap.length, 0)
    assert.strictEqual(bench.querier.places.get("eth0/IPv4")!.nodes.size, 0)
  })
})
