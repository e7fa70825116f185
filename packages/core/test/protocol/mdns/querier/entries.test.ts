/** Records as the cache keeps and gives them. */
import { assert, describe, it } from "@effect/vitest"
import * as Message from "../../../../src/protocol/mdns/Message.ts"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import * as Querier from "../../../../src/protocol/mdns/Querier.ts"
import type * as State from "../../../../src/protocol/mdns/querier/State.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import * as Writer from "../../../../src/protocol/mdns/Writer.ts"
import {
  A,
  AAAA,
  address,
  ANY,
  Bench,
  denial,
  goodbye,
  host,
  http,
  instance,
  link,
  name,
  pointer,
  PTR,
  service,
  SRV,
  text,
  TXT
} from "./Bench.ts"

/** What a record says, letters and all. */
const plain = ({ class: class_, data, flush, name, ttl, type }: Record.Record): unknown => [
  Array.from(name.wire),
  [type, class_, flush, ttl],
  data._tag,
  Array.from(Record.octetsOf(data))
]

/** The records as they come out of a datagram. */
const overTheWire = (records: ReadonlyArray<Record.Record>): ReadonlyArray<Record.Record> => {
  const writer = Writer.make({ limit: 1_400, kind: "response" })
  for (const record of records) Writer.record(writer, "answers", record)
  const decoded = Message.decode(Writer.finish(writer))
  return decoded._tag === "Success" ? decoded.success.answers : []
}

const heard = (records: ReadonlyArray<Record.Record>): Bench => {
  const bench = new Bench()
  for (const record of records) bench.ask(record.name, ANY, { mode: "watch", refresh: false })
  bench.hear(records)
  return bench
}

const cachedOf = (bench: Bench, record: Record.Record): ReadonlyArray<Querier.Cached> =>
  bench.records(record.name, record.type)

