import { assert, describe, it } from "@effect/vitest"
import * as Sample from "../../../src/protocol/internal/crowd/Sample.ts"
import * as Crowd from "../../../src/protocol/jsonBeacon/Crowd.ts"

const node = (identity: string, origin = "10.0.0.1", octets = 100): Crowd.Node => ({
  identity,
  hash: Sample.hash(identity),
  origin,
  announcement: { name: identity, identity },
  octets
})

const names = (crowd: Crowd.Crowd, now = 0) => crowd.told(now).map(({ announcement }) => announcement.name)

const many = (count: number) => Array.from({ length: count }, (_, index) => node(`host ${index}`, `10.0.${index}`))

describe("hear", () => {
  it("counts each once, and tells what it says now and until when", () => {
    const crowd = Crowd.make()

    assert.isTrue(crowd.hear(node("ada"), 10_000, 0, false))
    assert.isFalse(crowd.hear({ ...node("ada"), announcement: { name: "Ada" } }, 20_000, 0, false))
    assert.strictEqual(crowd.count(), 1)
    assert.deepStrictEqual(crowd.told(0), [{ announcement: { name: "Ada" }, origin: "10.0.0.1", until: 20_000 }])
  })

  it("believes nobody else of a node that was heard, before that has ended", () => {
    const crowd = Crowd.make()
    crowd.hear(node("ada"), 10_000, 0, false)
    crowd.hear(node("ada", "10.0.0.66"), 99_000, 1, false)

    assert.deepStrictEqual(crowd.told(2).map(({ origin, until }) => [origin, until]), [["10.0.0.1", 10_000]])
    crowd.hear(node("ada", "10.0.0.2"), 99_000, 10_000, false)
    assert.deepStrictEqual(crowd.told(10_000).map(({ origin }) => origin), ["10.0.0.2"])
  })

  it("counts hearsay, tells none of it, and lets it give way to what the node says", () => {
    const crowd = Crowd.make()
    crowd.hear(node("ada"), 10_000, 0, true)
    assert.deepStrictEqual([crowd.count(), crowd.firsthand(), names(crowd)], [1, 0, []])
    crowd.hear(node("ada", "10.0.0.2"), 10_000, 0, false)
    assert.deepStrictEqual([crowd.count(), crowd.firsthand(), names(crowd)], [1, 1, ["ada"]])
    crowd.hear(node("ada"), 99_000, 0, true)

    assert.deepStrictEqual(crowd.told(0).map(({ origin, until }) => [origin, until]), [["10.0.0.2", 10_000]])
  })

  it("S-4 counts at most 64 of one address and 16,384 in all", () => {
    const crowd = Crowd.make()
    for (let index = 0; index < 100; index++) crowd.hear(node(`sybil ${index}`), 1e6, 0, false)
    assert.strictEqual(crowd.count(), 64)
    for (const each of many(20_000)) crowd.hear(each, 1e6, 0, false)

    assert.strictEqual(crowd.count(), 16_384)
  })

  it("S-4 has room for those who are heard, whomever it was told of", () => {
    const crowd = Crowd.make()
    for (const each of many(20_000)) crowd.hear({ ...each, identity: `rumour ${each.identity}` }, 1e6, 0, true)
    for (const each of many(20_000)) crowd.hear(each, 1e6, 0, false)

    assert.strictEqual(crowd.firsthand(), 16_384)
    assert.strictEqual(crowd.count(), 2 * 16_384)
  })

  it("S-4 has room for those who are heard of one address, whomever it was told of there", () => {
    const crowd = Crowd.make()
    for (let index = 0; index < 100; index++) crowd.hear(node(`rumour ${index}`), 1e6, 0, true)
    for (let index = 0; index < 100; index++) crowd.hear(node(`host ${index}`), 1e6, 0, false)

    assert.strictEqual(crowd.firsthand(), 64)
  })

  it("S-4 keeps no more than a mebibyte to tell, and counts on", () => {
    const crowd = Crowd.make()
    for (const each of many(2_000)) crowd.hear({ ...each, octets: 1_400 }, 1e6, 0, false)

    assert.strictEqual(crowd.count(), 2_000)
    assert.strictEqual(crowd.firsthand(), 2_000)
    assert.strictEqual(crowd.told(0).length, Math.floor(1_048_576 / 1_400))
  })
})

describe("forget", () => {
  it("takes a goodbye from where the node spoke and from nowhere else", () => {
    const crowd = Crowd.make()
    crowd.hear(node("ada"), 10_000, 0, false)
    crowd.forget("ada", "10.0.0.66")
    assert.strictEqual(crowd.count(), 1)
    crowd.forget("ada", "10.0.0.1")

    assert.strictEqual(crowd.count(), 0)
  })
})

describe("sweep", () => {
  it("forgets what has ended, and gives its room to others", () => {
    const crowd = Crowd.make()
    for (let index = 0; index < 64; index++) crowd.hear(node(`old ${index}`), 10_000, 0, false)
    crowd.sweep(9_999)
    assert.strictEqual(crowd.count(), 64)
    crowd.sweep(10_000)
    assert.deepStrictEqual([crowd.count(), crowd.firsthand(), crowd.sample()], [0, 0, []])

    assert.isTrue(crowd.hear(node("new"), 20_000, 10_000, false))
  })
})

describe("sample", () => {
  it("is of those who are there, whoever came and went", () => {
    const crowd = Crowd.make()
    const nodes = many(100)
    for (const each of nodes) crowd.hear(each, 10_000, 0, false)
    for (const { identity, origin } of nodes.slice(50)) crowd.forget(identity, origin)

    assert.deepStrictEqual(
      crowd.sample(),
      nodes.slice(0, 50).map(({ hash }) => hash).reduce(Sample.add, Sample.empty)
    )
  })
})
