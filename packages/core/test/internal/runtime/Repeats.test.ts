import { assert, describe, it } from "@effect/vitest"
import * as Origins from "../../../src/internal/Origins.ts"
import * as Repeats from "../../../src/internal/runtime/Repeats.ts"

const bytes = (...octets: ReadonlyArray<number>): Uint8Array => Uint8Array.from(octets)

/** Remembers a datagram, and holds its lease as the registry does. */
const hold = (repeats: Repeats.Repeats, source: string, payload: Uint8Array, identity: string) => {
  const lease = Repeats.remember(repeats, source, 5000, payload, identity, 1_000, 0)
  lease.isPending = false
  lease.isHeld = true
  return lease
}

/** How many octets a lease keeps from being collected. */
const octetsHeld = (lease: Repeats.Remembered | ReturnType<typeof hold>) =>
  (lease as Repeats.Remembered).sheet.octets.length

/** One remembered datagram of ada's from 10.0.0.1, and its lease. */
const remembered = () => {
  const repeats = Repeats.make(2, 1)
  return { repeats, lease: hold(repeats, "10.0.0.1", bytes(1, 2, 3), "ada") }
}

describe("renew", () => {
  it("renews the lease of the octets that announced it", () => {
    const { lease, repeats } = remembered()

    assert.isTrue(Repeats.renew(repeats, "10.0.0.1", 5000, bytes(1, 2, 3), 400))
    assert.deepInclude(lease, { ttl: 1_000, seenAt: 400, expiresAt: 1_400, heard: 2, isHeld: true })
  })

  it("knows no other octets, and no other source", () => {
    const { lease, repeats } = remembered()
    const others = [bytes(1, 2, 4), bytes(1, 2), bytes(1, 2, 3, 0), bytes()]

    assert.isFalse(others.some((payload) => Repeats.renew(repeats, "10.0.0.1", 5000, payload, 400)))
    assert.isFalse(Repeats.renew(repeats, "10.0.0.2", 5000, bytes(1, 2, 3), 400))
    assert.isFalse(Repeats.renew(repeats, "10.0.0.1", 5001, bytes(1, 2, 3), 400))
    assert.strictEqual(lease.heard, 1)
  })

  it("wants octets decoded again after a while, though it renews their lease", () => {
    const repeats = Repeats.make(2, 1)
    const lease = Repeats.remember(repeats, "10.0.0.1", 5000, bytes(1), "ada", 1_000, 0, 300)
    lease.isHeld = true

    assert.isTrue(Repeats.renew(repeats, "10.0.0.1", 5000, bytes(1), 299))
    assert.isFalse(Repeats.renew(repeats, "10.0.0.1", 5000, bytes(1), 300))
    assert.deepInclude(lease, { expiresAt: 1_300, heard: 2 })
  })

  it("compares every octet there is", () => {
    const repeats = Repeats.make(2, 1)
    const all = Uint8Array.from({ length: 256 }, (_, octet) => octet)
    hold(repeats, "10.0.0.1", all, "ada")

    assert.isTrue(Repeats.renew(repeats, "10.0.0.1", 5000, all, 1))
    for (let at = 0; at < 256; at++) {
      assert.isFalse(Repeats.renew(repeats, "10.0.0.1", 5000, all.with(at, (at + 1) % 256), 1))
    }
  })

  it("S-4.1 compares octets with none of the many of one source that they are not", () => {
    const repeats = Repeats.make(64, 1)
    const datagram = (node: number) => Uint8Array.from({ length: 141 }, (_, at) => at === 9 ? node : at)
    for (let node = 0; node < 64; node++) hold(repeats, "10.0.0.1", datagram(node), `${node}`)
    let compared = 0
    const heard = Object.assign(datagram(99), { compare: () => ++compared })

    assert.isFalse(Repeats.renew(repeats, "10.0.0.1", 5000, heard, 1))
    assert.strictEqual(compared, 0)
    for (let node = 0; node < 64; node++) {
      assert.isTrue(Repeats.renew(repeats, "10.0.0.1", 5000, datagram(node), 1))
    }
  })

  it("wants them decoded again once the lease is not held any more", () => {
    const { lease, repeats } = remembered()
    lease.isHeld = false

    assert.isFalse(Repeats.renew(repeats, "10.0.0.1", 5000, bytes(1, 2, 3), 400))
    assert.strictEqual(lease.heard, 1)
  })
})

