import { assert, describe, it } from "@effect/vitest"
import * as Chance from "../../../src/protocol/mdns/Chance.ts"
import * as Echoes from "../../../src/protocol/mdns/Echoes.ts"
import * as Bus from "./claims/Bus.ts"

const ours = { isOwnAddress: true }
const theirs = { isOwnAddress: false }

const datagram = (flags: number, authorities: number, ...rest: ReadonlyArray<number>) =>
  Uint8Array.of(0, 0, flags, 0, 0, 1, 0, 0, 0, authorities, 0, 0, ...rest)
const query = datagram(0, 0, 1, 2, 3)
const response = datagram(0x84, 0, 1, 2, 3)
const probe = datagram(0, 1, 1, 2, 3)

const remembered = (payload: Uint8Array) => {
  const echoes = Echoes.make()
  Echoes.remember(echoes, payload, 0)
  return echoes
}

describe("isEcho", () => {
  it("X-1 a response that we sent is one on any link, from anybody, as often as it comes", () => {
    const echoes = remembered(response)
    for (const link of ["eth0", "eth1", "eth1"]) {
      for (const origin of [ours, theirs]) assert.isTrue(Echoes.isEcho(echoes, link, response, origin, 2_000))
    }
    assert.isFalse(Echoes.isEcho(echoes, "eth0", datagram(0x84, 0, 1, 2, 4), ours, 2_000))
  })

  it("X-1 a probe that we sent is one on any link, from anybody", () => {
    assert.isTrue(Echoes.isEcho(remembered(probe), "eth1", probe, theirs, 2_000))
  })

  it("a query that we sent is one once on each link, from our own addresses", () => {
    const echoes = remembered(query)
    assert.isFalse(Echoes.isEcho(echoes, "eth0", query, theirs, 1))
    assert.isTrue(Echoes.isEcho(echoes, "eth0", query, ours, 1))
    assert.isFalse(Echoes.isEcho(echoes, "eth0", query, ours, 1))
    assert.isTrue(Echoes.isEcho(echoes, "eth1", query, ours, 1))
    assert.isFalse(Echoes.isEcho(echoes, "eth1", query, ours, 1))
    Echoes.remember(echoes, query, 2)
    assert.isTrue(Echoes.isEcho(echoes, "eth0", query, ours, 3))
  })

  it("forgets the first of those that are the same", () => {
    const echoes = remembered(query)
    assert.isTrue(Echoes.isEcho(echoes, "eth0", query, ours, 1))
    Echoes.remember(echoes, query, 2_000)
    assert.isTrue(Echoes.isEcho(echoes, "eth0", query, ours, 3_001))
    assert.isFalse(Echoes.isEcho(echoes, "eth0", query, ours, 3_001))
  })

  it("remembers for three seconds, and a bounded number", () => {
    assert.isFalse(Echoes.isEcho(remembered(response), "eth0", response, ours, 3_001))
    const echoes = Echoes.make()
    const numbered = (i: number) => datagram(0x84, 0, i & 255, i >> 8)
    for (let i = 0; i < 10_000; i++) Echoes.remember(echoes, numbered(i), 0)
    assert.strictEqual(echoes.sent.length, 8_192)
    assert.isFalse(Echoes.isEcho(echoes, "eth0", numbered(0), ours, 3_000))
    assert.isTrue(Echoes.isEcho(echoes, "eth0", numbered(9_999), ours, 3_000))
    assert.isFalse(Echoes.isEcho(echoes, "eth0", numbered(9_999), ours, 3_001))
    assert.deepStrictEqual(echoes, Echoes.make())
  })
})

const seeds = Number(process.env["MDNS_SEEDS"] ?? 500)

/** A host on two interfaces of one cable: what it sends comes back on both, up to two seconds late, while its records change. */
const echoed = (seed: number): Bus.Host => {
  const bus = new Bus.Bus({ seed, delays: (chance) => [0, Chance.between(chance, 0, 2_000)] })
  const host = bus.host("us", { host: "ada" })
  bus.attach(host, Bus.link("eth0", ["10.0.0.1/24"]))
  bus.attach(host, Bus.link("eth1", ["10.0.0.2/24"]))
  bus.register(host, 1)
  for (const port of [81, 82]) bus.at(Chance.between(bus.chance, 0, 3_000), () => bus.register(host, 1, { port }))
  bus.at(Chance.between(bus.chance, 0, 3_000), () => bus.attach(host, Bus.link("eth1", ["10.0.0.3/24"])))
  bus.run(6_000)
  return host
}

describe("a host that hears itself", () => {
  it(`X-1 M-8.2-4 M-9-4 never renames itself, over ${seeds} seeds`, () => {
    for (let seed = 0; seed < seeds; seed++) {
      const { claims, notices } = echoed(seed)
      assert.deepStrictEqual(notices.map(({ _tag }) => _tag), ["Probing", "Registered"], `seed ${seed}`)
      assert.strictEqual(claims.contests.length, 0)
    }
  }, 300_000)
})
