import { Lease } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"

describe("make", () => {
  it("holds for its ttl from now, once a registry keeps it", () => {
    assert.deepStrictEqual(Lease.make(6_000, 1_000), {
      ttl: 6_000,
      seenAt: 1_000,
      expiresAt: 7_000,
      heard: 1,
      isPending: true,
      isHeld: false
    })
  })

  it("may hold for ever", () => {
    assert.strictEqual(Lease.make(Infinity, 1_000).expiresAt, Infinity)
  })
})

describe("renew", () => {
  it("starts the ttl anew and counts", () => {
    const lease = Lease.make(6_000, 1_000)
    Lease.renew(lease, 4_000)

    assert.deepStrictEqual(lease, {
      ttl: 6_000,
      seenAt: 4_000,
      expiresAt: 10_000,
      heard: 2,
      isPending: true,
      isHeld: false
    })
  })
})