const lengthOf = (latest: { readonly previous: unknown } | undefined): number =>
  latest === undefined ? 0 : 1 + lengthOf(latest.previous as { readonly previous: unknown } | undefined)

describe("remember", () => {
  it("keeps a copy of the octets", () => {
    const repeats = Repeats.make(2, 1)
    const buffer = bytes(9, 1, 9)
    hold(repeats, "10.0.0.1", buffer.subarray(1, 2), "ada")
    buffer[1] = 0

    assert.isTrue(Repeats.renew(repeats, "10.0.0.1", 5000, bytes(1), 1))
  })

  it("keeps as many a source as it may, the latest ones", () => {
    const repeats = Repeats.make(2, 1)
    for (const i of [1, 2, 3]) hold(repeats, "10.0.0.1", bytes(i), `peer ${i}`)

    assert.deepStrictEqual([1, 2, 3].map((i) => Repeats.renew(repeats, "10.0.0.1", 5000, bytes(i), 1)), [
      false,
      true,
      true
    ])
  })

  it("keeps what the registry has not heard of yet, however much that is", () => {
    const repeats = Repeats.make(2, 1)
    const leases = Array.from(
      { length: 5_000 },
      (_, i) => Repeats.remember(repeats, `host ${i}`, 5000, bytes(1), "ada", 10_000, 0)
    )
    for (const lease of leases) Object.assign(lease, { isPending: false, isHeld: true })

    assert.isTrue(leases.every((_, i) => Repeats.renew(repeats, `host ${i}`, 5000, bytes(1), 1)))
  })

  it("what nobody holds takes no more memory than 1,024 datagrams, whoever sent them", () => {
    const repeats = Repeats.make(8, 1)
    for (let i = 0; i < 100_000; i++) {
      Repeats.remember(repeats, `10.0.0.${i % 5_000 >> 3}`, 5000, bytes(i), `${i}`, 1_000, i).isPending = false
    }
    const kept = Origins.all(repeats.sources).reduce((sum, latest) => sum + lengthOf(latest), 0)

    assert.isAtMost(kept, 1_024)
    assert.strictEqual(repeats.size, kept)
  })

  it("what is held is never swept away by what is not", () => {
    const { repeats } = remembered()
    for (let i = 0; i < 10_000; i++) {
      Repeats.remember(repeats, `host ${i}`, 5000, bytes(1), "eve", 1_000, i).isPending = false
    }

    assert.isTrue(Repeats.renew(repeats, "10.0.0.1", 5000, bytes(1, 2, 3), 1))
  })
})

describe("sweeping", () => {
  it("takes what the registry has never heard of once it would have ended", () => {
    const repeats = Repeats.make(8, 1)
    for (let i = 0; i < 100_000; i++) Repeats.remember(repeats, `host ${i}`, 5000, bytes(1), "eve", 1_000, i)

    assert.isAtMost(repeats.size, 4_000)
  })

  it("S-4.1 leaves little of what was let go of while as much came, from the beginning of a flood", () => {
    const repeats = Repeats.make(8, 1)
    const held: Array<ReturnType<typeof hold>> = []
    let most = 0
    for (let i = 0; i < 50_000; i++) {
      held.push(hold(repeats, `host ${i}`, bytes(1), "ada"))
      if (held.length > 2_000) held.shift()!.isHeld = false
      most = Math.max(most, repeats.size)
    }

    assert.isAtMost(most, 1.08 * 2_000)
  })

  it("takes all that was let go of at once soon after", () => {
    const repeats = Repeats.make(8, 1)
    const leases = Array.from({ length: 10_000 }, (_, i) => hold(repeats, `host ${i}`, bytes(1), "ada"))
    for (const lease of leases) lease.isHeld = false
    for (let i = 0; i < 10; i++) hold(repeats, `other ${i}`, bytes(1), "grace")

    assert.strictEqual(repeats.size, 10)
  })
})