describe("an entry", () => {
  const opaque: Record.Record = {
    ...address(1, 120, host),
    type: 99,
    data: { _tag: "Opaque", octets: new Uint8Array(3) }
  }
  const odd: Record.Record = {
    ...address(1, 120, host),
    type: 98,
    data: { _tag: "Text", octets: Uint8Array.of(1, 65) }
  }
  const alias: Record.Record = {
    ...address(1, 120, host),
    type: Record.Type.CNAME,
    data: { _tag: "Pointer", target: http }
  }
  const wide: Record.Record = {
    ...address(1, 120, host),
    type: AAAA,
    data: { _tag: "Address", octets: Uint8Array.from({ length: 16 }, (_, index) => 16 * index) }
  }
  const sixth = {
    ...service("Printer"),
    data: { ...service("Printer").data, priority: 258, weight: 65_535 }
  } as Record.Record
  const largest = {
    ...service("Plotter"),
    data: { ...service("Plotter").data, port: 65_535, priority: 65_535, weight: 1 }
  } as Record.Record
  const far = [2_046, 2_047, 2_048, 65_535].map((type): Record.Record => ({ ...opaque, type }))
  const records = [
    ...far,
    pointer("Printer"),
    sixth,
    largest,
    text("Printer", "Path=/"),
    address(1),
    wide,
    denial(host, [A, AAAA]),
    denial(instance("Printer"), [SRV, TXT, 300], 120, http),
    denial(instance("Scanner"), [TXT, 0xd800, 0xdc00]),
    opaque,
    odd,
    alias
  ]

  for (const record of records) {
    it(`gives a record of type ${record.type} and ${record.data._tag} back as it was said`, () => {
      for (const said of [record, ...overTheWire([record])]) {
        const [cached, ...others] = cachedOf(heard([said]), said)

        assert.deepStrictEqual(plain(cached!.record), plain(said))
        assert.deepStrictEqual([cached!.type, cached!.flush, cached!.ttl], [said.type, said.flush, 1_000 * said.ttl])
        assert.deepStrictEqual(others, [])
      }
    })
  }

  it("shares the name with all that is known of it", () => {
    const bench = heard(overTheWire(records))
    const [pointed] = cachedOf(bench, pointer("Printer"))
    const [located] = cachedOf(bench, sixth)
    const [addressed] = cachedOf(bench, address(1))

    assert.strictEqual(pointed!.data._tag === "Pointer" && pointed!.data.target, located!.name)
    assert.strictEqual(located!.data._tag === "Service" && located!.data.target, addressed!.name)
  })

  it("is the same from its first change to its last, and can be read when it is gone", () => {
    const bench = heard([address(1)])
    const [cached] = cachedOf(bench, address(1))
    const said = plain(cached!.record)
    bench.until(10_000)
    bench.hear([address(1)])
    bench.until(200_000)
    bench.hear([address(2)])

    const entries = bench.told.flatMap((change) =>
      change.kind === "denied" || change.kind === "withdrawn" ? [] : [change]
    )
    assert.deepStrictEqual(entries.map(({ kind }) => kind), ["added", "renewed", "removed", "added"])
    assert.deepStrictEqual(entries.map(({ entry }) => entry === cached), [true, true, true, false])
    assert.deepStrictEqual(plain(cached!.record), said)
    assert.deepStrictEqual([cached!.receivedAt, cached!.expiresAt, cached!.origin], [10_000, 130_000, "192.0.2.10"])
  })

  it("has the letters of the name that were heard first, and of the data that were heard last", () => {
    const shout = (asked: Name.Name) => Name.fromWire(asked.wire.map((octet) => octet > 96 ? octet - 32 : octet))
    const loud: Record.Record = {
      ...pointer("a"),
      name: shout(http),
      data: { _tag: "Pointer", target: shout(instance("a")) }
    }
    const bench = heard([pointer("a")])
    bench.hear([loud])
    const [cached, ...others] = cachedOf(bench, loud)

    assert.deepStrictEqual(others, [])
    assert.strictEqual(Name.format(cached!.name), Name.format(http))
    assert.strictEqual(cached!.data._tag === "Pointer" && Name.format(cached!.data.target), "A._HTTP._TCP.LOCAL")
    bench.hear([pointer("a")])
    assert.strictEqual(cached!.data._tag === "Pointer" && Name.format(cached!.data.target), "a._http._tcp.local")
  })

  const said = { from: { host: "192.0.2.10" } }
  const saidByAnother = { from: { host: "192.0.2.11" } }

  for (const record of [address(1), opaque, far[3]!]) {
    it(`of type ${record.type} is as it was said last, taken back and said again`, () => {
      const bench = heard([record])
      const [cached] = cachedOf(bench, record)
      for (const last of [{ ...record, flush: false, ttl: 60 }, record, { ...record, ttl: 90 }]) {
        bench.hear([last])
        assert.deepStrictEqual(plain(cached!.record), plain(last))
        bench.hear([goodbye(last)])
        bench.hear([last])
        assert.deepStrictEqual(plain(cached!.record), plain(last))
      }
    })
  }

  it("is taken back by all who have said it, in other letters too", () => {
    const loud: Record.Record = {
      ...service("a"),
      data: { ...service("a").data, target: name("HOST-1.LOCAL") }
    } as Record.Record
    const bench = heard([service("a")])
    bench.hear([service("a")], saidByAnother)
    bench.hear([loud], said)
    bench.hear([goodbye(loud)], saidByAnother)

    assert.deepStrictEqual(bench.until(5_000).records(instance("a"), SRV), [])
  })

  it("is found among few and among many", () => {
    const many = Array.from({ length: 60 }, (_, last) => address(last))
    const bench = heard(many)
    for (const count of [60, 20, 9, 8, 5, 4, 1]) {
      bench.until(bench.now + 5_000)
      bench.hear(many.slice(0, count))
      bench.until(bench.now + 1_000)
      bench.news()
      bench.hear(many.slice(0, count))

      assert.deepStrictEqual(bench.news(), many.slice(0, count).map(() => "renewed"))
      assert.strictEqual(bench.records(host, A).length, count)
    }
  })

  it("is not found by a record of another class", () => {
    const bench = heard([address(1)])
    bench.overhear([{ name: host, type: A, class: Record.IN, unicast: false }], [{ ...address(1), class: 3 }])

    assert.strictEqual(bench.querier.places.get(link.key)!.nodes.get(host.key)!.last!.particulars.unanswered, 1)
  })
})

