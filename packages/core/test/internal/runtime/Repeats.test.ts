import { Lease } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Repeats from "../../../src/internal/runtime/Repeats.ts"

const bytes = (...octets: ReadonlyArray<number>): Uint8Array => Uint8Array.from(octets)

const held = (): Lease.Lease => ({ ...Lease.make(1_000, 0), isHeld: true })

/** One remembered datagram of ada's from 10.0.0.1, and its lease. */
const remembered = (lease = held()) => {
  const repeats = Repeats.make(2)
  Repeats.remember(repeats, "10.0.0.1", 5000, bytes(1, 2, 3), "ada", lease)
  return { repeats, lease }
}

describe("renew", () => {
  it("renews the lease of the octets that announced it", () => {
    const { lease, repeats } = remembered()

    assert.isTrue(Repeats.renew(repeats, "10.0.0.1", 5000, bytes(1, 2, 3), 400))
    assert.deepStrictEqual(lease, { ttl: 1_000, seenAt: 400, expiresAt: 1_400, heard: 2, isHeld: true })
  })

  it("knows no other octets, and no other source", () => {
    const { lease, repeats } = remembered()
    const others = [bytes(1, 2, 4), bytes(1, 2), bytes(1, 2, 3, 0), bytes()]

    assert.isFalse(others.some((payload) => Repeats.renew(repeats, "10.0.0.1", 5000, payload, 400)))
    assert.isFalse(Repeats.renew(repeats, "10.0.0.2", 5000, bytes(1, 2, 3), 400))
    assert.strictEqual(lease.heard, 1)
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
    const repeats = Repeats.make(2)
    const buffer = bytes(9, 1, 9)
    Repeats.remember(repeats, "10.0.0.1", 5000, buffer.subarray(1, 2), "ada", held())
    buffer[1] = 0

    assert.isTrue(Repeats.renew(repeats, "10.0.0.1", 5000, bytes(1), 1))
  })

  it("keeps as many a source as it may, the latest ones", () => {
    const repeats = Repeats.make(2)
    for (const i of [1, 2, 3]) Repeats.remember(repeats, "10.0.0.1", 5000, bytes(i), `peer ${i}`, held())

    assert.deepStrictEqual([1, 2, 3].map((i) => Repeats.renew(repeats, "10.0.0.1", 5000, bytes(i), 1)), [
      false,
      true,
      true
    ])
  })

  it("keeps all of one batch, whose leases are held only after it", () => {
    const { lease, repeats } = remembered(Lease.make(1_000, 0))
    const second = Lease.make(1_000, 0)
    Repeats.remember(repeats, "10.0.0.1", 5000, bytes(4), "grace", second)
    lease.isHeld = second.isHeld = true

    assert.isTrue(Repeats.renew(repeats, "10.0.0.1", 5000, bytes(1, 2, 3), 1))
    assert.isTrue(Repeats.renew(repeats, "10.0.0.1", 5000, bytes(4), 1))
  })

  it("what nobody holds takes no more memory than 1,024 datagrams, whoever sent them", () => {
    const repeats = Repeats.make(8)
    for (let i = 0; i < 100_000; i++) {
      Repeats.remember(repeats, `10.0.0.${i % 5_000 >> 3}`, 5000, bytes(i), `${i}`, Lease.make(1_000, 0))
    }
    const kept = Array.from(repeats.sources.values()).reduce((sum, latest) => sum + lengthOf(latest), 0)

    assert.isAtMost(kept, 1_024)
    assert.strictEqual(repeats.size, kept)
  })

  it("what is held is never swept away by what is not", () => {
    const { repeats } = remembered()
    for (let i = 0; i < 10_000; i++) Repeats.remember(repeats, `host ${i}`, 5000, bytes(1), "eve", Lease.make(1_000, 0))

    assert.isTrue(Repeats.renew(repeats, "10.0.0.1", 5000, bytes(1, 2, 3), 1))
  })
})

describe("sweeping", () => {
  it("waits until what is remembered has doubled: nothing is looked at again and again", () => {
    const repeats = Repeats.make(8)
    let sweeps = 0
    for (let i = 0; i < 10_000; i++) {
      const { sweepAt } = repeats
      Repeats.remember(repeats, `host ${i}`, 5000, bytes(1), "ada", held())
      if (repeats.sweepAt !== sweepAt) sweeps++
    }

    assert.strictEqual(sweeps, 4)
  })
})

describe("forget", () => {
  it("takes one node of one source out", () => {
    const { repeats } = remembered()
    Repeats.remember(repeats, "10.0.0.1", 5000, bytes(4), "grace", held())
    Repeats.remember(repeats, "10.0.0.2", 5000, bytes(1, 2, 3), "ada", held())
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
})