describe("forget", () => {
  it("takes one node of one source out", () => {
    const { repeats } = remembered()
    hold(repeats, "10.0.0.1", bytes(4), "grace")
    hold(repeats, "10.0.0.2", bytes(1, 2, 3), "ada")
    Repeats.forget(repeats, "10.0.0.1", "ada")

    assert.isFalse(Repeats.renew(repeats, "10.0.0.1", 5000, bytes(1, 2, 3), 1))
    assert.isTrue(Repeats.renew(repeats, "10.0.0.1", 5000, bytes(4), 1))
    assert.isTrue(Repeats.renew(repeats, "10.0.0.2", 5000, bytes(1, 2, 3), 1))
    assert.strictEqual(repeats.size, 2)
  })
})

describe("clear", () => {
  it("forgets everything", () => {
    const { repeats } = remembered()
    Repeats.clear(repeats)

    assert.isFalse(Repeats.renew(repeats, "10.0.0.1", 5000, bytes(1, 2, 3), 1))
    assert.strictEqual(repeats.size, 0)
  })

  it("leaves those that the registry still holds without the sheet of their octets", () => {
    const repeats = Repeats.make(2, 1)
    const leases = Array.from({ length: 5 }, (_, node) => hold(repeats, "10.0.0.1", bytes(node, 1, 2, 3), `${node}`))
    assert.strictEqual(repeats.octets, 8)
    Repeats.forget(repeats, "10.0.0.1", "3")
    assert.deepStrictEqual(leases.map(octetsHeld), [0, 0, 0, 0, 1_024])
    Repeats.clear(repeats)

    assert.strictEqual(repeats.octets, 0)
    assert.deepStrictEqual(leases.map(octetsHeld), [0, 0, 0, 0, 0])
  })

  it("keeps no more of what changes again and again than the octets that count and half as many", () => {
    const repeats = Repeats.make(2, 1)
    const datagram = (node: number, round: number) => Uint8Array.from({ length: 101 }, (_, at) => at < 2 ? node : round)
    const leases = new Map<number, ReturnType<typeof hold>>()
    const say = (node: number, round: number) => {
      Repeats.forget(repeats, `10.0.0.${node}`, `${node}`)
      leases.set(node, hold(repeats, `10.0.0.${node}`, datagram(node, round), `${node}`))
    }
    for (let round = 0; round < 40; round++) {
      for (let node = 0; node < 100; node++) say(node, round)
      // one on each sheet stays
      say(100 + round, round)
    }

    assert.strictEqual(repeats.octets, 140 * 104)
    const sheets = new Set(Array.from(leases.values(), (lease) => (lease as Repeats.Remembered).sheet.octets))
    assert.isAtMost(Array.from(sheets).reduce((sum, { length }) => sum + length, 0), 1.7 * 140 * 104)
    for (let node = 0; node < 140; node++) {
      const said = datagram(node, node < 100 ? 39 : node - 100)
      assert.isTrue(Repeats.renew(repeats, `10.0.0.${node}`, 5000, said, 1))
    }
  })

  it("leaves those that the registry still holds with nothing that came before them", () => {
    const repeats = Repeats.make(8, 1)
    const held = Array.from({ length: 8 }, (_, i) => hold(repeats, "10.0.0.1", bytes(i), `${i}`))
    assert.strictEqual(held.filter((lease) => (lease as Repeats.Remembered).previous !== undefined).length, 7)
    Repeats.clear(repeats)

    assert.isTrue(held.every((lease) => (lease as Repeats.Remembered).previous === undefined))
  })
})