describe("a record that is gone", () => {
  it("leads to nothing that came after it when it is gone, whoever still has it", () => {
    const bench = new Bench()
    bench.ask(instance("a"), TXT)
    for (let i = 0; i < 5; i++) {
      bench.hear([text("a", `a=${i}`)])
      bench.until(bench.now + 3_000)
    }
    const [first] = bench.told.flatMap((change) => change.kind === "removed" ? [change.entry as State.Entry] : [])
    const reached = new Set<State.Entry>()
    for (let entry = first; entry !== undefined && !reached.has(entry); entry = entry.next) reached.add(entry)

    assert.strictEqual(reached.size, 1)
  })

  it("was heard when it was, though what it was heard with is heard again when it is gone", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.ask(host, A, { mode: "watch" })
    const heard = [pointer("a"), address(1)]
    bench.hear(heard)
    bench.until(130_000)
    const [gone] = bench.told.flatMap((change) => change.kind === "removed" ? [change.entry] : [])
    const entries = bench.records(http, PTR) as ReadonlyArray<State.Entry>
    Querier.hearAgain(bench.querier, { entries, early: undefined }, bench.now)

    assert.deepStrictEqual([gone?.type, gone?.receivedAt, bench.records(http, PTR)[0]?.receivedAt], [A, 0, 130_000])
  })
})

describe("names that are kept", () => {
  it("are as they came, in the letters they came in", () => {
    for (const text of ["host-1.local", "My Printer._http._tcp.local", "Ünïcode.LOCAL", "."]) {
      const [kept, again] = [Name.keep(name(text)), name(text)]

      assert.deepStrictEqual([kept.key, Array.from(kept.wire)], [again.key, Array.from(again.wire)])
      assert.strictEqual(Name.format(kept), Name.format(again))
      assert.strictEqual(Name.keep(kept), kept)
      assert.isTrue(Name.isSpelledAlike(kept, again))
    }
  })

  it("are spelled alike when all letters are the same", () => {
    assert.isFalse(Name.isSpelledAlike(name("Host.local"), name("host.local")))
    assert.isFalse(Name.isSpelledAlike(name("host.local"), name("Host.local")))
    assert.isFalse(Name.isSpelledAlike(name("host.local"), name("host-2.local")))
    assert.isTrue(Name.isSpelledAlike(name("Host.local"), name("Host.local")))
  })

  it("are found by the name that they had in the cache, gone or there again, on their link alone", () => {
    const other = { ...link, key: "eth1/IPv4", interface: "eth1", index: 3 }
    const bench = new Bench({ links: [link, other] })
    bench.ask(http, PTR)
    const found = (linkKey: string, of: Name.Name) => Querier.records(bench.querier, linkKey, of, TXT).length
    const say = () => bench.hear([pointer("1")], { additionals: [text("1", "a=1")] })

    say()
    const [{ name: kept }] = Querier.records(bench.querier, link.key, instance("1"), TXT) as [Querier.Cached]
    assert.deepStrictEqual([found(link.key, kept), found(other.key, kept)], [1, 0])
    bench.hear([goodbye(pointer("1"))], { additionals: [goodbye(text("1", "a=1"))] })
    bench.until(bench.now + 2_000)
    assert.strictEqual(found(link.key, kept), 0)
    say()
    assert.strictEqual(found(link.key, kept), 1)
    bench.linkDown()
    assert.strictEqual(found(link.key, kept), 0)
    bench.linkUp(link)
    say()
    assert.strictEqual(found(link.key, kept), 1)
  })
})
