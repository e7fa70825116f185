import { assert, describe, it } from "@effect/vitest"
import * as LinkRepeats from "../../../../src/internal/runtime/mdns/LinkRepeats.ts"
import * as Lease from "../../../../src/Lease.ts"
import * as Renewal from "../../../../src/protocol/mdns/Renewal.ts"

const bytes = (...octets: ReadonlyArray<number>): Uint8Array => Uint8Array.from(octets)

const all = Renewal.none()
const source = { era: 0 }
const renewal = (isAll = true) => Renewal.make(all, { entries: [], early: undefined, source, isAll }, 0)

const bounds = { perSource: 2, datagrams: 4, octets: 16 }

const remembering = (...octets: ReadonlyArray<readonly [source: string, payload: Uint8Array]>) => {
  const repeats = LinkRepeats.make(bounds, 1)
  for (const [source, payload] of octets) LinkRepeats.remember(repeats, source, 5_353, payload, renewal())
  return (source: string, payload: Uint8Array, port = 5_353) =>
    LinkRepeats.find(repeats, source, port, payload) !== undefined
}

describe("find", () => {
  it("knows a datagram by its octets and where it came from", () => {
    const knows = remembering(["10.0.0.7", bytes(1, 2, 3)])

    assert.isTrue(knows("10.0.0.7", bytes(1, 2, 3)))
    assert.isFalse(knows("10.0.0.7", bytes(1, 2, 4)) || knows("10.0.0.7", bytes(1, 2)))
    assert.isFalse(knows("10.0.0.8", bytes(1, 2, 3)) || knows("10.0.0.7", bytes(1, 2, 3), 5_354))
  })

  it("knows none that may mean something else by now", () => {
    const repeats = LinkRepeats.make(bounds, 1)
    const known = renewal()
    const leases = [Lease.make(1, 0), Lease.make(1, 0)]
    for (const lease of leases) Renewal.hold(known, lease)
    LinkRepeats.remember(repeats, "10.0.0.7", 5_353, bytes(1), known)
    assert.isDefined(LinkRepeats.find(repeats, "10.0.0.7", 5_353, bytes(1)))

    for (const lease of leases) {
      lease.isPending = false
      assert.isUndefined(LinkRepeats.find(repeats, "10.0.0.7", 5_353, bytes(1)))
      lease.isHeld = true
      assert.isDefined(LinkRepeats.find(repeats, "10.0.0.7", 5_353, bytes(1)))
    }

    all.era++
    assert.isUndefined(LinkRepeats.find(repeats, "10.0.0.7", 5_353, bytes(1)))
  })

  it("knows one whose source says something else no more, nor one of what may be wanted now", () => {
    const repeats = LinkRepeats.make(bounds, 1)
    for (const [octet, isAll] of [[1, true], [2, false]] as const) {
      LinkRepeats.remember(repeats, "10.0.0.7", 5_353, bytes(octet), renewal(isAll))
    }
    const known = () => [1, 2].filter((octet) => LinkRepeats.find(repeats, "10.0.0.7", 5_353, bytes(octet)))
    assert.deepStrictEqual(known(), [1, 2])

    all.wants++
    assert.deepStrictEqual(known(), [1])

    source.era++
    assert.deepStrictEqual(known(), [])
  })
})

describe("find, of many of one source", () => {
  it("S-4.1 compares octets with none that they are not", () => {
    const repeats = LinkRepeats.make({ perSource: 64, datagrams: 64, octets: 65_536 }, 1)
    const datagram = (service: number) => Uint8Array.from({ length: 210 }, (_, at) => at === 99 ? service : at)
    for (let service = 0; service < 64; service++) {
      LinkRepeats.remember(repeats, "a", 5_353, datagram(service), renewal())
    }
    let compared = 0
    const heard = Object.assign(datagram(99), { compare: () => ++compared })

    assert.isUndefined(LinkRepeats.find(repeats, "a", 5_353, heard))
    assert.strictEqual(compared, 0)
    for (let service = 0; service < 64; service++) {
      assert.isDefined(LinkRepeats.find(repeats, "a", 5_353, datagram(service)))
    }
  })
})

describe("remember", () => {
  it("has what it forgets keep nothing that was before it", () => {
    const repeats = LinkRepeats.make({ ...bounds, perSource: 3 }, 1)
    for (const octet of [1, 2, 3]) LinkRepeats.remember(repeats, "a", 5_353, bytes(octet), renewal())
    const middle = LinkRepeats.find(repeats, "a", 5_353, bytes(2))
    LinkRepeats.remember(repeats, "a", 5_353, bytes(2), renewal())

    assert.isTrue(middle !== undefined && "previous" in middle && middle.previous === undefined)
    assert.isDefined(LinkRepeats.find(repeats, "a", 5_353, bytes(1)))
  })

  it("puts a datagram in the place of its like, and forgets the oldest of too many of one source", () => {
    const knows = remembering(["a", bytes(1)], ["a", bytes(2)], ["a", bytes(1)], ["a", bytes(3)])

    assert.deepStrictEqual([1, 2, 3].map((octet) => knows("a", bytes(octet))), [true, false, true])
  })

  it("takes the room of what it remembers, however often that changes", () => {
    const repeats = LinkRepeats.make({ perSource: 1, datagrams: 1_000, octets: 1_000_000 }, 1)
    const datagram = (source: number, round: number) => new Uint8Array(1_000).fill(round, source)
    for (let source = 0; source < 100; source++) {
      LinkRepeats.remember(repeats, `${source}`, 5_353, datagram(source, 0), renewal())
    }
    for (let round = 1; round < 200; round++) {
      for (const source of [0, 50]) {
        LinkRepeats.remember(repeats, `${source}`, 5_353, datagram(source, round), renewal())
        assert.isAtMost(repeats.copies.taken, 2 * repeats.octets + 65_536)
      }
    }

    const known = Array.from(
      { length: 100 },
      (_, source) =>
        LinkRepeats.find(repeats, `${source}`, 5_353, datagram(source, source % 50 === 0 ? 199 : 0)) !== undefined
    )
    assert.isTrue(repeats.octets === 100_000 && known.every((isKnown) => isKnown))
  })

  it("forgets all when there are too many, or too long ones", () => {
    const sources = ["a", "b", "c", "d", "e", "f"]
    const many = remembering(...sources.map((source) => [source, bytes(1)] as const))
    assert.deepStrictEqual(sources.filter((source) => many(source, bytes(1))), ["f"])

    const long = remembering(...sources.slice(0, 4).map((source) => [source, new Uint8Array(8)] as const))
    assert.deepStrictEqual(sources.filter((source) => long(source, new Uint8Array(8))), ["d"])
  })
})
